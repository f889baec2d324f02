"""Several threads use a connection that belongs to one.

## What it does
Reports broker channels and connections (pika) and database sessions (SQLAlchemy) that are made once, at module level or
on an object that is, and used by handlers that run in threads.

Silent where a lock lets one thread in at a time, where each thread has its own, and where a start command says that a
process handles one request at a time.

## Why it matters
Two threads write to one socket at once: frames mix, the broker closes the connection, and messages of other requests
are lost with it. A shared session mixes the transactions of different users.

## Example

```python bad
import json

import pika
from flask import Flask, request

app = Flask(__name__)

class Publisher:
    def __init__(self) -> None:
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()

    def publish(self, order: dict) -> None:
        body = json.dumps(order).encode()
        self.channel.basic_publish("orders", "created", body, pika.BasicProperties(delivery_mode=2))

publisher = Publisher()  # expect: shared-channel-across-threads

@app.post("/orders")
def create():
    publisher.publish(request.get_json())
    return "", 202
```

```python good
import json
import threading

import pika
from flask import Flask, request

app = Flask(__name__)

class Publisher:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()

    def publish(self, order: dict) -> None:
        body = json.dumps(order).encode()
        with self.lock:
            self.channel.basic_publish("orders", "created", body, pika.BasicProperties(delivery_mode=2))

publisher = Publisher()

@app.post("/orders")
def create():
    publisher.publish(request.get_json())
    return "", 202
```

## A session for everybody

```python bad
from fastapi import FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

app = FastAPI()
session = Session(create_engine("postgresql://db/orders"))  # expect: shared-channel-across-threads

@app.get("/orders")
def orders() -> int:
    return session.execute(text("SELECT count(*) FROM orders")).scalar_one()
```

```python good
from fastapi import FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

app = FastAPI()
engine = create_engine("postgresql://db/orders")

@app.get("/orders")
def orders() -> int:
    with Session(engine) as session:
        return session.execute(text("SELECT count(*) FROM orders")).scalar_one()
```

## How safe is the fix
There is no automatic fix: a connection per thread, a lock, or a pool are different choices.

## References
- https://pika.readthedocs.io/en/stable/faq.html
- https://docs.sqlalchemy.org/en/20/orm/session_basics.html#is-the-session-thread-safe
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import Publish, StoreCall
from shearpin.facts.site import Hop
from shearpin.rulekit import Confidence, Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Outcome, ok, unknown

RULE = Rule(
    name="shared-channel-across-threads",
    summary="Several threads use a connection that belongs to one",
    severity=Severity.ERROR,
    practice="messaging",
)


@RULE.for_each(Publish, StoreCall)
def check(fact: Publish | StoreCall, ask: Ask) -> Iterator[Verdict]:
    """Made once, used by handlers that run side by side."""
    found = ask.sharing(fact)
    if found is None:
        return
    many = ask.handles_many() if found.runs == "worker" else True
    if found.answer in {"own", "locked"} or many is False:
        note = found.note if many else "a process handles one request at a time"
        yield ok(fact.site, note, subject="threads", function=fact.function)
        return
    if found.place is None:
        yield unknown(fact.site, found.note, subject="threads", function=fact.function)
        return
    what = "this channel" if isinstance(fact, Publish) else "this session"
    yield Verdict(
        Outcome.VIOLATED,
        ask.head(found.place),
        f"{what} belongs to one thread and every request uses it, frames of different requests mix; "
        "give each thread its own, or let one in at a time"
        if isinstance(fact, Publish)
        else f"{what} belongs to one thread and every request uses it, their transactions mix; make one per request",
        function=fact.function,
        subject="threads",
        witness=(*found.hops, Hop(fact.site, "it is used here")),
        confidence=Confidence.LIKELY if many is None else Confidence.CERTAIN,
        services=ask.services,
        examined=fact.site,
    )
