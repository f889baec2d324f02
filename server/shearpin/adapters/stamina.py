"""stamina: retries with safe defaults: 10 attempts, 45 seconds in all, exponential waits with jitter.

`on=` is required. `attempts=None` or `timeout=None` takes a limit away.

## Decorator, iterator, call
```python
import httpx
import stamina

@stamina.retry(on=httpx.TransportError, attempts=3, timeout=None)
def load() -> None: ...

def loop() -> None:
    for attempt in stamina.retry_context(on=OSError, wait_jitter=0):
        with attempt:
            load()

def call() -> None:
    stamina.RetryingCaller(attempts=2).on(OSError)(load)
```
```facts
4: RetryPolicy decorator attempts=3 deadline=None wait=jitter around=load failures=httpx.TransportError
8: RetryPolicy iterator attempts=10 deadline=45.0 wait=exponential failures=OSError
13: RetryPolicy call attempts=2 deadline=45.0 wait=jitter around=load failures=OSError
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Basis, basis, called, client_value, decorated, exception_names, number
from shearpin.adapterkit.effects import retry_policy
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact, Remedy
from shearpin.facts.model import Callback, CallModel, ClassModel
from shearpin.facts.site import FunctionId
from shearpin.facts.value import UNKNOWN, Const, Value

ADAPTER = Adapter("stamina", version="26.1.0")

_ATTEMPTS = Const(10)
_TIMEOUT = Const(45.0)
_JITTER = Const(1.0)
_CALLERS = ("stamina.RetryingCaller", "stamina.AsyncRetryingCaller")
_BOUND = ("stamina.BoundRetryingCaller", "stamina.BoundAsyncRetryingCaller")

_NARROW = Remedy("retry-on", "argument", "on={failures}", grade="review")

ADAPTER.models(
    CallModel("stamina.retry", transparent_decorator=True),
    CallModel("stamina.retry_context", returns="stamina.RetryContext"),
    ClassModel("stamina.RetryContext", iterates="stamina.Attempt"),
    ClassModel("stamina.Attempt"),
    *(ClassModel(name) for name in (*_CALLERS, *_BOUND)),
    *(CallModel(f"{caller}.on", returns=bound) for caller, bound in zip(_CALLERS, _BOUND, strict=True)),
    *(CallModel(f"{caller}.__call__", callbacks=(Callback(1, "callable_", passes_from=2),)) for caller in _CALLERS),
    *(CallModel(f"{bound}.__call__", callbacks=(Callback(0, "callable_", passes_from=1),)) for bound in _BOUND),
)


@ADAPTER.decorates("stamina.retry")
def _decorator(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@stamina.retry(on=httpx.TransportError, attempts=3)`"""
    yield _given(decorated(use, "stamina"), use.call, "decorator", use.function)


@ADAPTER.calls("stamina.retry_context")
def _iterator(call: ResolvedCall) -> Iterable[Fact]:
    """`for attempt in stamina.retry_context(on=httpx.TransportError):`"""
    yield _given(basis(call, "stamina"), call, "iterator", None)


@ADAPTER.calls(*(f"{caller}.__call__" for caller in _CALLERS))
def _call(call: ResolvedCall) -> Iterable[Fact]:
    """`stamina.RetryingCaller(attempts=3)(httpx.TransportError, work)`"""
    yield _held(call, call.receiver, exception_names(call.value("on", 0)))


@ADAPTER.calls(*(f"{bound}.__call__" for bound in _BOUND))
def _bound_call(call: ResolvedCall) -> Iterable[Fact]:
    """`stamina.RetryingCaller(attempts=3).on(httpx.TransportError)(work)`"""
    caller = client_value(call.receiver, "owner", -1, UNKNOWN)
    yield _held(call, caller, exception_names(client_value(call.receiver, "on", 0, UNKNOWN)))


def _given(place: Basis, call: ResolvedCall, form: str, around: FunctionId | None) -> Fact:
    limits = (call.value("attempts", -1, _ATTEMPTS), call.value("timeout", -1, _TIMEOUT))
    failures = exception_names(call.value("on", 0))
    return retry_policy(place, form, limits, _wait(call.value("wait_jitter", -1, _JITTER)), around, failures, _NARROW)


def _held(call: ResolvedCall, caller: Value | None, failures: tuple[str, ...] | None) -> Fact:
    limits = (client_value(caller, "attempts", -1, _ATTEMPTS), client_value(caller, "timeout", -1, _TIMEOUT))
    wait = _wait(client_value(caller, "wait_jitter", -1, _JITTER))
    return retry_policy(basis(call, "stamina"), "call", limits, wait, called(call), failures)


def _wait(jitter: Value) -> str:
    spread = number(jitter)
    return "jitter" if spread else "unknown" if spread is None else "exponential"
