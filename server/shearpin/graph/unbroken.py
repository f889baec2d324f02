"""Calls on the way of requests that no circuit breaker guards, and why they should have one."""

from __future__ import annotations

import msgspec

from shearpin.facts.fact import HttpCall
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.timeouts import timeout_state
from shearpin.facts.value import Instance
from shearpin.flow.breakers import breaker_around
from shearpin.flow.contexts import contexts
from shearpin.flow.effects import synchronous_effects
from shearpin.flow.protections import time_limit
from shearpin.flow.retries import retries_around, transport_of
from shearpin.flow.settled import settled
from shearpin.graph.budgets import Budget, budget
from shearpin.graph.calls import CallTarget, call_targets
from shearpin.graph.chains import called_handlers, chain_from, handlers_of
from shearpin.graph.mesh_calls import mesh_breaker, mesh_limit
from shearpin.graph.reach import services_running
from shearpin.graph.routing import endpoints
from shearpin.meaning.scopes import part_ids
from shearpin.query import Database, query

#: seconds that make a request hang for its user
_LONG = 10.0
_ABOUT = frozenset(
    ("health", "healthz", "ready", "readyz", "live", "livez", "ping", "status", "metrics", "openapi.json", "version")
)


class Reason(msgspec.Struct, frozen=True):
    """Why a call should be able to stop: `text` completes "and ..."; `hops` show it."""

    text: str
    hops: tuple[Hop, ...] = ()


def reason_of(db: Database, call: HttpCall, target: CallTarget, service_id: str) -> Reason | None:
    """Retried, in a row of services, or long; None when none of these is proved."""
    again = next((retries for retries in retries_around(db, call.function, call.site) if retries), ())
    if again:
        return Reason("they are tried again", (Hop(again[0].site, "what fails is tried again"),))
    transport = transport_of(db, call)
    if transport is not None and transport.attempts > 1 and transport.resends and transport.site is not None:
        return Reason("they are tried again", (Hop(transport.site, "the client tries again by itself"),))
    handlers = handlers_reaching(db, service_id, call.site)
    for handler in handlers_of(target):
        onward = chain_from(db, target.id, handler)
        if onward.steps:
            step = onward.steps[0]
            row = f"they stand in a row ({target.id} waits for {step.service})"
            return Reason(row, (Hop(step.call.site, f"{step.op} of {step.service}"),))
    known = called_handlers(db) if target.kind == "service" else frozenset()
    if any(handler in known for handler in handlers):
        return Reason("they stand in a row (another service waits for this one)")
    longest = max((budget(db, handler) for handler in handlers), key=lambda one: one.seconds, default=Budget())
    if longest.seconds >= _LONG:
        return Reason(f"a request may hang for {longest.seconds:g} s", longest.steps)
    limits = (time_limit(db, call), mesh_limit(db, call, (service_id,)))
    is_endless = timeout_state(call.timeout)[0] == "infinite" and all(limit.answer == "no" for limit in limits)
    return Reason("a request may hang for ever") if is_endless else None


@query()
def handlers_reaching(db: Database, service_id: str, site: Site) -> tuple[FunctionId, ...]:
    """Handlers of a service that make a call before they answer."""
    handlers = dict.fromkeys(served.handler for served in endpoints(db, service_id).served)
    return tuple(
        handler
        for handler in handlers
        if handler is not None and any(item.effect.site == site for item in synchronous_effects(db, handler))
    )


class Group(msgspec.Struct, frozen=True):
    """The unguarded calls of one file to one target.

    `place`: where their client is made, for the first target of a client that the same file makes, else the first call.
    """

    place: Site
    calls: tuple[HttpCall, ...]


def unbroken(db: Database, path: str, service_id: str, target: str) -> Group | None:
    """The calls of a file to a target in requests, without a breaker around them, in order of place."""
    found = [(call, names) for call, names in _unguarded(db, path, service_id) if target in names]
    if not found:
        return None
    first = found[0][0]
    client = first.client.site if isinstance(first.client, Instance) else None
    if client is None or client.path != path:
        return Group(first.site, tuple(call for call, _ in found))
    owner = next(
        names[0]
        for call, names in _unguarded(db, path, service_id)
        if isinstance(call.client, Instance) and call.client.site == client
    )
    return Group(client if owner == target else first.site, tuple(call for call, _ in found))


@query()
def _unguarded(db: Database, path: str, service_id: str) -> tuple[tuple[HttpCall, tuple[str, ...]], ...]:
    """Unguarded calls of a file in requests, with the names of their targets."""
    found: dict[Site, tuple[HttpCall, tuple[str, ...]]] = {}
    for part in part_ids(db, path):
        for item in settled(db, path, part):
            call = item.fact
            if not isinstance(call, HttpCall):
                continue
            running = services_running(db, item.outer.path)
            if (running and service_id not in running) or "request" not in contexts(db, call.function):
                continue
            targets = [goes for goes in call_targets(db, call, service_id) if not asks_about_itself(goes)]
            if targets and not _is_broken(db, call, service_id):
                first, names = found.get(call.site, (call, ()))
                found[call.site] = first, tuple(dict.fromkeys((*names, *(goes.id for goes in targets))))
    return tuple(found.values())


def _is_broken(db: Database, call: HttpCall, service_id: str) -> bool:
    return breaker_around(db, call).answer != "no" or mesh_breaker(db, call, (service_id,)).answer != "no"


def asks_about_itself(target: CallTarget) -> bool:
    """A call that only asks whether the other side is there, or what it is."""
    return target.path.rstrip("/").rpartition("/")[2].lower() in _ABOUT
