"""One remote call for each element, one after the other.

## What it does
Reports loops and comprehensions in the path of a request that make a request or a statement for each element of a
collection and wait for it before the next. Helpers are followed through any number of functions.

Loops of up to three known elements are fine, and so are loops over a setting, retries, loops that end at the first
answer, compensations, batch jobs, and rounds that must follow each other: each needs what the last one gave, or all are
undone when one fails.

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

## Each round needs what the last one gave

```python good
import requests
from flask import Flask, request

app = Flask(__name__)

def apply(state: str, step: str) -> str:
    response = requests.post(f"http://workflow/{step}", json={"state": state}, timeout=5)
    response.raise_for_status()
    return response.json()["state"]

@app.post("/runs")
def run():
    state = "new"
    for step in request.json["steps"]:
        state = apply(state, step)
    return {"state": state}
```

## What was done is undone when a later round fails

```python good
import requests
from flask import Flask, request

app = Flask(__name__)

def reserve(sku: str) -> None:
    requests.put(f"http://stock/reservations/{sku}", timeout=2).raise_for_status()

def give_back(sku: str) -> None:
    requests.delete(f"http://stock/reservations/{sku}", timeout=2).raise_for_status()

@app.post("/orders")
def order():
    done = []
    try:
        for sku in request.json["skus"]:
            reserve(sku)
            done.append(sku)
    except requests.RequestException:
        for sku in reversed(done):
            give_back(sku)
        raise
    return {}
```

## The configuration says how many

```python good
import os

import requests
from flask import Flask

app = Flask(__name__)
PEERS = os.environ["PEERS"].split(",")

@app.get("/versions")
def versions():
    found = {}
    for peer in PEERS:
        response = requests.get(f"http://{peer}/version", timeout=2)
        response.raise_for_status()
        found[peer] = response.text
    return found
```

## It is given what it would look up

```python good
from fastapi import FastAPI
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models import Channel

app = FastAPI()
engine = create_engine("postgresql://db/shop", pool_pre_ping=True)
loaded = {}

def load(session: Session, slug: str, channel: Channel | None = None) -> None:
    if channel is None:
        channel = session.scalars(select(Channel).where(Channel.slug == slug)).one()
    loaded[slug] = channel.title

@app.get("/channels")
def channels() -> dict:
    with Session(engine) as session:
        for channel in session.scalars(select(Channel)).all():
            load(session, channel.slug, channel=channel)
    return loaded
```

## It ends at the first that holds

```python good
import requests
from flask import Flask, request

app = Flask(__name__)

def is_busy(worker: str) -> bool:
    response = requests.get(f"http://{worker}/state", timeout=2)
    response.raise_for_status()
    return response.json()["busy"]

@app.get("/busy")
def busy():
    return {"busy": any(is_busy(worker) for worker in request.json["workers"])}
```

## A statement for each of some tables

```python good
from fastapi import FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

app = FastAPI()
engine = create_engine("postgresql://db/users", pool_pre_ping=True)

@app.post("/users/{old}/merge/{new}")
def merge(old: int, new: int) -> dict:
    with Session(engine) as session:
        for table in ["orders", "carts", "reviews", "letters", "journal"]:
            session.execute(text(f"UPDATE {table} SET user_id = :new WHERE user_id = :old"), {"new": new, "old": old})
        session.commit()
    return {}
```

## Tasks that have finished meanwhile

```python good
import asyncio

import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient(base_url="http://stock")

@app.websocket("/feed")
async def work(websocket) -> None:
    pending = {asyncio.create_task(websocket.receive_json())}
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            response = await client.put("/items", json=task.result())
            response.raise_for_status()
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
