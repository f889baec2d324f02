"""Circuit breakers: pybreaker, circuitbreaker, aiobreaker, purgatory. Only the forms that protect become facts.

A pybreaker around a coroutine function never counts a failure; `call` and `with` of circuitbreaker count but never
refuse; `call` of aiobreaker never counts a coroutine. Such uses are as if they were not there.

## Forms that protect
```python
import circuitbreaker
import pybreaker
from purgatory import AsyncCircuitBreakerFactory

breaker = pybreaker.CircuitBreaker(fail_max=3)
factory = AsyncCircuitBreakerFactory()

@breaker
def decorated() -> None: ...

@circuitbreaker.circuit(failure_threshold=4)
async def other() -> None: ...

@factory("payments")
async def named() -> None: ...

async def main() -> None:
    breaker.call(decorated)
    with breaker.calling():
        decorated()
    async with await factory.get_breaker("orders"):
        await other()
```
```facts
8: BreakerRegion decorator around=decorated
11: BreakerRegion decorator around=other
14: BreakerRegion decorator around=named
18: BreakerRegion call around=decorated
19: BreakerRegion with
21: BreakerRegion with
```

## Forms that do not
```python
import aiobreaker
import circuitbreaker
import pybreaker

breaker = pybreaker.CircuitBreaker()
circuit = circuitbreaker.CircuitBreaker()
aio = aiobreaker.CircuitBreaker()

@breaker
async def never_counted() -> None: ...

async def main() -> None:
    await breaker.call(never_counted)
    circuit.call(main)
    await aio.call(never_counted)
    await aio.call_async(main)
```
```facts
16: BreakerRegion call around=main
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Basis, basis, called, decorated
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import BreakerRegion, Fact
from shearpin.facts.model import Callback, CallModel, ClassModel
from shearpin.facts.site import FunctionId

ADAPTER = Adapter("breakers", version="1.4.1", distributions=("pybreaker", "circuitbreaker", "aiobreaker", "purgatory"))

_PYBREAKER = "pybreaker.CircuitBreaker"
_CIRCUIT = "circuitbreaker.CircuitBreaker"
_AIOBREAKER = "aiobreaker.CircuitBreaker"
_FACTORIES = ("purgatory.AsyncCircuitBreakerFactory", "purgatory.SyncCircuitBreakerFactory")
_CLASSES = (_PYBREAKER, _CIRCUIT, _AIOBREAKER, *_FACTORIES)

ADAPTER.alias("aiobreaker.circuitbreaker.CircuitBreaker", _AIOBREAKER)
ADAPTER.models(
    *(ClassModel(name) for name in _CLASSES),
    *(CallModel(f"{name}.__call__", transparent_decorator=True) for name in _CLASSES),
    CallModel(_CIRCUIT, transparent_decorator=True),
    CallModel("circuitbreaker.circuit", transparent_decorator=True),
    *(
        CallModel(f"{owner}.{name}", callbacks=(Callback(0, "func", passes_from=1),))
        for owner, name in (
            (_PYBREAKER, "call"),
            (_PYBREAKER, "call_async"),
            (_CIRCUIT, "call"),
            (_CIRCUIT, "call_async"),
            (_AIOBREAKER, "call"),
            (_AIOBREAKER, "call_async"),
        )
    ),
)


@ADAPTER.decorates(f"{_PYBREAKER}.__call__")
def _pybreaker(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@breaker` on a plain function"""
    if use.target is None or not use.target.is_async:
        yield _region(decorated(use, "pybreaker"), "decorator", use.function)


@ADAPTER.methods(_PYBREAKER, "call")
def _pybreaker_call(call: ResolvedCall) -> Iterable[Fact]:
    """`breaker.call(work, 1)`; what is awaited is a coroutine, whose failures it never sees"""
    if not call.is_awaited:
        yield _region(basis(call, "pybreaker"), "call", called(call))


@ADAPTER.methods(_PYBREAKER, "calling")
def _pybreaker_block(call: ResolvedCall) -> Iterable[Fact]:
    """`with breaker.calling():`"""
    yield _region(basis(call, "pybreaker"), "with", None)


@ADAPTER.decorates("circuitbreaker.circuit", _CIRCUIT, f"{_CIRCUIT}.__call__")
def _circuit(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@circuit`, `@circuit(failure_threshold=5)`, `@CircuitBreaker()`"""
    yield _region(decorated(use, "circuitbreaker"), "decorator", use.function)


@ADAPTER.decorates(f"{_AIOBREAKER}.__call__")
def _aiobreaker(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@breaker`"""
    yield _region(decorated(use, "aiobreaker"), "decorator", use.function)


@ADAPTER.methods(_AIOBREAKER, "call", "call_async")
def _aiobreaker_call(call: ResolvedCall) -> Iterable[Fact]:
    """`await breaker.call_async(work)`, `breaker.call(plain)`"""
    if call.is_awaited == call.name.endswith("call_async"):
        yield _region(basis(call, "aiobreaker"), "call", called(call))


@ADAPTER.decorates(*(f"{factory}.__call__" for factory in _FACTORIES))
def _purgatory(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@factory("payments")`"""
    yield _region(decorated(use, "purgatory"), "decorator", use.function)


@ADAPTER.calls(*(f"{factory}.get_breaker" for factory in _FACTORIES))
def _purgatory_block(call: ResolvedCall) -> Iterable[Fact]:
    """`async with await factory.get_breaker("payments"):`"""
    yield _region(basis(call, "purgatory"), "with", None)


def _region(place: Basis, form: str, around: FunctionId | None) -> BreakerRegion:
    return BreakerRegion(
        site=place.site,
        head=place.head,
        function=place.function,
        library=place.library,
        form=form,
        around=around,
    )
