"""Module-level names: which parts of a file bind them, in order, and what they hold behind some of these parts."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import replace

from shearpin.facts.site import FunctionId
from shearpin.facts.value import NOTHING, ClassRef, Extern, ModuleRef, Unknown, Value
from shearpin.meaning.importing import imported
from shearpin.meaning.modules import canonical, models, resolve_module, resolve_relative
from shearpin.meaning.reaching import END, reaching
from shearpin.meaning.scopes import Binding, Scope, blocks, get_part, part_ids, scopes
from shearpin.meaning.values import join, limited
from shearpin.meaning.world import World
from shearpin.query import Database, keys, query
from shearpin.syntax import ir
from shearpin.syntax.flags import ModuleFlags

_STAR = "*"
_BUILTINS = frozenset(dir(builtins))


@query()
def module_names(db: Database, path: str) -> dict[str, tuple[str, ...]]:
    """Parts that bind each module-level name, in order; functions that declare it `global` come last.

    Under "*": parts that import everything from somewhere.
    """
    found: dict[str, list[str]] = {}
    outer: dict[str, list[str]] = {}
    for part_id in part_ids(db, path):
        part = get_part(db, path, part_id)
        if part is None:
            continue
        own = getattr(part.body[0], "name", "") if part.kind in ("function", "class") and part.body else ""
        for name in part.binds:
            # A function also binds what it assigns under `global`.
            late = part.kind in ("function", "method") and name != own
            (outer if late else found).setdefault(name, []).append(part_id)
        if part.kind in ("imports", "statement") and any(_stars(part.body)):
            found.setdefault(_STAR, []).append(part_id)
    for name, parts in outer.items():
        found.setdefault(name, []).extend(parts)
    return {name: tuple(dict.fromkeys(parts)) for name, parts in found.items()}


@query()
def names_of(db: Database, path: str, name: str) -> tuple[str, ...]:
    """The parts that may bind one name: a small answer, so that other names may change freely."""
    names = module_names(db, path)
    own, stars = names.get(name, ()), names.get(_STAR, ())
    if not stars or name == _STAR:
        return own
    order = {part_id: index for index, part_id in enumerate(part_ids(db, path))}
    late = [part_id for part_id in own if _is_late(db, path, part_id, name)]
    return (*sorted({*own, *stars}.difference(late), key=order.__getitem__), *late)


@query()
def names_before(db: Database, path: str, name: str, part: str) -> tuple[str, ...]:
    """The parts above another one that may bind a name."""
    order = {part_id: index for index, part_id in enumerate(part_ids(db, path))}
    here = order.get(part, len(order))
    return tuple(found for found in names_of(db, path, name) if order.get(found, here) < here)


def _is_late(db: Database, path: str, part_id: str, name: str) -> bool:
    part = get_part(db, path, part_id)
    return part is not None and part.kind in ("function", "method") and getattr(part.body[0], "name", "") != name


# ---------------------------------------------------------------------- values


def value_behind(world: World, path: str, name: str, parts: tuple[str, ...]) -> Value | None:
    """What a name holds behind the parts that may bind it; None when none of them does."""
    found: list[Value] = []
    for part_id in reversed(parts):
        values, is_certain = _bound_in(world, path, part_id, name)
        found[:0] = values
        if is_certain:
            break
    return limited(join(found)) if found else None


def _bound_in(world: World, path: str, part_id: str, name: str) -> tuple[list[Value], bool]:
    """What one part gives a name, and whether it certainly does."""
    part = get_part(world.db, path, part_id)
    if part is None:
        return [], False
    head = part.body[0] if part.body else None
    if isinstance(head, ir.FunctionDef) and part.kind == "function" and head.name == name:
        return [world.defined(FunctionId(path, part_id))], True
    if isinstance(head, ir.ClassDef) and part.kind == "class" and head.name == name:
        return [ClassRef(path, part_id)], True
    if part.kind == "imports":
        values = list(_imports(world, path, part, name))[-1:]
        return values, bool(values)
    return _in_scopes(world, path, part_id, name)


def _imports(world: World, path: str, part: ir.Part, name: str) -> Iterator[Value]:
    for stmt in part.body:
        if not isinstance(stmt, (ir.Import, ir.ImportFrom)):
            continue
        for alias in stmt.names:
            if alias.name == _STAR and isinstance(stmt, ir.ImportFrom):
                if is_given(world, path, stmt, name):
                    yield imported(world, path, stmt, ir.Alias(name, name, alias.span))
                continue
            plain = isinstance(stmt, ir.Import) and not alias.renamed
            if (alias.name.split(".")[0] if plain else alias.asname) == name:
                yield imported(world, path, stmt, alias)


def _in_scopes(world: World, path: str, part_id: str, name: str) -> tuple[list[Value], bool]:
    found: list[Value] = []
    certain = False
    for scope in scopes(world.db, path, part_id).values():
        if scope.node is None and not scope.function.inner:
            reached, certain = reaching(scope, binders(world, scope, name), END)
            found.extend(world.bound(scope, binding) for binding in reversed(reached))
        elif name in scope.outer_names:
            found.extend(world.bound(scope, binding) for binding in scope.bindings.get(name, ()))
    return found, certain and bool(found)


def binders(world: World, scope: Scope, name: str) -> list[Binding]:
    """The bindings by which the body of a part may give a name a value; stars that export it count."""
    found = [b for b in scope.bindings.get(name, ()) if not (b.kind == "assign" and b.source is None)]
    for star in scope.bindings.get(_STAR, ()):
        node = star.node
        if isinstance(node, ir.ImportFrom) and is_given(world, scope.function.path, node, name):
            found.append(replace(star, alias=ir.Alias(name, name, node.span)))
    return found


# ----------------------------------------------------------------------- stars


def is_given(world: World, path: str, node: ir.ImportFrom, name: str) -> bool:
    """True when `from m import *` gives a name: one that a module of the workspace exports, or models know."""
    module = _source(world.db, path, node)
    if isinstance(module, ModuleRef):
        if not _is_exported(world.db, module.path, name):
            return False
        return world.module_value(module.path, name) not in (None, NOTHING)
    return module is not None and models(world.db).knows(canonical(world.db, f"{module.name}.{name}"))


def otherwise(world: World, path: str, name: str) -> Value:
    """What a name denotes that nothing in the file is known to bind: a builtin, or a name of a starred library."""
    if name not in _BUILTINS:
        sources = _open_stars(world.db, path)
        if len(sources) == 1 and sources[0]:
            return Extern(canonical(world.db, f"{sources[0]}.{name}"))
        if sources:
            return Unknown(f"{name} may come from one of several modules")
    return Extern(canonical(world.db, f"builtins.{name}"))


@query()
def _open_stars(db: Database, path: str) -> tuple[str, ...]:
    """Modules outside the workspace from which a file imports everything; "" for one that is not found."""
    found: dict[str, None] = {}
    for part_id in names_of(db, path, _STAR):
        part = get_part(db, path, part_id)
        for node in () if part is None else _stars(part.body):
            module = _source(db, path, node)
            if not isinstance(module, ModuleRef):
                found["" if module is None else module.name] = None
    return tuple(found)


@query()
def _is_exported(db: Database, path: str, name: str) -> bool:
    flags = db.get(keys.module_flags(path))
    exported = flags.exported if isinstance(flags, ModuleFlags) else None
    return not name.startswith("_") if exported is None else name in exported


def _source(db: Database, path: str, node: ir.ImportFrom) -> ModuleRef | Extern | None:
    return resolve_relative(db, path, node.level, node.module) if node.level else resolve_module(db, path, node.module)


def _stars(body: tuple[ir.Stmt, ...]) -> Iterator[ir.ImportFrom]:
    for stmt in body:
        if isinstance(stmt, ir.ImportFrom):
            if any(alias.name == _STAR for alias in stmt.names):
                yield stmt
        elif isinstance(stmt, (ir.If, ir.Try, ir.With)):
            for block in blocks(stmt):
                yield from _stars(block)
