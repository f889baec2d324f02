"""One message that cannot be treated stops the others.

## What it does
Reports consumers in which a failure that the content of a message causes (text that does not parse, a key that is
missing) leaves the message neither acknowledged nor rejected, or ends the loop, thread or task that consumes.

## Why it matters
The message comes back with every restart and fails again, or it blocks a place for ever: one bad message, often from
a sender that has changed, stops all that come behind it.

## Example

```python bad
import json

import pika

def on_order(channel, method, properties, body):
    order = json.loads(body)  # expect: poison-message
    print("order", order["id"])
    channel.basic_ack(method.delivery_tag)

def consume() -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.basic_consume("orders", on_order)
    channel.start_consuming()
```

```python good
import json

import pika

def on_order(channel, method, properties, body):
    try:
        order = json.loads(body)
        print("order", order["id"])
    except (ValueError, KeyError):
        channel.basic_reject(method.delivery_tag, requeue=False)
        return
    channel.basic_ack(method.delivery_tag)

def consume() -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.basic_consume("orders", on_order)
    channel.start_consuming()
```

## Caught, logged, and never settled

```python bad
import json

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

async def on_order(message: AbstractIncomingMessage) -> None:
    try:
        order = json.loads(message.body)  # expect: poison-message
        print("order", order["id"])
        await message.ack()
    except Exception as error:
        print("failed", error)

async def consume(channel: aio_pika.Channel) -> None:
    queue = await channel.declare_queue("orders", durable=True)
    await queue.consume(on_order)
```

```python good
import json

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

async def on_order(message: AbstractIncomingMessage) -> None:
    async with message.process():
        order = json.loads(message.body)
        print("order", order["id"])

async def consume(channel: aio_pika.Channel) -> None:
    queue = await channel.declare_queue("orders", durable=True)
    await queue.consume(on_order)
```

## A loop that ends

```python bad
import json

from kafka import KafkaConsumer

def consume() -> None:
    consumer = KafkaConsumer("orders", group_id="mails", enable_auto_commit=False, bootstrap_servers="kafka:9092")
    for record in consumer:
        order = json.loads(record.value)  # expect: poison-message
        print("order", order["id"])
        consumer.commit()
```

```python good
import json

from kafka import KafkaConsumer

def consume() -> None:
    consumer = KafkaConsumer("orders", group_id="mails", enable_auto_commit=False, bootstrap_servers="kafka:9092")
    for record in consumer:
        try:
            order = json.loads(record.value)
            print("order", order["id"])
        except (ValueError, KeyError) as error:
            print("skipped", record.offset, error)
        consumer.commit()
```

## What fails is passed over

```python good
import contextlib
import json

import redis

client = redis.Redis(host="redis")

def listen() -> None:
    channel = client.pubsub()
    channel.subscribe("prices")
    for message in channel.listen():
        with contextlib.suppress(Exception):
            print(json.loads(message["data"])["price"])
```

## How safe is the fix
There is no automatic fix: where messages go that cannot be treated (dead letter queue, log, table) is a choice.

## References
- https://www.rabbitmq.com/docs/dlx
- https://www.confluent.io/blog/kafka-connect-deep-dive-error-handling-dead-letter-queues/
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import Subscribe
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Outcome, ok, unknown

RULE = Rule(
    name="poison-message",
    summary="One message that cannot be treated stops the others",
    severity=Severity.ERROR,
    practice="messaging",
)


@RULE.for_each(Subscribe)
def check(fact: Subscribe, ask: Ask) -> Iterator[Verdict]:
    """A failure that comes with the message stays with it, or ends the consumer."""
    where = ask.handling(fact)
    if where is None:
        note = "the code that treats the messages is not found"
        yield unknown(fact.site, note, subject="failing messages", function=fact.function)
        return
    fate = ask.unsettled(fact, where)
    if fate.answer == "settled":
        yield ok(fact.site, fate.note, subject="failing messages", function=fact.function)
        return
    if fate.site is None:
        yield unknown(fact.site, fate.note, subject="failing messages", function=fact.function)
        return
    declared = ask.declaration(fact)
    if fate.answer == "stuck" and declared is not None and declared.limits_deliveries:
        yield ok(fact.site, "the broker gives up", subject="failing messages", function=fact.function)
        return
    if fate.answer == "never":
        yield Verdict(
            Outcome.VIOLATED,
            fact.head,
            "entries that are read here are never acknowledged: they stay pending, and what fails is never read again; "
            "acknowledge each after the work",
            function=where.function,
            subject="failing messages",
            services=ask.services,
            examined=fact.site,
        )
        return
    site = fate.hops[0].site if fate.hops else fate.site
    yield Verdict(
        Outcome.VIOLATED,
        ask.head(site),
        f"a message that fails here comes back or blocks the others: {fate.note}; reject it"
        if fate.answer == "stuck"
        else f"one message that fails here stops all others: {fate.note}; handle failures of single messages",
        function=where.function,
        subject="failing messages",
        witness=fate.hops,
        services=ask.services,
        examined=fact.site,
    )
