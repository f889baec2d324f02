"""Attributes of edges as people read them, each with its origin."""

from __future__ import annotations

from shearpin.facts.fact import Timeout
from shearpin.facts.timeouts import timeout_state
from shearpin.graph.model import Attribute

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
