"""Messages are sent that nobody consumes.

## What it does
Reports topics, channels, exchanges, queues and tasks that code of the workspace sends to and that no service of the
workspace consumes. A name of the other side that looks like a slip of the pen is named.

Silent in workspaces of one service, when another service is written in a language that is not read, when a consumer
computes its names, and for dead letter queues.

## Why it matters
The work behind the message never happens and nothing says so: sending succeeds.

## Example

```yaml bad file=compose.yaml
services:
  orders:
    build: ./orders
  mails:
    build: ./mails
```

```python bad file=orders/main.py
import os

import redis.asyncio as redis
from fastapi import FastAPI

app = FastAPI()
client = redis.from_url(os.environ["REDIS_URL"])

@app.post("/orders")
async def create(order: str) -> str:
    await client.publish("order_event", order)  # expect: topic-without-consumer
    return order
```

```python bad file=mails/main.py
import asyncio
import os

import redis.asyncio as redis

client = redis.from_url(os.environ["REDIS_URL"])

async def main() -> None:
    channels = client.pubsub()
    await channels.subscribe("order_events")  # expect: topic-without-producer
    async for message in channels.listen():
        print(message)

if __name__ == "__main__":
    asyncio.run(main())
```

```yaml good file=compose.yaml
services:
  orders:
    build: ./orders
  mails:
    build: ./mails
```

```python good file=orders/main.py
import os

import redis.asyncio as redis
from fastapi import FastAPI

app = FastAPI()
client = redis.from_url(os.environ["REDIS_URL"])

@app.post("/orders")
async def create(order: str) -> str:
    await client.publish("order_events", order)
    return order
```

```python good file=mails/main.py
import asyncio
import os

import redis.asyncio as redis

client = redis.from_url(os.environ["REDIS_URL"])

async def main() -> None:
    channels = client.pubsub()
    await channels.psubscribe("order_*")
    async for message in channels.listen():
        print(message)

if __name__ == "__main__":
    asyncio.run(main())
```

## A task that no worker knows

```yaml bad file=compose.yaml
services:
  shop:
    build: ./shop
  mails:
    build: ./mails
```

```python bad file=shop/main.py
from celery import Celery
from fastapi import FastAPI

app = FastAPI()
queue = Celery("shop", broker="amqp://rabbitmq")

@app.post("/orders")
def create(order: str) -> str:
    queue.send_task("mails.send_recipt", args=(order,))  # expect: topic-without-consumer
    return order
```

```python bad file=mails/worker.py
from celery import Celery

app = Celery("mails", broker="amqp://rabbitmq")

@app.task(name="mails.send_receipt")  # expect: topic-without-producer
def send_receipt(order: str) -> None:
    print("mail", order)
```

## One service alone

```python good
import redis

client = redis.Redis("redis", socket_timeout=5)

def announce(order: str) -> None:
    client.publish("orders", order)
```

## How safe is the fix
To review: the similar name may be the right one, or the other side is wrong.

## References
- https://www.rabbitmq.com/docs/publishers#unroutable
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import Publish
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.messages import is_telemetry, renamed
from shearpin.rulekit.verdict import Outcome, ok, unknown

RULE = Rule(
    name="topic-without-consumer",
    summary="Messages are sent that nobody consumes",
    severity=Severity.WARNING,
    practice="messaging",
)


@RULE.for_each(Publish)
def check(fact: Publish, ask: Ask) -> Iterator[Verdict]:
    """Nobody in the workspace takes what is sent here."""
    fate = ask.consumers_of(fact)
    if fate.answer == "known":
        yield ok(fact.site, fate.note, subject="topic", function=fact.function)
        return
    if fate.answer == "unknown" or is_telemetry(fact.topic):
        note = fate.note if fate.answer == "unknown" else "measurements may go elsewhere"
        yield unknown(fact.site, note, subject="topic", function=fact.function)
        return
    hint = f"; {fate.near} is consumed, is that what is meant?" if fate.near else "; consume it or stop sending it"
    same_file = [site for site in fate.places if site.path == fact.site.path]
    yield Verdict(
        Outcome.VIOLATED,
        ask.head(same_file[0] if same_file else fact.site),
        f"{fate.note}: these messages are lost and sending them succeeds{hint}",
        function=fact.function,
        subject="topic",
        witness=ask.hops,
        fixes=renamed(ask.argument(fact, fact.topic), fate.near) if len(same_file) < 2 else (),
        services=ask.services,
        examined=fact.site,
    )
