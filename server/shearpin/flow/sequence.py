"""Loops whose rounds must follow each other: one needs what the last one gave, or undoes what the others did."""

from __future__ import annotations

from shearpin.facts.site import FunctionId
from shearpin.flow.effects import Reached
from shearpin.flow.endings import deep, names_in, nodes
from shearpin.flow.handlers import effects_by_call
from shearpin.flow.regions import enclosing
from shearpin.flow.sizes import span_of
from shearpin.meaning.calls import body_of
from shearpin.meaning.scopes import scope_of
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_ADDS = frozenset(("append", "add", "insert", "appendleft", "push"))


def must_follow(db: Database, function: FunctionId, item: Reached, loop: ir.For) -> str:
    """Why the rounds of a loop cannot be made together; "" when nothing says so."""
    if _is_carried(loop, item):
        return "each round needs what the last one gave"
    if _is_undone(db, function, loop):
        return "what was done is undone when a later round fails"
    return ""


def _is_carried(loop: ir.For, item: Reached) -> bool:
    """`token = client.step(token)`: the call is given what a former round's call gave back."""
    call = next((node for node in nodes(loop.body) if _is_at(node, item)), None)
    if not isinstance(call, ir.Call):
        return False
    given = {name for arg in (*call.args, *(word.value for word in call.keywords)) for name in names_in(arg)}
    for stmt in deep(loop.body):
        if isinstance(stmt, ir.Assign) and stmt.value is not None and _holds(stmt.value, item):
            kept = {target.id for target in stmt.targets if isinstance(target, ir.Name)}
            return bool(kept & given) and not _is_set_before(loop.body, kept & given, start_of(stmt.span))
    return False


def _is_at(node: ir.Expr, item: Reached) -> bool:
    return isinstance(node, ir.Call) and (start_of(node.span), end_of(node.span)) == (item.first.start, item.first.end)


def _holds(expr: ir.Expr, item: Reached) -> bool:
    return start_of(expr.span) <= item.first.start and item.first.end <= end_of(expr.span)


def _is_set_before(body: tuple[ir.Stmt, ...], names: set[str], position: int) -> bool:
    """Each round gives the name a value of its own first."""
    return any(
        isinstance(stmt, ir.Assign)
        and start_of(stmt.span) < position
        and any(isinstance(target, ir.Name) and target.id in names for target in stmt.targets)
        for stmt in body
    )


def _is_undone(db: Database, function: FunctionId, loop: ir.For) -> bool:
    """Elements that are done are noted in a list, and where one fails another loop over the list has effects."""
    done = {
        call.func.value.id
        for call in nodes(loop.body)
        if isinstance(call, ir.Call)
        and isinstance(call.func, ir.Attribute)
        and call.func.attr in _ADDS
        and isinstance(call.func.value, ir.Name)
    }
    scope = scope_of(db, function)
    if not done or scope is None:
        return False
    undoing = [
        other
        for other in deep(body_of(db, scope))
        if isinstance(other, ir.For)
        and other is not loop
        and names_in(other.iter) & done
        and _is_on_failure(db, function, loop, other)
    ]
    if not undoing:
        return False
    bounds = [span_of(other.body) for other in undoing]
    return any(start <= item.first.start < end for item in effects_by_call(db, function) for start, end in bounds)


def _is_on_failure(db: Database, function: FunctionId, loop: ir.For, other: ir.For) -> bool:
    """A loop that stands in a handler, or in a branch of the first loop."""
    position = start_of(other.span)
    start, end = span_of(loop.body)
    return start <= position < end or any(region.kind == "handler" for region in enclosing(db, function, position))
