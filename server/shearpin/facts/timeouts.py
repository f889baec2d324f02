"""What a timeout amounts to: finite, infinite, or unknown."""

from __future__ import annotations

from shearpin.facts.fact import Timeout
from shearpin.facts.value import Choice, Const, Env, SequenceValue, Value


def timeout_state(timeout: Timeout) -> tuple[str, float | None]:
    """("finite", seconds or None), ("infinite", None) or ("unknown", None). Of a pair the larger limit counts.

    A setting (environment variable with a default) counts as what its default is: somebody chose a limit.
    """
    return _state(timeout, timeout.value)


def _state(timeout: Timeout, value: Value) -> tuple[str, float | None]:
    match value:
        case Const(value=None):
            return ("infinite", None) if timeout.none_is_forever else ("finite", None)
        case Const(value=bool()):
            return "unknown", None
        case Const(value=int() | float() as seconds):
            if seconds == 0 and timeout.zero_is_forever:
                return "infinite", None
            return "finite", float(seconds)
        case Const(value=str() as text) if text.replace(".", "", 1).isdecimal():
            # A setting's default is written as text and read as a number.
            return _state(timeout, Const(float(text)))
        case Env(default=default) if default is not None:
            state = _state(timeout, default)
            return state if state[0] == "finite" else ("unknown", None)
        case Env():
            return "finite", None
        case SequenceValue(items=items) if items:
            return _joined([_state(timeout, item) for item in items])
        case Choice(options=options) if options:
            states = [_state(timeout, option) for option in options]
            kinds = {state for state, _ in states}
            return _joined(states) if len(kinds) == 1 else ("unknown", None)
        case _:
            return "unknown", None


def _joined(states: list[tuple[str, float | None]]) -> tuple[str, float | None]:
    if any(state == "infinite" for state, _ in states):
        return "infinite", None
    if any(state == "unknown" for state, _ in states):
        return "unknown", None
    known = [seconds for _, seconds in states if seconds is not None]
    return "finite", max(known, default=None)
