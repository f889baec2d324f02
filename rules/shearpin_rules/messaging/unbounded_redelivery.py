"""A message that fails is put back at once, for ever.

## What it does
Reports consumers that put every failed message back into its queue without a count, a pause or an end: a negative
acknowledgement with `requeue`, `message.process(requeue=True)`.

## Why it matters
A message that fails because of what it says fails again in the same millisecond. The consumer spins at full speed,
the logs fill, and the messages behind it wait.

## Example

```python bad
import json

import pika

def on_order(channel, method, properties, body):
    try:
        print("order", json.loads(body)["id"])
        channel.basic_ack(method.delivery_tag)
    except Exception as error:
        print("failed", error)
        channel.basic_nack(method.delivery_tag, requeue=True)  # expect: unbounded-redelivery

def consume() -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.queue_declare("orders", durable=True)
    channel.basic_consume("orders", on_order)
    channel.start_consuming()
```

```python good
import json

import pika

def on_order(channel, method, properties, body):
    try:
        print("order", json.loads(body)["id"])
        channel.basic_ack(method.delivery_tag)
    except Exception as error:
        print("failed", error)
        channel.basic_nack(method.delivery_tag, requeue=False)

def consume() -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.queue_declare("orders", durable=True, arguments={"x-dead-letter-exchange": "dead"})
    channel.basic_consume("orders", on_order)
    channel.start_consuming()
```

## A block that puts back

```python bad
import json

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

async def on_order(message: AbstractIncomingMessage) -> None:
    async with message.process(requeue=True):  # expect: unbounded-redelivery
        print("order", json.loads(message.body)["id"])

async def consume(channel: aio_pika.Channel) -> None:
    queue = await channel.declare_queue("orders", durable=True)
    await queue.consume(on_order)
```

```python good
import json

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

async def on_order(message: AbstractIncomingMessage) -> None:
    async with message.process(requeue=True, reject_on_redelivered=True):
        print("order", json.loads(message.body)["id"])

async def consume(channel: aio_pika.Channel) -> None:
    queue = await channel.declare_queue("orders", durable=True)
    await queue.consume(on_order)
```

## How safe is the fix
There is no automatic fix: without `requeue` a failed message goes to the dead letter exchange of its queue, or is
dropped when there is none, and a queue that exists cannot be given one by declaring it anew.

## References
- https://www.rabbitmq.com/docs/nack
- https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import QueueDeclared, Subscribe
from shearpin.facts.site import Site
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Outcome, ok, unknown

RULE = Rule(
    name="unbounded-redelivery",
    summary="A message that fails is put back at once, for ever",
    severity=Severity.ERROR,
    practice="messaging",
)


@RULE.for_each(Subscribe)
def check(fact: Subscribe, ask: Ask) -> Iterator[Verdict]:
    """Put back on every failure, with nothing that ends it."""
    where = ask.handling(fact)
    if where is None or fact.on_failure == "unknown":
        note = "the code that treats the messages is not found"
        yield unknown(fact.site, note, subject="redelivery", function=fact.function)
        return
    if fact.on_failure == "requeue":
        yield _violated(fact.head, fact, ask)
        return
    declared = ask.declaration(fact)
    found = ask.requeues(where)
    if not found:
        yield ok(fact.site, "nothing is put back", subject="redelivery", function=fact.function)
        return
    for item in found:
        if item.answer == "bounded" or (declared is not None and _gives_up(declared)):
            note = item.note if item.answer == "bounded" else "the queue sends it elsewhere in the end"
            yield ok(fact.site, note, subject="redelivery", function=fact.function)
        elif item.answer == "unknown" or item.ack is None:
            yield unknown(fact.site, item.note, subject="redelivery", function=fact.function)
        elif declared is None or declared.limits_deliveries is None:
            note = "the queue is declared elsewhere and may limit deliveries"
            yield unknown(fact.site, note, subject="redelivery", function=fact.function)
        else:
            yield _violated(item.ack.effect.head, fact, ask)


def _gives_up(declared: QueueDeclared) -> bool:
    return bool(declared.limits_deliveries or declared.dead_letters)


def _violated(site: Site, fact: Subscribe, ask: Ask) -> Verdict:
    return Verdict(
        Outcome.VIOLATED,
        site,
        "every failed message is put back at once and fails again, without a count, a pause or an end; "
        "reject it to a dead letter queue",
        function=fact.function,
        subject="redelivery",
        services=ask.services,
        examined=fact.site,
    )
