"""Files in the folder of a service that none of its processes loads: people start them.

Three kinds are certain. A management command of Django that no start command and no `call_command` names. A file with a
`__main__` block that nothing imports, where what a service loads by name is written out and does not name it. A file in
a folder for scripts or tools that nothing imports, in a service that loads nothing by name.
"""

from __future__ import annotations

import posixpath
import re

from shearpin.facts.service import Service
from shearpin.graph.imported import imports_of, loads_by_name
from shearpin.meaning.scopes import get_part, part_ids
from shearpin.query import Database, keys, query
from shearpin.services.classify import is_script
from shearpin.services.naming import may_hold_service
from shearpin.syntax import ir
from shearpin.syntax.walk import walk

_COMMAND = re.compile(r"(?:^|/)management/commands/([^/]+)\.py$")


def is_by_hand(
    db: Database, service: Service, path: str, started: frozenset[str] | None, running: frozenset[str] | None
) -> bool:
    """Is a file certainly started by hand, as far as a service is concerned?

    `started` are the files that the service's entries import, `running` the same when nothing is loaded by name; None
    when they are not known.
    """
    if started is None or path in started:
        return False
    command = _COMMAND.search(path)
    if command is not None:
        return not _is_commanded(service, command.group(1)) and not _is_called(db, command.group(1), path)
    if running is not None:
        return is_script(db, path) or not (may_hold_service(path) or _is_imported(db, path))
    return is_script(db, path) and not _is_package(db, path) and not _is_named(db, path, started)


def _is_commanded(service: Service, name: str) -> bool:
    """`python manage.py consume`, in any deployment."""
    return any(name in text.split() for found in service.deployments for text in found.command or ())


@query()
def _is_called(db: Database, name: str, path: str) -> bool:
    """Something imports the command, or may call it by its name."""
    if _is_imported(db, path):
        return True
    callers = db.get(keys.mentions("call_command"))
    return any(name in found or None in found for found in (_called(db, *place) for place in _places(callers)))


@query()
def _called(db: Database, path: str, part_id: str) -> frozenset[str | None]:
    """The commands that a part calls; None for one whose name is computed."""
    part = get_part(db, path, part_id)
    nodes = (node for stmt in part.body for node in walk(stmt)) if part is not None else ()
    calls = (node for node in nodes if isinstance(node, ir.Call) and _name(node.func) == "call_command")
    firsts = [call.args[0] if call.args else None for call in calls]
    # `call_command(fill.Command())` needs the import of the command, which counts by itself.
    firsts = [first for first in firsts if not (isinstance(first, ir.Call) and _name(first.func) == "Command")]
    return frozenset(
        first.value if isinstance(first, ir.Literal) and isinstance(first.value, str) else None for first in firsts
    )


def _places(found: object) -> tuple[tuple[str, str], ...]:
    return found if isinstance(found, tuple) else ()


def _name(func: ir.Expr) -> str:
    return func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""


def _is_package(db: Database, path: str) -> bool:
    """Modules of a package may be found by walking it."""
    return bool(db.get(keys.python_file(posixpath.join(posixpath.dirname(path), "__init__.py"))))


@query()
def _is_imported(db: Database, path: str) -> bool:
    stem = posixpath.basename(path).removesuffix(".py")
    places = db.get(keys.mentions(stem))
    others = {place for place, _ in _places(places) if place != path}
    return any(path in imports_of(db, other) for other in others)


def _is_named(db: Database, path: str, started: frozenset[str]) -> bool:
    """Something imports a file, or one that loads modules by name writes its name."""
    if _is_imported(db, path):
        return True
    stem = posixpath.basename(path).removesuffix(".py")
    loaders = [loader for loader in sorted(started) if loads_by_name(db, loader)]
    written = (text for loader in loaders for part in part_ids(db, loader) for text in _texts(db, loader, part))
    return any(stem in re.split(r"[./:]", text) for text in written)


@query()
def _texts(db: Database, path: str, part_id: str) -> frozenset[str]:
    """The texts that a part writes."""
    part = get_part(db, path, part_id)
    nodes = (node for stmt in part.body for node in walk(stmt)) if part is not None else ()
    return frozenset(node.value for node in nodes if isinstance(node, ir.Literal) and isinstance(node.value, str))
