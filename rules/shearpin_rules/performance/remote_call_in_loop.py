"""One remote call for each element, one after the other.

## What it does
Reports loops and comprehensions in the path of a request that make a request or a statement for each element of a
collection and wait for it before the next. Helpers are followed through any number of functions.

Loops of up to three known elements are fine, and so are retries, loops that end at the first answer, compensations and
batch jobs.

## Why it matters
The time of the request grows with the number of elements: fifty items at 40 ms are two seconds, and the first slow
element holds up the others. Under load all of them pile up.

## Example

```python bad
import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient(base_url="http://inventory")

@app.post("/orders")
async def order(items: list[str]) -> dict:
    prices = {}
    for item in items:
        response = await client.get(f"/prices/{item}")  # expect: remote-call-in-loop
        response.raise_for_status()
        prices[item] = response.json()
    return prices
```

## Through a helper, in a comprehension

```python bad
import requests
from flask import Flask, request

app = Flask(__name__)

def price(item: str) -> float:
    response = requests.get(f"http://prices/{item}", timeout=5)
    response.raise_for_status()
    return response.json()["price"]

@app.post("/orders")
def order():
    return {"total": sum([price(item) for item in request.json["items"]])}  # expect: remote-call-in-loop
```

## A list of awaited calls

```python bad
import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient(base_url="http://inventory")

async def price(item: str) -> dict:
    response = await client.get(f"/prices/{item}")
    response.raise_for_status()
    return response.json()

@app.post("/orders")
async def order(items: list[str]) -> list[dict]:
    return [await price(item) for item in items]  # expect: remote-call-in-loop
```

```python fixed
import asyncio

import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient(base_url="http://inventory")

async def price(item: str) -> dict:
    response = await client.get(f"/prices/{item}")
    response.raise_for_status()
    return response.json()

_slots = asyncio.Semaphore(10)


async def _limited(work):
    async with _slots:
        return await work


@app.post("/orders")
async def order(items: list[str]) -> list[dict]:
    return await asyncio.gather(*[_limited(price(item)) for item in items])
```

## All at once, a few at a time

```python good
import asyncio

import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient(base_url="http://inventory")
slots = asyncio.Semaphore(10)

async def price(item: str) -> dict:
    async with slots:
        response = await client.get(f"/prices/{item}")
        response.raise_for_status()
        return response.json()

@app.post("/orders")
async def order(items: list[str]) -> list[dict]:
    return await asyncio.gather(*[price(item) for item in items])
```

## One after the other until one answers

```python good
import requests
from flask import Flask

app = Flask(__name__)
MIRRORS = ["http://a", "http://b", "http://c", "http://d"]

@app.get("/rates")
def rates():
    for mirror in MIRRORS:
        response = requests.get(f"{mirror}/rates", timeout=2)
        if response.ok:
            return response.json()
    return {"error": "no mirror answers"}, 502
```

## How safe is the fix
To review, for lists of awaited calls: they run ten at a time. Whether the rounds may run together, or whether the other
side has a request for all elements, is for the owner to say. Other loops get no fix.

## References
- https://learn.microsoft.com/en-us/azure/architecture/antipatterns/chatty-io/
- https://docs.python.org/3/library/asyncio-task.html#asyncio.gather
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import RepeatedCall
from shearpin.facts.site import Hop, Site
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown
from shearpin.rulekit.wording import effect_name

RULE = Rule(
    name="remote-call-in-loop",
    summary="One remote call for each element, one after the other",
    severity=Severity.WARNING,
    practice="performance",
)


_SLOTS = """\
_slots = {asyncio.Semaphore}(10)


async def _limited(work):
    async with _slots:
        return await work\
"""


@RULE.for_each(RepeatedCall)
def check(call: RepeatedCall, ask: Ask) -> Iterator[Verdict]:
    """In the path of a request, over a collection of more than a few elements."""
    contexts = ask.contexts(call.function)
    if call.answer == "fine" or (contexts and "request" not in contexts):
        why = call.note if call.answer == "fine" else "no request waits for it"
        yield ok(call.site, why, subject="round trips", function=call.function)
        return
    if call.answer == "unknown" or not contexts:
        why = "nothing is known to call this" if not contexts else call.note
        yield unknown(call.site, why, subject="round trips", function=call.function)
        return
    witness = (*call.hops, Hop(call.effect.site, "one round trip")) if call.hops else ()
    yield Verdict(
        Outcome.VIOLATED,
        call.head,
        f"{effect_name(call.effect)} is made for each element, one after the other ({call.note}): the request takes as "
        "long as all of them together; ask for all at once, or run a few at a time",
        function=call.function,
        subject="round trips",
        witness=(Hop(call.loop, "for each of these"), *witness),
        fixes=_fixes(call),
        services=ask.services,
        examined=call.site,
    )


def _fixes(call: RepeatedCall) -> tuple[FixPlan, ...]:
    """`[await f(x) for x in xs]` becomes `await asyncio.gather(*[_limited(f(x)) for x in xs])`."""
    if call.awaited is None:
        return ()
    path, part, whole, inner = call.loop.path, call.loop.part, call.loop, call.site
    actions = (
        Action("module-statement-before", whole, _SLOTS, ("asyncio.",)),
        Action("replace", Site(path, part, whole.start, whole.start), "await {asyncio.gather}(*", ("asyncio.",)),
        Action("replace", Site(path, part, call.awaited.start, inner.start), "_limited("),
        Action("replace", Site(path, part, inner.end, inner.end), ")"),
        Action("replace", Site(path, part, whole.end, whole.end), ")"),
    )
    return (FixPlan("Run ten at a time", Grade.REVIEW, actions),)
