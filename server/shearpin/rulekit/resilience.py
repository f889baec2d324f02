"""What a rule may ask about retries, breakers, kinds of calls and time budgets."""

from __future__ import annotations

from dataclasses import dataclass

from shearpin.facts.derived import RetryLoop
from shearpin.facts.fact import BaseEffect, HttpCall, RetryPolicy, Timeout, TransportMounted
from shearpin.facts.site import FunctionId, Site
from shearpin.flow.breakers import breaker_around
from shearpin.flow.effects import Reached
from shearpin.flow.failures import Mistake, looks_at_status, raised
from shearpin.flow.protections import Protection
from shearpin.flow.retries import (
    Retry,
    Transport,
    own_mistake,
    retried_outcomes,
    retries_around,
    retry_of,
    sent_through,
    transport_of,
    tried_again,
)
from shearpin.graph.amplification import Layers, layers_of
from shearpin.graph.budgets import Budget, budget, limit_of
from shearpin.graph.calls import CallTarget, call_targets
from shearpin.graph.chains import Chain, budget_of, chain_from, entries_to
from shearpin.graph.kinds import Kind, SeenKind, kinds_of
from shearpin.graph.mesh_calls import mesh_breaker
from shearpin.graph.unbroken import Group, Reason, asks_about_itself, reason_of, unbroken
from shearpin.query import Database

__all__ = ["Group", "Kind", "Reached", "Reason", "Resilience", "Retry", "SeenKind", "Transport"]


@dataclass(frozen=True, slots=True)
class Resilience:
    """Questions about what stands around remote calls, in the services in which they happen."""

    db: Database
    services: tuple[str, ...] = ()

    def retry(self, fact: RetryPolicy | RetryLoop) -> Retry:
        """A declared or hand-written retry, in the same words."""
        return retry_of(self.db, fact)

    def tried_again(self, fact: RetryPolicy | RetryLoop) -> tuple[Reached, ...]:
        """The remote effects that a retry makes again."""
        return tried_again(self.db, fact)

    def retried_outcomes(self, fact: RetryPolicy | RetryLoop, item: Reached) -> frozenset[str] | None:
        """After which outcomes ("not-sent", "unknown", "answered") an effect is made again; None when not known."""
        return retried_outcomes(self.db, fact, item)

    def own_mistake(self, fact: RetryPolicy | RetryLoop) -> Mistake | None:
        """A `ValueError` and the like that the tried code raises by itself, when the retry goes on after it."""
        return own_mistake(self.db, fact)

    def looks_at_status(self, effect: BaseEffect) -> bool:
        """Does the code that makes a request look at its status otherwise than by raising?"""
        return looks_at_status(self.db, effect)

    def retries_around(self, function: FunctionId, site: Site) -> tuple[tuple[Retry, ...], ...]:
        """For each way of being called, the retries around a place, innermost first."""
        return retries_around(self.db, function, site)

    def transport(self, call: BaseEffect) -> Transport | None:
        """Tries that the client of a call makes by itself; None when not known."""
        return transport_of(self.db, call)

    def breaker(self, effect: BaseEffect) -> Protection:
        """Does a circuit breaker stand around a call or all the ways to it, or does a mesh leave out who fails?"""
        around = breaker_around(self.db, effect)
        return mesh_breaker(self.db, effect, self.services) if around.answer == "no" else around

    def targets(self, call: HttpCall, service: str) -> tuple[CallTarget, ...]:
        """Where a call goes, seen from one service."""
        return call_targets(self.db, call, service)

    def asks_about_itself(self, target: CallTarget) -> bool:
        """Does a call only ask whether the other side is there, or what it is?"""
        return asks_about_itself(target)

    def reason_to_break(self, call: HttpCall, target: CallTarget, service: str) -> Reason | None:
        """Why an outage of the target would spread through a call; None when that is not proved."""
        return reason_of(self.db, call, target, service)

    def unbroken(self, call: HttpCall, target: CallTarget, service: str) -> Group | None:
        """All calls of the same file to the same target that no breaker guards."""
        return unbroken(self.db, call.site.path, service, target.id)

    def layers(self, call: HttpCall) -> Layers:
        """What tries a call again on its worst way, here and in the services behind it."""
        return layers_of(self.db, call, self.services)

    def kinds(self, item: Reached) -> tuple[SeenKind, ...]:
        """Is an effect safe, idempotent or unsafe to repeat, for each way of reaching it through its hops?"""
        return kinds_of(self.db, item.effect, tuple(hop.site for hop in item.hops))

    def sent_through(self, mount: TransportMounted) -> tuple[HttpCall, ...]:
        """The requests of a client into which a transport is put, in order of place."""
        return sent_through(self.db, mount)

    def patience(self, timeout: Timeout) -> float | None:
        """Seconds after which a caller gives up waiting for an answer; None when it does not, or it is not known."""
        return limit_of(timeout)

    def budget(self, function: FunctionId) -> Budget:
        """How long a function may last at worst: a lower bound."""
        return budget(self.db, function)

    def budget_of(self, target: CallTarget) -> Budget | None:
        """The same for the handlers that a call may reach, the shortest of them; None when none is known."""
        return budget_of(self.db, target)

    def chains_from(self, call: BaseEffect) -> tuple[Chain, ...]:
        """The longest chains of services of the requests that begin with a call and that nothing else in here makes."""
        return tuple(
            chain_from(self.db, name, handler)
            for name in self.services
            for handler in entries_to(self.db, name, call.site)
        )

    def raised(self, library: str, *outcomes: str) -> tuple[str, ...]:
        """The exceptions of a library that leave only these outcomes possible, as wide as can be."""
        return raised(self.db, library, frozenset(outcomes))
