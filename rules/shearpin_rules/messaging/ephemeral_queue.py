"""Messages that matter wait in a queue that disappears.

## What it does
Reports consumers that change something that lasts and read from a queue that is exclusive, deleted with its last
consumer, or named by the server.

A private queue is right where each process wants its own copy: caches, websockets, live views.

## Why it matters
The queue exists while the consumer is connected. What is published during a restart is dropped, and every replica gets
every message, so the work is done once per replica.

## Example

```python bad
import json

import pika
from elasticsearch import Elasticsearch

index = Elasticsearch("http://elasticsearch:9200", request_timeout=5)

def on_issue(channel, method, properties, body):
    try:
        index.index(index="issues", document=json.loads(body))
        channel.basic_ack(method.delivery_tag)
    except ValueError:
        channel.basic_reject(method.delivery_tag, requeue=False)

def consume() -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    declared = channel.queue_declare("", exclusive=True)  # expect: ephemeral-queue
    channel.queue_bind(exchange="issues", queue=declared.method.queue, routing_key="#")
    channel.basic_consume(declared.method.queue, on_issue)
    channel.start_consuming()
```

```python good
import json

import pika
from elasticsearch import Elasticsearch

index = Elasticsearch("http://elasticsearch:9200", request_timeout=5)

def on_issue(channel, method, properties, body):
    try:
        index.index(index="issues", document=json.loads(body))
        channel.basic_ack(method.delivery_tag)
    except ValueError:
        channel.basic_reject(method.delivery_tag, requeue=False)

def consume() -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.queue_declare("search.issues", durable=True)
    channel.queue_bind(exchange="issues", queue="search.issues", routing_key="#")
    channel.basic_consume("search.issues", on_issue)
    channel.start_consuming()
```

## Deleted with its last consumer

```python bad
import json

import aio_pika
import httpx
from aio_pika.abc import AbstractIncomingMessage

client = httpx.AsyncClient()

async def on_order(message: AbstractIncomingMessage) -> None:
    async with message.process():
        response = await client.put("http://shipping/shipments/1", json=json.loads(message.body))
        response.raise_for_status()

async def consume(channel: aio_pika.Channel) -> None:
    queue = await channel.declare_queue("shipping", auto_delete=True)  # expect: ephemeral-queue
    await queue.bind("orders", routing_key="order.*")
    await queue.consume(on_order)
```

```python fixed
import json

import aio_pika
import httpx
from aio_pika.abc import AbstractIncomingMessage

client = httpx.AsyncClient()

async def on_order(message: AbstractIncomingMessage) -> None:
    async with message.process():
        response = await client.put("http://shipping/shipments/1", json=json.loads(message.body))
        response.raise_for_status()

async def consume(channel: aio_pika.Channel) -> None:
    queue = await channel.declare_queue("shipping", auto_delete=False, durable=True)
    await queue.bind("orders", routing_key="order.*")
    await queue.consume(on_order)
```

## Each process wants its own copy

```python good
import json

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

prices: dict[str, float] = {}

async def on_price(message: AbstractIncomingMessage) -> None:
    async with message.process():
        price = json.loads(message.body)
        prices[price["sku"]] = price["amount"]

async def consume(channel: aio_pika.Channel) -> None:
    queue = await channel.declare_queue(exclusive=True)
    await queue.bind("prices", routing_key="#")
    await queue.consume(on_price)
```

## How safe is the fix
To review: the new name is made of the service and the exchange, and replicas of the service share the queue from then
on. Where the service or the exchange is not known there is no fix.

## References
- https://www.rabbitmq.com/docs/queues#temporary-queues
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import QueueDeclared, Subscribe
from shearpin.facts.site import Hop
from shearpin.facts.value import Const
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.fixes import parens_of
from shearpin.rulekit.messages import text_of
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown

RULE = Rule(
    name="ephemeral-queue",
    summary="Messages that matter wait in a queue that disappears",
    severity=Severity.ERROR,
    practice="messaging",
)


@RULE.for_each(Subscribe)
def check(fact: Subscribe, ask: Ask) -> Iterator[Verdict]:
    """A queue that lives as long as its consumer, for work that lasts longer."""
    if fact.broker != "amqp":
        return
    declared = ask.declaration(fact)
    if declared is None:
        yield unknown(fact.site, "the queue is declared elsewhere", subject="queue", function=fact.function)
        return
    why = _why(declared)
    if not why:
        yield ok(fact.site, "the queue stays", subject="queue", function=fact.function)
        return
    where = ask.handling(fact)
    if where is None:
        note = "the code that treats the messages is not found"
        yield unknown(fact.site, note, subject="queue", function=fact.function)
        return
    changes = ask.changes(where)
    if not changes:
        yield ok(fact.site, "nothing that lasts depends on it", subject="queue", function=fact.function)
        return
    yield Verdict(
        Outcome.VIOLATED,
        declared.head,
        f"this queue {why}: what is sent while the consumer is down is lost; declare a durable queue with a name",
        function=declared.function,
        subject="queue",
        witness=(*changes[0].hops, Hop(changes[0].effect.site, "its messages change something that lasts")),
        fixes=_fixes(declared, fact, ask),
        services=ask.services,
        examined=fact.site,
    )


def _fixes(declared: QueueDeclared, fact: Subscribe, ask: Ask) -> tuple[FixPlan, ...]:
    """A durable queue; its name is made of the service and the exchange where it has none of its own."""
    if not declared.name_argument:
        return ()
    parens = parens_of(declared)
    actions: list[Action] = []
    if not declared.is_named:
        exchanges = {text_of(binding.exchange) for binding in ask.bindings(fact)} - {""}
        if len(ask.services) != 1 or len(exchanges) != 1:
            return ()
        name = f'"{ask.services[0]}.{exchanges.pop()}"'
        empty = ask.argument(declared, Const(""))
        actions.append(
            Action("argument", parens, f"{declared.name_argument}={name}")
            if empty is None
            else Action("replace", empty, name)
        )
    flags = {"exclusive=False": declared.is_exclusive, "auto_delete=False": declared.is_auto_delete}
    actions += [Action("argument", parens, text) for text, given in flags.items() if given]
    if not declared.is_durable:
        actions.append(Action("argument", parens, "durable=True"))
    return (FixPlan("Declare a durable queue with a name", Grade.REVIEW, tuple(actions)),)


def _why(declared: QueueDeclared) -> str:
    if declared.is_exclusive:
        return "belongs to one connection and goes with it"
    if declared.is_auto_delete:
        return "is deleted with its last consumer"
    return "gets a new name at each start" if declared.is_named is False else ""
