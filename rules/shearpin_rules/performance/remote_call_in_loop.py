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
There is none: whether the rounds may run together, and how many of them, or whether the other side has a request for
all elements, is for the owner to say.

## References
- https://learn.microsoft.com/en-us/azure/architecture/antipatterns/chatty-io/
- https://docs.python.org/3/library/asyncio-task.html#asyncio.gather
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import RepeatedCall
from shearpin.facts.site import Hop
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Outcome, ok, unknown
from shearpin.rulekit.wording import effect_name

RULE = Rule(
    name="remote-call-in-loop",
    summary="One remote call for each element, one after the other",
    severity=Severity.WARNING,
    practice="performance",
)


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
        services=ask.services,
        examined=call.site,
    )
