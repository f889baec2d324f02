"""A coroutine is made and nobody awaits it.

## What it does
Reports calls of coroutine functions whose result is dropped, or used as if it were the answer: an attribute of it is
read, its truth is tested, it is handed to a function that wants the answer. Reports coroutine functions that are given
as callbacks to libraries that call them like plain functions: threads, signal handlers, consumers that are not
asynchronous, tasks of Celery.

A coroutine that is returned, gathered, scheduled or awaited later is fine.

## Why it matters
Calling a coroutine function runs nothing of it. The message is never handled, the row never written, and the only trace
is a warning at some later collection of garbage.

## Example

```python bad
import httpx

async def notify(order_id: str) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.post("http://notifications/send", json={"order": order_id})
        response.raise_for_status()

async def order(order_id: str) -> None:
    notify(order_id)  # expect: coroutine-never-awaited
```

```python fixed
import httpx

async def notify(order_id: str) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.post("http://notifications/send", json={"order": order_id})
        response.raise_for_status()

async def order(order_id: str) -> None:
    await notify(order_id)
```

## The coroutine is taken for its answer

```python bad
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

engine = create_async_engine("postgresql+asyncpg://db/audit")
maker = async_sessionmaker(engine)

class Repository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

async def get_session() -> AsyncSession:
    return maker()

async def start() -> Repository:
    session = get_session()  # expect: coroutine-never-awaited
    return Repository(session)
```

```python fixed
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

engine = create_async_engine("postgresql+asyncpg://db/audit")
maker = async_sessionmaker(engine)

class Repository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

async def get_session() -> AsyncSession:
    return maker()

async def start() -> Repository:
    session = await get_session()
    return Repository(session)
```

## A callback that is called like a plain function

```python bad
import signal
import threading

async def stop(*_: object) -> None:
    print("stopping")

async def work() -> None:
    print("working")

def main() -> None:
    signal.signal(signal.SIGTERM, stop)  # expect: coroutine-never-awaited
    worker = threading.Thread(target=work)  # expect: coroutine-never-awaited
    worker.start()
    worker.join()
```

## Somebody awaits it

```python good
import asyncio

async def first() -> int:
    return 1

async def second() -> int:
    return 2

def third():
    return first()

async def main() -> int:
    one = first()
    two = asyncio.create_task(second())
    await asyncio.gather(first(), *[second() for _ in range(3)])
    return await one + await two + await third()

asyncio.run(main())
```

## How safe is the fix
To review: it awaits the call where it stands. It may have been meant to run aside; then a task is right, kept by
somebody.

## References
- https://docs.python.org/3/library/asyncio-dev.html#detect-never-awaited-coroutines
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import CoroutineCall
from shearpin.facts.site import Hop
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown

RULE = Rule(
    name="coroutine-never-awaited",
    summary="A coroutine is made and nobody awaits it",
    severity=Severity.ERROR,
    practice="async",
)


@RULE.for_each(CoroutineCall)
def check(call: CoroutineCall, ask: Ask) -> Iterator[Verdict]:
    """Dropped, used as data, or called by a library that does not await."""
    if call.answer == "awaited":
        yield ok(call.site, call.note, subject="await", function=call.function)
        return
    if call.answer == "unknown":
        yield unknown(call.site, call.note, subject="await", function=call.function)
        return
    witness: list[Hop] = []
    if call.answer == "data" and call.use is not None:
        witness.append(Hop(call.use, call.use_note))
    if call.defined is not None:
        witness.append(Hop(call.defined, "a coroutine function"))
    yield Verdict(
        Outcome.VIOLATED,
        call.head,
        _message(call),
        function=call.function,
        subject="await",
        witness=tuple(witness),
        fixes=_fixes(call),
        services=ask.services,
        examined=call.site,
    )


def _message(call: CoroutineCall) -> str:
    match call.answer:
        case "callback":
            return f"{call.name} is a coroutine function and {call.note}: it never runs; give it a plain function"
        case "data":
            return f"{call.name} is not awaited and {call.note}: nothing of it has run; await it"
        case _:
            return f"{call.name} is a coroutine and is not awaited: nothing of it runs; await it"


def _fixes(call: CoroutineCall) -> tuple[FixPlan, ...]:
    if call.answer == "callback" or not call.can_await:
        return ()
    return (FixPlan("Await it", Grade.REVIEW, (Action("await", call.site),)),)
