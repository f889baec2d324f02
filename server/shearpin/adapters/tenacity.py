"""tenacity: retries by decorator, by `for attempt in Retrying(...)` and by call.

Without `stop=` it tries for ever, without `wait=` at once; every `Exception` is tried again unless `retry=` says which.
`stop_a | stop_b` ends at the first, `wait_a + wait_b` adds.

## Decorators
```python
import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, stop_after_delay
from tenacity import wait_exponential, wait_fixed, wait_random

@retry
def for_ever() -> None: ...

@retry(stop=stop_after_attempt(3) | stop_after_delay(10), wait=wait_fixed(1) + wait_random(0, 1))
def soon() -> None: ...

@retry(
    stop=stop_after_attempt(5),
    wait=wait_exponential(max=10),
    retry=retry_if_exception_type((httpx.ConnectError, TimeoutError)),
    reraise=True,
)
async def some() -> None: ...
```
```facts
5: RetryPolicy decorator attempts=None deadline=None wait=none around=for_ever failures=Exception
8: RetryPolicy decorator attempts=3 deadline=10 wait=jitter around=soon failures=Exception
11: RetryPolicy decorator attempts=5 deadline=None wait=exponential around=some failures=httpx.ConnectError,TimeoutError
```

## Iterators and calls
```python
from tenacity import AsyncRetrying, Retrying, stop_after_attempt

def work() -> None: ...

async def loop() -> None:
    async for attempt in AsyncRetrying(stop=stop_after_attempt(3)):
        with attempt:
            work()

def call() -> None:
    Retrying(stop=stop_after_attempt(4))(work)
```
```facts
6: RetryPolicy iterator attempts=3 deadline=None wait=none failures=Exception
11: RetryPolicy iterator attempts=4 deadline=None wait=none failures=Exception
11: RetryPolicy call attempts=4 deadline=None wait=none around=work failures=Exception
```
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import (
    NOT_GIVEN,
    Basis,
    argument_of,
    basis,
    called,
    class_name,
    client_value,
    decorated,
    exception_names,
    number,
)
from shearpin.adapterkit.effects import retry_policy
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact, Remedy, RetryPolicy
from shearpin.facts.model import Callback, CallModel, ClassModel
from shearpin.facts.site import FunctionId
from shearpin.facts.value import NONE, UNKNOWN, Choice, Const, Extern, Instance, Value

ADAPTER = Adapter("tenacity", version="9.2.1")

#: stop, wait, retry and reraise
_Given: TypeAlias = tuple[Value, Value, Value, Value]

_RETRY = "tenacity.retry"
_SYNC = "tenacity.Retrying"
_ASYNC = "tenacity.AsyncRetrying"
_STOPS = ("stop_after_attempt", "stop_after_delay", "stop_before_delay", "stop_any", "stop_all", "stop_when_event_set")
_WAITS = {
    "wait_none": "none",
    "wait_fixed": "fixed",
    "wait_incrementing": "fixed",
    "wait_exponential": "exponential",
    "wait_random": "jitter",
    "wait_random_exponential": "jitter",
    "wait_full_jitter": "jitter",
    "wait_exponential_jitter": "jitter",
    "wait_combine": "",
    "wait_chain": "",
}
_PREDICATES = (
    *("retry_if_exception_type", "retry_if_not_exception_type", "retry_unless_exception_type", "retry_if_exception"),
    *("retry_if_result", "retry_if_not_result", "retry_if_exception_message", "retry_any", "retry_all"),
)
#: order in which several waits that are added count: what spreads the load most wins
_STRENGTH = ("jitter", "exponential", "fixed", "none")
_REMEDIES = (
    Remedy("add-stop", "argument", "stop=stop_after_attempt(3)", ("tenacity.stop_after_attempt",)),
    Remedy("add-backoff", "argument", "wait=wait_random_exponential(max=10)", ("tenacity.wait_random_exponential",)),
    Remedy(
        "retry-on",
        "argument",
        "retry=retry_if_exception_type({failures})",
        ("tenacity.retry_if_exception_type",),
        grade="review",
    ),
)

for _name in (*_STOPS, "stop_never"):
    ADAPTER.alias(f"tenacity.stop.{_name}", f"tenacity.{_name}")
for _name in _WAITS:
    ADAPTER.alias(f"tenacity.wait.{_name}", f"tenacity.{_name}")
for _name in _PREDICATES:
    ADAPTER.alias(f"tenacity.retry.{_name}", f"tenacity.{_name}")
ADAPTER.alias("tenacity.asyncio.AsyncRetrying", _ASYNC)
ADAPTER.alias("tenacity._asyncio.AsyncRetrying", _ASYNC)
ADAPTER.models(
    *(ClassModel(f"tenacity.{name}") for name in (*_STOPS, *_WAITS, *_PREDICATES)),
    ClassModel(_SYNC, iterates="tenacity.AttemptManager"),
    ClassModel(_ASYNC, iterates="tenacity.AttemptManager"),
    ClassModel("tenacity.AttemptManager"),
    CallModel(_RETRY, transparent_decorator=True),
    *(
        model
        for name in (_SYNC, _ASYNC)
        for model in (
            CallModel(f"{name}.__call__", callbacks=(Callback(0, "fn", passes_from=1),)),
            CallModel(f"{name}.call", callbacks=(Callback(0, "fn", passes_from=1),)),
            CallModel(f"{name}.wraps", transparent_decorator=True),
        )
    ),
)


@ADAPTER.decorates(_RETRY)
def _decorator(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@retry`, `@retry(stop=..., wait=...)`"""
    if use.target is not None and use.target.is_generator:
        # Calling a generator function only makes the generator, which never fails.
        return
    yield _policy(decorated(use, "tenacity"), "decorator", _given(use.call), use.function)


