"""Modules that the code names by a text: what `os.environ.setdefault("DJANGO_SETTINGS_MODULE", ...)` says."""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.value import ModuleRef
from shearpin.meaning.modules import resolve_module
from shearpin.meaning.scopes import get_part
from shearpin.query import Database, keys, query
from shearpin.services import source_roots
from shearpin.syntax import ir
from shearpin.syntax.walk import walk

_SETTERS = ("setdefault", "environ", "putenv")


@query()
def filling_modules(db: Database, roots: tuple[str, ...], variable: str, marker: str) -> tuple[str, ...]:
    """Files of the modules that code below these source roots names under a variable.

    Where it names none that exists: those that bind the marker at module level.
    """
    found: dict[str, None] = {}
    for setter in _SETTERS:
        for path, part_id in _places(db, setter):
            if source_roots(db, path)[:1] != roots:
                continue
            part = get_part(db, path, part_id)
            for name in () if part is None else _names(part, variable):
                module = resolve_module(db, path, name)
                if isinstance(module, ModuleRef):
                    found[module.path] = None
    if found:
        return tuple(sorted(found))
    for path, part_id in _places(db, marker):
        part = get_part(db, path, part_id)
        if part is not None and marker in part.binds and source_roots(db, path)[:1] == roots:
            found[path] = None
    return tuple(sorted(found))


def _names(part: ir.Part, variable: str) -> Iterator[str]:
    for stmt in part.body:
        for node in walk(stmt):
            match node:
                case ir.Call(func=ir.Attribute(attr=attr), args=(ir.Literal(value=key), ir.Literal(value=str(name)))):
                    if attr in _SETTERS and key == variable:
                        yield name
                case ir.Assign(targets=(ir.Subscript(index=ir.Literal(value=key)),), value=ir.Literal(value=str(name))):
                    if key == variable:
                        yield name
                case _:
                    continue


def _places(db: Database, name: str) -> tuple[tuple[str, str], ...]:
    found = db.get(keys.mentions(name))
    return tuple(sorted(found)) if isinstance(found, tuple) else ()
