"""Templates that put a circuit breaker around calls: one object beside them, and the calls through it."""

from __future__ import annotations

import re

from shearpin.facts.fact import HttpCall
from shearpin.rulekit.fixes import parens_of
from shearpin.rulekit.verdict import Action, FixPlan, Grade


def breaker_plan(calls: tuple[HttpCall, ...], target: str) -> FixPlan | None:
    """Let all calls of one file go through a breaker named after their target; None when they do not go together."""
    name = re.sub(r"\W+", "_", target.rpartition(":")[2]).strip("_").lower() or "remote"
    if not calls or len({call.is_blocking for call in calls}) > 1 or len({call.site.path for call in calls}) > 1:
        return None
    return _blocking(calls, name) if calls[0].is_blocking else _awaited(calls, name)


def _blocking(calls: tuple[HttpCall, ...], name: str) -> FixPlan:
    made = f"{name}_breaker = {{pybreaker.CircuitBreaker}}(fail_max=5, reset_timeout=30)"
    actions = [Action("module-statement-before", calls[0].site, made, ("pybreaker.",))]
    actions += [Action("call-through", parens_of(call), f"{name}_breaker.call") for call in calls]
    return FixPlan(f"Break the circuit to {name}", Grade.TEMPLATE, tuple(actions), "pybreaker")


def _awaited(calls: tuple[HttpCall, ...], name: str) -> FixPlan:
    made = "circuit_breakers = {purgatory.AsyncCircuitBreakerFactory}(default_threshold=5, default_ttl=30)"
    actions = [Action("module-statement-before", calls[0].site, made, ("purgatory.",))]
    functions = {call.function: call.site for call in reversed(calls)}
    actions += [Action("decorate", site, f'circuit_breakers("{name}")') for site in functions.values()]
    return FixPlan(f"Break the circuit to {name}", Grade.TEMPLATE, tuple(actions), "purgatory")
