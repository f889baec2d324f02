"""A task is started and nobody looks at it again.

## What it does
Reports background work that fails unseen: the result of `create_task`, `ensure_future` or a started thread is
dropped, or a task is kept until the service stops while a failure in its body would end it and nobody would notice.

Work that handles its failures and goes on is fine, and so is a task that is awaited, kept in a set with a callback,
or owned by a task group.

## Why it matters
The event loop keeps weak references only: a task nobody refers to can disappear in the middle of its work. And a task
that dies of an exception says so to nobody while the service still answers that it is healthy.

## Example

```python bad
import asyncio

import httpx

async def notify(order_id: str) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.post("http://notifications/send", json={"order": order_id})
        response.raise_for_status()

async def order(order_id: str) -> None:
    asyncio.create_task(notify(order_id))  # expect: task-reference-dropped
```

```python fixed
import asyncio

import httpx

async def notify(order_id: str) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.post("http://notifications/send", json={"order": order_id})
        response.raise_for_status()

_background_tasks: set[asyncio.Task] = set()


async def order(order_id: str) -> None:
    task = asyncio.create_task(notify(order_id))
    _background_tasks.add(task)
    task.add_done_callback(_background_tasks.discard)
```

## A consumer that ends at the first broken connection

```python bad
import asyncio
from contextlib import asynccontextmanager

import redis.asyncio as redis
from fastapi import FastAPI

async def consume() -> None:
    client = redis.from_url("redis://redis:6379")
    pubsub = client.pubsub()
    await pubsub.subscribe("orders")
    while True:
        message = await pubsub.get_message(timeout=1.0)
        print(message)

@asynccontextmanager
async def lifespan(app: FastAPI):
    consumer = asyncio.create_task(consume())  # expect: task-reference-dropped
    yield
    consumer.cancel()

app = FastAPI(lifespan=lifespan)
```

## It handles its failures and goes on

```python good
import asyncio
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

async def refresh() -> None:
    while True:
        try:
            async with httpx.AsyncClient() as client:
                response = await client.post("http://prices/refresh")
                response.raise_for_status()
        except Exception as error:
            print("refresh failed", error)
        await asyncio.sleep(60)

@asynccontextmanager
async def lifespan(app: FastAPI):
    task = asyncio.create_task(refresh())
    yield
    task.cancel()

app = FastAPI(lifespan=lifespan)
```

## Somebody waits for it

```python good
import asyncio

import httpx

async def fetch(url: str) -> bytes:
    async with httpx.AsyncClient() as client:
        response = await client.get(url)
        response.raise_for_status()
        return response.content

async def both() -> list[bytes]:
    first = asyncio.create_task(fetch("http://orders/orders"))
    second = asyncio.create_task(fetch("http://payments/payments"))
    return await asyncio.gather(first, second)
```

## A pause between rounds cannot fail

```python good
import threading

import requests

stopped = threading.Event()

def push() -> None:
    while not stopped.is_set():
        try:
            requests.post("http://metrics/push", timeout=5).raise_for_status()
        except requests.RequestException as error:
            print(error)
        stopped.wait(10)

def start() -> None:
    thread = threading.Thread(target=push, daemon=True)
    thread.start()
```

## Waiting for work cannot fail

```python good
import queue
import threading

import requests

jobs = queue.Queue()

def work() -> None:
    while True:
        job = jobs.get()
        try:
            requests.post("http://model/run", json=job, timeout=60).raise_for_status()
        except requests.RequestException as error:
            print(error)

def start() -> None:
    threading.Thread(target=work, daemon=True).start()
```

## How safe is the fix
Safe for dropped tasks: they run as before and are kept until they are done. Supervision of consumers is for a person
to write.

## References
- https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import Spawn
from shearpin.facts.site import Hop
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown

RULE = Rule(
    name="task-reference-dropped",
    summary="A task is started and nobody looks at it again",
    severity=Severity.WARNING,
    practice="async",
)

_SET = "_background_tasks"


@RULE.for_each(Spawn)
def check(spawn: Spawn, ask: Ask) -> Iterator[Verdict]:
    """Dropped, or kept without anybody who would notice its end."""
    fate = ask.fate(spawn)
    if fate.answer == "kept":
        yield ok(spawn.site, fate.note, subject="task", function=spawn.function)
        return
    if fate.answer == "unknown":
        yield unknown(spawn.site, fate.note, subject="task", function=spawn.function)
        return
    what = "this thread" if spawn.kind == "thread" else "this task"
    cure = "handle its failures inside" if spawn.kind == "thread" else "keep it and look at its outcome"
    message = f"{fate.note}: when {what} fails, nobody notices; {cure}"
    if fate.answer == "unobserved":
        message = f"when {what} fails it ends unseen while the service goes on; handle its failures or watch it"
    yield Verdict(
        Outcome.VIOLATED,
        spawn.head,
        message,
        function=spawn.function,
        subject="task",
        witness=() if fate.failing is None else (Hop(fate.failing, "a failure here ends it"),),
        fixes=_fixes(spawn) if fate.answer == "dropped" and spawn.kind == "task" else (),
        services=ask.services,
    )


def _fixes(spawn: Spawn) -> tuple[FixPlan, ...]:
    if spawn.usage != "dropped":
        return ()
    actions = (
        Action("module-statement-before", spawn.site, f"{_SET}: set[{{asyncio.Task}}] = set()", ("asyncio.",)),
        Action("name-result", spawn.site, "task"),
        Action("statement-after", spawn.site, f"{_SET}.add(task)\ntask.add_done_callback({_SET}.discard)"),
    )
    return (FixPlan("Keep the task until it is done", Grade.SAFE, actions),)
