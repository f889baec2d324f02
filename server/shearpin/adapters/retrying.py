"""retrying and retry: two small retry libraries that try for ever, at once, unless told otherwise.

Both leave coroutine functions alone: an `async def` under them runs once. `retry` of the second needs its parentheses.

## Decorators
```python
import retrying
from retry import retry
from retry.api import retry_call

@retrying.retry
def for_ever() -> None: ...

@retrying.retry(stop_max_attempt_number=3, stop_max_delay=5000, wait_exponential_multiplier=100)
def some() -> None: ...

@retrying.retry
async def once() -> None: ...

@retry(OSError, tries=3, delay=1, backoff=2)
def others() -> None: ...

def call() -> None:
    retry_call(others, tries=2)
```
```facts
5: RetryPolicy decorator attempts=None deadline=None wait=none around=for_ever failures=Exception
8: RetryPolicy decorator attempts=3 deadline=5.0 wait=exponential around=some failures=Exception
14: RetryPolicy decorator attempts=3 deadline=None wait=exponential around=others failures=OSError
18: RetryPolicy call attempts=2 deadline=None wait=none around=others failures=Exception
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import basis, called, decorated, exception_names, number
from shearpin.adapterkit.effects import retry_policy
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact, Remedy
from shearpin.facts.model import Callback, CallModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Extern, Value

ADAPTER = Adapter("retrying", version="1.4.2", distributions=("retrying", "retry"))

_RETRYING = "retrying.retry"
_RETRY = "retry.retry"
_CALL = "retry.api.retry_call"
_ANY = Extern("builtins.Exception")

ADAPTER.alias("retry.api.retry", _RETRY)
ADAPTER.models(
    CallModel(_RETRYING, transparent_decorator=True),
    CallModel(_RETRY, transparent_decorator=True),
    CallModel(_CALL, callbacks=(Callback(0, "f"),)),
)


@ADAPTER.decorates(_RETRYING)
def _retrying(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@retrying.retry(stop_max_attempt_number=3, wait_fixed=1000)`; times are in milliseconds"""
    if use.target is not None and use.target.is_async:
        return
    call = use.call
    limits = (call.value("stop_max_attempt_number", -1, NONE), _seconds(call.value("stop_max_delay", -1, NONE)))
    failures = ("Exception",) if call.value("retry_on_exception", -1, NONE) == NONE else None
    remedies = (
        Remedy("add-stop", "argument", "stop_max_attempt_number=3"),
        Remedy("add-backoff", "argument", "wait_exponential_multiplier=1000"),
    )
    place = decorated(use, "retrying")
    wait, pause = _retrying_wait(call), number(call.value("wait_fixed", -1))
    seconds = None if pause is None else pause / 1000
    yield retry_policy(place, "decorator", limits, wait, use.function, failures, *remedies, wait_seconds=seconds)


@ADAPTER.decorates(_RETRY)
def _retry(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@retry(ConnectionError, tries=3, delay=1, backoff=2)`"""
    is_bare = use.call.parens.start == use.call.parens.end
    if is_bare or (use.target is not None and use.target.is_async):
        return
    call = use.call
    failures = exception_names(call.value("exceptions", 0, _ANY))
    limits = (_tries(call.value("tries", 1, Const(-1))), NONE)
    wait = _wait(
        call.value("delay", 2, Const(0)), call.value("backoff", 4, Const(1)), call.value("jitter", 5, Const(0))
    )
    remedies = (Remedy("add-stop", "argument", "tries=3"), Remedy("add-backoff", "argument", "delay=1, backoff=2"))
    pause = number(call.value("delay", 2, Const(0)))
    place = decorated(use, "retry")
    yield retry_policy(place, "decorator", limits, wait, use.function, failures, *remedies, wait_seconds=pause)


@ADAPTER.calls(_CALL)
def _retry_call(call: ResolvedCall) -> Iterable[Fact]:
    """`retry_call(work, tries=3)`"""
    failures = exception_names(call.value("exceptions", 3, _ANY))
    limits = (_tries(call.value("tries", 4, Const(-1))), NONE)
    wait = _wait(
        call.value("delay", 5, Const(0)), call.value("backoff", 7, Const(1)), call.value("jitter", 8, Const(0))
    )
    pause = number(call.value("delay", 5, Const(0)))
    yield retry_policy(basis(call, "retry"), "call", limits, wait, called(call), failures, wait_seconds=pause)


def _tries(value: Value) -> Value:
    """-1 is for ever."""
    return NONE if value == Const(-1) else value


def _wait(delay: Value, backoff: Value, jitter: Value) -> str:
    pause, factor, spread = number(delay), number(backoff), number(jitter)
    if pause is None or factor is None or spread is None:
        return "unknown"
    if spread:
        return "jitter"
    return "none" if not pause else "exponential" if factor > 1 else "fixed"


def _retrying_wait(call: ResolvedCall) -> str:
    def given(*names: str) -> bool:
        return any(call.argument(name) is not None for name in names)

    if call.has_open_arguments or given("wait_func", "wait"):
        return "unknown"
    if given("wait_random_min", "wait_random_max", "wait_jitter_max"):
        return "jitter"
    if given("wait_exponential_multiplier", "wait_exponential_max"):
        return "exponential"
    return "fixed" if given("wait_fixed", "wait_incrementing_start", "wait_incrementing_increment") else "none"


def _seconds(value: Value) -> Value:
    milliseconds = number(value)
    return value if value == NONE else UNKNOWN if milliseconds is None else Const(milliseconds / 1000)
