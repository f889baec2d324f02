"""Whether a failure that leaves a place is heard outside, or taken by the next handler that lets nothing out."""

from __future__ import annotations

from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId
from shearpin.flow.consumers import message_loops
from shearpin.flow.endings import all_raise
from shearpin.flow.failures import caught_by
from shearpin.flow.handlers import attempt_of
from shearpin.flow.regions import enclosing
from shearpin.meaning.callers import callers
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.text.spans import start_of

_EVERYTHING = frozenset(("Exception", "BaseException"))
_DEPTH = 6


def is_heard(db: Database, function: FunctionId, attempt: ir.Try) -> bool:
    """What a handler of an attempt raises reaches a framework, or whoever is not known."""
    return _leaves(db, function, start_of(attempt.span), 0)


def _leaves(db: Database, function: FunctionId, position: int, depth: int) -> bool:
    loops = {(loop.region.start, loop.region.end) for loop in message_loops(db, function)}
    for region in enclosing(db, function, position):
        if (region.start, region.end) in loops:
            return False
        attempt = attempt_of(db, function, region.node) if region.kind in ("try", "with") else None
        if attempt is not None and start_of(attempt.span) < position and _takes_all(db, function, attempt):
            return False
    if depth >= _DEPTH:
        return True
    edges = (edge for edge in callers(db, function) if edge.callee.mode is Mode.DIRECT)
    return all(_leaves(db, edge.call.function, edge.call.site.start, depth + 1) for edge in edges)


def _takes_all(db: Database, function: FunctionId, attempt: ir.Try) -> bool:
    for handler in attempt.handlers:
        names = caught_by(db, function, handler)
        if names is None or not _EVERYTHING.isdisjoint(names):
            return not all_raise(db, function, handler.body)
    return False
