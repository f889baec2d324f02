"""A message is sent and nobody knows whether it arrived.

## What it does
Reports messages that the broker may lose without a word: sent on a channel that asks for no confirmation or without
persistence (RabbitMQ), put into a buffer whose result nobody looks at (Kafka), or, after a change of a database, sent
through a channel that forgets (Redis Pub/Sub) to consumers outside the workspace.

Measurements, questions and answers (`reply_to`, `correlation_id`), and relays that send the rows of an outbox again,
are fine.

## Why it matters
Sending returns at once and looks like success. When the broker restarts, refuses the message or the connection breaks,
the order that was just paid is never shipped, and no error tells of it.

## Example

```python bad
import pika

channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
channel.confirm_delivery()

def announce(order: bytes) -> None:
    channel.basic_publish("orders", "created", order)  # expect: publish-without-confirm
```

```python fixed
import pika

channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
channel.confirm_delivery()

def announce(order: bytes) -> None:
    channel.basic_publish("orders", "created", order, properties=pika.BasicProperties(delivery_mode=2))
```

## No confirmation is asked for

```python bad
import json

import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
channel = connection.channel()

def announce(order: dict) -> None:
    channel.basic_publish(  # expect: publish-without-confirm
        exchange="orders",
        routing_key="created",
        body=json.dumps(order).encode(),
        properties=pika.BasicProperties(content_type="application/json"),
    )
```

```python fixed
import json

import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
channel = connection.channel()
channel.confirm_delivery()

def announce(order: dict) -> None:
    channel.basic_publish(
        exchange="orders",
        routing_key="created",
        body=json.dumps(order).encode(),
        properties=pika.BasicProperties(content_type="application/json", delivery_mode=2),
    )
```

## Put into a buffer

```python bad
from aiokafka import AIOKafkaProducer

producer = AIOKafkaProducer(bootstrap_servers="kafka:9092", enable_idempotence=True)

async def announce(order: bytes) -> None:
    await producer.send("orders", order)  # expect: publish-without-confirm
```

```python fixed
from aiokafka import AIOKafkaProducer

producer = AIOKafkaProducer(bootstrap_servers="kafka:9092", enable_idempotence=True)

async def announce(order: bytes) -> None:
    await producer.send_and_wait("orders", order)
```

```python bad
from confluent_kafka import Producer

producer = Producer({"bootstrap.servers": "kafka:9092"})

def announce(order: bytes) -> None:
    producer.produce("orders", order)  # expect: publish-without-confirm
```

```python good
from confluent_kafka import Producer

producer = Producer({"bootstrap.servers": "kafka:9092"})

def announce(order: bytes) -> None:
    producer.produce("orders", order)
    producer.flush()
```

## Confirmed by default

```python good
import aio_pika

async def announce(channel: aio_pika.Channel, order: bytes) -> None:
    exchange = await channel.get_exchange("orders")
    message = aio_pika.Message(order, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await exchange.publish(message, routing_key="created")
```

## Measurements

```python good
import pika

channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()

def measure(value: bytes) -> None:
    channel.basic_publish("metrics", "latency", value)
```

## The message only wakes who finds it in a list

```python good
import json

import redis
from flask import Flask, request

app = Flask(__name__)
client = redis.Redis(host="redis")

@app.post("/jobs")
def job():
    message = json.dumps(request.json)
    pipe = client.pipeline()
    pipe.lpush("jobs", message)
    pipe.publish("jobs-woken", message)
    pipe.execute()
    return {}
```

## A tool that somebody starts by hand

```python good
import pika

def send(queue: str, text: str) -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.basic_publish(exchange="", routing_key=queue, body=text)

if __name__ == "__main__":
    send("orders", "{}")
```

## How safe is the fix
Safe where it makes the message persistent or waits for the broker: only the failure changes. To review where it turns
confirmation on: each message then waits for the broker.

## References
- https://www.rabbitmq.com/docs/confirms#publisher-confirms
- https://aiokafka.readthedocs.io/en/stable/producer.html#message-buffering
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import Publish
from shearpin.rulekit import Confidence, Rule, Severity, Verdict
from shearpin.rulekit.answers import Delivery
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.fixes import plan
from shearpin.rulekit.messages import is_telemetry, name_of
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown

RULE = Rule(
    name="publish-without-confirm",
    summary="A message is sent and nobody knows whether it arrived",
    severity=Severity.WARNING,
    practice="messaging",
    yields_to=("topic-without-consumer",),
)

_BY_HAND = frozenset(("cli", "test"))
_ANSWERED = frozenset(("amqp", "kafka"))
_FORGETTING = frozenset(("redis-pubsub", "nats"))


@RULE.for_each(Publish)
def check(fact: Publish, ask: Ask) -> Iterator[Verdict]:
    """Neither confirmed nor kept, or through a channel that forgets."""
    if fact.broker in _FORGETTING and not fact.is_confirmed:
        yield from _forgotten(fact, ask)
        return
    if fact.broker not in _ANSWERED:
        return
    if is_telemetry(fact.topic) or is_telemetry(fact.key):
        yield ok(fact.site, "measurements may be lost", subject="delivery", function=fact.function)
        return
    if fact.is_dialogue:
        yield ok(fact.site, "somebody waits for the answer", subject="delivery", function=fact.function)
        return
    found = ask.delivery(fact)
    missing = [name for name in ("confirmed", "durable") if getattr(found, name) == "no"]
    if not missing:
        known = "unknown" not in {found.confirmed, found.durable}
        note = found.note if known or found.confirmed == "unknown" else "whether the message is kept is not known"
        yield (ok if known else unknown)(fact.site, note, subject="delivery", function=fact.function)
        return
    contexts = ask.contexts(fact.function)
    if contexts and contexts <= _BY_HAND:
        yield unknown(fact.site, "who starts it by hand may look", subject="delivery", function=fact.function)
        return
    if ask.is_relayed(fact):
        yield ok(fact.site, "a relay sends it again", subject="delivery", function=fact.function)
        return
    yield Verdict(
        Outcome.VIOLATED,
        fact.head,
        _message(fact, missing),
        function=fact.function,
        subject="delivery",
        witness=ask.hops,
        fixes=_fixes(fact, found, missing, ask),
        services=ask.services,
    )


def _forgotten(fact: Publish, ask: Ask) -> Iterator[Verdict]:
    """Where the consumers are known, the finding stands there; who sends after a change to others loses that change."""
    if ask.consumers_of(fact).answer != "unknown" or is_telemetry(fact.topic) or not ask.follows_change(fact):
        return
    if ask.is_kept_beside(fact):
        yield ok(fact.site, "what is sent is also stored", subject="delivery", function=fact.function)
        return
    yield Verdict(
        Outcome.VIOLATED,
        fact.head,
        f"{name_of(fact)} forgets what nobody hears at that moment: this change is lost to consumers that restart; "
        "use a stream or queue",
        function=fact.function,
        subject="delivery",
        confidence=Confidence.LIKELY,
        services=ask.services,
    )


def _message(fact: Publish, missing: list[str]) -> str:
    if fact.broker == "kafka":
        return (
            f"this only puts the message for {name_of(fact)} into a buffer, a failure to deliver it is never seen; "
            "wait for the result, or flush"
        )
    why = {"confirmed": "the broker does not confirm it", "durable": "it does not survive a restart of the broker"}
    return f"this message can be lost unseen: {' and '.join(why[name] for name in missing)}"


def _fixes(fact: Publish, found: Delivery, missing: list[str], ask: Ask) -> tuple[FixPlan, ...]:
    if fact.broker == "kafka":
        waiting = plan(fact, "confirm", "Wait until the broker has it")
        return () if waiting is None else (waiting,)
    actions: list[Action] = []
    if "durable" in missing:
        kept = _keeping(fact, ask)
        if not kept:
            return ()
        actions += kept
    if "confirmed" in missing:
        channel = found.channel
        if channel is None or not channel.result_name or (ask.hops and channel.function != fact.function):
            return ()
        actions.append(Action("statement-after", channel.site, f"{channel.result_name}.{fact.confirmed_by}()"))
        return (FixPlan("Ask the broker to confirm", Grade.REVIEW, tuple(actions)),)
    return (FixPlan("Make the message persistent", Grade.SAFE, tuple(actions)),)


def _keeping(fact: Publish, ask: Ask) -> tuple[Action, ...]:
    """The steps that make a message persistent: in its properties, or by giving it some."""
    if fact.properties is None:
        found = plan(fact, "make-durable", "")
        return () if found is None else found.actions
    parens = ask.parens(fact.properties)
    same = fact.properties.path == fact.site.path
    return (Action("argument", parens, "delivery_mode=2"),) if parens is not None and same else ()
