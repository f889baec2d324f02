"""functools and contextlib: partial functions, caches, wrappers, context managers made of generators.

None of them adds an effect; they decide which function runs and what a name holds.

## What runs
```python
import functools
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

@functools.lru_cache
def client() -> httpx.Client:
    return httpx.Client(base_url="http://orders")

@contextmanager
def orders() -> Iterator[httpx.Client]:
    yield client()

def load(found: httpx.Client, path: str) -> None:
    found.get(path)

load_open = functools.partial(load, client(), "/open")

def main() -> None:
    load_open()
    client().get("/open")
    with orders() as found:
        found.get("/closed")
```
```facts
9: ClientCreated http target=http://orders timeout=5.0(default) costly
16: HttpCall GET {}/{path} timeout=?(unknown) raises=? attempts=? blocking
22: HttpCall GET http://orders/open timeout=5.0(default) blocking
24: HttpCall GET http://orders/closed timeout=5.0(default) blocking
```
"""

from __future__ import annotations

from shearpin.adapterkit import Adapter
from shearpin.facts.model import CallModel, ClassModel

ADAPTER = Adapter("functools", version="3.11", distributions=("python",))

_STACKS = ("contextlib.ExitStack", "contextlib.AsyncExitStack")

ADAPTER.models(
    CallModel("functools.partial", is_partial=True),
    CallModel("functools.wraps", transparent_decorator=True),
    CallModel("functools.update_wrapper", returns_argument=0),
    CallModel("functools.lru_cache", transparent_decorator=True, cached=True),
    CallModel("functools.cache", transparent_decorator=True, cached=True),
    CallModel("functools.cached_property", transparent_decorator=True, cached=True),
    CallModel("functools.singledispatch", transparent_decorator=True),
    CallModel("contextlib.contextmanager", transparent_decorator=True),
    CallModel("contextlib.asynccontextmanager", transparent_decorator=True),
    CallModel("contextlib.closing", returns_argument=0),
    CallModel("contextlib.aclosing", returns_argument=0),
    CallModel("contextlib.nullcontext", returns_argument=0),
    *(ClassModel(stack) for stack in _STACKS),
    *(
        CallModel(f"{stack}.{name}", returns_argument=0)
        for stack in _STACKS
        for name in ("enter_context", "enter_async_context")
    ),
)
