"""Handlers that are right, or not, by where they stand: health checks, cleaning up, retries, loops, consumers."""

from __future__ import annotations

import re

import msgspec

from shearpin.facts.fact import Ack, Subscribe, TaskDefinition
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.flow.answers import route_of
from shearpin.flow.concerns import full_name, is_health
from shearpin.flow.consumers import message_loops
from shearpin.flow.contexts import own_contexts
from shearpin.flow.effects import Reached
from shearpin.flow.endings import Ending
from shearpin.flow.handlers import Handled, block, loops_around
from shearpin.flow.order import effects_through
from shearpin.flow.regions import enclosing
from shearpin.flow.retry_loops import retry_loops
from shearpin.flow.settled import settled
from shearpin.meaning.callers import callers
from shearpin.query import Database, query
from shearpin.text.spans import start_of

_CLOSING = re.compile(
    r"^(?:close|aclose|shutdown|disconnect|stop|cleanup|clean_up|unlock|release_lock|unsubscribe)(?:_|$)"
)


class Fate(msgspec.Struct, frozen=True):
    """The outcome of a caught failure: fields as in `CaughtFailure`."""

    outcome: str
    note: str
    use: Site | None = None
    use_note: str = ""
    way: tuple[Hop, ...] = ()


def aside(db: Database, function: FunctionId, item: Handled) -> Fate | None:
    """Handlers that are right by where they stand."""
    if _only_health(db, function, 0):
        return Fate("told", "it only reports whether something is up")
    if _CLOSING.search(full_name(db, function).rpartition(".")[2].lstrip("_")):
        return Fate("told", "it cleans up")
    position = start_of(item.handler.span)
    if any(region.kind in ("finally", "handler") for region in enclosing(db, function, position)):
        return Fate("told", "it cleans up after another failure")
    tried = item.tried
    for loop in retry_loops(db, function.path, function.part):
        if loop.tried is not None and (loop.tried.start, loop.tried.end) == tried:
            return Fate("told", "it is tried again")
    return None


@query(bottom=False)
def _only_health(db: Database, function: FunctionId, depth: int) -> bool:
    route = route_of(db, function)
    path = "" if route is None else str(getattr(route.path, "value", ""))
    if is_health(db, function, path):
        return True
    if route is not None or depth >= 2 or own_contexts(db, function):
        return False
    edges = callers(db, function)
    return bool(edges) and all(_only_health(db, edge.call.function, depth + 1) for edge in edges)


def in_loop(db: Database, function: FunctionId, item: Handled, action: str, outs: tuple[Ending, ...]) -> Fate | None:
    """A handler in a loop: the next message, the next round, or the next element of a batch."""
    position = start_of(item.handler.span)
    around = loops_around(db, function, position)
    if not around or any(ending.kind in ("return", "break") for ending in outs):
        return None
    taking = {(loop.region.start, loop.region.end) for loop in message_loops(db, function)}
    if any((region.start, region.end) in taking for region in around):
        if acknowledges(db, function, item):
            return None
        if acks(db, function):
            return Fate("told", "the message is not acknowledged")
        return Fate("lost", "", item.effects[0].first, "the message is gone when this fails")
    if any(region.kind == "while" for region in around):
        return Fate("told", "the next round tries again")
    if action == "logs":
        return Fate("told", "a batch goes on with the next element, and says so")
    return None


def acks(db: Database, function: FunctionId) -> list[Reached]:
    """Acknowledgements that a function makes, or those it waits for."""
    found = effects_through(db, function)
    return [r for r in found if isinstance(r.effect, Ack) and r.effect.kind == "ack" and not r.effect.around]


def acknowledges(db: Database, function: FunctionId, item: Handled) -> bool:
    """A message is acknowledged although it failed: behind the `try`, or in its `finally`."""
    start, end = item.tried
    inside = block(item.attempt.orelse)
    for ack in acks(db, function):
        place = ack.first.start
        if place >= end and not inside[0] <= place < inside[1] and not start <= place < end:
            return True
    return False


def counts_as_done(db: Database, function: FunctionId) -> bool:
    """True when a message or task whose handler returns is never seen again."""
    facts = (item.fact for item in settled(db, function.path, function.part))
    for fact in facts:
        if isinstance(fact, Subscribe) and fact.handler == function:
            return bool(fact.auto_ack) or bool(fact.on_failure)
        if isinstance(fact, TaskDefinition) and fact.handler == function:
            return True
    return False
