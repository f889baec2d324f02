"""From a handler over its synchronous calls to the handlers of other services, and so on."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.facts.fact import HttpCall
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.flow.contexts import contexts
from shearpin.flow.effects import synchronous_effects
from shearpin.flow.settled import Settled, settled
from shearpin.graph.budgets import NOTHING, Budget, budget
from shearpin.graph.calls import CallTarget, call_targets
from shearpin.graph.reach import service, services_running
from shearpin.graph.routing import endpoints
from shearpin.meaning.scopes import part_ids
from shearpin.query import Database, keys, query
from shearpin.services.classify import PathClass, path_class

#: longer chains are cut
_MAX_HOPS = 8


class Onward(msgspec.Struct, frozen=True):
    """A call that a handler makes before it answers: `hops` lead to it, `service` and `handlers` are where it goes.

    `service` is "" when it goes to none of the workspace.
    """

    call: HttpCall
    hops: tuple[Hop, ...]
    service: str
    handlers: tuple[FunctionId, ...]
    op: str


def handlers_of(target: CallTarget) -> tuple[FunctionId, ...]:
    """The functions that answer a call; () when they are not known."""
    match = target.match
    served = match.served if match is not None and match.answer == "yes" else ()
    return tuple(item.handler for item in served if item.handler is not None)


def budget_of(db: Database, target: CallTarget) -> Budget | None:
    """The lower bound of the worst case of what answers a call: the shortest of the handlers that fit."""
    found = [budget(db, handler) for handler in handlers_of(target)]
    known = target.match is not None and target.match.answer == "yes"
    if not found or not known or (target.match is not None and len(found) < len(target.match.served)):
        return None
    return min(found, key=lambda one: one.seconds, default=NOTHING)


def onward(db: Database, service_id: str, function: FunctionId) -> tuple[Onward, ...]:
    """The synchronous calls to other services that a function of a service makes, itself or through its callees."""
    return tuple(step for step in requests_made(db, service_id, function) if step.service)


@query()
def requests_made(db: Database, service_id: str, function: FunctionId) -> tuple[Onward, ...]:
    """All synchronous calls that a function of a service makes, except to itself."""
    found: dict[tuple[Site, str, str], Onward] = {}
    for reached in synchronous_effects(db, function):
        if not isinstance(reached.effect, HttpCall):
            continue
        for call in _settled_calls(db, reached.effect.site, service_id):
            for target in call_targets(db, call, service_id):
                if target.id == service_id:
                    continue
                op = f"{target.method} {target.path}"
                name = target.id if target.kind == "service" else ""
                found.setdefault((call.site, name, op), Onward(call, reached.hops, name, handlers_of(target), op))
    return tuple(found.values())


def _settled_calls(db: Database, site: Site, service_id: str) -> Iterator[HttpCall]:
    for item in settled(db, site.path, site.part):
        if isinstance(item.fact, HttpCall) and item.fact.site == site and _is_in(db, item, service_id):
            yield item.fact


def _is_in(db: Database, item: Settled, service_id: str) -> bool:
    running = services_running(db, item.outer.path)
    return not running or service_id in running


@query()
def called_handlers(db: Database) -> frozenset[FunctionId]:
    """All handlers that another service calls on the way of its own requests."""
    found: set[FunctionId] = set()
    paths = db.get(keys.python_paths())
    for path in paths if isinstance(paths, tuple) else ():
        found |= called_from(db, path)
    return frozenset(found)


@query()
def called_from(db: Database, path: str) -> frozenset[FunctionId]:
    """Handlers of other services that one file calls on the way of requests."""
    found: set[FunctionId] = set()
    if path_class(db, path) is PathClass.APPLICATION:
        for service_id in services_running(db, path):
            for part in part_ids(db, path):
                found |= _called_in(db, service_id, path, part)
    return frozenset(found)


@query()
def _called_in(db: Database, service_id: str, path: str, part: str) -> frozenset[FunctionId]:
    """Handlers of other services that one part calls: a small answer that most edits leave equal."""
    found: set[FunctionId] = set()
    for item in settled(db, path, part):
        call = item.fact
        if not isinstance(call, HttpCall) or "request" not in contexts(db, call.function):
            continue
        for target in call_targets(db, call, service_id) if _is_in(db, item, service_id) else ():
            if target.id != service_id:
                found.update(handlers_of(target))
    return frozenset(found)


class Chain(msgspec.Struct, frozen=True):
    """Services in a row, each waiting for the next; `steps` are the calls, `services` all of them in order.

    `depth`: how many of them wait for another one, gateways left out.
    """

    steps: tuple[Onward, ...]
    services: tuple[str, ...]
    depth: int = 0


@query()
def chain_from(db: Database, service_id: str, function: FunctionId) -> Chain:
    """The longest chain of synchronous calls that begins in a function; no service stands in it twice."""
    found = _longest(db, service_id, function, (service_id,))
    depth = sum(not _is_gateway(db, name) for name in found.services) - 1
    return msgspec.structs.replace(found, depth=max(0, depth))


@query()
def entries_to(db: Database, service_id: str, call: Site) -> tuple[FunctionId, ...]:
    """Handlers of a service that make a call to another service before they answer, and that no other service calls."""
    known = called_handlers(db)
    handlers = dict.fromkeys(served.handler for served in endpoints(db, service_id).served)
    return tuple(
        handler
        for handler in handlers
        if handler is not None
        and handler not in known
        and any(step.call.site == call for step in onward(db, service_id, handler))
    )


def _longest(db: Database, service_id: str, function: FunctionId, seen: tuple[str, ...]) -> Chain:
    best = Chain((), (service_id,))
    if len(seen) > _MAX_HOPS:
        return best
    for step in onward(db, service_id, function):
        if step.service in seen:
            continue
        rest = [_longest(db, step.service, handler, (*seen, step.service)) for handler in step.handlers]
        inner = max(rest, key=lambda one: len(one.steps), default=Chain((), (step.service,)))
        if len(inner.steps) + 1 > len(best.steps):
            best = Chain((step, *inner.steps), (service_id, *inner.services))
    return best


def _is_gateway(db: Database, service_id: str) -> bool:
    found = service(db, service_id)
    return found is not None and found.kind == "gateway"
