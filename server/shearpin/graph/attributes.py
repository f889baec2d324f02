"""Attributes of edges as people read them, each with its origin."""

from __future__ import annotations

from math import prod

from shearpin.facts.fact import HttpCall, Timeout
from shearpin.facts.site import Hop
from shearpin.facts.timeouts import timeout_state
from shearpin.flow.breakers import breaker_around
from shearpin.flow.failures import function_at
from shearpin.flow.retries import Retry, retries_around, retries_at, transport_of
from shearpin.graph.mesh import Mesh
from shearpin.graph.model import Attribute
from shearpin.query import Database

_ORIGINS = {"call": "given at the call", "client": "given to the client", "default": "library default"}


def timeout_of(timeout: Timeout) -> Attribute | None:
    """The timeout of an edge; None when it is not known."""
    state, seconds = timeout_state(timeout)
    if state == "unknown":
        return None
    value = "none" if state == "infinite" else "finite" if seconds is None else f"{seconds:g} s"
    return Attribute(value, _ORIGINS.get(timeout.origin, timeout.origin))


def attempts_of(attempts: int | None) -> Attribute | None:
    """Attempts that the transport makes by itself."""
    return None if attempts is None or attempts <= 1 else Attribute(str(attempts), "transport")


def tries_of(db: Database, call: HttpCall, hops: tuple[Hop, ...]) -> Attribute | None:
    """How often a call is made at most, by its client and by the retries around it and the calls that led to it."""
    transport = transport_of(db, call)
    by_client = transport.attempts if transport is not None and transport.resends else 1
    steps = [(function_at(db, hop.site), hop.site) for hop in reversed(hops) if hop.note.startswith("called")]
    places = [(call.function, call.site), *steps]
    inner = [retry for place in places[:-1] for retry in retries_at(db, *place)]
    ways = [(*inner, *(retry for retry in outer if retry not in inner)) for outer in retries_around(db, *places[-1])]
    worst = max(ways, key=_weight, default=())
    if any(retry.is_endless for retry in worst):
        return Attribute("without end", _origin(worst))
    total = by_client * prod(retry.attempts or 1 for retry in worst)
    if total <= 1:
        return attempts_of(call.transport_attempts) or (Attribute("unknown", _origin(worst)) if worst else None)
    origin = ", ".join(filter(None, (_origin(worst), "transport" if by_client > 1 else "")))
    return Attribute(str(total), origin)


def breaker_of(db: Database, call: HttpCall) -> Attribute | None:
    """The circuit breaker that guards a call on all ways; None when there is none, or it is not known."""
    found = breaker_around(db, call)
    return Attribute("yes", found.note.partition(" ")[0]) if found.answer == "yes" else None


def limited(own: Attribute | None, timeout: Timeout, mesh: Mesh) -> Attribute | None:
    """The timeout of an edge with what a mesh does: the shorter one counts."""
    limit = mesh.limit
    state, seconds = timeout_state(timeout)
    if limit is None or (state == "finite" and (seconds is None or seconds <= limit)):
        return own
    return Attribute(f"{limit:g} s", mesh.origin)


def multiplied(own: Attribute | None, mesh: Mesh) -> Attribute | None:
    """The attempts of an edge, those of a mesh multiplied with those of the code."""
    retry = mesh.retry
    if retry is None:
        return own
    if retry.attempts is None:
        return own or Attribute("unknown", mesh.origin)
    if retry.attempts <= 1 or (own is not None and not own.value.isdecimal()):
        return own
    total = retry.attempts * (int(own.value) if own is not None else 1)
    return Attribute(str(total), f"{own.origin}, {mesh.origin}" if own is not None else mesh.origin)


def guarded(own: Attribute | None, mesh: Mesh) -> Attribute | None:
    """The circuit breaker of an edge: one in the code, else that of a mesh."""
    return own or (Attribute("yes", mesh.breaker_origin) if mesh.breaker is not None else None)


def _weight(retries: tuple[Retry, ...]) -> tuple[bool, int]:
    return any(retry.is_endless for retry in retries), prod(retry.attempts or 1 for retry in retries)


def _origin(retries: tuple[Retry, ...]) -> str:
    return ", ".join(dict.fromkeys("loop" if retry.form == "loop" else retry.library for retry in retries))
