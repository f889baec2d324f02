"""Retries as regions: what is tried again, how often and how fast, after which failures; the retries around a place."""

from __future__ import annotations

import msgspec

from shearpin.adapterkit.facts import facts_of
from shearpin.facts.derived import RetryLoop
from shearpin.facts.fact import BaseEffect, HttpCall, Publish, RemoteCall, RetryPolicy, StoreCall, TransportMounted
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import NONE, Const, Instance, Value
from shearpin.flow.effects import Reached, own_effects, synchronous_effects
from shearpin.flow.failures import Mistake, escapes, mistake_in, outcomes_of, plain, raises_for_status
from shearpin.flow.regions import enclosing, regions
from shearpin.flow.retry_loops import retry_loops
from shearpin.flow.settled import settled
from shearpin.meaning.callers import callers, mentioning_parts
from shearpin.meaning.scopes import site_of
from shearpin.meaning.values import options_of
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

REMOTE = (HttpCall, RemoteCall, StoreCall, Publish)
_MAX_WAYS = 16


class Retry(msgspec.Struct, frozen=True):
    """One retry as code states it.

    `form`: "decorator", "iterator", "call", "loop" or "task" (the task's message is delivered again). `attempts`: total
    tries, None when not known or without end (then `is_endless`). `wait`: "none", "fixed" (`wait_seconds`, None when
    not known), "exponential", "jitter", "growing" or "unknown". `failures` are the exception classes after which it
    goes on, None when not known; `is_selective`: it also looks at the error. `within` is the block that is tried, for
    iterators and loops. `raises_last`: when it gives up it raises the last error itself.
    """

    site: Site
    head: Site
    function: FunctionId
    form: str
    library: str
    attempts: int | None
    is_endless: bool
    wait: str
    wait_seconds: float | None
    failures: tuple[str, ...] | None
    is_selective: bool = False
    within: Site | None = None
    raises_last: bool = False


def retry_of(db: Database, fact: RetryPolicy | RetryLoop) -> Retry:
    """A declared or hand-written retry."""
    if isinstance(fact, RetryLoop):
        return Retry(
            fact.site, fact.head, fact.function, "loop", "", fact.attempts, fact.limit == "none", fact.wait,
            fact.wait_seconds, fact.failures, fact.is_selective, fact.tried,
        )  # fmt: skip
    attempts = fact.attempts.value if isinstance(fact.attempts, Const) else None
    return Retry(
        fact.site, fact.head, fact.function, "task" if is_task(fact) else fact.form, fact.library,
        attempts if type(attempts) is int else None, fact.attempts == NONE and fact.deadline == NONE, fact.wait,
        fact.wait_seconds, fact.failures, within=_iterated(db, fact), raises_last=fact.raises_last,
    )  # fmt: skip


def is_task(policy: RetryPolicy) -> bool:
    """A task that asks for its own repetition: each attempt is a run of the whole function."""
    return policy.form == "call" and policy.around == policy.function


def tried_again(db: Database, fact: RetryPolicy | RetryLoop) -> tuple[Reached, ...]:
    """The remote effects that a retry makes again, in order, one way each."""
    retry = retry_of(db, fact)
    around = fact.around if isinstance(fact, RetryPolicy) else None
    if around is not None:
        return tuple(item for item in synchronous_effects(db, around) if isinstance(item.effect, REMOTE))
    if retry.within is None:
        # `Retrying(...)(requests.get, url)`: the call itself.
        found = own_effects(db, fact.function)
        return tuple(Reached(one, ()) for one in found if one.site == fact.site and isinstance(one, REMOTE))
    inside = range(retry.within.start, retry.within.end)
    return tuple(
        item
        for item in synchronous_effects(db, fact.function)
        if isinstance(item.effect, REMOTE) and item.first.start in inside
    )


def retried_outcomes(db: Database, fact: RetryPolicy | RetryLoop, item: Reached) -> frozenset[str] | None:
    """After which outcomes of an effect it is made again: "not-sent", "unknown", "answered"; None when not known.

    Failures that something inside may catch are not known to reach the retry.
    """
    retry = retry_of(db, fact)
    found = outcomes_of(db, retry.failures, item.effect.library)
    if not found:
        return found
    around = fact.around if isinstance(fact, RetryPolicy) and fact.around is not None else fact.function
    within = None if retry.within is None else (retry.within.start, retry.within.end)
    if not escapes(db, around, item.hops, item.effect, within):
        return None
    return found if raises_for_status(db, item.effect) else found - {"answered"}


def own_mistake(db: Database, fact: RetryPolicy | RetryLoop) -> Mistake | None:
    """A `ValueError` and the like that the tried code raises by itself, when the retry goes on after it."""
    retry = retry_of(db, fact)
    if not {plain(name) for name in retry.failures or ()} & {"Exception", "BaseException"}:
        return None
    if retry.within is not None:
        return mistake_in(db, retry.function, (retry.within.start, retry.within.end))
    around = fact.around if isinstance(fact, RetryPolicy) else None
    return None if around is None else mistake_in(db, around, None)


# ------------------------------------------------------------------- around


