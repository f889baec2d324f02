"""How long a call may wait, how often it is made, what breaks its circuit: each with the place that says so.

And how that adds up along the path of a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from shearpin.facts.fact import HttpCall, RemoteCall, StoreCall
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.flow.breakers import breaker_around
from shearpin.flow.contexts import own_contexts
from shearpin.flow.retries import retries_around, transport_of
from shearpin.flow.settled import Settled, settled
from shearpin.graph.attributes import timeout_of, tries_of
from shearpin.graph.budgets import Budget, budget, limit_of
from shearpin.graph.calls import call_targets
from shearpin.graph.chains import budget_of
from shearpin.graph.model import Attribute
from shearpin.graph.reach import services_running
from shearpin.meaning.callers import callers
from shearpin.query import Database

_MAX_STEPS = 8


class Limit(msgspec.Struct, frozen=True):
    """One limit: `subject` "timeout", "attempts" or "breaker"; its value, its origin, the place that says it."""

    subject: str
    value: str
    origin: str
    site: Site | None = None


class Limits(msgspec.Struct, frozen=True):
    """What limits one call; several ways to a call may give several values for one subject."""

    site: Site
    limits: tuple[Limit, ...]

    def of(self, subject: str) -> tuple[Limit, ...]:
        """The values of one subject."""
        return tuple(limit for limit in self.limits if limit.subject == subject)


class Share(msgspec.Struct, frozen=True):
    """A part of a request's path: how long `who` works at worst, and how long its caller waits (None: not known)."""

    who: str
    site: Site
    seconds: float
    waits: float | None
    steps: tuple[Hop, ...]
    is_open: bool


def limits_in(db: Database, path: str, parts: Iterable[str]) -> tuple[Limits, ...]:
    """Limits of the remote calls in parts of a file, by position."""
    found: dict[Site, dict[Limit, None]] = {}
    for part in parts:
        for item in settled(db, path, part):
            if isinstance(item.fact, HttpCall | RemoteCall | StoreCall):
                found.setdefault(item.fact.site, {}).update(dict.fromkeys(_limits(db, item)))
    return tuple(Limits(site, tuple(limits)) for site, limits in found.items())


def shares_of(db: Database, call: Site) -> tuple[Share, ...]:
    """The request's path around an HTTP call: what the called service may need, and what the request needs in all."""
    found: dict[Share, None] = {}
    for item in settled(db, call.path, call.part):
        fact = item.fact
        if isinstance(fact, HttpCall) and fact.site == call:
            for service in services_running(db, item.outer.path):
                for target in call_targets(db, fact, service):
                    needed = budget_of(db, target) if target.kind == "service" else None
                    if needed is not None:
                        found[_share(target.id, call, needed, limit_of(fact.timeout))] = None
            for handler in _handlers(db, fact.function):
                found[_share(handler.part, Site(handler.path, handler.part, 0, 0), budget(db, handler), None)] = None
    return tuple(share for share in found if share.seconds or share.is_open)


def _share(who: str, site: Site, needed: Budget, waits: float | None) -> Share:
    return Share(who, site, needed.seconds, waits, needed.steps[:_MAX_STEPS], bool(needed.unbounded))


def _handlers(db: Database, function: FunctionId) -> tuple[FunctionId, ...]:
    """Handlers of requests from which a function is called, itself included; a few steps up."""
    found: dict[FunctionId, None] = {}
    seen = {function}
    pending = [(function, 0)]
    while pending:
        current, depth = pending.pop()
        if "request" in own_contexts(db, current):
            found[current] = None
            continue
        for edge in callers(db, current) if depth < _MAX_STEPS else ():
            caller = edge.call.function
            if caller not in seen:
                seen.add(caller)
                pending.append((caller, depth + 1))
    return tuple(sorted(found))


def _limits(db: Database, item: Settled) -> Iterator[Limit]:
    fact = item.fact
    if not isinstance(fact, HttpCall | RemoteCall | StoreCall):
        return
    timeout = timeout_of(fact.timeout)
    place = fact.timeout.site if fact.timeout.origin != "default" else None
    yield _limit("timeout", timeout, place)
    if not isinstance(fact, HttpCall):
        return
    ways = retries_around(db, fact.function, fact.site)
    first = next((retry.site for retries in ways for retry in retries), None)
    once = None if transport_of(db, fact) is None else Attribute("1", "no retry")
    yield _limit("attempts", tries_of(db, fact, item.hops) or once, first)
    found = breaker_around(db, fact)
    if found.answer == "yes":
        yield Limit("breaker", "yes", found.note, found.site)
    else:
        yield Limit(
            "breaker", "none" if found.answer == "no" else "unknown", "" if found.answer == "no" else found.note
        )


def _limit(subject: str, known: Attribute | None, site: Site | None) -> Limit:
    return Limit(subject, "unknown", "") if known is None else Limit(subject, known.value, known.origin, site)
