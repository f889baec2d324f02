"""Remote and store effects in loops over a collection: one round trip for each element, one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from shearpin.facts.derived import RepeatedCall
from shearpin.facts.fact import BaseEffect, HttpCall, RemoteCall, StoreCall
from shearpin.facts.site import FunctionId, Site
from shearpin.flow.concerns import is_health
from shearpin.flow.consumers import message_loops, operation_of
from shearpin.flow.effects import Reached, calls_in
from shearpin.flow.endings import deep, nodes
from shearpin.flow.given import is_left_out
from shearpin.flow.handlers import effects_by_call
from shearpin.flow.on_way import on_way
from shearpin.flow.regions import enclosing
from shearpin.flow.retry_loops import retry_loops
from shearpin.flow.sequence import must_follow
from shearpin.flow.sizes import size_of, span_of
from shearpin.meaning.calls import body_of
from shearpin.meaning.scopes import Scope, scope_of, scopes, site_of, walk
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_FEW = 3
#: a fixed number of statements, one for each table that the code names
_FEW_STATEMENTS = 8
_REMOTE = (HttpCall, RemoteCall, StoreCall)
_TRIPS = frozenset(("read", "write", "commit", "unknown"))
#: what is called to undo is rare and may take its time
_UNDOING = re.compile(r"^(?:release|cancel|refund|undo|compensate|rollback|revert|restore|void|clean|close|shutdown)")


def repeated_calls(db: Database, path: str, part: str) -> tuple[RepeatedCall, ...]:
    """One fact for each loop or comprehension of a part that makes a round trip in each round."""
    found: list[RepeatedCall] = []
    for scope in scopes(db, path, part).values():
        if isinstance(scope.node, ir.FunctionDef):
            found.extend(_in_function(db, scope))
    return tuple(found)


def _in_function(db: Database, scope: Scope) -> Iterator[RepeatedCall]:
    function = scope.function
    body = body_of(db, scope)
    loops = [stmt for stmt in deep(body) if isinstance(stmt, ir.For) and any(map(_is_call, nodes(stmt.body)))]
    displays = [
        node
        for node in nodes(body)
        if isinstance(node, ir.Comprehension) and node.generators and any(map(_is_call, walk(node.element)))
    ]
    if not loops and not displays:
        return
    reaching = [item for item in effects_by_call(db, function) if _is_trip(db, item)]
    for loop in loops:
        bounds = span_of(loop.body)
        inner = [
            span_of(other.body) for other in loops if other is not loop and _is_within(span_of(other.body), bounds)
        ]
        item = _first(db, function, reaching, bounds, inner)
        if item is not None:
            yield _judged(db, function, item, loop.iter, site_of(function.path, function.part, loop.head), loop)
    quick = {id(node.args[0]) for node in nodes(body) if isinstance(node, ir.Call) and _is_quick(node)}
    for display in displays:
        if id(display) in quick:
            continue
        bounds = start_of(display.element.span), end_of(display.element.span)
        item = _first(db, function, reaching, bounds, [])
        if item is not None and _is_made_here(db, function, item, display):
            head = site_of(function.path, function.part, display.span)
            found = _judged(db, function, item, display.generators[0].iter, head, None)
            yield msgspec.structs.replace(found, awaited=_awaited(function, display, item))


def _is_quick(call: ir.Call) -> bool:
    """`any(ask(peer) for peer in peers)` ends at the first that answers."""
    return isinstance(call.func, ir.Name) and call.func.id in ("any", "all", "next") and bool(call.args)


def _is_call(node: ir.Expr) -> bool:
    return isinstance(node, ir.Call)


def _awaited(function: FunctionId, display: ir.Comprehension, item: Reached) -> Site | None:
    """The element of `[await f(x) for x in xs]`, whose rounds may be gathered."""
    element = display.element
    if display.kind != "list" or len(display.generators) > 1 or not isinstance(element, ir.Await):
        return None
    if display.generators[0].is_async or (start_of(element.value.span), end_of(element.value.span)) != (
        item.first.start,
        item.first.end,
    ):
        return None
    return site_of(function.path, function.part, element.span)


def _is_trip(db: Database, item: Reached) -> bool:
    effect = item.effect
    if not isinstance(effect, _REMOTE) or not isinstance(effect, BaseEffect):
        return False
    if isinstance(effect, StoreCall) and effect.kind not in _TRIPS:
        return False
    if effect.library == "sqlalchemy" and not effect.is_blocking and operation_of(db, effect) == "delete":
        # `await session.delete(row)` marks the row; one flush deletes all.
        return False
    return effect.is_blocking or effect.is_awaited


def _first(
    db: Database, function: FunctionId, reaching: list[Reached], bounds: tuple[int, int],
    inner: list[tuple[int, int]],
) -> Reached | None:  # fmt: skip
    inside = [
        item
        for item in reaching
        if bounds[0] <= item.first.start < bounds[1]
        and not any(start <= item.first.start < end for start, end in inner)
        and not _is_spared(db, function, item)
    ]
    return min(inside, key=lambda item: (len(item.hops), item.first.start), default=None)


def _is_spared(db: Database, function: FunctionId, item: Reached) -> bool:
    """The round passes what this effect would look up."""
    call = next((call for call in calls_in(db, function) if call.site == item.first), None)
    inner = item.hops[1].site if len(item.hops) > 1 else item.effect.site
    return call is not None and any(
        is_left_out(db, call, callee.function, inner, is_lenient=True) for callee in call.callees
    )


def _is_within(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return other[0] <= one[0] and one[1] <= other[1] and one != other


def _is_made_here(db: Database, function: FunctionId, item: Reached, display: ir.Comprehension) -> bool:
    """The element awaits, or blocks; a list of coroutines runs nothing yet."""
    call = next((call for call in calls_in(db, function) if call.site == item.first), None)
    del display
    return call is not None and (call.is_awaited or (isinstance(item.effect, BaseEffect) and item.effect.is_blocking))


def _judged(
    db: Database, function: FunctionId, item: Reached, source: ir.Expr, head: Site, loop: ir.For | None
) -> RepeatedCall:
    answer, note = _answer(db, function, item, source, loop)
    item = on_way(db, item)
    call = next((call for call in calls_in(db, function) if call.site == item.first), None)
    return RepeatedCall(
        site=item.first, head=item.first if call is None else call.head, function=function, library=item.effect.library,
        answer=answer, note=note, effect=item.effect, loop=head, hops=item.hops,
    )  # fmt: skip


def _answer(db: Database, function: FunctionId, item: Reached, source: ir.Expr, loop: ir.For | None) -> tuple[str, str]:
    if loop is not None and (loop.is_async or _takes_messages(db, function, loop)):
        return "fine", "each element arrives by itself"
    if loop is not None and _retries(db, function, loop):
        return "fine", "it is one call that is tried again"
    size = size_of(db, function, source)
    few = _FEW_STATEMENTS if isinstance(item.effect, StoreCall) else _FEW
    if size.kind == "constant" and size.count <= few:
        return "fine", size.note
    if size.kind in ("unknown", "batch", "configured"):
        return "unknown", size.note
    if loop is not None and _ends_early(loop.body):
        return "fine", "it ends at the first that answers"
    if loop is not None and (why := must_follow(db, function, item, loop)):
        return "fine", why
    if _undoes(db, function, item):
        return "fine", "it undoes what was done"
    if is_health(db, function):
        return "unknown", "it looks after all of them"
    return "sequential", size.note


def _takes_messages(db: Database, function: FunctionId, loop: ir.For) -> bool:
    bounds = span_of(loop.body)
    return any((taking.region.start, taking.region.end) == bounds for taking in message_loops(db, function))


def _retries(db: Database, function: FunctionId, loop: ir.For) -> bool:
    bounds = span_of(loop.body)
    for retry in retry_loops(db, function.path, function.part):
        if retry.function == function and retry.tried is not None and bounds[0] <= retry.tried.start < bounds[1]:
            return True
    return False


def _ends_early(body: tuple[ir.Stmt, ...]) -> bool:
    """A round that succeeds leaves the loop: `return await ask(server)`, `if answer.ok: return answer`."""
    for stmt in body:
        match stmt:
            case ir.Return() | ir.Flow(kind="break"):
                return True
            case ir.Try(body=inner, orelse=orelse):
                if _ends_early((*inner, *orelse)):
                    return True
            case ir.With(body=inner):
                if _ends_early(inner):
                    return True
            case ir.If(test=test, body=inner) if not _is_negative(test):
                if any(
                    isinstance(last, ir.Return) or (isinstance(last, ir.Flow) and last.kind == "break")
                    for last in inner
                ):
                    return True
            case _:
                continue
    return False


def _is_negative(test: ir.Expr) -> bool:
    """`if not ok`, `if status != 200`, `if status >= 400`: it leaves because something failed."""
    match test:
        case ir.Not():
            return True
        case ir.Compare(ops=(op,), rights=(right,)):
            if op in ("!=", ">=", ">"):
                return True
            return isinstance(right, ir.Literal) and right.value in (False, None) and op in ("==", "is")
        case _:
            return False


def _undoes(db: Database, function: FunctionId, item: Reached) -> bool:
    if any(region.kind in ("handler", "finally") for region in enclosing(db, function, item.first.start)):
        return True
    names = [hop.note.removeprefix("calls ").rpartition(".")[2].lstrip("_") for hop in item.hops]
    scope = scope_of(db, function)
    if scope is not None and isinstance(scope.node, ir.FunctionDef):
        names.append(scope.node.name.lstrip("_"))
    return any(_UNDOING.search(name) for name in names)
