"""Models of database rows: can two equal rows be inserted, or does a key refuse the second?"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.facts.call import ResolvedCall
from shearpin.facts.site import Site
from shearpin.facts.value import ClassRef, Instance, Param, Value
from shearpin.meaning.calls import body_of, calls
from shearpin.meaning.classes import class_fields, class_node
from shearpin.meaning.lineage import linearise
from shearpin.meaning.queries import Meaning, evaluator
from shearpin.meaning.scopes import scope_of
from shearpin.meaning.values import class_of
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.syntax.walk import walk
from shearpin.text.spans import end_of, start_of

_COLUMNS = frozenset(("Column", "mapped_column", "Field"))
_CONSTRAINTS = frozenset(("UniqueConstraint", "PrimaryKeyConstraint", "ExcludeConstraint"))
_DUMPS = frozenset(("dict", "model_dump", "asdict", "__dict__"))


class Keys(msgspec.Struct, frozen=True):
    """The primary key of a model, and whether anything else in it is unique."""

    primary: tuple[str, ...]
    has_unique: bool


@query()
def keys_of(db: Database, cls: ClassRef) -> Keys:
    """The keys of a model class, those of its bases included."""
    primary: list[str] = []
    has_unique = False
    for base in linearise(Meaning(db), cls):
        node = class_node(db, base) if isinstance(base, ClassRef) else None
        for name, column in _columns(node[2]) if node is not None else ():
            if _is_true(column, "primary_key"):
                primary.append(name)
            if _is_true(column, "unique"):
                has_unique = True
        has_unique = has_unique or (node is not None and _has_constraint(node[2]))
    return Keys(tuple(primary), has_unique)


def _columns(node: ir.ClassDef) -> Iterator[tuple[str, ir.Call]]:
    for stmt in node.body:
        if isinstance(stmt, ir.Assign) and isinstance(stmt.value, ir.Call) and isinstance(stmt.targets[0], ir.Name):
            func = stmt.value.func
            name = func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""
            if name in _COLUMNS:
                yield stmt.targets[0].id, stmt.value


def _is_true(call: ir.Call, name: str) -> bool:
    for keyword in call.keywords:
        if keyword.name == name:
            return not (isinstance(keyword.value, ir.Literal) and not keyword.value.value)
    return False


def _has_constraint(node: ir.ClassDef) -> bool:
    """A constraint over several columns, or a unique index, in `__table_args__`."""
    for stmt in node.body:
        if not isinstance(stmt, ir.Assign) or stmt.value is None or not isinstance(stmt.targets[0], ir.Name):
            continue
        if stmt.targets[0].id != "__table_args__":
            continue
        for found in walk(stmt.value):
            if isinstance(found, ir.Call):
                name = getattr(found.func, "attr", getattr(found.func, "id", ""))
                if name in _CONSTRAINTS or (name == "Index" and _is_true(found, "unique")):
                    return True
    return False


def allows_equal_rows(db: Database, cls: ClassRef, made: Site) -> bool:
    """Proved: the primary key is generated, and nothing else is unique, for a row that is made at a place."""
    known = keys_of(db, cls)
    if len(known.primary) != 1 or known.has_unique:
        return False
    call = next((call for call in calls(db, made.path, made.part) if call.site == made), None)
    given = _given(db, call) if call is not None else None
    return given is not None and known.primary[0] not in given


def _given(db: Database, call: ResolvedCall) -> frozenset[str] | None:
    """The names that a constructor call is given; None when any of them is not known."""
    names = {arg.name for arg in call.args if arg.name}
    if not call.has_open_arguments:
        return frozenset(names)
    node = _node(db, call)
    known = evaluator(db, call.function)
    if node is None or known is None or any(isinstance(arg, ir.Starred) for arg in node.args):
        return None
    for keyword in node.keywords:
        if keyword.name:
            continue
        fields = _fields(db, known.value(_dumped(keyword.value)))
        if not fields:
            return None
        names |= fields
    return frozenset(names)


def _dumped(value: ir.Expr) -> ir.Expr:
    """The object behind `x.dict()`, `x.model_dump()`."""
    if isinstance(value, ir.Call) and isinstance(value.func, ir.Attribute) and value.func.attr in _DUMPS:
        return value.func.value
    return value


def _fields(db: Database, value: Value) -> frozenset[str]:
    cls = class_of(value) if isinstance(value, (Instance, Param)) else None
    if not isinstance(cls, ClassRef):
        return frozenset()
    found: set[str] = set()
    for base in linearise(Meaning(db), cls):
        if isinstance(base, ClassRef):
            found.update(class_fields(db, base))
    return frozenset(found)


def _node(db: Database, call: ResolvedCall) -> ir.Call | None:
    scope = scope_of(db, call.function)
    place = (call.site.start, call.site.end)
    for stmt in body_of(db, scope) if scope is not None else ():
        for node in walk(stmt):
            if isinstance(node, ir.Call) and (start_of(node.span), end_of(node.span)) == place:
                return node
    return None
