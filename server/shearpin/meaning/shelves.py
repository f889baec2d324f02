"""What code puts on library objects that hold anything: `app.state.client = ...`, `app.config["URL"] = ...`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shearpin.facts.value import UNKNOWN, ClassRef, Const, Extern, Field, Instance, MappingValue, ModuleRef, Value
from shearpin.meaning.expressions import Evaluator
from shearpin.meaning.items import item
from shearpin.meaning.lineage import library_bases
from shearpin.meaning.modules import models
from shearpin.meaning.named_modules import filling_modules
from shearpin.meaning.objects import attribute
from shearpin.meaning.scopes import Scope, blocks, get_part, scopes
from shearpin.meaning.values import class_of, join, limited
from shearpin.meaning.world import World
from shearpin.query import Database, keys
from shearpin.query.kernel import Key
from shearpin.services import source_roots
from shearpin.syntax import ir


def put_value(world: World, roots: tuple[str, ...], cls: str, name: str) -> Value | None:
    """What files with these first source roots put under a name on objects of a library class; None when nothing."""
    known = models(world.db).classes
    methods = known[cls].shelved_by
    holders = sorted({attr for owner in known.values() for attr, kind in owner.attributes if kind == cls})
    places = set(_places(world.db, keys.attribute_writes(name)))
    for holder in holders if methods else ():
        places.update(_places(world.db, keys.mentions(holder)))
    values: list[Value] = []
    filled = known[cls].filled_from
    for path in () if filled is None else filling_modules(world.db, roots, *filled):
        found = world.module_value(path, name)
        values.extend(() if found is None else (found,))
    for path, part_id in sorted(places):
        if source_roots(world.db, path)[:1] != roots:
            continue
        for put in _puts(world.db, path, part_id, name, methods):
            evaluator = Evaluator(world, put.scope)
            if _is_shelf(world, evaluator, put.base, cls, holders):
                found = evaluator.value(put.value)
                values.extend(_taken(world, found, name) if put.is_source else (found,))
    return limited(join(values)) if values else None


@dataclass(frozen=True, slots=True)
class _Put:
    """One statement that puts something on the object `base`.

    `value` is what lies under the name; with `is_source` the name is an entry or attribute of it
    (`config.from_object(Production)`).
    """

    scope: Scope
    base: ir.Expr
    value: ir.Expr
    is_source: bool = False


def _puts(db: Database, path: str, part_id: str, name: str, methods: tuple[str, ...]) -> Iterator[_Put]:
    """All statements of a part that may put something under a name; `methods` put several names at once."""
    part = get_part(db, path, part_id)
    if part is None:
        return
    for scope in scopes(db, path, part_id).values():
        if isinstance(scope.node, ir.FunctionDef):
            body = scope.node.body
        elif scope.node is None and not scope.function.inner and part.kind == "statement":
            body = part.body
        else:
            continue
        for stmt in _flat(body):
            yield from _of_statement(scope, stmt, name, methods)


def _flat(body: Iterable[ir.Stmt]) -> Iterator[ir.Stmt]:
    for stmt in body:
        if isinstance(stmt, (ir.FunctionDef, ir.ClassDef)):
            continue
        yield stmt
        for block in blocks(stmt):
            yield from _flat(block)


def _of_statement(scope: Scope, stmt: ir.Stmt, name: str, methods: tuple[str, ...]) -> Iterator[_Put]:
    match stmt:
        case ir.Assign(targets=targets, value=value) if value is not None:
            for target in targets:
                match target:
                    case ir.Attribute(value=base, attr=attr) if attr == name:
                        yield _Put(scope, base, value)
                    case ir.Subscript(value=base, index=ir.Literal(value=key)) if key == name:
                        yield _Put(scope, base, value)
                    case _:
                        continue
        case ir.ExprStmt(value=ir.Call(func=ir.Attribute(value=base, attr=attr), args=args, keywords=keywords)):
            if attr in methods:
                yield from (_Put(scope, base, keyword.value) for keyword in keywords if keyword.name == name)
                yield from (_Put(scope, base, arg, is_source=True) for arg in args)
        case _:
            return


def _places(db: Database, key: Key) -> tuple[tuple[str, str], ...]:
    found = db.get(key)
    return found if isinstance(found, tuple) else ()


def _is_shelf(world: World, evaluator: Evaluator, base: ir.Expr, cls: str, holders: list[str]) -> bool:
    """The object is of the class, or unknown and called as such objects are (`app.state` of an untyped `app`)."""
    value = evaluator.value(base)
    kind = value if isinstance(value, Extern) else class_of(value)
    if kind is not None:
        return cls in library_bases(world, kind)
    return isinstance(base, ir.Attribute) and base.attr in holders and isinstance(value, Field)


def _taken(world: World, source: Value, name: str) -> tuple[Value, ...]:
    """The entry of a mapping, or the attribute of a class or module, that an object is filled from; () for none."""
    found: Value = UNKNOWN
    if isinstance(source, MappingValue):
        found = item(source, Const(name))
    elif isinstance(source, (ClassRef, ModuleRef, Instance)):
        found = attribute(world, source, name)
    return () if found == UNKNOWN else (found,)