@ADAPTER.decorates(f"{_SYNC}.wraps", f"{_ASYNC}.wraps")
def _wrapped(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@retrying.wraps`"""
    yield _policy(decorated(use, "tenacity"), "decorator", _settings(use.call.receiver), use.function)


@ADAPTER.calls(_SYNC, _ASYNC)
def _iterator(call: ResolvedCall) -> Iterable[Fact]:
    """`for attempt in Retrying(...)`; the policy is a region only where the object is iterated."""
    yield _policy(basis(call, "tenacity"), "iterator", _given(call), None)


@ADAPTER.calls(f"{_SYNC}.__call__", f"{_ASYNC}.__call__", f"{_SYNC}.call", f"{_ASYNC}.call")
def _call(call: ResolvedCall) -> Iterable[Fact]:
    """`Retrying(...)(function, *args)`"""
    if call.is_awaited and not call.name.startswith(_ASYNC):
        # `await Retrying(...)(coroutine_function)`: making the coroutine never fails.
        return
    yield _policy(basis(call, "tenacity"), "call", _settings(call.receiver), called(call))


def _given(call: ResolvedCall) -> _Given:
    return (
        call.value("stop", 1, NOT_GIVEN),
        call.value("wait", 2, NOT_GIVEN),
        call.value("retry", 3, NOT_GIVEN),
        call.value("reraise", -1, NOT_GIVEN),
    )


def _settings(retrying: Value | None) -> _Given:
    return (
        client_value(retrying, "stop", 1, NOT_GIVEN),
        client_value(retrying, "wait", 2, NOT_GIVEN),
        client_value(retrying, "retry", 3, NOT_GIVEN),
        client_value(retrying, "reraise", -1, NOT_GIVEN),
    )


def _policy(place: Basis, form: str, given: _Given, around: FunctionId | None) -> RetryPolicy:
    stop, wait, which, reraise = given
    limits, failures = _stop(stop), _failures(which)
    return retry_policy(
        place, form, limits, _wait(wait), around, failures, *_REMEDIES, wait_seconds=_fixed(wait),
        raises_last=reraise == Const(value=True),
    )  # fmt: skip


def _stop(value: Value) -> tuple[Value, Value]:
    """Attempts and deadline; `a | b` has the limits of both, `a & b` is bounded only by both together."""
    if value == NOT_GIVEN or value == Extern("tenacity.stop_never"):
        return NONE, NONE
    name = class_name(value)
    if name == "tenacity.stop_after_attempt":
        return argument_of(value, "max_attempt_number", 0), NONE
    if name in ("tenacity.stop_after_delay", "tenacity.stop_before_delay"):
        return NONE, _seconds(argument_of(value, "max_delay", 0))
    if alternatives := _members(value, "tenacity.stop_any"):
        limits = [_stop(option) for option in alternatives]
        return _smallest([limit[0] for limit in limits]), _smallest([limit[1] for limit in limits])
    return UNKNOWN, UNKNOWN


def _members(value: Value, *classes: str) -> tuple[Value, ...]:
    """What is joined by an operator (`a | b` and `a + b` are alternatives to `meaning`), or by one of the classes."""
    if isinstance(value, Choice):
        return value.options
    if isinstance(value, Instance) and class_name(value) in classes:
        return tuple(arg.value for arg in value.args if not arg.name)
    return ()


def _smallest(values: list[Value]) -> Value:
    """The first limit to be reached; one that is known bounds the whole although others are not."""
    numbers = [found for found in (number(value) for value in values) if found is not None]
    if numbers:
        return Const(min(numbers))
    return UNKNOWN if any(value != NONE for value in values) else NONE


def _seconds(value: Value) -> Value:
    """`timedelta(seconds=30)` as a number."""
    if class_name(value) != "datetime.timedelta":
        return value
    total = 0.0
    for name, position, factor in (("days", 0, 86400), ("seconds", 1, 1), ("minutes", 4, 60), ("hours", 5, 3600)):
        part = number(argument_of(value, name, position, Const(0)))
        if part is None:
            return UNKNOWN
        total += part * factor
    return Const(total)


def _wait(value: Value) -> str:
    if value == NOT_GIVEN:
        return "none"
    if members := _members(value, "tenacity.wait_combine", "tenacity.wait_chain"):
        kinds = [_wait(member) for member in members]
        return "unknown" if "unknown" in kinds else next(kind for kind in _STRENGTH if kind in kinds)
    return _WAITS.get(class_name(value).removeprefix("tenacity."), "") or "unknown"


def _fixed(value: Value) -> float | None:
    """Seconds of `wait_fixed(1)`."""
    pause = number(_seconds(argument_of(value, "wait", 0))) if class_name(value) == "tenacity.wait_fixed" else None
    return None if pause is None else float(pause)


def _failures(value: Value) -> tuple[str, ...] | None:
    """Exception classes that `retry=` names; None for predicates that look deeper."""
    if value == NOT_GIVEN:
        return ("Exception",)
    if class_name(value) == "tenacity.retry_if_exception_type":
        return exception_names(argument_of(value, "exception_types", 0, Extern("builtins.Exception")))
    if members := _members(value, "tenacity.retry_any"):
        found = [_failures(member) for member in members]
        return None if None in found else tuple(dict.fromkeys(name for names in found for name in names or ()))
    return None
