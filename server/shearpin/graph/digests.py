"""What a second, equal request to a handler does: nothing new, one more change, or not known."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import BaseEffect, HttpCall, Publish, RemoteCall, StoreCall
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import Const, Extern, ExternMethod, Field, FuncRef, Instance, Result, Value
from shearpin.flow.effects import calls_in, synchronous_effects
from shearpin.meaning.calls import body_of
from shearpin.meaning.scopes import leaves, scope_of, site_of
from shearpin.meaning.values import options_of
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.syntax.walk import walk

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
_SAME_AGAIN = (*_SAFE_METHODS, "PUT", "DELETE")
#: operations of stores that add something each time
_ADDING = frozenset(
    ("add", "add_all", "insert", "insert_one", "insert_many", "incr", "incrby", "decr", "decrby", "rpush", "lpush",
     "xadd", "hincrby", "zincrby", "bulk_create", "create", "index")
)  # fmt: skip
_GROWING = ("append", "appendleft", "extend", "insert")
#: methods that leave their object as it is, of whatever class
_READING = frozenset(
    ("get", "items", "keys", "values", "copy", "lower", "upper", "strip", "split", "join", "format", "startswith",
     "endswith", "isoformat", "dict", "model_dump", "json", "encode", "decode", "info", "debug", "warning", "error",
     "exception", "count", "index", "replace", "round", "hex", "strftime", "total_seconds")
)  # fmt: skip


class Digest(msgspec.Struct, frozen=True):
    """`repeat`: "same" (a second equal request changes nothing more), "changes" (proved at `site`) or "unknown"."""

    repeat: str
    note: str
    site: Site | None = None


@query()
def digest(db: Database, handler: FunctionId) -> Digest:
    """What a second, equal request to a handler does."""
    functions = sorted({handler, *reached_functions(db, handler)})
    change = next(_changes(db, handler, functions), None)
    if change is not None:
        if any(_recognises(db, function) for function in functions):
            return Digest("unknown", "the target looks for an earlier request first", change[0])
        return Digest("changes", change[1], change[0])
    effects = [item.effect for item in synchronous_effects(db, handler)]
    if all(_reads(effect) for effect in effects) and all(_is_pure(db, function) for function in functions):
        return Digest("same", "its handler only reads")
    return Digest("unknown", "what its handler changes is not known")


@query(bottom=frozenset())
def reached_functions(db: Database, function: FunctionId) -> frozenset[FunctionId]:
    """Functions of the workspace that run before a call of the function returns, itself excluded."""
    found: set[FunctionId] = set()
    for call in calls_in(db, function):
        for callee in call.callees:
            if callee.mode is Mode.DIRECT and callee.function != function:
                found |= {callee.function, *reached_functions(db, callee.function)}
    return frozenset(found)


# ------------------------------------------------------------------ changes


def _changes(db: Database, handler: FunctionId, functions: list[FunctionId]) -> Iterator[tuple[Site, str]]:
    reached = synchronous_effects(db, handler)
    for item in reached:
        note = _change(db, item.effect)
        if note:
            yield item.effect.site, note
    writes = any(isinstance(item.effect, StoreCall) and item.effect.kind in ("write", "commit") for item in reached)
    for function in functions:
        yield from _deltas(db, function, writes=writes)


def _change(db: Database, effect: BaseEffect) -> str:
    """How an effect adds something each time; "" when it does not, or not certainly."""
    match effect:
        case Publish():
            return "its handler sends a message each time"
        case HttpCall(method=Const(value=str(method)), asks=False) if method not in _SAME_AGAIN:
            return "its handler passes the request on each time"
        case RemoteCall(protocol="smtp"):
            return "its handler sends a mail each time"
        case StoreCall(kind="write") if operation_of(db, effect) in _ADDING:
            return "its handler adds something each time"
        case StoreCall(kind="write") if _statement(db, effect).startswith("INSERT"):
            return "its handler inserts a row each time"
        case _:
            return ""


def operation_of(db: Database, effect: BaseEffect) -> str:
    """The method by which an effect is made."""
    call = _call_at(db, effect)
    if call is None:
        return ""
    return call.callee.name if isinstance(call.callee, Field) else call.name.rpartition(".")[2]


def _statement(db: Database, effect: BaseEffect) -> str:
    """The SQL text that a statement begins with, in capitals."""
    call = _call_at(db, effect)
    value: Value | None = call.args[0].value if call is not None and call.args else None
    while isinstance(value, Instance) and value.args:
        value = value.args[0].value
    parts = getattr(value, "parts", ())
    first = parts[0] if parts else value
    text = first.value if isinstance(first, Const) and isinstance(first.value, str) else ""
    upper = text.lstrip().upper()
    return "" if "ON CONFLICT" in upper or "ON DUPLICATE" in upper or "WHERE NOT EXISTS" in upper else upper


def _call_at(db: Database, effect: BaseEffect) -> ResolvedCall | None:
    return next((call for call in calls_in(db, effect.function) if call.site == effect.site), None)


def _deltas(db: Database, function: FunctionId, *, writes: bool) -> Iterator[tuple[Site, str]]:
    """`row.left -= n` in front of a write, and changes by a difference to what the module holds."""
    scope = scope_of(db, function)
    if scope is None:
        return
    local = {*scope.bindings, *(param.name for param in scope.params)} - scope.outer_names
    for stmt in body_of(db, scope):
        for node in walk(stmt):
            if isinstance(node, ir.AugAssign) and not isinstance(node.target, ir.Name):
                if writes or _is_global(local, node.target):
                    yield site_of(function.path, function.part, node.span), "its handler changes it by a difference"
            elif isinstance(node, ir.Call) and _grows(node, local):
                yield site_of(function.path, function.part, node.span), "its handler adds something each time"


def _grows(node: ir.Call, local: set[str]) -> bool:
    func = node.func
    return isinstance(func, ir.Attribute) and func.attr in _GROWING and _is_global(local, func.value)


def _is_global(local: set[str], expr: ir.Expr) -> bool:
    while isinstance(expr, (ir.Attribute, ir.Subscript)):
        expr = expr.value
    return isinstance(expr, ir.Name) and expr.id not in local


# -------------------------------------------------------------- recognition


def _recognises(db: Database, function: FunctionId) -> bool:
    """Something was found and the function ends early: `if existing: return existing`, or it tests for membership."""
    scope = scope_of(db, function)
    for stmt in body_of(db, scope) if scope is not None else ():
        for node in walk(stmt):
            if isinstance(node, ir.If) and leaves(node.body) and _is_found(node.test):
                return True
            if isinstance(node, ir.Handler) and _mentions_conflict(node):
                return True
    return False


def _is_found(test: ir.Expr) -> bool:
    match test:
        case ir.Name() | ir.Call() | ir.Await():
            return True
        case ir.Compare(ops=("is not",)) | ir.Compare(ops=("in",)):
            return True
        case ir.Boolean(values=values):
            return any(map(_is_found, values))
        case _:
            return False


def _mentions_conflict(handler: ir.Handler) -> bool:
    nodes = () if handler.caught is None else walk(handler.caught)
    words = {getattr(node, "id", "") or getattr(node, "attr", "") for node in nodes}
    return any(word in name for name in words for word in ("Integrity", "Duplicate", "Unique", "Conflict", "Exists"))


# ------------------------------------------------------------------- purity


def _reads(effect: BaseEffect) -> bool:
    match effect:
        case HttpCall(method=Const(value=str(method)), asks=asks):
            return asks or method in _SAFE_METHODS
        case StoreCall(kind=kind):
            return kind in ("read", "begin", "connect")
        case HttpCall() | RemoteCall() | Publish():
            return False
        case _:
            return True


@query(bottom=True)
def _is_pure(db: Database, function: FunctionId) -> bool:
    """Nothing outside the function is changed by plain code, and everything it calls is known."""
    scope = scope_of(db, function)
    if scope is None or scope.outer_names:
        return False
    for stmt in body_of(db, scope):
        for node in walk(stmt):
            targets = node.targets if isinstance(node, (ir.Assign, ir.Delete)) else ()
            if any(not isinstance(target, (ir.Name, ir.Sequence)) for target in targets):
                return False
            if isinstance(node, ir.Yield) or (isinstance(node, ir.AugAssign) and not isinstance(node.target, ir.Name)):
                return False
    return all(_is_known(call) for call in calls_in(db, function))


def _is_known(call: ResolvedCall) -> bool:
    if call.callees:
        return True
    for option in options_of(call.callee) or (call.callee,):
        match option:
            case Extern() | ExternMethod() | FuncRef():
                continue
            case Field(name=name) if name in _READING:
                continue
            case Result(name=name) if name.rpartition(".")[2] in _READING:
                continue
            case _:
                return False
    return True
