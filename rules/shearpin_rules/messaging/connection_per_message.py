"""A connection to the broker is opened for each message.

## What it does
Reports connections and producers of message brokers that are constructed in the path of a request, message or task
and dropped at its end.

## Why it matters
Opening a connection takes several round trips and a login, far longer than sending. Under load the broker runs out of
connections and file handles, and each request waits for all of it.

## Example

```python bad
import json

import pika
from fastapi import FastAPI

app = FastAPI()

def publish(order: dict) -> None:
    connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))  # expect: connection-per-message
    channel = connection.channel()
    channel.confirm_delivery()
    channel.basic_publish(
        "orders", "order.created", json.dumps(order).encode(), properties=pika.BasicProperties(delivery_mode=2)
    )
    connection.close()

@app.post("/orders")
def create(order: dict) -> dict:
    publish(order)
    return order
```

```python good
import json

import aio_pika
from fastapi import FastAPI, Request

app = FastAPI()

@app.on_event("startup")
async def connect() -> None:
    app.state.connection = await aio_pika.connect_robust("amqp://rabbitmq")
    app.state.channel = await app.state.connection.channel()

@app.post("/orders")
async def create(order: dict, request: Request) -> dict:
    exchange = await request.app.state.channel.get_exchange("orders")
    message = aio_pika.Message(json.dumps(order).encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await exchange.publish(message, routing_key="order.created")
    return order
```

## A producer per task

```python bad
from celery import Celery
from confluent_kafka import Producer

app = Celery("reports", broker="amqp://rabbitmq")

@app.task(acks_late=True)
def report(order: str) -> None:
    producer = Producer({"bootstrap.servers": "kafka:9092"})  # expect: connection-per-message
    producer.produce("reports", order.encode())
    producer.flush()
```

## How safe is the fix
There is no automatic fix: where the connection lives (life cycle, module, pool), and who may use it, is a choice.

## References
- https://www.rabbitmq.com/docs/connections#high-connection-churn
- https://docs.confluent.io/kafka-clients/python/current/overview.html
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import ClientCreated
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Outcome, ok, unknown

RULE = Rule(
    name="connection-per-message",
    summary="A connection to the broker is opened for each message",
    severity=Severity.WARNING,
    practice="messaging",
)

_BROKERS = frozenset(("amqp", "kafka", "nats", "mqtt", "stomp"))
_PER = {"request": "request", "consumer": "message", "task": "task"}


@RULE.for_each(ClientCreated)
def check(made: ClientCreated, ask: Ask) -> Iterator[Verdict]:
    """A connection that a request, message or task drops."""
    if made.protocol not in _BROKERS or not made.is_costly:
        return
    lifetime = ask.lifetime(made)
    if lifetime.answer == "kept":
        yield ok(made.site, lifetime.note, subject="connection", function=made.function)
        return
    if lifetime.answer == "unknown" or not lifetime.contexts:
        note = lifetime.note if lifetime.answer == "unknown" else "nothing is known to call this"
        yield unknown(made.site, note, subject="connection", function=made.function)
        return
    context = next((name for name in _PER if name in lifetime.contexts), None)
    if context is None:
        note = f"made in {', '.join(sorted(lifetime.contexts))} only"
        yield ok(made.site, note, subject="connection", function=made.function)
        return
    yield Verdict(
        Outcome.VIOLATED,
        made.head,
        f"a connection to the broker is opened and thrown away for each {_PER[context]}; open it once and keep it",
        function=made.function,
        subject="connection",
        witness=lifetime.hops,
        services=ask.services,
    )
