"""How many elements something has that is iterated over: a known number, a batch, what is configured, or any number."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from shearpin.facts.site import FunctionId
from shearpin.facts.value import Choice, Const, Env, Extern, Item, MappingValue, SequenceValue, Template, Value
from shearpin.flow.endings import deep
from shearpin.meaning.calls import body_of
from shearpin.meaning.queries import evaluator
from shearpin.meaning.scopes import get_part, scope_of
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_SAME_SIZE = frozenset(("list", "tuple", "set", "sorted", "enumerate", "reversed", "iter", "zip", "dict", "frozenset"))
_VIEWS = frozenset(("items", "values", "keys", "copy"))
_BATCH = re.compile(r"batch|chunk|page\b|pages\b|window|slice|top_?\d+", re.IGNORECASE)
_SETTINGS = re.compile(r"^_?(?:app_)?(?:config|conf|settings|options)$", re.IGNORECASE)
_CUTS = frozenset(("islice", "batched", "chunked", "sample", "nlargest", "nsmallest", "limit", "paginate", "head"))
_ADDS = frozenset(("append", "add", "extend", "insert", "appendleft"))
_DEPTH = 4


class Size(msgspec.Struct, frozen=True):
    """kind: "constant" (`count` elements), "batch", "configured", "input" (any number), "unknown"; `note` says why."""

    kind: str
    note: str
    count: int = 0


def size_of(db: Database, function: FunctionId, expr: ir.Expr, depth: int = 0) -> Size:
    """The size of what an expression gives to a loop."""
    if depth > _DEPTH:
        return Size("unknown", "how many elements there are")
    match expr:
        case ir.Sequence(items=items) if not any(isinstance(item, ir.Starred) for item in items):
            return Size("constant", f"{len(items)} elements", len(items))
        case ir.Mapping(entries=entries) if all(entry.key is not None for entry in entries):
            return Size("constant", f"{len(entries)} elements", len(entries))
        case ir.Comprehension(generators=(first, *_)):
            return size_of(db, function, first.iter, depth + 1)
        case ir.Subscript(index=ir.Opaque()):
            return Size("batch", "a slice is taken")
        case ir.Call():
            return _called(db, function, expr, depth)
        case ir.Await(value=value):
            return size_of(db, function, value, depth + 1)
        case ir.Name(id=name):
            return _named(db, function, name, expr, depth)
        case ir.Attribute(value=base) if _is_settings(base):
            return Size("configured", "the configuration says how many")
        case ir.Attribute(attr=attr) if _BATCH.search(attr):
            return Size("batch", f"{attr} is a batch")
        case _:
            return _by_value(db, function, expr) or Size("input", "any number of elements")


def _called(db: Database, function: FunctionId, call: ir.Call, depth: int) -> Size:
    func = call.func
    word = func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""
    if isinstance(func, ir.Attribute) and _is_settings(func.value):
        return Size("configured", "the configuration says how many")
    if word in _CUTS or _BATCH.search(word):
        return Size("batch", f"{word} limits it")
    if word == "range":
        known = evaluator(db, function)
        value = None if known is None or not call.args else known.value(call.args[0])
        if len(call.args) == 1 and isinstance(value, Const) and isinstance(value.value, int):
            return Size("constant", f"{value.value} rounds", value.value)
        return Size("unknown", "a number of rounds")
    if word in _SAME_SIZE and isinstance(func, ir.Name) and call.args:
        return size_of(db, function, call.args[0], depth + 1)
    if word in _VIEWS and isinstance(func, ir.Attribute):
        return size_of(db, function, func.value, depth + 1)
    if word == "split" and isinstance(func, ir.Attribute):
        return _by_value(db, function, func.value) or Size("input", "any number of elements")
    return _by_value(db, function, call) or Size("input", "any number of elements")


def _named(db: Database, function: FunctionId, name: str, expr: ir.Name, depth: int) -> Size:
    if _BATCH.search(name):
        return Size("batch", f"{name} is a batch")
    scope = scope_of(db, function)
    body = () if scope is None else body_of(db, scope)
    assigned = [
        stmt.value
        for stmt in deep(body)
        if isinstance(stmt, ir.Assign)
        and stmt.value is not None
        and start_of(stmt.span) < start_of(expr.span)
        and any(isinstance(target, ir.Name) and target.id == name for target in stmt.targets)
    ]
    loops = list(_filling(body, name))
    if loops:
        return size_of(db, function, loops[0].iter, depth + 1)
    if assigned:
        return size_of(db, function, assigned[-1], depth + 1)
    if any(_is_of_finished(db, function, stmt, name) for stmt in deep(body)):
        return Size("batch", "what has finished meanwhile")
    if scope is not None and any(param.name == name for param in scope.params):
        return Size("input", "any number of elements")
    return _by_value(db, function, expr) or _of_module(db, function, name, depth)


def _is_of_finished(db: Database, function: FunctionId, stmt: ir.Stmt, name: str) -> bool:
    """`done, pending = await asyncio.wait(tasks, ...)`"""
    if not isinstance(stmt, ir.Assign) or not isinstance(stmt.value, ir.Await):
        return False
    call = stmt.value.value
    targets = (item for target in stmt.targets if isinstance(target, ir.Sequence) for item in target.items)
    if not isinstance(call, ir.Call) or not any(isinstance(item, ir.Name) and item.id == name for item in targets):
        return False
    known = evaluator(db, function)
    return known is not None and known.value(call.func) == Extern("asyncio.wait")


def _of_module(db: Database, function: FunctionId, name: str, depth: int) -> Size:
    """A name of the module, by what it is assigned there."""
    part = get_part(db, function.path, name)
    stmt = part.body[0] if part is not None and part.kind == "statement" and part.body else None
    if isinstance(stmt, ir.Assign) and stmt.value is not None:
        return size_of(db, FunctionId(function.path, name), stmt.value, depth + 1)
    return Size("input", "any number of elements")


def _filling(body: tuple[ir.Stmt, ...], name: str) -> Iterator[ir.For]:
    """Loops that put elements into a local list."""
    for stmt in deep(body):
        if not isinstance(stmt, ir.For):
            continue
        for inner in deep(stmt.body):
            call = inner.value if isinstance(inner, ir.ExprStmt) else None
            func = call.func if isinstance(call, ir.Call) else None
            if (
                isinstance(func, ir.Attribute)
                and func.attr in _ADDS
                and isinstance(func.value, ir.Name)
                and func.value.id == name
            ):
                yield stmt
                break


def _by_value(db: Database, function: FunctionId, expr: ir.Expr) -> Size | None:
    known = evaluator(db, function)
    value = None if known is None else known.value(expr)
    match value:
        case MappingValue(entries=entries) if entries:
            return Size("constant", f"{len(entries)} elements", len(entries))
        case SequenceValue(items=items) if len(items) > 1:
            return Size("constant", f"{len(items)} elements", len(items))
        case None:
            return None
        case _:
            return Size("configured", "the configuration says how many") if _is_configured(value) else None


def _is_settings(expr: ir.Expr) -> bool:
    """An object that calls itself the configuration: `config.get("peers")`."""
    name = expr.attr if isinstance(expr, ir.Attribute) else expr.id if isinstance(expr, ir.Name) else ""
    return bool(_SETTINGS.search(name))


def _is_configured(value: Value) -> bool:
    match value:
        case Env():
            return True
        case Template(parts=parts):
            return any(map(_is_configured, parts))
        case Choice(options=options):
            return bool(options) and any(map(_is_configured, options))
        case Item(base=base):
            return _is_configured(base)
        case _:
            return False


def span_of(stmts: tuple[ir.Stmt, ...]) -> tuple[int, int]:
    """Start and end of some statements."""
    return (start_of(stmts[0].span), end_of(stmts[-1].span)) if stmts else (0, 0)
