"""Classes by their parts: methods, fields, and where methods assign attributes of `self`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shearpin.facts.site import FunctionId
from shearpin.facts.value import ClassRef
from shearpin.meaning.scopes import Scope, blocks, get_part, scopes
from shearpin.query import Database, keys, query
from shearpin.syntax import ir


@dataclass(frozen=True, slots=True)
class Write:
    """`self.name = value` in scope `inner`; `route` for unpacking; `enters` for `with value as self.name`."""

    inner: str
    value: ir.Expr | None
    annotation: ir.Expr | None = None
    route: tuple[int, ...] = ()
    enters: bool = False


def place_of(cls: ClassRef) -> tuple[str, str]:
    """(part, inner): a class at top level is a part of its own, others stand inside a part ("part::inner")."""
    part, separator, inner = cls.name.partition("::")
    return (part, inner) if separator else (cls.name, "")


def class_node(db: Database, cls: ClassRef) -> tuple[str, str, ir.ClassDef] | None:
    """(path, part, definition) of a class."""
    part_id, inner = place_of(cls)
    part = get_part(db, cls.path, part_id)
    if part is None:
        return None
    nested = part.kind in ("function", "method", "class")
    for name, node in _classes(part.body, ""):
        if (name.partition(".")[2] if nested else name) == inner:
            return cls.path, part_id, node
    return None


def _classes(body: Iterable[ir.Stmt], prefix: str) -> Iterator[tuple[str, ir.ClassDef]]:
    for stmt in body:
        if isinstance(stmt, ir.ClassDef):
            name = f"{prefix}.{stmt.name}" if prefix else stmt.name
            yield name, stmt
            yield from _classes(stmt.body, name)
        elif isinstance(stmt, ir.FunctionDef):
            yield from _classes(stmt.body, f"{prefix}.{stmt.name}" if prefix else stmt.name)
        else:
            for block in blocks(stmt):
                yield from _classes(block, prefix)


def class_part(db: Database, cls: ClassRef) -> Scope | None:
    """The scope of a class body."""
    part_id, inner = place_of(cls)
    return scopes(db, cls.path, part_id).get(inner)


def class_member(db: Database, cls: ClassRef, name: str) -> FunctionId | None:
    """A method that the class itself defines; of several definitions the last."""
    part_id, inner = place_of(cls)
    if inner:
        full = f"{inner}.{name}"
        return FunctionId(cls.path, part_id, full) if _is_function(db, cls.path, part_id, full) else None
    found: FunctionId | None = None
    for number in range(1, 9):
        candidate = f"{part_id}.{name}" if number == 1 else f"{part_id}.{name}#{number}"
        part = get_part(db, cls.path, candidate)
        if part is None:
            break
        # A property's setter is defined again under the same name; the getter is what reading the name gives.
        if found is None or not _is_accessor(part):
            found = FunctionId(cls.path, candidate)
    if found is None and _is_function(db, cls.path, part_id, name):
        return FunctionId(cls.path, part_id, name)
    return found


def _is_function(db: Database, path: str, part: str, inner: str) -> bool:
    scope = scopes(db, path, part).get(inner)
    return scope is not None and isinstance(scope.node, ir.FunctionDef)


def _is_accessor(part: ir.Part) -> bool:
    node = part.body[0]
    return isinstance(node, ir.FunctionDef) and any(
        isinstance(d, ir.Attribute) and d.attr in ("setter", "deleter") for d in node.decorators
    )


def class_fields(db: Database, cls: ClassRef) -> tuple[str, ...]:
    """Annotated class-level names in order."""
    node = class_node(db, cls)
    if node is None:
        return ()
    return tuple(
        stmt.targets[0].id
        for stmt in node[2].body
        if isinstance(stmt, ir.Assign) and stmt.annotation is not None and isinstance(stmt.targets[0], ir.Name)
    )


@query()
def method_parts(db: Database, cls: ClassRef) -> tuple[str, ...]:
    """Parts that hold methods of the class."""
    part_id, inner = place_of(cls)
    if inner:
        return (part_id,)
    found = db.get(keys.part_ids(cls.path))
    prefix = f"{part_id}."
    ids = found if isinstance(found, tuple) else ()
    own = tuple(p for p in ids if p.startswith(prefix) and p.count(".") == prefix.count("."))
    return (*own, part_id)


@query()
def self_writes(db: Database, path: str, part: str, cls: str) -> dict[str, tuple[Write, ...]]:
    """Assignments to attributes of the first parameter, or of the class by its name, in a part's methods of `cls`."""
    found: dict[str, list[Write]] = {}
    for inner, scope in scopes(db, path, part).items():
        node = scope.node
        if not isinstance(node, ir.FunctionDef) or scope.owner != cls:
            continue
        own = frozenset((*(param.name for param in node.params[:1]), re.split(r"[.:]", cls)[-1]))
        for name, write in _writes(node.body, own, inner):
            found.setdefault(name, []).append(write)
    return {name: tuple(writes) for name, writes in found.items()}


def _writes(body: Iterable[ir.Stmt], own: frozenset[str], inner: str) -> Iterator[tuple[str, Write]]:
    for stmt in body:
        match stmt:
            case ir.Assign(targets=targets, value=value, annotation=annotation):
                for target in targets:
                    for name, route in _targets(target, own, ()):
                        yield name, Write(inner, value, annotation, route)
            case ir.AugAssign(target=ir.Attribute(value=ir.Name(id=base), attr=attr)) if base in own:
                yield attr, Write(inner, None)
            case ir.With(items=items, body=block):
                for item in items:
                    if item.target is not None:
                        for name, route in _targets(item.target, own, ()):
                            yield name, Write(inner, item.context, None, route, enters=True)
                yield from _writes(block, own, inner)
            case ir.FunctionDef() | ir.ClassDef():
                continue
            case _:
                for block in blocks(stmt):
                    yield from _writes(block, own, inner)


def _targets(target: ir.Expr, own: frozenset[str], route: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    match target:
        case ir.Attribute(value=ir.Name(id=base), attr=attr) if base in own:
            yield attr, route
        case ir.Sequence(items=items):
            for index, item in enumerate(items):
                yield from _targets(item, own, (*route, index))
        case _:
            return


def body_of(db: Database, scope: Scope) -> tuple[ir.Stmt, ...]:
    """The statements of a function, class body or part; () for a lambda."""
    if isinstance(scope.node, ir.FunctionDef):
        return scope.node.body
    if scope.node is not None:
        return ()
    path, part_id, inner = scope.function.path, scope.function.part, scope.function.inner
    part = get_part(db, path, part_id)
    if part is None:
        return ()
    if inner or part.kind in ("function", "method", "class"):
        cls = ClassRef(path, f"{part_id}::{inner}" if inner else part_id)
        node = class_node(db, cls)
        return () if node is None else node[2].body
    return part.body
