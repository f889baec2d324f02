"""Any number of remote calls run at once.

## What it does
Reports work that is started for every element of an input, or for every message, all at the same time, each making a
request or a statement: gathered coroutines, tasks and threads. A semaphore around the work, a client with a limit of
connections, a batch, or a known or configured number of elements bounds it.

## Why it matters
A list of ten thousand elements opens ten thousand requests: the pool runs dry, the timeouts of all of them fire, and
the service on the other side goes down with the load of a single caller.

## Example

```python bad
import asyncio

import httpx

client = httpx.AsyncClient(base_url="http://prices")

async def price(item: str) -> dict:
    response = await client.get(f"/{item}")
    response.raise_for_status()
    return response.json()

async def prices(items: list[str]) -> list[dict]:
    return await asyncio.gather(*[price(item) for item in items])  # expect: unbounded-concurrency
```

```python fixed
import asyncio

import httpx

client = httpx.AsyncClient(base_url="http://prices")

async def price(item: str) -> dict:
    response = await client.get(f"/{item}")
    response.raise_for_status()
    return response.json()

_slots = asyncio.Semaphore(10)


async def _limited(work):
    async with _slots:
        return await work


async def prices(items: list[str]) -> list[dict]:
    return await asyncio.gather(*[_limited(price(item)) for item in items])
```

## A thread for each element

```python bad
import threading

import requests

def refresh(sku: str) -> None:
    response = requests.post(f"http://index/{sku}", timeout=5)
    response.raise_for_status()

def refresh_all(skus: list[str]) -> None:
    threads = []
    for sku in skus:
        thread = threading.Thread(target=refresh, args=(sku,))
        thread.start()  # expect: unbounded-concurrency
        threads.append(thread)
    for thread in threads:
        thread.join()
```

## A semaphore lets a few through

```python good
import asyncio

import httpx

client = httpx.AsyncClient(base_url="http://prices")
slots = asyncio.Semaphore(10)

async def price(item: str) -> dict:
    async with slots:
        response = await client.get(f"/{item}")
        response.raise_for_status()
        return response.json()

async def prices(items: list[str]) -> list[dict]:
    return await asyncio.gather(*[price(item) for item in items])
```

## Two calls are two calls

```python good
import asyncio

import httpx

client = httpx.AsyncClient(base_url="http://orders")

async def load(path: str) -> dict:
    response = await client.get(path)
    response.raise_for_status()
    return response.json()

async def page() -> list[dict]:
    return await asyncio.gather(load("/orders"), load("/users"))
```

## How safe is the fix
To review: a semaphore lets ten through at a time. How many may run at once depends on the other side; a semaphore
beside the client, entered by the work, may be the better place.

## References
- https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore
- https://sre.google/sre-book/handling-overload/
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import FanOut
from shearpin.facts.site import Hop, Site
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown
from shearpin.rulekit.wording import effect_name

RULE = Rule(
    name="unbounded-concurrency",
    summary="Any number of remote calls run at once",
    severity=Severity.WARNING,
    practice="async",
)


_SLOTS = """\
_slots = {asyncio.Semaphore}(10)


async def _limited(work):
    async with _slots:
        return await work\
"""


@RULE.for_each(FanOut)
def check(fan: FanOut, ask: Ask) -> Iterator[Verdict]:
    """Started for each element, and nothing limits how many."""
    if fan.answer == "bounded":
        yield ok(fan.site, fan.note, subject="concurrency", function=fan.function)
        return
    if fan.answer == "unknown":
        yield unknown(fan.site, fan.note, subject="concurrency", function=fan.function)
        return
    yield Verdict(
        Outcome.VIOLATED,
        fan.head,
        f"{effect_name(fan.effect)} runs once for each at the same time ({fan.note}): a long input exhausts the pool "
        "and floods the other side; let a few through at a time",
        function=fan.function,
        subject="concurrency",
        witness=(*fan.hops, Hop(fan.effect.site, "each of them does this")),
        fixes=_fixes(fan),
        services=ask.services,
        examined=fan.site,
    )


def _fixes(fan: FanOut) -> tuple[FixPlan, ...]:
    if fan.coroutine is None:
        return ()
    start, end = fan.coroutine.start, fan.coroutine.end
    path, part = fan.coroutine.path, fan.coroutine.part
    actions = (
        Action("module-statement-before", fan.coroutine, _SLOTS, ("asyncio.",)),
        Action("replace", Site(path, part, start, start), "_limited("),
        Action("replace", Site(path, part, end, end), ")"),
    )
    return (FixPlan("Let ten through at a time", Grade.REVIEW, actions),)
