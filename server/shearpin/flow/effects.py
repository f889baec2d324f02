"""What a function does to the outside, by itself and through the functions it calls."""

from __future__ import annotations

import msgspec

from shearpin.adapterkit.facts import facts_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Ack, Blocking, Effect, HttpCall, Publish, RemoteCall, Sleep, Spawn, StoreCall, Subscribe
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.flow.given import is_left_out
from shearpin.flow.ways import describe
from shearpin.meaning.calls import calls
from shearpin.meaning.queries import function_info
from shearpin.query import Database, query

EFFECTS = (HttpCall, RemoteCall, StoreCall, Publish, Subscribe, Ack, Blocking, Sleep, Spawn)
_MAX_EFFECTS = 64


class Reached(msgspec.Struct, frozen=True):
    """An effect that a function reaches: the fact, and the calls on the way, nearest first (() for its own)."""

    effect: Effect
    hops: tuple[Hop, ...]

    @property
    def first(self) -> Site:
        """The place in the function that leads to the effect."""
        return self.hops[0].site if self.hops else self.effect.site


def own_effects(db: Database, function: FunctionId) -> tuple[Effect, ...]:
    """Effects of calls that stand in the function itself, in order of position."""
    return tuple(
        fact
        for fact in facts_of(db, function.path, function.part)
        if isinstance(fact, EFFECTS) and fact.function == function
    )


def calls_in(db: Database, function: FunctionId) -> tuple[ResolvedCall, ...]:
    """The calls that stand in the function itself, in order of position."""
    return tuple(call for call in calls(db, function.path, function.part) if call.function == function)


@query(bottom=())
def synchronous_effects(db: Database, function: FunctionId) -> tuple[Reached, ...]:
    """Effects that happen before a call of the function returns (awaited coroutines included), one way each.

    Work handed to threads, tasks, processes or queues is left out: it runs elsewhere.
    """
    found: dict[Site, Reached] = {effect.site: Reached(effect, ()) for effect in own_effects(db, function)}
    for call in calls_in(db, function):
        for callee in call.callees:
            if callee.mode is not Mode.DIRECT or callee.function == function:
                continue
            hop = Hop(call.site, f"calls {describe(db, callee.function)}")
            for inner in synchronous_effects(db, callee.function):
                if inner.effect.site not in found and not is_left_out(db, call, callee.function, inner.first):
                    found[inner.effect.site] = Reached(inner.effect, (hop, *inner.hops))
    ordered = sorted(found.values(), key=lambda item: (len(item.hops), item.first.start))
    return tuple(sorted(ordered[:_MAX_EFFECTS], key=lambda item: (item.first.start, len(item.hops))))


def blocks(effect: Effect) -> bool:
    """True when an effect holds its thread for a time that anybody notices: settling a message only writes a frame."""
    return effect.is_blocking and not isinstance(effect, Ack)


@query(bottom=())
def blocking_effects(db: Database, function: FunctionId) -> tuple[Reached, ...]:
    """Effects that block the thread on which a plain function runs when it is called directly; shortest way first."""
    found: dict[Site, Reached] = {
        effect.site: Reached(effect, ()) for effect in own_effects(db, function) if blocks(effect)
    }
    for call in calls_in(db, function):
        for callee in call.callees:
            info = function_info(db, callee.function)
            if callee.mode is not Mode.DIRECT or info is None or info.is_async or callee.function == function:
                continue
            hop = Hop(call.site, f"calls {describe(db, callee.function)}")
            for inner in blocking_effects(db, callee.function):
                old = found.get(inner.effect.site)
                if old is not None and len(old.hops) <= len(inner.hops) + 1:
                    continue
                if not is_left_out(db, call, callee.function, inner.first):
                    found[inner.effect.site] = Reached(inner.effect, (hop, *inner.hops))
    return tuple(sorted(found.values(), key=lambda item: (len(item.hops), item.first.start))[:8])
