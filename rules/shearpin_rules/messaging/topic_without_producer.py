"""Something waits for messages that nobody sends.

## What it does
Reports subscriptions, queues and tasks of the workspace to which no service of the workspace sends. A name of the
other side that looks like a slip of the pen is named.

Silent in workspaces of one service, when another service is written in a language that is not read, when a sender
computes its names, and where nobody in the workspace sends messages of this kind at all.

## Why it matters
The consumer runs, is healthy, and never does anything: an audit log that stays empty, a search that finds nothing.

## Example

```yaml bad file=compose.yaml
services:
  issues:
    build: ./issues
  audit:
    build: ./audit
```

```python bad file=issues/main.py
import pika
from fastapi import FastAPI

app = FastAPI()
channel = None

def send(body: bytes) -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.confirm_delivery()
    channel.queue_declare("audit", durable=True)
    channel.basic_publish("", "audit", body, pika.BasicProperties(delivery_mode=2))  # expect: topic-without-consumer
```

```python bad file=audit/main.py
import pika

def on_event(channel, method, properties, body):
    print(body)
    channel.basic_ack(method.delivery_tag)

def main() -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.queue_declare("audit_log", durable=True)
    channel.queue_bind("audit_log", "audit.events", "issue.*")  # expect: topic-without-producer
    channel.basic_consume("audit_log", on_event)
    channel.start_consuming()

if __name__ == "__main__":
    main()
```

```yaml good file=compose.yaml
services:
  issues:
    build: ./issues
  audit:
    build: ./audit
```

```python good file=issues/main.py
import pika
from fastapi import FastAPI

app = FastAPI()

def send(body: bytes) -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.confirm_delivery()
    channel.basic_publish("issue.events", "issue.created", body, pika.BasicProperties(delivery_mode=2))
```

```python good file=audit/main.py
import pika

def on_event(channel, method, properties, body):
    print(body)
    channel.basic_ack(method.delivery_tag)

def main() -> None:
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.queue_declare("audit_log", durable=True)
    channel.queue_bind("audit_log", "issue.events", "issue.*")
    channel.basic_consume("audit_log", on_event)
    channel.start_consuming()

if __name__ == "__main__":
    main()
```

## Topics of Kafka

```yaml bad file=compose.yaml
services:
  shop:
    build: ./shop
  stock:
    build: ./stock
```

```python bad file=shop/main.py
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI

app = FastAPI()
producer = AIOKafkaProducer(bootstrap_servers="kafka:9092")

@app.post("/orders")
async def create(order: str) -> str:
    await producer.send_and_wait("orders.created", order.encode())  # expect: topic-without-consumer
    return order
```

```python bad file=stock/main.py
import asyncio

from aiokafka import AIOKafkaConsumer

async def main() -> None:
    consumer = AIOKafkaConsumer(  # expect: topic-without-producer
        "order.created", group_id="stock", enable_auto_commit=False, bootstrap_servers="kafka:9092"
    )
    await consumer.start()
    async for record in consumer:
        print(record.value)
        await consumer.commit()

if __name__ == "__main__":
    asyncio.run(main())
```

## The sender is not in the workspace

```python good
import redis

client = redis.Redis("redis", socket_timeout=5)

def consume() -> None:
    channels = client.pubsub()
    channels.subscribe("sensors")
    for message in channels.listen():
        print(message)
```

## How safe is the fix
To review: the similar name may be the right one, or the other side is wrong.

## References
- https://www.rabbitmq.com/tutorials/amqp-concepts
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import Subscribe, TaskDefinition
from shearpin.facts.value import Value
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.messages import is_telemetry, renamed
from shearpin.rulekit.verdict import FixPlan, Outcome, ok, unknown

RULE = Rule(
    name="topic-without-producer",
    summary="Something waits for messages that nobody sends",
    severity=Severity.ERROR,
    practice="messaging",
)


@RULE.for_each(Subscribe, TaskDefinition)
def check(fact: Subscribe | TaskDefinition, ask: Ask) -> Iterator[Verdict]:
    """Nobody in the workspace sends what is waited for here."""
    fate = ask.producers_of(fact)
    if fate.answer == "known":
        yield ok(fact.site, fate.note, subject="topic", function=fact.function)
        return
    if fate.answer == "unknown" or is_telemetry(_topic(fact)):
        note = fate.note if fate.answer == "unknown" else "measurements may come from elsewhere"
        yield unknown(fact.site, note, subject="topic", function=fact.function)
        return
    bound = ask.bindings(fact) if isinstance(fact, Subscribe) else ()
    hint = f"; {fate.near} is sent, is that what is meant?" if fate.near else "; send it or remove this"
    yield Verdict(
        Outcome.VIOLATED,
        bound[0].head if bound else fact.head,
        f"{fate.note}: this never runs{hint}",
        function=fact.function,
        subject="topic",
        witness=ask.hops,
        fixes=_fixes(fact, fate.near, ask),
        services=ask.services,
        examined=fact.site,
    )


def _topic(fact: Subscribe | TaskDefinition) -> Value:
    return fact.topic if isinstance(fact, Subscribe) else fact.name


def _fixes(fact: Subscribe | TaskDefinition, near: str, ask: Ask) -> tuple[FixPlan, ...]:
    if isinstance(fact, TaskDefinition):
        return ()
    for binding in ask.bindings(fact):
        return renamed(ask.argument(binding, binding.exchange), near)
    return renamed(ask.argument(fact, fact.topic), near)
