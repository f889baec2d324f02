"""backoff: retries by decorator, for ever unless `max_tries` or `max_time` says otherwise, with full jitter.

`on_exception` raises the last error when it gives up, `on_predicate` returns the last value.

## Decorators
```python
import backoff
import requests

@backoff.on_exception(backoff.expo, requests.ConnectionError)
def for_ever() -> None: ...

@backoff.on_exception(backoff.constant, (OSError, KeyError), max_tries=3, max_time=20, jitter=None)
async def some() -> None: ...

@backoff.on_predicate(backoff.fibo, max_tries=4)
def value() -> int: ...
```
```facts
4: RetryPolicy decorator attempts=None deadline=None wait=jitter around=for_ever failures=requests.ConnectionError
7: RetryPolicy decorator attempts=3 deadline=20 wait=fixed around=some failures=OSError,KeyError
10: RetryPolicy decorator attempts=4 deadline=None wait=jitter around=value failures=
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import decorated, exception_names, number
from shearpin.adapterkit.effects import retry_policy
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact, Remedy
from shearpin.facts.model import CallModel
from shearpin.facts.value import NONE, Const, Extern, Value

ADAPTER = Adapter("backoff", version="2.2.1")

_STOP = Remedy("add-stop", "argument", "max_tries=3")
_KINDS = {"backoff.expo": "exponential", "backoff.fibo": "exponential", "backoff.constant": "fixed"}
_JITTER = Extern("backoff.full_jitter")

ADAPTER.models(*(CallModel(f"backoff.{name}", transparent_decorator=True) for name in ("on_exception", "on_predicate")))


@ADAPTER.decorates("backoff.on_exception")
def _on_exception(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@backoff.on_exception(backoff.expo, httpx.TransportError, max_tries=3)`"""
    # `giveup` looks at each failure and may end the retry.
    is_plain = use.call.value("giveup", -1, NONE) == NONE
    yield _policy(use, exception_names(use.call.value("exception", 1)) if is_plain else None)


@ADAPTER.decorates("backoff.on_predicate")
def _on_predicate(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@backoff.on_predicate(backoff.fibo, max_tries=3)`: values are tried again, not failures"""
    yield _policy(use, ())


def _policy(use: ResolvedDecorator, failures: tuple[str, ...] | None) -> Fact:
    call = use.call
    limits = (call.value("max_tries", -1, NONE), call.value("max_time", -1, NONE))
    place = decorated(use, "backoff")
    pause = _pause(call)
    return retry_policy(place, "decorator", limits, _wait(call), use.function, failures, _STOP, wait_seconds=pause)


def _pause(call: ResolvedCall) -> float | None:
    """`interval=` of `backoff.constant`, 1 second by default."""
    given = number(call.value("interval", -1, Const(1)))
    return None if given is None else float(given)


def _wait(call: ResolvedCall) -> str:
    jitter: Value = call.value("jitter", -1, _JITTER)
    if jitter != NONE:
        return "jitter" if isinstance(jitter, Extern) else "unknown"
    generator = call.value("wait_gen", 0)
    return _KINDS.get(generator.name, "unknown") if isinstance(generator, Extern) else "unknown"
