"""Whether what failed was needed: does anything behind a handler rest on what the attempt would have given?"""

from __future__ import annotations

from shearpin.facts.fact import StoreCall
from shearpin.facts.site import FunctionId
from shearpin.flow.answers import route_of
from shearpin.flow.effects import Reached, calls_in
from shearpin.flow.endings import Ending, deep, names_in
from shearpin.flow.following import following
from shearpin.flow.handlers import Handled
from shearpin.meaning.calls import body_of
from shearpin.meaning.scopes import scope_of
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.syntax.walk import walk
from shearpin.text.spans import end_of, start_of

_SAFE_METHODS = frozenset(("GET", "HEAD"))


def behind(db: Database, function: FunctionId, item: Handled) -> tuple[ir.Stmt, ...]:
    """The statements that run after a handler that does not leave."""
    scope = scope_of(db, function)
    return () if scope is None else tuple(following(body_of(db, scope), item.attempt))


def is_used_up(db: Database, function: FunctionId, item: Handled) -> bool:
    """What it reads serves the attempt alone: nothing of it leaves, and nothing in it decides by raising."""
    if any(isinstance(stmt, (ir.Raise, ir.Return, ir.AugAssign)) for stmt in deep(item.attempt.body)):
        return False
    kept = {target for stmt in deep(item.attempt.body) if isinstance(stmt, ir.Assign) for target in stmt.targets}
    if any(not isinstance(target, (ir.Name, ir.Sequence)) for target in kept):
        return False
    return all(_is_local(db, function, item, reached) for reached in item.effects)


def _is_local(db: Database, function: FunctionId, item: Handled, reached: Reached) -> bool:
    """The read stands in an assignment, or in a called function of ours that raises and keeps nothing itself."""
    place = reached.first.start
    for stmt in deep(item.attempt.body):
        if isinstance(stmt, ir.Assign) and start_of(stmt.span) <= place < end_of(stmt.span):
            return True
    call = next((call for call in calls_in(db, function) if call.site == reached.first), None)
    bodies = [
        body_of(db, scope)
        for callee in (() if call is None else call.callees)
        if (scope := scope_of(db, callee.function)) is not None
    ]
    return bool(bodies) and not any(_leaves_a_trace(stmt) for body in bodies for stmt in deep(body))


def _leaves_a_trace(stmt: ir.Stmt) -> bool:
    if isinstance(stmt, ir.Assign):
        return any(not isinstance(target, (ir.Name, ir.Sequence)) for target in stmt.targets)
    return isinstance(stmt, (ir.Raise, ir.AugAssign))


def is_computed(rest: tuple[ir.Stmt, ...], returned: ir.Return) -> bool:
    """What is returned comes of a call that is made behind the handler."""
    names = names_in(returned.value)
    return any(
        isinstance(stmt, ir.Assign)
        and any(isinstance(target, ir.Name) and target.id in names for target in stmt.targets)
        and stmt.value is not None
        and any(isinstance(node, ir.Call) for node in walk(stmt.value))
        for stmt in deep(rest)
        if start_of(stmt.span) < start_of(returned.span)
    )


def asks_only(db: Database, function: FunctionId, item: Handled, outs: tuple[Ending, ...]) -> bool:
    """A store is written beside the work of a GET, and the answer tells something else."""
    route = route_of(db, function)
    if route is None or not frozenset(route.methods) <= _SAFE_METHODS or any(end.kind == "return" for end in outs):
        return False
    if not all(isinstance(reached.effect, StoreCall) for reached in item.effects):
        return False
    returned = next((stmt for stmt in behind(db, function, item) if isinstance(stmt, ir.Return)), None)
    names = frozenset() if returned is None else names_in(returned.value)
    known = scope_of(db, function)
    local = names & frozenset(() if known is None else known.bindings)
    return bool(local) and not local & told_by(item)


def told_by(item: Handled) -> frozenset[str]:
    """Local names whose value depends on whether the attempt succeeded."""
    return frozenset(assigned_in((*item.attempt.body, *item.handler.body, *item.attempt.orelse)))


def assigned_in(body: tuple[ir.Stmt, ...]) -> set[str]:
    """Plain names that statements assign."""
    found: set[str] = set()
    for stmt in deep(body):
        if isinstance(stmt, ir.Assign):
            found.update(target.id for target in stmt.targets if isinstance(target, ir.Name))
        elif isinstance(stmt, ir.AugAssign) and isinstance(stmt.target, ir.Name):
            found.add(stmt.target.id)
    return found
