"""A failure is caught and nobody learns of it.

## What it does
Reports handlers that take the failure of a request, a write or a publish, raise nothing, return nothing that differs
from success, and let whoever waits go on as if it had succeeded: a commit follows, the message is acknowledged, the
request is answered. The witness leads to that place, through the callers if need be.

A value that every caller tests tells, and so do a response that says so, a compensation, a message that is put back.
Loops that log and go on with the next element are fine. Metrics, caches and messages to people may fail; a publish to
a topic or queue may not.

## Why it matters
The event that was never sent, the row that was never written: nothing is retried, because everybody believes that it
happened.

## Example

```python bad
import logging

import requests
from fastapi import FastAPI

app = FastAPI()
log = logging.getLogger(__name__)

def ship(order_id: str) -> None:
    try:
        response = requests.post(f"http://shipping/parcels/{order_id}", timeout=5)
        response.raise_for_status()
    except Exception as error:  # expect: swallowed-failure
        log.error("shipping failed: %s", error)

@app.post("/orders/{order_id}")
def create(order_id: str) -> dict:
    ship(order_id)
    return {"id": order_id}
```

```python fixed
import logging

import requests
from fastapi import FastAPI

app = FastAPI()
log = logging.getLogger(__name__)

def ship(order_id: str) -> None:
    try:
        response = requests.post(f"http://shipping/parcels/{order_id}", timeout=5)
        response.raise_for_status()
    except Exception as error:
        log.error("shipping failed: %s", error)
        raise

@app.post("/orders/{order_id}")
def create(order_id: str) -> dict:
    ship(order_id)
    return {"id": order_id}
```

## An event is lost

```python bad
import logging

import pika
from fastapi import FastAPI

app = FastAPI()
log = logging.getLogger(__name__)
connection = pika.BlockingConnection(pika.URLParameters("amqp://rabbitmq"))
channel = connection.channel()

def publish(order_id: str) -> None:
    try:
        channel.basic_publish(exchange="orders", routing_key="order.created", body=order_id.encode())
    except pika.exceptions.AMQPError:  # expect: swallowed-failure
        log.exception("publish failed")

@app.post("/orders/{order_id}")
def create(order_id: str) -> dict:
    publish(order_id)
    return {"id": order_id}
```

## The answer is dropped

```python bad
import httpx
from fastapi import FastAPI

app = FastAPI()

async def release(sku: str) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            response = await client.post(f"http://inventory/release/{sku}")
            response.raise_for_status()
            return True
        except httpx.HTTPError:  # expect: swallowed-failure
            return False

@app.post("/orders/{sku}/cancel")
async def cancel(sku: str) -> dict:
    await release(sku)
    return {"cancelled": sku}
```

## Every caller looks at the answer

```python good
import httpx
from fastapi import FastAPI, HTTPException

app = FastAPI()

async def reserve(sku: str) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            response = await client.post(f"http://inventory/reserve/{sku}")
            response.raise_for_status()
            return True
        except httpx.ConnectError:
            return False

@app.post("/orders/{sku}")
async def order(sku: str) -> dict:
    if not await reserve(sku):
        raise HTTPException(503)
    return {"ordered": sku}
```

## Metrics may fail

```python good
import requests
from flask import Flask

app = Flask(__name__)

def count(name: str) -> None:
    try:
        requests.post("http://metrics/counters", json={"name": name}, timeout=1).raise_for_status()
    except requests.RequestException:
        pass

@app.post("/orders")
def order() -> dict:
    count("orders")
    return {"ok": True}
```

## What is read serves the attempt alone

```python good
import logging

from fastapi import FastAPI
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models import Case, Signal
from slack import send

app = FastAPI()
engine = create_engine("postgresql://db/cases", pool_pre_ping=True)

@app.post("/cases/{key}")
def store(key: int) -> dict:
    with Session(engine) as session:
        session.add(Case(key))
        try:
            signal = session.scalars(select(Signal).where(Signal.case == key)).first()
            send(f"new case for {signal}")
        except Exception:
            logging.exception("no message about %s", key)
        session.commit()
    return {}
```

## It is expected to fail

```python good
import requests
from celery import Celery

app = Celery("audit", broker="amqp://rabbitmq")

@app.task(acks_late=True)
def audit() -> None:
    try:
        requests.put("http://vault/secrets/probe", timeout=2)
    except requests.ConnectionError:
        return
    raise AssertionError("the vault can be reached from here")
```

## How safe is the fix
To review: after it the failure reaches the callers, which must be ready for it.

## References
- https://peps.python.org/pep-0020/
- https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_mitigate_interaction_failure_fail_fast.html
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import CaughtFailure
from shearpin.facts.site import Hop
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown
from shearpin.rulekit.wording import effect_name

RULE = Rule(
    name="swallowed-failure",
    summary="A failure is caught and nobody learns of it",
    severity=Severity.WARNING,
    practice="errors",
    yields_to=("fail-open", "error-reported-as-success", "ambiguous-outcome"),
)


@RULE.for_each(CaughtFailure)
def check(caught: CaughtFailure, ask: Ask) -> Iterator[Verdict]:
    """Lost, and somebody goes on."""
    if caught.outcome == "told":
        yield ok(caught.site, caught.note, subject="failure", function=caught.function)
    elif caught.outcome == "unknown":
        yield unknown(caught.site, caught.note, subject="failure", function=caught.function)
    elif caught.outcome == "lost" and caught.use is not None:
        how = "only logged" if caught.action == "logs" else "swallowed"
        yield Verdict(
            Outcome.VIOLATED,
            caught.head,
            f"when {effect_name(caught.effect)} fails it is {how} here and {caught.use_note}; let the failure out",
            function=caught.function,
            subject="failure",
            witness=(
                *caught.hops,
                Hop(caught.effect.site, "this may fail"),
                *caught.way,
                Hop(caught.use, caught.use_note),
            ),
            severity=Severity.ERROR if ask.is_critical(caught.function) else None,
            fixes=_fixes(caught),
            services=ask.services,
        )


def _fixes(caught: CaughtFailure) -> tuple[FixPlan, ...]:
    if caught.last is None or not caught.is_heard_outside:
        return ()
    action = Action("replace" if caught.replaces else "statement-after", caught.last, "raise")
    return (FixPlan("Raise the failure again", Grade.REVIEW, (action,)),)
