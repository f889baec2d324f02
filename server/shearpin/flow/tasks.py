"""What becomes of tasks and threads that a function starts: does anybody notice when they fail?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from shearpin.facts.fact import Blocking, Effect, Sleep, Spawn
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import UNKNOWN, Extern, SequenceValue
from shearpin.flow.effects import calls_in, own_effects, synchronous_effects
from shearpin.flow.regions import enclosing, statement_at
from shearpin.flow.statements import expressions_of
from shearpin.meaning.calls import body_of
from shearpin.meaning.queries import evaluator
from shearpin.meaning.scopes import blocks, leaves, scope_of, walk
from shearpin.meaning.values import options_of
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_BROAD = frozenset(("builtins.Exception", "builtins.BaseException"))


class TaskFate(msgspec.Struct, frozen=True):
    """What becomes of a task.

    `answer`: "dropped" (nothing refers to it), "unobserved" (kept, but its failure shows only at the end), "kept" or
    "unknown"; `failing` is a place in its body from which a failure ends it.
    """

    answer: str
    note: str
    failing: Site | None = None


def task_fate(db: Database, spawn: Spawn) -> TaskFate:
    """The fate of one started task or thread."""
    if spawn.is_supervised:
        return TaskFate("kept", "a task group owns it")
    body = body_state(db, spawn.target) if spawn.target is not None else None
    if body is not None and body.answer == "survives":
        return TaskFate("kept", "it handles its failures and goes on")
    failing = None if body is None else body.failing
    stmt = statement_at(db, spawn.function, spawn.site.start)
    if spawn.kind == "thread":
        return _thread(db, spawn, body, stmt)
    if spawn.usage == "dropped" or (isinstance(stmt, ir.ExprStmt) and _is_whole(stmt.value, spawn)):
        return TaskFate("dropped", "nothing refers to the task", failing)
    if isinstance(stmt, ir.Assign) and len(stmt.targets) == 1 and _is_whole(stmt.value, spawn):
        return _assigned(db, spawn, stmt.targets[0], body)
    return TaskFate("kept", "it is passed on")


def _is_whole(value: ir.Expr | None, spawn: Spawn) -> bool:
    return (
        isinstance(value, ir.Call) and start_of(value.span) == spawn.site.start and end_of(value.span) == spawn.site.end
    )


def _thread(db: Database, spawn: Spawn, body: BodyState | None, stmt: ir.Stmt | None) -> TaskFate:
    """A thread is never collected while it runs; what matters is whether its end is noticed."""
    if body is None or body.answer == "unknown":
        return TaskFate("unknown", "what the thread runs is not known")
    if body.answer == "contained":
        return TaskFate("kept", "it handles its failures")
    call = stmt.value if isinstance(stmt, ir.ExprStmt) else None
    owner = call.func.value if isinstance(call, ir.Call) and isinstance(call.func, ir.Attribute) else None
    if isinstance(owner, ir.Call):
        return TaskFate("dropped", "nothing refers to the thread", body.failing)
    if isinstance(owner, ir.Name) and not _is_used(
        db, spawn.function, owner.id, after=end_of(stmt.span) if stmt else 0
    ):
        return TaskFate("dropped", "nothing looks at the thread again", body.failing)
    return TaskFate("kept", "a name holds it")


def _assigned(db: Database, spawn: Spawn, target: ir.Expr, body: BodyState | None) -> TaskFate:
    if isinstance(target, ir.Name):
        scope = scope_of(db, spawn.function)
        if scope is None or target.id in scope.outer_names:
            return TaskFate("unknown", "a module's name holds it")
        if not _is_used(db, spawn.function, target.id, after=spawn.site.end):
            return TaskFate("dropped", "its name is never used again", None if body is None else body.failing)
        if (
            body is not None
            and body.answer == "ends"
            and _only_after_yield(body_of(db, scope), target.id, spawn.site.end)
        ):
            return TaskFate("unobserved", "its failure shows only when the service stops", body.failing)
        return TaskFate("kept", "a name holds it")
    return TaskFate("kept", "an object holds it")


def _is_used(db: Database, function: FunctionId, name: str, *, after: int) -> bool:
    scope = scope_of(db, function)
    if scope is None:
        return True
    return any(
        isinstance(node, ir.Name) and node.id == name and start_of(node.span) >= after
        for node in _nodes(body_of(db, scope))
    )


def _only_after_yield(body: Iterable[ir.Stmt], name: str, after: int) -> bool:
    """True in a life-cycle function when the task is looked at only behind the `yield`, at the end of the service."""
    nodes = sorted(_nodes(body), key=lambda node: start_of(node.span))
    yields = [start_of(node.span) for node in nodes if isinstance(node, ir.Yield)]
    uses = [
        start_of(node.span)
        for node in nodes
        if isinstance(node, ir.Name) and node.id == name and start_of(node.span) >= after
    ]
    return bool(yields) and bool(uses) and min(uses) > min(yields)


def _nodes(body: Iterable[ir.Stmt]) -> Iterator[ir.Expr]:
    for stmt in body:
        for expr in expressions_of(stmt):
            yield from walk(expr)
        for block in blocks(stmt):
            yield from _nodes(block)


class BodyState(msgspec.Struct, frozen=True):
    """How a function takes failures.

    `answer`: "survives" (loops, and every failure inside is handled), "contained" (every failure is handled),
    "ends" (a failure at `failing` ends it) or "unknown".
    """

    answer: str
    failing: Site | None = None


@query(bottom=BodyState("unknown"))
def body_state(db: Database, function: FunctionId) -> BodyState:
    """Can a failure of a remote effect end this function?"""
    scope = scope_of(db, function)
    if scope is None or not isinstance(scope.node, ir.FunctionDef):
        return BodyState("unknown")
    failing = failing_place(db, function)
    if failing is not None:
        return BodyState("ends", failing)
    reached = [item for item in synchronous_effects(db, function) if _may_fail(item.effect)]
    if not reached:
        return BodyState("unknown")
    loops = any(
        region.kind in ("while", "for") and not _is_finite(region.node)
        for item in reached
        for region in enclosing(db, function, item.first.start)
    )
    return BodyState("survives" if loops else "contained")


@query(bottom=None)
def failing_place(db: Database, function: FunctionId) -> Site | None:
    """The first call in a function at which the failure of an effect, its own or below, leaves the function."""
    found = [
        effect.site
        for effect in own_effects(db, function)
        if _may_fail(effect) and not _is_caught(db, function, effect.site.start, effect.library)
    ]
    for call in calls_in(db, function):
        below = (
            callee.function for callee in call.callees if callee.mode is Mode.DIRECT and callee.function != function
        )
        if any(failing_place(db, callee) is not None for callee in below) and not _is_caught(
            db, function, call.site.start
        ):
            found.append(call.site)
    return min(found, key=lambda site: site.start, default=None)


def _may_fail(effect: Effect) -> bool:
    return not isinstance(effect, (Sleep, Spawn)) and not (isinstance(effect, Blocking) and not effect.can_fail)


def _is_finite(node: object) -> bool:
    return isinstance(node, ir.For) and not node.is_async


def _is_caught(db: Database, function: FunctionId, position: int, library: str = "") -> bool:
    """True when a handler stands around a place that does not leave, and is broad or names a failure of the library."""
    for region in enclosing(db, function, position):
        if region.kind != "try" or not isinstance(region.node, ir.Try):
            continue
        for handler in region.node.handlers:
            if leaves(handler.body) and not _continues(handler.body):
                continue
            if handler.caught is None or _catches(db, function, handler.caught, library):
                return True
    return False


def _catches(db: Database, function: FunctionId, caught: ir.Expr, library: str) -> bool:
    known = evaluator(db, function)
    value = UNKNOWN if known is None else known.value(caught)
    for option in value.items if isinstance(value, SequenceValue) else options_of(value):
        if not isinstance(option, Extern):
            # A class of our own, or one that is not known, may be what the effect raises.
            return True
        if option.name in _BROAD or (library and option.name.partition(".")[0] == library.partition(".")[0]):
            return True
    return False


def _continues(body: tuple[ir.Stmt, ...]) -> bool:
    return bool(body) and isinstance(body[-1], ir.Flow) and body[-1].kind == "continue"
