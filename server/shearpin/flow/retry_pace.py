"""How often and how fast a hand-written loop tries again."""

from __future__ import annotations

from shearpin.facts.fact import Sleep
from shearpin.facts.site import FunctionId
from shearpin.facts.value import Const, Env, SequenceValue, Value
from shearpin.flow.effects import synchronous_effects
from shearpin.meaning.expressions import Evaluator
from shearpin.meaning.queries import evaluator
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.syntax.walk import walk
from shearpin.text.spans import end_of, start_of

#: callees named so pause, whoever they belong to
_PAUSES = ("sleep", "wait", "pause", "delay", "backoff", "back_off")


def attempts_of(
    db: Database, function: FunctionId, loop: ir.For | ir.While, counters: set[str], guards: list[ir.Expr]
) -> int | None:
    """How many attempts a loop makes in all, when it counts them by a number that is known."""
    known = evaluator(db, function)
    if known is None:
        return None
    if isinstance(loop, ir.For):
        return _length(known, loop.iter)
    tests = guards if isinstance(loop.test, ir.Literal) else [loop.test, *guards]
    for test in tests:
        for node in walk(test):
            if isinstance(node, ir.Compare) and len(node.rights) == 1 and _names(node.left) & counters:
                limit = number_of(known.value(node.rights[0]))
                if limit is not None:
                    return limit
    return None


def pace_of(db: Database, function: FunctionId, loop: ir.For | ir.While, attempt: ir.Try) -> tuple[str, float | None]:
    """The pause between attempts: "none", "fixed" with its seconds, "growing" or "unknown"."""
    inside = range(start_of(loop.span), end_of(loop.span))
    tried = range(start_of(attempt.body[0].span), end_of(attempt.body[-1].span)) if attempt.body else range(0)
    for reached in synchronous_effects(db, function):
        position = reached.first.start
        if isinstance(reached.effect, Sleep) and position in inside and position not in tried:
            return ("unknown", None) if reached.hops else _pause(reached.effect)
    calls = (node for node in walk(loop) if isinstance(node, ir.Call) and start_of(node.span) not in tried)
    return ("unknown", None) if any(map(_may_pause, calls)) else ("none", None)


def counter_of(loop: ir.For | ir.While) -> str:
    """The variable of `for attempt in range(n)`, "" for other loops."""
    if not isinstance(loop, ir.For) or not isinstance(loop.target, ir.Name) or loop.target.id == "_":
        return ""
    source = loop.iter
    is_range = isinstance(source, ir.Call) and isinstance(source.func, ir.Name) and source.func.id == "range"
    return loop.target.id if is_range and isinstance(source, ir.Call) and len(source.args) == 1 else ""


def number_of(value: Value) -> int | None:
    """A whole number; a setting counts as its default."""
    if isinstance(value, Env):
        return None if value.default is None else number_of(value.default)
    return value.value if isinstance(value, Const) and type(value.value) is int else None


def _length(known: Evaluator, source: ir.Expr) -> int | None:
    name = source.func.id if isinstance(source, ir.Call) and isinstance(source.func, ir.Name) else ""
    if isinstance(source, ir.Call) and name == "range" and 0 < len(source.args) <= 2:
        bounds = [number_of(known.value(arg)) for arg in source.args]
        first, last = (0, bounds[0]) if len(bounds) == 1 else (bounds[0], bounds[1])
        return None if first is None or last is None else max(0, last - first)
    if isinstance(source, ir.Call) and name == "enumerate" and source.args:
        return _length(known, source.args[0])
    value = known.value(source)
    return len(value.items) if isinstance(value, SequenceValue) else None


def _pause(effect: Sleep) -> tuple[str, float | None]:
    if isinstance(effect.seconds, Const) and isinstance(effect.seconds.value, (int, float)):
        return "fixed", float(effect.seconds.value)
    return "growing", None


def _may_pause(call: ir.Call) -> bool:
    func = call.func
    name = func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""
    return any(word in name.lower() for word in _PAUSES)


def _names(expr: ir.Expr) -> set[str]:
    found = {node.id for node in walk(expr) if isinstance(node, ir.Name)}
    return found | {node.attr for node in walk(expr) if isinstance(node, ir.Attribute)}
