"""What becomes of failures that handlers take: told, lost, answered as success, or the way past a check."""

from __future__ import annotations

from shearpin.facts.derived import CaughtFailure
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.flow.answers import (
    answer_kind,
    answers_requests,
    constant,
    looks,
    mentions_failure,
    name_fate,
)
from shearpin.flow.beside import asks_only, assigned_in, behind, is_computed, is_used_up, told_by
from shearpin.flow.concerns import concern
from shearpin.flow.contexts import contexts, own_contexts
from shearpin.flow.endings import Ending, all_raise, deep, endings, names_in
from shearpin.flow.handlers import Handled, block, handled, reached_effects, reaction
from shearpin.flow.heard import is_heard
from shearpin.flow.on_way import on_way
from shearpin.flow.opening import Opening, guard_name, opening
from shearpin.flow.standing import Fate, acknowledges, acks, aside, counts_as_done, in_loop
from shearpin.flow.ways import describe
from shearpin.meaning.callers import callers
from shearpin.meaning.calls import body_of
from shearpin.meaning.scopes import scope_of, scopes, site_of
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_WORKING = frozenset(("request", "consumer", "task", "periodic"))
_WAITED = frozenset((Mode.DIRECT, Mode.THREAD))
_DEPTH = 6


def caught_failures(db: Database, path: str, part: str) -> tuple[CaughtFailure, ...]:
    """One fact for each handler of a part that takes failures of effects which are somebody's concern."""
    found: list[CaughtFailure] = []
    for scope in scopes(db, path, part).values():
        for item in handled(db, scope.function):
            kind = concern(db, item.effects[0].effect)
            if kind:
                found.append(_caught(db, scope.function, item, changes=kind == "change"))
    return tuple(found)


def _caught(db: Database, function: FunctionId, item: Handled, *, changes: bool) -> CaughtFailure:
    first = on_way(db, item.effects[0])
    outs = endings(db, function, item.handler.body)
    did = reaction(db, function, item.handler)
    action = _action(outs, did.kind)
    fate = _fate(db, function, item, outs, action, did.note, changes=changes)
    site = site_of(function.path, function.part, item.handler.head)
    return CaughtFailure(
        site=site, head=site, function=function, library=first.effect.library, effect=first.effect, changes=changes,
        action=action, outcome=fate.outcome, note=fate.note, use=fate.use, use_note=fate.use_note,
        guard=_guard(db, function, item), hops=first.hops, way=fate.way, last=_last(function, item.handler, action),
        replaces=bool(item.handler.body) and not isinstance(item.handler.body[-1], ir.ExprStmt),
        returns=_literal(item.handler.body[-1]) if item.handler.body else "",
        is_heard_outside=fate.outcome == "lost" and is_heard(db, function, item.attempt),
    )  # fmt: skip


def _last(function: FunctionId, handler: ir.Handler, action: str) -> Site | None:
    """The statement that a fix replaces or stands behind."""
    last = handler.body[-1] if handler.body else None
    if last is None or not isinstance(last, (ir.ExprStmt, ir.Flow, ir.Return)):
        return None
    if isinstance(last, ir.Flow) and last.kind != "pass":
        return None
    if isinstance(last, ir.Return) and action != "returns":
        return None
    return site_of(function.path, function.part, last.span)


def _literal(stmt: ir.Stmt) -> str:
    value = stmt.value if isinstance(stmt, ir.Return) else None
    return repr(value.value) if isinstance(value, ir.Literal) else ""


def _action(outs: tuple[Ending, ...], did: str) -> str:
    kinds = {ending.kind for ending in outs}
    if kinds == {"raise"}:
        return "raises"
    if did in ("compensates", "keeps", "unknown"):
        return did
    return "returns" if "return" in kinds else did


