"""Treating a message twice does its work twice.

## What it does
Reports consumers whose messages can come twice (acknowledged after the work, put back on failure) and whose work is not
the same the second time: a counter, a row or document that is inserted anew, a mail, an unsafe request; when nothing
looks whether the message was treated before.

It also speaks where the code itself expects repeats, by an insert that ignores what is there already, and counts up
beside it all the same.

## Why it matters
At least once means: sometimes twice. After each restart and each lost acknowledgement, sums are too high, customers get
two mails and two parcels.

## Example

```python bad
import json

import pika
from sqlalchemy import create_engine, text

engine = create_engine("postgresql://db/sales")

def on_order(channel, method, properties, body):
    try:
        order = json.loads(body)
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE totals SET sum = sum + :price WHERE day = :day"),  # expect: consumer-not-idempotent
                {"price": order["price"], "day": order["day"]},
            )
        channel.basic_ack(method.delivery_tag)
    except (ValueError, KeyError):
        channel.basic_reject(method.delivery_tag, requeue=False)

def consume() -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.queue_declare("orders", durable=True)
    channel.basic_consume("orders", on_order)
    channel.start_consuming()
```

```python good
import json

import pika
from sqlalchemy import create_engine, text

engine = create_engine("postgresql://db/sales")

def on_order(channel, method, properties, body):
    try:
        order = json.loads(body)
        with engine.begin() as connection:
            first = connection.execute(
                text("INSERT INTO processed_messages (id) VALUES (:id) ON CONFLICT DO NOTHING"), {"id": order["id"]}
            )
            if first.rowcount:
                connection.execute(
                    text("UPDATE totals SET sum = sum + :price WHERE day = :day"),
                    {"price": order["price"], "day": order["day"]},
                )
        channel.basic_ack(method.delivery_tag)
    except (ValueError, KeyError):
        channel.basic_reject(method.delivery_tag, requeue=False)

def consume() -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.queue_declare("orders", durable=True)
    channel.basic_consume("orders", on_order)
    channel.start_consuming()
```

## A row for each delivery

```python bad
import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from sqlalchemy import Column, Integer, String
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import declarative_base

Base = declarative_base()
sessions = async_sessionmaker(create_async_engine("postgresql+asyncpg://db/audit"))

class Entry(Base):
    __tablename__ = "entries"
    id = Column(Integer, primary_key=True)
    event = Column(String)

async def on_event(message: AbstractIncomingMessage) -> None:
    async with message.process():
        async with sessions() as session:
            session.add(Entry(event=message.body.decode()))  # expect: consumer-not-idempotent
            await session.commit()

async def consume(channel: aio_pika.Channel) -> None:
    queue = await channel.declare_queue("audit", durable=True)
    await queue.consume(on_event)
```

```python good
import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from sqlalchemy import Column, Integer, String
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import declarative_base

Base = declarative_base()
sessions = async_sessionmaker(create_async_engine("postgresql+asyncpg://db/audit"))

class Entry(Base):
    __tablename__ = "entries"
    id = Column(Integer, primary_key=True)
    message = Column(String, unique=True)
    event = Column(String)

async def on_event(message: AbstractIncomingMessage) -> None:
    async with message.process():
        async with sessions() as session:
            session.add(Entry(message=message.message_id, event=message.body.decode()))
            await session.commit()

async def consume(channel: aio_pika.Channel) -> None:
    queue = await channel.declare_queue("audit", durable=True)
    await queue.consume(on_event)
```

## A request to somebody else

```python bad
import httpx
from kafka import KafkaConsumer

client = httpx.Client(timeout=5)

def consume() -> None:
    consumer = KafkaConsumer("orders", group_id="pay", enable_auto_commit=False, bootstrap_servers="kafka:9092")
    for record in consumer:
        response = client.post("https://pay.example/charges", content=record.value)  # expect: consumer-not-idempotent
        response.raise_for_status()
        consumer.commit()
```

```python good
import httpx
from kafka import KafkaConsumer

client = httpx.Client(timeout=5)

def consume() -> None:
    consumer = KafkaConsumer("orders", group_id="pay", enable_auto_commit=False, bootstrap_servers="kafka:9092")
    for record in consumer:
        headers = {"Idempotency-Key": f"{record.topic}-{record.partition}-{record.offset}"}
        response = client.post("https://pay.example/charges", content=record.value, headers=headers)
        response.raise_for_status()
        consumer.commit()
```

## A record of what was sent

```python good
import redis
import requests
from celery import Celery

app = Celery("notes", broker="redis://redis/1")
app.conf.task_acks_late = True
store = redis.Redis.from_url("redis://redis/2", socket_timeout=2)

@app.task
def send_note(message_id: str, number: str) -> None:
    if store.exists(f"sent:{message_id}"):
        return
    response = requests.post("https://sms.example/messages", json={"to": number}, timeout=5)
    response.raise_for_status()
    store.set(f"sent:{message_id}", 1, ex=86400)

def start(message_id: str, number: str) -> None:
    send_note.delay(message_id, number)
```

## How safe is the fix
There is no automatic fix: what identifies a message, and where treated ones are remembered, is for a person to say.

## References
- https://microservices.io/patterns/communication-style/idempotent-consumer.html
- https://www.rabbitmq.com/docs/reliability#consumer-side
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import HttpCall, RemoteCall, Subscribe, TaskDefinition
from shearpin.facts.site import Hop, Site
from shearpin.rulekit import Confidence, Rule, Severity, Verdict
from shearpin.rulekit.answers import Handling, Reached, Repeated, Repeats
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Outcome, ok, unknown

RULE = Rule(
    name="consumer-not-idempotent",
    summary="Treating a message twice does its work twice",
    severity=Severity.ERROR,
    practice="messaging",
)

_MOST = 4


@RULE.for_each(Subscribe, TaskDefinition)
def check(fact: Subscribe | TaskDefinition, ask: Ask) -> Iterator[Verdict]:
    """A message that comes again, and work that is not the same then."""
    where = ask.handling(fact)
    again = _comes_again(fact)
    if where is None or again is None:
        missing = "the code that treats the messages is not found"
        note = missing if where is None else "how messages are settled is not known"
        yield unknown(fact.site, note, subject="repeats", function=fact.function)
        return
    repeats = ask.repeats(where)
    found = (*repeats.found, *_requests(where, ask))
    if not again and repeats.ignores is None:
        yield ok(fact.site, "a message comes at most once", subject="repeats", function=fact.function)
        return
    if not found:
        note = repeats.guard or "nothing is known to differ the second time"
        yield ok(fact.site, note, subject="repeats", function=fact.function)
        return
    yield _violated(fact, where, found, repeats if not again else None, ask)


def _comes_again(fact: Subscribe | TaskDefinition) -> bool | None:
    """Whether a message can come twice; None when that is not known."""
    if isinstance(fact, TaskDefinition):
        return fact.acks_late
    if fact.on_failure:
        return None if fact.on_failure == "unknown" else True
    return None if fact.auto_ack is None else not fact.auto_ack


def _requests(where: Handling, ask: Ask) -> list[Repeated]:
    """Requests that somebody else carries out anew each time."""
    calls = [item for item in ask.changes(where) if isinstance(item.effect, HttpCall)]
    unsafe = [item for item in calls if ask.kind_of(item.effect).kind == "unsafe"]
    return [Repeated(item, "is carried out each time") for item in unsafe if not ask.guard(where, item)]


def _violated(
    fact: Subscribe | TaskDefinition, where: Handling, found: tuple[Repeated, ...], expects: Repeats | None, ask: Ask
) -> Verdict:
    first = found[0]
    others = [Hop(item.reached.effect.site, f"this {item.note} as well") for item in found[1:_MOST]]
    why = "the insert beside it ignores repeats, so they are expected" if expects else "a message can come twice"
    hint = [] if expects is None or expects.ignores is None else [Hop(expects.ignores, "this ignores what is there")]
    return Verdict(
        Outcome.VIOLATED,
        _anchor(ask, where, first.reached),
        f"this {first.note} and {why}; remember which messages were treated, in the same transaction",
        function=where.function,
        subject="repeats",
        witness=(*first.reached.hops, Hop(first.reached.effect.site, f"this {first.note}"), *hint, *others),
        confidence=Confidence.LIKELY if expects else Confidence.CERTAIN,
        severity=Severity.WARNING if all(isinstance(item.reached.effect, RemoteCall) for item in found) else None,
        services=ask.services,
        examined=fact.site,
    )


def _anchor(ask: Ask, where: Handling, item: Reached) -> Site:
    return ask.head(ask.place_of(where, item))
