"""A blocking call runs on the event loop.

## What it does
Reports calls in coroutines that block their thread: synchronous HTTP, database and broker clients, `time.sleep`,
`subprocess.run`, slow hashing, waiting for threads. Helpers are followed through any number of functions and files;
the finding stands at the call in the coroutine, and its steps lead to what blocks.

Work that is handed to a thread or process is fine, and so are plain handlers that the framework runs in a thread
pool.

## Why it matters
One blocked event loop stops every request of the process: health checks fail, timeouts of others fire late, and the
more load there is, the longer everybody waits.

## Example

```python bad
import time

from fastapi import FastAPI

app = FastAPI()

@app.get("/orders")
async def orders() -> list[str]:
    time.sleep(1)  # expect: blocking-call-in-async
    return []
```

```python fixed
import asyncio
import time

from fastapi import FastAPI

app = FastAPI()

@app.get("/orders")
async def orders() -> list[str]:
    await asyncio.sleep(1)
    return []
```

## Hidden in a helper of another file

```python bad file=events.py
import requests

def publish(body: bytes) -> None:
    response = requests.post("http://events/orders", data=body, timeout=5)
    response.raise_for_status()
```

```python bad file=app.py
from fastapi import FastAPI

from events import publish

app = FastAPI()

@app.post("/orders")
async def create(order: dict) -> dict:
    publish(b"created")  # expect: blocking-call-in-async
    return order
```

```python fixed file=app.py
import asyncio

from fastapi import FastAPI

from events import publish

app = FastAPI()

@app.post("/orders")
async def create(order: dict) -> dict:
    await asyncio.to_thread(publish, b"created")
    return order
```

## A thread does the work

```python good
import asyncio

import requests
from fastapi import FastAPI

app = FastAPI()

@app.get("/stock")
async def stock() -> int:
    response = await asyncio.to_thread(requests.get, "http://inventory/stock", timeout=5)
    response.raise_for_status()
    return len(response.content)
```

## A plain handler runs in the thread pool

```python good
import requests
from fastapi import FastAPI

app = FastAPI()

@app.get("/stock")
def stock() -> int:
    response = requests.get("http://inventory/stock", timeout=5)
    response.raise_for_status()
    return len(response.content)
```

## What is passed keeps it from blocking

```python good
import socket

from fastapi import FastAPI

app = FastAPI()

def is_ours(host: str, resolve: bool = True) -> bool:
    if resolve:
        host = socket.gethostbyname(host)
    return host.startswith("10.")

@app.get("/hosts/{host}")
async def host(host: str) -> dict:
    return {"ours": is_ours(host, resolve=False)}
```

## How safe is the fix
`time.sleep` becomes `await asyncio.sleep`: safe. A function that uses only objects made inside it moves to a thread:
safe. A method of a shared client, channel or session gets a fix to review, because such objects may not change
threads.

## References
- https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import LoopBlock
from shearpin.facts.fact import Blocking, Effect, HttpCall, Publish, RemoteCall, Sleep, StoreCall, Subscribe
from shearpin.facts.site import Hop
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.fixes import parens_of, plan, remedy_of
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown

RULE = Rule(
    name="blocking-call-in-async",
    summary="A blocking call runs on the event loop",
    severity=Severity.ERROR,
    practice="async",
)

_LIFE_CYCLE = frozenset(("startup", "shutdown"))
_ALONE = frozenset(("cli", "import", "test"))


@RULE.for_each(LoopBlock)
def check(block: LoopBlock, ask: Ask) -> Iterator[Verdict]:
    """Everything that `flow` proves to block the loop, by severity of its context."""
    contexts = ask.contexts(block.function)
    if contexts and contexts <= _ALONE:
        yield ok(block.site, "nothing else runs on this event loop", subject="event loop", function=block.function)
        return
    what = describe(block.effect)
    through = f" through {ask.name_of_callee(block.hops)}" if block.hops else ""
    witness = (*block.hops, Hop(block.effect.site, f"{what} blocks here")) if block.hops else ()
    yield Verdict(
        Outcome.VIOLATED,
        block.head,
        f"{what} blocks the event loop{through}, every other request of the process waits; move it off the loop",
        function=block.function,
        subject="event loop",
        witness=witness,
        severity=Severity.INFORMATION if contexts and contexts <= _LIFE_CYCLE else None,
        fixes=() if ask.is_one_threads(block.effect) else _fixes(block),
        services=ask.services,
        examined=block.site,
    )


@RULE.for_each(HttpCall, RemoteCall, StoreCall, Publish, Subscribe, Sleep, Blocking)
def check_effect(effect: Effect, ask: Ask) -> Iterator[Verdict]:
    """What waits without blocking holds; beside coroutines, a function nobody calls is not known."""
    if not effect.is_blocking:
        if ask.is_coroutine(effect.function):
            yield ok(effect.site, "waits without blocking", subject="event loop", function=effect.function)
    elif ask.has_coroutines(effect.site.path) and not ask.contexts(effect.function):
        yield unknown(effect.site, "nothing is known to call this", subject="event loop", function=effect.function)


def describe(effect: Effect) -> str:
    """What blocks, for people."""
    match effect:
        case Sleep():
            return f"{effect.library}.sleep" if effect.library == "time" else "a synchronous sleep"
        case HttpCall():
            return f"a synchronous HTTP request ({effect.library})"
        case StoreCall(store=store):
            return f"a synchronous {store} call ({effect.library})"
        case Publish(broker=broker):
            return f"a synchronous publish{_by(broker, effect.library)}"
        case Subscribe(broker=broker):
            return f"a synchronous consumer{_by(broker, effect.library)}"
        case RemoteCall(protocol=protocol):
            return f"a synchronous {protocol} call ({effect.library})"
        case Blocking(what=what):
            return what
        case _:
            return f"a synchronous call ({effect.library})"


def _by(broker: str, library: str) -> str:
    return f" ({library})" if broker == library else f" to {broker} ({library})"


def _fixes(block: LoopBlock) -> tuple[FixPlan, ...]:
    if remedy_of(block, "to-async") is not None:
        fix = plan(block, "to-async", "Wait without blocking the event loop")
        return () if fix is None else (fix,)
    title = "Run it in a thread"
    grade = Grade.SAFE if block.is_movable else Grade.REVIEW
    actions = (
        Action("call-through", parens_of(block), "asyncio.to_thread", ("asyncio.",)),
        Action("await", block.site),
    )
    return (FixPlan(title, grade, actions),)