def _fate(
    db: Database,
    function: FunctionId,
    item: Handled,
    outs: tuple[Ending, ...],
    action: str,
    note: str,
    *,
    changes: bool,
) -> Fate:
    if action == "raises":
        return Fate("told", "it raises")
    if (exempt := aside(db, function, item)) is not None:
        return exempt
    if all_raise(db, function, (*item.attempt.body, *item.attempt.orelse, *behind(db, function, item))):
        return Fate("told", "it is expected to fail")
    door = opening(db, function, item, outs)
    if door is not None:
        return _opened(door)
    if asks_only(db, function, item, outs):
        return Fate("told", "the request only asks, and its answer does not rest on this")
    if action in ("compensates", "keeps", "unknown"):
        return Fate("unknown" if action == "unknown" else "told", note)
    if any(ending.kind == "raise" for ending in outs):
        return Fate("unknown", "it raises under a condition")
    if (rounds := in_loop(db, function, item, action, outs)) is not None:
        return rounds
    if not changes and not _answers(db, function, outs):
        if not _changes_later(db, function, item):
            return Fate("told", "nothing is changed, only something to show is missing")
        if _has_default(db, function, item):
            return Fate("told", "it goes on with a value of its own")
    returned = next((ending for ending in outs if ending.kind == "return"), None)
    if returned is not None and isinstance(returned.stmt, ir.Return):
        return _returned(db, function, item, returned.stmt)
    return _fallen(db, function, item)


def _opened(door: Opening) -> Fate:
    if door.answer == "allowed":
        return Fate("told", door.note)
    return Fate("open", "", door.use, door.use_note, door.way)


def _guard(db: Database, function: FunctionId, item: Handled) -> str:
    return next((name for reached in item.effects if (name := guard_name(db, function, reached))), "")


# -------------------------------------------------------------- what follows


def _change_behind(db: Database, function: FunctionId, stmts: tuple[ir.Stmt, ...]) -> Site | None:
    spans = [(start_of(stmt.span), end_of(stmt.span)) for stmt in stmts]
    for reached in reached_effects(db, function):
        if concern(db, reached.effect) == "change" and any(s <= reached.first.start < e for s, e in spans):
            return reached.first
    return None


def _changes_later(db: Database, function: FunctionId, item: Handled) -> bool:
    return _change_behind(db, function, behind(db, function, item)) is not None


def _has_default(db: Database, function: FunctionId, item: Handled) -> bool:
    """What the attempt would have read has another value before it, or gets one from the handler."""
    scope = scope_of(db, function)
    start = start_of(item.attempt.span)
    names = {
        name
        for name in assigned_in(item.attempt.body)
        if name_fate(db, function, name, end_of(item.attempt.span)) != "unused"
    }
    given = assigned_in(item.handler.body)
    if not names and is_used_up(db, function, item):
        return True
    if not names:
        # What the handler notes instead is looked at: `note = f"failed: {error}"`, written down behind.
        return any(name_fate(db, function, name, end_of(item.attempt.span)) != "unused" for name in given)
    return scope is not None and all(
        name in given or any(binding.position < start for binding in scope.bindings.get(name, ())) for name in names
    )


def _answers(db: Database, function: FunctionId, outs: tuple[Ending, ...]) -> bool:
    return answers_requests(db, function) and any(ending.kind == "return" for ending in outs)


def _returned(db: Database, function: FunctionId, item: Handled, stmt: ir.Return) -> Fate:
    if answers_requests(db, function):
        return _answer(db, function, stmt)
    if mentions_failure(stmt.value) or (item.handler.name and item.handler.name in names_in(stmt.value)):
        return Fate("told", "what it returns says so")
    if _is_success_value(db, function, item, stmt):
        return _unheard(db, function, item)
    return _looked_at(db, function, item)


def _answer(db: Database, function: FunctionId, stmt: ir.Return) -> Fate:
    kind = answer_kind(db, function, stmt.value)
    site = site_of(function.path, function.part, stmt.span)
    if kind == "success":
        return Fate("answered", "", site, "success is answered here")
    if kind == "failure":
        return Fate("told", "the response says so")
    return Fate("unknown", "what it answers is not known")


