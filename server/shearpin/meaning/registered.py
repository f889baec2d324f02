"""What a library passes to a function that is handed to it by its name: `app.router.add_get("/orders", orders)`.

The object that takes the function need not be known: the name of its method and the library's import say enough.
"""

from __future__ import annotations

from typing import TypeAlias

from shearpin.facts.model import Callback
from shearpin.facts.site import FunctionId
from shearpin.facts.value import Extern
from shearpin.meaning.modules import models
from shearpin.meaning.scopes import get_part
from shearpin.query import Database, keys, query
from shearpin.syntax import ir
from shearpin.syntax.walk import walk

Taker: TypeAlias = tuple[str, Callback]


@query()
def takers(db: Database) -> dict[str, tuple[Taker, ...]]:
    """Library calls that say what they pass to a function, by last name: (canonical name, callback)."""
    found: dict[str, list[Taker]] = {}
    for model in models(db).calls.values():
        for callback in model.callbacks:
            if any(callback.parameters):
                found.setdefault(model.name.rpartition(".")[2], []).append((model.name, callback))
    return {name: tuple(entries) for name, entries in found.items()}


@query()
def passed_class(db: Database, function: FunctionId, name: str, index: int) -> Extern | None:
    """The library class of argument `index` (after `self`) of a function called `name`; None when nothing says it."""
    for path, taker, callback in _registered_as(db, name):
        if path != function.path and _stem(function.path) not in _imported(db, path):
            continue
        given = callback.parameters[index] if index < len(callback.parameters) else ""
        package = taker.partition(".")[0]
        if given and (package in _imported(db, path) or package in _imported(db, function.path)):
            return Extern(given)
    return None


@query()
def _registered_as(db: Database, name: str) -> tuple[tuple[str, str, Callback], ...]:
    """What one name is handed to: a small answer, so that other names may change freely."""
    return _registrations(db).get(name, ())


@query()
def _registrations(db: Database) -> dict[str, tuple[tuple[str, str, Callback], ...]]:
    """Functions that are handed to libraries, by name: (file, taker, callback)."""
    found: dict[str, dict[tuple[str, str, Callback], None]] = {}
    for last in takers(db):
        for name, path, taker, callback in _taken(db, last):
            found.setdefault(name, {})[path, taker, callback] = None
    return {name: tuple(sorted(entries, key=lambda entry: entry[:2])) for name, entries in found.items()}


@query()
def _taken(db: Database, last: str) -> tuple[tuple[str, str, str, Callback], ...]:
    """Functions that are handed to library calls with one last name: (name, file, taker, callback)."""
    entries = takers(db).get(last, ())
    # A plain word is said everywhere; it counts where its library is imported.
    packages = tuple(sorted({taker.partition(".")[0] for taker, _ in entries}))
    importers = None if "_" in last else _importers(db, packages)
    if importers is not None and not importers:
        return ()
    found = db.get(keys.mentions(last))
    return tuple(
        (name, path, taker, callback)
        for path, part_id in (found if isinstance(found, tuple) else ())
        if importers is None or path in importers
        for name, taker, callback in _handed(db, path, part_id)
        if taker.rpartition(".")[2] == last
    )


@query()
def _importers(db: Database, packages: tuple[str, ...]) -> frozenset[str]:
    """Files that import one of some packages."""
    found = (db.get(keys.mentions(package)) for package in packages)
    places = {place for some in found if isinstance(some, tuple) for place in some}
    paths = {path for path, part_id in places if part_id.startswith("~imports")}
    return frozenset(path for path in paths if not _imported(db, path).isdisjoint(packages))


@query()
def _handed(db: Database, path: str, part_id: str) -> tuple[tuple[str, str, Callback], ...]:
    """Functions that one part hands to libraries: (name, taker, callback)."""
    part, known = get_part(db, path, part_id), takers(db)
    found: list[tuple[str, str, Callback]] = []
    for call in (node for stmt in part.body for node in walk(stmt)) if part is not None else ():
        if not isinstance(call, ir.Call):
            continue
        last, before = _names(call.func)
        for taker, callback in known.get(last, ()):
            # `append` alone says nothing, `on_startup.append` does.
            owner = taker.split(".")[-2]
            if "_" not in last and before != owner and not last[:1].isupper():
                continue
            argument = _argument(call, callback)
            name = _names(argument)[0] if argument is not None else ""
            if name:
                found.append((name, taker, callback))
    return tuple(found)


def _argument(call: ir.Call, callback: Callback) -> ir.Expr | None:
    for keyword in call.keywords:
        if keyword.name and keyword.name == callback.keyword:
            return keyword.value
    return call.args[callback.position] if 0 <= callback.position < len(call.args) else None


def _names(expr: ir.Expr) -> tuple[str, str]:
    """The last name of a dotted expression and the one before it."""
    match expr:
        case ir.Attribute(value=ir.Attribute(attr=before) | ir.Name(id=before), attr=last):
            return last, before
        case ir.Attribute(attr=last):
            return last, ""
        case ir.Name(id=last):
            return last, ""
        case _:
            return "", ""


def _stem(path: str) -> str:
    """The last name of a file's module."""
    return path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]


@query()
def _imported(db: Database, path: str) -> frozenset[str]:
    """All names that stand in the imports of a file: packages, modules, what is taken from them."""
    found: set[str] = set()
    ids = db.get(keys.part_ids(path))
    for part_id in ids if isinstance(ids, tuple) else ():
        part = get_part(db, path, part_id)
        for stmt in part.body if part is not None and part.kind == "imports" else ():
            if isinstance(stmt, ir.ImportFrom):
                found.update(stmt.module.split("."))
            if isinstance(stmt, (ir.Import, ir.ImportFrom)):
                found.update(name for alias in stmt.names for name in alias.name.split("."))
    return frozenset(found)
