"""A pooled client is made for each request and thrown away.

## What it does
Reports HTTP clients, database engines and broker connections that are constructed while a request, message or task is
handled and dropped at its end. Makers are followed to the handler that drops what they make.

Clients of a module, an application's life cycle, a cached factory or an object are fine.

## Why it matters
Each construction opens new connections, repeats name look-up and TLS handshake, and closes all of it again: latency
grows, sockets pile up, and the pool that would limit concurrency never works.

## Example

```python bad
import httpx
from fastapi import FastAPI

app = FastAPI()

@app.get("/orders/{order_id}")
async def order(order_id: str) -> dict:
    async with httpx.AsyncClient() as client:  # expect: client-per-request
        response = await client.get(f"http://orders/orders/{order_id}")
        response.raise_for_status()
        return response.json()
```

## A maker in another function

```python bad
import httpx
from fastapi import FastAPI

app = FastAPI()

def make_client() -> httpx.Client:
    return httpx.Client(base_url="http://orders")  # expect: client-per-request

@app.get("/orders/{order_id}")
def order(order_id: str) -> dict:
    client = make_client()
    response = client.get(f"/orders/{order_id}")
    response.raise_for_status()
    return response.json()
```

## One client for the process

```python good
import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient(base_url="http://orders")

@app.get("/orders/{order_id}")
async def order(order_id: str) -> dict:
    response = await client.get(f"/orders/{order_id}")
    response.raise_for_status()
    return response.json()
```

## A cached maker

```python good
from functools import lru_cache

import httpx
from fastapi import FastAPI

app = FastAPI()

@lru_cache
def make_client() -> httpx.Client:
    return httpx.Client(base_url="http://orders")

@app.get("/orders/{order_id}")
def order(order_id: str) -> dict:
    response = make_client().get(f"/orders/{order_id}")
    response.raise_for_status()
    return response.json()
```

## How safe is the fix
There is no automatic fix: where the client should live (module, life cycle, dependency) is a choice.

## References
- https://www.python-httpx.org/advanced/clients/#why-use-a-client
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import ClientCreated
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Outcome, ok, unknown

RULE = Rule(
    name="client-per-request",
    summary="A pooled client is made for each request and thrown away",
    severity=Severity.WARNING,
    practice="clients",
    yields_to=("connection-per-message",),
)

_NAMES = {
    "http": "HTTP client",
    "sdk": "SDK client",
    "sql": "database client",
    "amqp": "broker connection",
    "redis": "Redis client",
}
_PER_MESSAGE = frozenset(("request", "consumer", "task"))


@RULE.for_each(ClientCreated)
def check(made: ClientCreated, ask: Ask) -> Iterator[Verdict]:
    """A costly client that a request or message drops."""
    if not made.is_costly:
        return
    lifetime = ask.lifetime(made)
    if lifetime.answer == "kept":
        yield ok(made.site, lifetime.note, subject="client", function=made.function)
        return
    where = lifetime.contexts & _PER_MESSAGE
    if lifetime.answer == "unknown" or not lifetime.contexts:
        note = lifetime.note if lifetime.answer == "unknown" else "nothing is known to call this"
        yield unknown(made.site, note, subject="client", function=made.function)
        return
    if not where:
        yield ok(
            made.site, f"made in {', '.join(sorted(lifetime.contexts))} only", subject="client", function=made.function
        )
        return
    context = next(name for name in ("request", "consumer", "task") if name in where)
    what = _NAMES.get(made.protocol, f"{made.protocol} client")
    per = {"request": "request", "consumer": "message", "task": "task"}[context]
    yield Verdict(
        Outcome.VIOLATED,
        made.head,
        f"this {what} is made anew for each {per} and its connections are thrown away; make it once and share it",
        function=made.function,
        subject="client",
        witness=lifetime.hops,
        services=ask.services,
    )