def _is_success_value(db: Database, function: FunctionId, item: Handled, mine_at: ir.Return) -> bool:
    """A failure returns exactly what success returns."""
    mine = constant(mine_at.value)
    is_behind = start_of(mine_at.span) == start_of(item.handler.head)
    if mine is None:
        return False
    scope = scope_of(db, function)
    handlers = [block(handler.body) for handler in item.attempt.handlers]
    others: set[str | None] = set()
    for stmt in deep(() if scope is None else body_of(db, scope)):
        place = start_of(stmt.span)
        if isinstance(stmt, ir.Return) and stmt != mine_at and not any(s <= place < e for s, e in handlers):
            others.add(constant(stmt.value))
    outs = endings(db, function, () if scope is None else body_of(db, scope))
    if any(ending.kind == "falls" for ending in outs) and not (is_behind and mine == "None"):
        others.add("None")
    return others == {mine}


def _looked_at(db: Database, function: FunctionId, item: Handled) -> Fate:
    look = looks(db, function)
    if look.answer == "ignored":
        where = look.way[-1].site if look.way else item.effects[0].first
        return Fate("lost", "", where, look.note, way=look.way[:-1])
    return Fate("told" if look.answer == "tested" else "unknown", look.note)


def _fallen(db: Database, function: FunctionId, item: Handled) -> Fate:
    """The handler ends and the code behind it goes on."""
    rest = behind(db, function, item)
    after = end_of(item.handler.span)
    returned = next((stmt for stmt in rest if isinstance(stmt, ir.Return)), None)
    if all(ending.kind != "falls" for ending in endings(db, function, (*item.attempt.body, *item.attempt.orelse))):
        if returned is not None and isinstance(returned.value, ir.Expr) and is_computed(rest, returned):
            return Fate("told", "the answer is found in another way")
        # Success has left: what follows is the answer of a failure.
        return _returned(db, function, item, returned or ir.Return(None, item.handler.head))
    fates = {name_fate(db, function, name, after) for name in told_by(item)}
    if "tested" in fates:
        return Fate("told", "a name that it sets is tested")
    change = _change_behind(db, function, rest)
    if change is not None:
        return Fate("lost", "", change, "another effect follows as if it had succeeded")
    if "passed" in fates:
        return Fate("unknown", "a name that it sets is passed on")
    if answers_requests(db, function):
        if "returned" in fates:
            return Fate("told", "it is in the response")
        if returned is None:
            site = site_of(function.path, function.part, item.handler.head)
            return Fate("answered", "", site, "the request is answered as if nothing had happened")
        return _answer(db, function, returned)
    if "returned" in fates:
        return _looked_at(db, function, item)
    if acknowledges(db, function, item):
        return Fate("lost", "", acks(db, function)[-1].first, "the message is acknowledged")
    return _unheard(db, function, item)


def _unheard(db: Database, function: FunctionId, item: Handled) -> Fate:
    """Callers cannot know: does one of them work for a request, a message or a task?"""
    where = contexts(db, function)
    if not where:
        return Fate("unknown", "nothing is known to call this")
    if not where & _WORKING:
        return Fate("unknown", "it runs at the start, at the end or by hand")
    if "consumer" in own_contexts(db, function):
        if acks(db, function):
            return Fate("told", "the message is not acknowledged")
        if not counts_as_done(db, function):
            return Fate("unknown", "whether the message counts as done")
        return Fate("lost", "", item.effects[0].first, "the message counts as done when this fails")
    if where & own_contexts(db, function) & _WORKING:
        return Fate("lost", "", item.effects[0].first, "the task counts as done when this fails")
    way = _way_out(db, function, 0)
    if not way:
        return Fate("unknown", "nothing that waits for it is known")
    return Fate("lost", "", way[-1].site, way[-1].note, way=way[:-1])


def _way_out(db: Database, function: FunctionId, depth: int) -> tuple[Hop, ...]:
    """The calls outwards up to one that works for a request, message or task."""
    for edge in callers(db, function):
        if edge.callee.mode not in _WAITED or not contexts(db, edge.call.function) & _WORKING:
            continue
        name = describe(db, edge.call.function)
        hop = Hop(edge.call.site, f"{name} goes on as if it had succeeded")
        if own_contexts(db, edge.call.function) & _WORKING or depth >= _DEPTH:
            return (hop,)
        outer = _way_out(db, edge.call.function, depth + 1)
        return (hop, *outer) if outer else (hop,)
    return ()