@query()
def retries_at(db: Database, function: FunctionId, site: Site) -> tuple[Retry, ...]:
    """The retries that a function states around a place in it, innermost first."""
    policies = [fact for fact in facts_of(db, function.path, function.part) if isinstance(fact, RetryPolicy)]
    found: list[Retry] = []
    for region in reversed(enclosing(db, function, site.start)):
        if isinstance(region.node, (ir.For, ir.While)) and region.kind in ("for", "while"):
            found.extend(_looped(db, function, region.node, site, policies))
    for fact in policies:
        is_here = fact.function == function
        if is_here and fact.form == "call" and not is_task(fact) and fact.site == site:
            found.insert(0, retry_of(db, fact))
        elif is_here and (fact.form == "decorator" or is_task(fact)):
            found.append(retry_of(db, fact))
    return tuple(found)


def _looped(
    db: Database, function: FunctionId, loop: ir.For | ir.While, site: Site, policies: list[RetryPolicy]
) -> list[Retry]:
    if isinstance(loop, ir.For):
        span = range(start_of(loop.iter.span), end_of(loop.iter.span))
        declared = [fact for fact in policies if fact.form == "iterator" and fact.site.start in span]
        if declared:
            return [retry_of(db, fact) for fact in declared[:1]]
    head = site_of(function.path, function.part, loop.head)
    return [
        retry_of(db, fact)
        for fact in retry_loops(db, function.path, function.part)
        if fact.site == head and fact.tried is not None and fact.tried.start <= site.start < fact.tried.end
    ]


@query(bottom=())
def retries_around(db: Database, function: FunctionId, site: Site) -> tuple[tuple[Retry, ...], ...]:
    """For each way of being called (at most 16), the retries around a place, innermost first; equal ways are one."""
    own = retries_at(db, function, site)
    edges = [edge for edge in callers(db, function) if edge.callee.mode is Mode.DIRECT]
    if not edges:
        return (own,)
    found: dict[tuple[Retry, ...], None] = {}
    for edge in edges:
        for outer in retries_around(db, edge.call.function, edge.call.site) or ((),):
            found[(*own, *(retry for retry in outer if retry not in own))] = None
            if len(found) >= _MAX_WAYS:
                return tuple(found)
    return tuple(found)


# ---------------------------------------------------------------- transports


class Transport(msgspec.Struct, frozen=True):
    """Tries that a client makes by itself: how many in all, and whether it also repeats after an unknown outcome."""

    attempts: int
    resends: bool
    site: Site | None = None


def transport_of(db: Database, call: BaseEffect) -> Transport | None:
    """What the client of a call does by itself; None when it is not known."""
    if isinstance(call, (HttpCall, RemoteCall)) and call.transport_attempts is not None:
        return Transport(call.transport_attempts, call.transport_resends)
    if not isinstance(call, HttpCall):
        return None
    mounted = [fact for fact in mounts(db) if _is_same(fact.client, call.client) and _fits(fact.prefix, call.url)]
    if not mounted:
        return None
    # The longest prefix wins.
    fact = max(mounted, key=lambda item: len(_start(item.prefix)))
    if not (isinstance(fact.attempts, Const) and type(fact.attempts.value) is int):
        return None
    method = call.method.value if isinstance(call.method, Const) else ""
    return Transport(fact.attempts.value, "*" in fact.methods or method in fact.methods, fact.site)


@query()
def mounts(db: Database) -> tuple[TransportMounted, ...]:
    """All transports that are put into clients."""
    return tuple(
        item.fact
        for path, part in mentioning_parts(db, "mount")
        for item in settled(db, path, part)
        if isinstance(item.fact, TransportMounted)
    )


@query()
def sent_through(db: Database, mount: TransportMounted) -> tuple[HttpCall, ...]:
    """Requests of the client into which a transport is put, in order of place."""
    parts = dict.fromkeys(part for name in ("post", "patch", "request") for part in mentioning_parts(db, name))
    found = (
        item.fact
        for path, part in sorted(parts)
        for item in settled(db, path, part)
        if isinstance(item.fact, HttpCall) and _is_same(mount.client, item.fact.client)
    )
    return tuple(call for call in found if _fits(mount.prefix, call.url))


def _is_same(left: Value, right: Value | None) -> bool:
    sites = {option.site for option in options_of(left) if isinstance(option, Instance) and option.site is not None}
    others = () if right is None else options_of(right)
    return any(isinstance(option, Instance) and option.site in sites for option in others)


def _fits(prefix: Value, url: Value) -> bool:
    start, text = _start(prefix), _start(url)
    return text.startswith(start) or start.startswith(text)


def _start(value: Value) -> str:
    """The text with which a value begins."""
    parts = getattr(value, "parts", ())
    first = parts[0] if parts else value
    return str(first.value) if isinstance(first, Const) else ""


def _iterated(db: Database, policy: RetryPolicy) -> Site | None:
    """The block that `for attempt in ...` tries."""
    if policy.form != "iterator":
        return None
    for region in regions(db, policy.function):
        if region.kind == "for" and isinstance(region.node, ir.For):
            span = region.node.iter.span
            if start_of(span) <= policy.site.start < end_of(span):
                return Site(policy.site.path, policy.site.part, region.start, region.end)
    return None
