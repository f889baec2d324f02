"""A request is answered with success although its work failed.

## What it does
Reports handlers of HTTP requests that catch the failure of a request, a write or a publish and answer 2xx: by what they
return in the `except` block, or by going on to the ordinary answer. Health endpoints and batch results that carry a
status for each element are left alone.

## Why it matters
Callers, gateways, load balancers and alarms look at the status. With a 200 nobody tries again, no breaker opens, no
alarm rings, and the body with the error text is taken for data.

## Example

```python bad
import requests
from fastapi import FastAPI

app = FastAPI()

@app.post("/orders")
def order(body: dict) -> dict:
    try:
        response = requests.post("http://payments/charges", json=body, timeout=5)
        response.raise_for_status()
        return response.json()
    except requests.RequestException as error:  # expect: error-reported-as-success
        return {"error": str(error)}
```

## The work failed and the ordinary answer follows

```python bad
import logging

import requests
from flask import Flask, jsonify, request

app = Flask(__name__)

@app.post("/orders")
def order():
    try:
        requests.post("http://orders/orders", json=request.json, timeout=5).raise_for_status()
    except requests.RequestException:  # expect: error-reported-as-success
        logging.exception("orders failed")
    return jsonify({"accepted": True})
```

## The status says so

```python good
import requests
from flask import Flask, request

app = Flask(__name__)

@app.post("/orders")
def order():
    try:
        requests.post("http://orders/orders", json=request.json, timeout=5).raise_for_status()
    except requests.RequestException as error:
        return {"error": str(error)}, 502
    return {"accepted": True}
```

## A health endpoint reports what it finds

```python good
import httpx
from fastapi import FastAPI

app = FastAPI()

@app.get("/health")
async def health() -> dict:
    try:
        async with httpx.AsyncClient() as client:
            response = await client.get("http://orders/health")
            response.raise_for_status()
            return {"orders": "up"}
    except httpx.HTTPError:
        return {"orders": "down"}
```

## A lock that ends by itself, a key that does

```python good
import logging

import redis
from flask import Flask, request

app = Flask(__name__)
client = redis.Redis(host="redis")

@app.post("/stock/<sku>")
def store(sku: str):
    lock = client.lock(f"stock:{sku}", timeout=10)
    lock.acquire()
    client.set(f"stock:{sku}", request.json["count"])
    try:
        lock.release()
    except redis.RedisError:
        logging.exception("the lock ends by itself")
    return {}

@app.post("/events")
def event():
    try:
        client.lpush("recent", request.json["text"])
        client.expire("recent", 3600)
    except redis.RedisError:
        logging.exception("not shown")
    return {}
```

## The answer is found in another way

```python good
import logging

import requests
from flask import Flask, request

app = Flask(__name__)

def estimate(text: str) -> int:
    return len(text) // 4

@app.post("/tokens")
def tokens():
    try:
        response = requests.post("http://counter/count", json=request.json, timeout=2)
        response.raise_for_status()
        return response.json()
    except requests.RequestException:
        logging.warning("counting here")
    count = estimate(request.json["text"])
    return {"count": count}
```

## A request that asks, and something stored beside

```python good
import logging

from fastapi import FastAPI
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from models import File

app = FastAPI()
engine = create_engine("postgresql://db/files", pool_pre_ping=True)

@app.get("/files")
def files() -> list[dict]:
    with Session(engine) as session:
        found = [row.shown() for row in session.scalars(select(File)).all()]
        try:
            session.execute(update(File).values(seen=True))
            session.commit()
        except Exception:
            logging.warning("not marked as seen")
    return found
```

## How safe is the fix
There is none: which status tells the truth (502, 503, 504) is for the owner of the interface to say.

## References
- https://www.rfc-editor.org/rfc/rfc9110#section-15
- https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import CaughtFailure
from shearpin.facts.site import Hop
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Outcome, ok, unknown
from shearpin.rulekit.wording import effect_name

RULE = Rule(
    name="error-reported-as-success",
    summary="A request is answered with success although its work failed",
    severity=Severity.WARNING,
    practice="errors",
    yields_to=("fail-open",),
)


@RULE.for_each(CaughtFailure)
def check(caught: CaughtFailure, ask: Ask) -> Iterator[Verdict]:
    """A handler of requests that catches a failure."""
    if "request" not in ask.own_contexts(caught.function):
        return
    if caught.outcome == "told":
        yield ok(caught.site, caught.note, subject="answer", function=caught.function)
    elif caught.outcome == "unknown":
        yield unknown(caught.site, caught.note, subject="answer", function=caught.function)
    elif caught.outcome == "answered" and caught.use is not None:
        yield Verdict(
            Outcome.VIOLATED,
            caught.head,
            f"when {effect_name(caught.effect)} fails the request is still answered with success, callers believe it "
            "and nobody tries again; answer with an error status",
            function=caught.function,
            subject="answer",
            witness=(*caught.hops, Hop(caught.effect.site, "this may fail"), Hop(caught.use, caught.use_note)),
            services=ask.services,
        )
