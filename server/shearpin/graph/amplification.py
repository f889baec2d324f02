"""How many requests one request may become: attempts of all layers on one way, multiplied."""

from __future__ import annotations

from math import prod

import msgspec

from shearpin.facts.fact import HttpCall
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.flow.failures import function_at, outcomes_of, raises_for_status
from shearpin.flow.retries import Retry, retries_around, retries_at, transport_of
from shearpin.graph.calls import call_targets
from shearpin.graph.chains import Onward, handlers_of, requests_made
from shearpin.graph.mesh import NOTHING, mesh_of
from shearpin.query import Database, query

_MAX_DEPTH = 6
_EVERYTHING = frozenset(("Exception", "BaseException"))


class Layer(msgspec.Struct, frozen=True):
    """One layer that tries again: `attempts` in all, at `site`; `head` is what to mark; `who` names it for people."""

    attempts: int
    site: Site
    head: Site
    who: str

    def hop(self) -> Hop:
        """As a step of a witness."""
        return Hop(self.site, f"{self.attempts} attempts by {self.who}")


class Layers(msgspec.Struct, frozen=True):
    """The layers on the worst way of a call, outermost first: `local` ones around it, and those `behind` it."""

    local: tuple[Layer, ...]
    behind: tuple[Layer, ...]

    @property
    def all(self) -> tuple[Layer, ...]:
        """Both, outermost first."""
        return (*self.local, *self.behind)

    @property
    def requests(self) -> int:
        """How many requests they make of one."""
        return _product(self.all)


@query()
def layers_of(db: Database, call: HttpCall, services: tuple[str, ...]) -> Layers:
    """What tries a call again, here and in the services behind it."""
    around = [_counted(db, call, retries) for retries in retries_around(db, call.function, call.site)]
    local = max(around, key=_product, default=())
    behind: list[tuple[Layer, ...]] = [()]
    for service in services:
        for target in call_targets(db, call, service):
            if target.kind == "service" and target.id != service:
                meshed = _by_mesh(db, target.id, target.method, target.path)
                behind.append(meshed)
                ways = (_behind(db, target.id, handler, (service, target.id)) for handler in handlers_of(target))
                behind.extend((*meshed, *way) for way in ways)
    return Layers(local, max(behind, key=_product))


def _product(layers: tuple[Layer, ...]) -> int:
    return prod(layer.attempts for layer in layers)


def _behind(db: Database, service: str, handler: FunctionId, seen: tuple[str, ...]) -> tuple[Layer, ...]:
    """The layers on the worst way of the calls that a handler makes."""
    best: tuple[Layer, ...] = ()
    if len(seen) > _MAX_DEPTH:
        return best
    for step in requests_made(db, service, handler):
        own = _counted(db, step.call, _along(db, handler, step))
        rest: list[tuple[Layer, ...]] = [()]
        if step.service and step.service not in seen:
            rest.extend(_behind(db, step.service, inner, (*seen, step.service)) for inner in step.handlers)
        method, _, path = step.op.partition(" ")
        found = (*own, *_by_mesh(db, step.service, method, path), *max(rest, key=_product))
        if _product(found) > _product(best):
            best = found
    return best


def _by_mesh(db: Database, service: str, method: str, path: str) -> tuple[Layer, ...]:
    found = mesh_of(db, service, method, path) if service else NOTHING
    retry = found.retry
    return (Layer(found.attempts, retry.site, retry.site, found.origin),) if retry and found.attempts > 1 else ()


def _along(db: Database, handler: FunctionId, step: Onward) -> tuple[Retry, ...]:
    """The retries around a call on the way from its handler, innermost first."""
    places = [(step.call.function, step.call.site)]
    places.extend((function_at(db, hop.site), hop.site) for hop in reversed(step.hops[1:]))
    if step.hops:
        places.append((handler, step.hops[0].site))
    return tuple(retry for function, site in places for retry in retries_at(db, function, site))


def _counted(db: Database, call: HttpCall, retries: tuple[Retry, ...]) -> tuple[Layer, ...]:
    """The layers that certainly multiply, outermost first. What is not known counts once."""
    found: list[Layer] = []
    transport = transport_of(db, call)
    passes = True
    # One second try on a connection that had been closed meanwhile is no load.
    if transport is not None and transport.attempts > 2 and transport.resends:
        place = transport.site or call.site
        found.append(Layer(transport.attempts, place, place, "the client itself"))
    for retry in retries:
        if retry.attempts is None or retry.attempts <= 1 or retry.is_selective:
            continue
        is_everything = not _EVERYTHING.isdisjoint(retry.failures or ())
        outcomes = outcomes_of(db, retry.failures, call.library) or frozenset()
        if not raises_for_status(db, call):
            outcomes -= {"answered"}
        if is_everything or (passes and outcomes & {"unknown", "answered"}):
            who = "this loop" if retry.form == "loop" else retry.library or "this retry"
            found.append(Layer(retry.attempts, retry.site, retry.head, who))
            passes = retry.raises_last
    return tuple(reversed(found))
