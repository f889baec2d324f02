"""Calls in coroutines that block the event loop, any number of helper calls deep."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from shearpin.adapterkit.facts import facts_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.derived import LoopBlock
from shearpin.facts.fact import BaseEffect, Effect, Route
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop
from shearpin.facts.value import ClassRef
from shearpin.flow.contexts import handler_model
from shearpin.flow.effects import EFFECTS, Reached, blocking_effects, blocks, calls_in
from shearpin.flow.given import is_left_out
from shearpin.flow.ways import describe
from shearpin.meaning.queries import function_info
from shearpin.meaning.scopes import part_ids, scopes
from shearpin.query import Database, query


def loop_blocks(db: Database, path: str, part: str) -> tuple[LoopBlock, ...]:
    """All calls of a part that block the event loop on which their function runs."""
    found: list[LoopBlock] = []
    for scope in scopes(db, path, part).values():
        if runs_on_loop(db, scope.function):
            for call in calls_in(db, scope.function):
                found.extend(_blocked(db, call))
    return tuple(found)


def runs_on_loop(db: Database, function: FunctionId) -> bool:
    """A coroutine function, or a plain handler that its framework calls on the loop."""
    info = function_info(db, function)
    if info is None:
        return False
    runs = {
        fact.runs
        for fact in facts_of(db, function.path, function.part)
        if isinstance(fact, Route) and fact.handler == function
    }
    if info.is_async:
        # A server with a thread for each request gives a coroutine a loop of its own.
        return runs != {"worker"}
    model = handler_model(db, ClassRef(function.path, info.owner), info.name) if info.owner else None
    if model is not None and model.handlers_on_loop:
        return True
    return "loop" in runs


@query()
def has_coroutines(db: Database, path: str) -> bool:
    """True when some function of a file is a coroutine."""
    functions = (scope.function for part in part_ids(db, path) for scope in scopes(db, path, part).values())
    return any(info.is_async for function in functions if (info := function_info(db, function)) is not None)


def _blocked(db: Database, call: ResolvedCall) -> Iterator[LoopBlock]:
    own = _own_effect(db, call)
    if own is not None:
        if blocks(own) and not own.is_awaited:
            yield _block(call, own, (), is_movable=call.receiver is None)
        return
    best: tuple[Reached, FunctionId] | None = None
    for callee in call.callees:
        info = function_info(db, callee.function)
        if callee.mode is not Mode.DIRECT or info is None or info.is_async:
            continue
        left = (r for r in blocking_effects(db, callee.function) if not is_left_out(db, call, callee.function, r.first))
        for reached in itertools.islice(left, 1):
            if best is None or len(reached.hops) < len(best[0].hops):
                best = reached, callee.function
    if best is not None:
        reached, function = best
        hop = Hop(call.site, f"calls {describe(db, function)}")
        movable = all(_is_self_contained(r, function) for r in blocking_effects(db, function))
        yield _block(call, reached.effect, (hop, *reached.hops), is_movable=movable and _takes_no_object(db, function))


def _own_effect(db: Database, call: ResolvedCall) -> Effect | None:
    for fact in facts_of(db, call.site.path, call.site.part):
        if fact.site == call.site and isinstance(fact, EFFECTS) and isinstance(fact, BaseEffect):
            return fact
    return None


def _is_self_contained(reached: Reached, function: FunctionId) -> bool:
    """A call of a library function needs no shared object; a method of a client, channel or session does."""
    handle = getattr(reached.effect, "handle", None) or getattr(reached.effect, "client", None)
    site = getattr(handle, "site", None)
    if handle is None:
        return True
    return site is not None and site.path == function.path and site.part == function.part


def _takes_no_object(db: Database, function: FunctionId) -> bool:
    info = function_info(db, function)
    return info is not None and not info.owner and not function.inner


def _block(call: ResolvedCall, effect: Effect, hops: tuple[Hop, ...], *, is_movable: bool) -> LoopBlock:
    return LoopBlock(
        site=call.site,
        head=call.head,
        function=call.function,
        library=effect.library,
        remedies=effect.remedies if not hops else (),
        effect=effect,
        is_movable=is_movable,
        hops=hops,
    )
