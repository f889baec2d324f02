"""A message counts as done before it is treated.

## What it does
Reports consumers whose messages are acknowledged on delivery, on a timer or before the work is done, when the work
then changes something that lasts. A transport that knows no acknowledgement (Redis Pub/Sub) counts as well.

Consumers that only log, measure or refresh what can be read again are fine.

## Why it matters
The broker forgets an acknowledged message. When the process dies, or the work fails, in the moments after that, the
message is lost: an order that is never indexed, a payment that is never booked, and no trace of it.

## Example

```python bad
import json

import pika
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

engine = create_engine("postgresql://db/orders")

def on_order(channel, method, properties, body):
    order = json.loads(body)
    with Session(engine) as session:
        session.execute(text("UPDATE orders SET state = 'paid' WHERE id = :id"), {"id": order["id"]})
        session.commit()

def consume() -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.queue_declare("orders", durable=True)
    channel.basic_consume("orders", on_order, auto_ack=True)  # expect: ack-before-processing
    while True:
        try:
            channel.start_consuming()
        except pika.exceptions.AMQPError:
            channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
```

```python good
import json

import pika
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

engine = create_engine("postgresql://db/orders")

def on_order(channel, method, properties, body):
    try:
        order = json.loads(body)
        with Session(engine) as session:
            session.execute(text("UPDATE orders SET state = 'paid' WHERE id = :id"), {"id": order["id"]})
            session.commit()
    except Exception:
        channel.basic_nack(method.delivery_tag, requeue=False)
    else:
        channel.basic_ack(method.delivery_tag)

def consume() -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.queue_declare("orders", durable=True)
    channel.basic_consume("orders", on_order)
    channel.start_consuming()
```

## Acknowledged first, treated afterwards

```python bad
import json

import aio_pika
import httpx
from aio_pika.abc import AbstractIncomingMessage

async def on_order(message: AbstractIncomingMessage) -> None:
    try:
        order = json.loads(message.body)
    except ValueError:
        await message.reject()
        return
    await message.ack()  # expect: ack-before-processing
    async with httpx.AsyncClient() as client:
        response = await client.post("http://shipping/shipments", json=order)
        response.raise_for_status()

async def consume(channel: aio_pika.Channel) -> None:
    queue = await channel.declare_queue("orders", durable=True)
    await queue.consume(on_order)
```

## Offsets that are committed on a timer

```python bad
from kafka import KafkaConsumer
from pymongo import MongoClient

orders = MongoClient("mongodb://db").shop.orders

def consume() -> None:
    consumer = KafkaConsumer("orders", group_id="bills", bootstrap_servers="kafka")  # expect: ack-before-processing
    for record in consumer:
        orders.update_one({"_id": record.key}, {"$set": {"state": "billed"}}, upsert=True)
```

```python good
from kafka import KafkaConsumer
from pymongo import MongoClient

orders = MongoClient("mongodb://db").shop.orders

def consume() -> None:
    consumer = KafkaConsumer(
        "orders", group_id="billing", bootstrap_servers="kafka:9092", enable_auto_commit=False
    )
    for record in consumer:
        orders.update_one({"_id": record.key}, {"$set": {"state": "billed"}}, upsert=True)
        consumer.commit()
```

## A channel that forgets
What nobody hears, or what fails while it is treated, is gone.

```python bad
import asyncio
import json

import redis.asyncio as redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

sessions = async_sessionmaker(create_async_engine("postgresql+asyncpg://db/reports"))

async def consume() -> None:
    channels = redis.from_url("redis://redis").pubsub()
    await channels.subscribe("orders")  # expect: ack-before-processing
    async for message in channels.listen():
        try:
            order = json.loads(message["data"])
            async with sessions() as session:
                statement = text("INSERT INTO reports (id) VALUES (:id) ON CONFLICT DO NOTHING")
                await session.execute(statement, {"id": order["id"]})
                await session.commit()
        except Exception as error:
            print("not reported", error)
```

## Caches can be read again

```python good
import redis.asyncio as redis

client = redis.from_url("redis://redis")

async def consume() -> None:
    channels = client.pubsub()
    await channels.subscribe("prices")
    async for message in channels.listen():
        await client.delete("prices")
```

## Tasks of Celery
Workers acknowledge a task before they run it, unless `task_acks_late` or `acks_late` says otherwise; then it must be
safe to run it twice.

```python bad
from celery import Celery
from sqlalchemy import create_engine, text

app = Celery("billing", broker="amqp://rabbitmq")  # expect: ack-before-processing
engine = create_engine("postgresql://db/billing")

@app.task
def close(invoice: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE invoices SET state = 'closed' WHERE id = :id"), {"id": invoice})
```

```python good
from celery import Celery
from sqlalchemy import create_engine, text

app = Celery("billing", broker="amqp://rabbitmq")
engine = create_engine("postgresql://db/billing")

@app.task(acks_late=True)
def close(invoice: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE invoices SET state = 'closed' WHERE id = :id"), {"id": invoice})
```

## How safe is the fix
There is no automatic fix: acknowledging later means that a message can come twice and that failures need an answer.

## References
- https://www.rabbitmq.com/docs/confirms#acknowledgement-modes
- https://redis.io/docs/latest/develop/pubsub/#delivery-semantics
- https://docs.celeryq.dev/en/stable/faq.html#should-i-use-retry-or-acks-late
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import Subscribe, TaskDefinition
from shearpin.facts.site import Hop, Site
from shearpin.facts.value import Const, Instance
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.answers import Reached
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.messages import is_telemetry, name_of
from shearpin.rulekit.verdict import Outcome, ok, unknown

RULE = Rule(
    name="ack-before-processing",
    summary="A message counts as done before it is treated",
    severity=Severity.ERROR,
    practice="messaging",
)

_SUBJECT = "acknowledgement"
_FORGETTING = frozenset(("redis-pubsub", "nats"))


@RULE.for_each(Subscribe)
def check(fact: Subscribe, ask: Ask) -> Iterator[Verdict]:
    """Acknowledged on delivery, on a timer, first, or never; and then something changes."""
    where = ask.handling(fact)
    if where is None:
        note = "the code that treats the messages is not found"
        yield unknown(fact.site, note, subject=_SUBJECT, function=fact.function)
        return
    if fact.auto_ack is None:
        yield unknown(fact.site, "how messages are settled is not known", subject=_SUBJECT, function=fact.function)
        return
    if is_telemetry(fact.topic) or is_telemetry(fact.key):
        yield ok(fact.site, "measurements may be lost", subject=_SUBJECT, function=fact.function)
        return
    if fact.broker == "kafka" and fact.auto_ack and fact.key == Const(""):
        yield unknown(fact.site, "without a group nothing is committed", subject=_SUBJECT, function=fact.function)
        return
    changes = ask.changes(where)
    if not fact.auto_ack:
        early = ask.early_ack(where)
        if early is None:
            yield ok(fact.site, "acknowledged after the work", subject=_SUBJECT, function=fact.function)
            return
        message = "the message is acknowledged before the work is done, a failure after this loses it; acknowledge last"
        yield _violated(early.ack.effect.head, message, early.change, fact, ask)
        return
    if not changes:
        yield ok(fact.site, "nothing that lasts depends on it", subject=_SUBJECT, function=fact.function)
        return
    yield _violated(fact.head, _message(fact), changes[0], fact, ask)


def _message(fact: Subscribe) -> str:
    name = name_of(fact)
    if fact.broker in _FORGETTING:
        return (
            f"{name} forgets each message at once: what arrives while nobody listens, or fails while it is treated, "
            "is lost; use a stream or queue with acknowledgement"
        )
    if fact.broker == "kafka":
        return f"offsets of {name} are committed on a timer whatever becomes of the records; commit after the work"
    return (
        f"messages of {name} are acknowledged on delivery, a failure while they are treated loses them; "
        "acknowledge after the work"
    )


def _violated(site: Site, message: str, change: Reached, fact: Subscribe, ask: Ask) -> Verdict:
    hops = (*change.hops, Hop(change.effect.site, "this changes something that lasts"))
    return Verdict(
        Outcome.VIOLATED, site, message, function=fact.function, subject=_SUBJECT, witness=hops,
        services=ask.services, examined=fact.site,
    )  # fmt: skip


@RULE.for_each(TaskDefinition)
def check_task(task: TaskDefinition, ask: Ask) -> Iterator[Verdict]:
    """A worker acknowledges before it runs the body, by default of the application."""
    if task.acks_late is None:
        yield unknown(task.site, "the settings of the workers are not known", subject=_SUBJECT, function=task.function)
        return
    where = ask.handling(task)
    changes = ask.changes(where) if where is not None else ()
    if task.acks_late or task.states_ack or not changes:
        note = "nothing that lasts depends on it" if not changes else "the code says when it is acknowledged"
        yield ok(task.site, note, subject=_SUBJECT, function=task.function)
        return
    made = task.app.site if isinstance(task.app, Instance) else None
    yield Verdict(
        Outcome.VIOLATED,
        task.head if made is None else ask.head(made),
        "workers acknowledge tasks before they run, one that dies in the middle loses its task; "
        "set task_acks_late where a task may run twice",
        function=task.function,
        subject=_SUBJECT,
        witness=(*changes[0].hops, Hop(changes[0].effect.site, "this changes something that lasts")),
        severity=Severity.WARNING,
        services=ask.services,
        examined=task.site,
    )
