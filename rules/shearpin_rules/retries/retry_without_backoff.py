"""Attempts follow each other at once.

## What it does
Reports retries around a remote call, on the way of a request, message or task, whose attempts follow each other
without a pause, or after one that is always the same and shorter than a second. One second try is left alone.

## Why it matters
What fails now mostly fails a moment later too. All callers that try again at once multiply the load of a service that
is already in trouble, and keep it there. Pauses that grow, with a random part, let it recover and spread who comes
back when.

## Example

```python bad
import requests
from fastapi import FastAPI
from tenacity import retry, stop_after_attempt

app = FastAPI()

@app.get("/stock/{sku}")
def stock(sku: str) -> dict:
    return load(sku)

@retry(stop=stop_after_attempt(5))  # expect: retry-without-backoff
def load(sku: str) -> dict:
    response = requests.get(f"http://inventory/stock/{sku}", timeout=2)
    return response.json() if response.ok else {}
```

```python fixed
import requests
from fastapi import FastAPI
from tenacity import retry, stop_after_attempt, wait_random_exponential

app = FastAPI()

@app.get("/stock/{sku}")
def stock(sku: str) -> dict:
    return load(sku)

@retry(stop=stop_after_attempt(5), wait=wait_random_exponential(max=10))
def load(sku: str) -> dict:
    response = requests.get(f"http://inventory/stock/{sku}", timeout=2)
    return response.json() if response.ok else {}
```

## A loop

```python bad
import logging

import httpx
from fastapi import FastAPI, HTTPException

app = FastAPI()
client = httpx.AsyncClient(timeout=2)

@app.get("/stock/{sku}")
async def stock(sku: str) -> dict:
    for attempt in range(4):  # expect: retry-without-backoff
        try:
            response = await client.get(f"http://inventory/stock/{sku}")
            return response.json() if response.is_success else {}
        except httpx.TransportError:
            logging.warning("inventory does not answer")
    raise HTTPException(status_code=503)
```

```python fixed
import asyncio
import logging
import random

import httpx
from fastapi import FastAPI, HTTPException

app = FastAPI()
client = httpx.AsyncClient(timeout=2)

@app.get("/stock/{sku}")
async def stock(sku: str) -> dict:
    for attempt in range(4):
        try:
            response = await client.get(f"http://inventory/stock/{sku}")
            return response.json() if response.is_success else {}
        except httpx.TransportError:
            await asyncio.sleep(min(10, 2**attempt) * random.random())
            logging.warning("inventory does not answer")
    raise HTTPException(status_code=503)
```

## A short pause that is always the same

```python bad
import celery
import requests
from retry import retry

app = celery.Celery("mails", broker="amqp://rabbit")

@app.task
def notify(order_id: str) -> None:
    send(order_id)

@retry(requests.ConnectionError, tries=5, delay=0.1)  # expect: retry-without-backoff
def send(order_id: str) -> None:
    requests.put(f"http://mails/orders/{order_id}", timeout=2).raise_for_status()
```

## The pause grows

```python good
import requests
from fastapi import FastAPI
from tenacity import retry, stop_after_attempt, wait_exponential

app = FastAPI()

@app.get("/stock/{sku}")
@retry(stop=stop_after_attempt(5), wait=wait_exponential(max=10))
def stock(sku: str) -> dict:
    response = requests.get(f"http://inventory/stock/{sku}", timeout=2)
    return response.json() if response.ok else {}
```

## One second try

```python good
import requests
from fastapi import FastAPI

app = FastAPI()

@app.get("/stock/{sku}")
def stock(sku: str) -> dict:
    for _ in range(2):
        try:
            response = requests.get(f"http://inventory/stock/{sku}", timeout=2)
            return response.json() if response.ok else {}
        except requests.ConnectionError:
            pass
    return {}
```

## How safe is the fix
Safe for decorators: only what happens between two failing attempts changes. In loops the pause is for review: the
last attempt is followed by one too.

## References
- Exponential Backoff And Jitter, AWS Architecture Blog
- Site Reliability Engineering, chapter "Addressing Cascading Failures"
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import RetryLoop
from shearpin.facts.fact import HttpCall, RemoteCall, RetryPolicy
from shearpin.facts.site import Hop
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.fixes import plan
from shearpin.rulekit.resilience import Reached, Retry
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown

RULE = Rule(
    name="retry-without-backoff",
    summary="Attempts follow each other at once",
    severity=Severity.WARNING,
    practice="retries",
    yields_to=("unbounded-retry",),
)

_WORK = frozenset(("request", "consumer", "task"))
_SUBJECT = "backoff"
_SHORT = 1.0
_TITLE = "Wait longer each time"


@RULE.for_each(RetryPolicy, RetryLoop)
def check(fact: RetryPolicy | RetryLoop, ask: Ask) -> Iterator[Verdict]:
    """No pause, or a short one that never grows, between more than two attempts on the way of work."""
    retry = ask.resilience.retry(fact)
    if not ask.contexts(fact.function) & _WORK:
        return
    again = next((item for item in ask.resilience.tried_again(fact) if _is_tried(fact, item, ask)), None)
    if isinstance(fact, RetryLoop) and fact.awaits_state:
        yield ok(fact.site, "it waits for a state until a deadline", subject=_SUBJECT, function=fact.function)
    elif again is None:
        yield unknown(fact.site, "whether a remote failure is tried again", subject=_SUBJECT, function=fact.function)
    elif retry.wait == "unknown" or (retry.wait == "fixed" and retry.wait_seconds is None):
        yield unknown(fact.site, "the pause between attempts", subject=_SUBJECT, function=fact.function)
    elif retry.wait != "none" and not (retry.wait == "fixed" and (retry.wait_seconds or 0) < _SHORT):
        yield ok(fact.site, _pause(retry), subject=_SUBJECT, function=fact.function)
    elif retry.attempts is not None and retry.attempts <= 2:
        yield ok(fact.site, "one second try", subject=_SUBJECT, function=fact.function)
    elif retry.attempts is None and not retry.is_endless and isinstance(fact, RetryLoop):
        yield unknown(fact.site, "how many attempts are made", subject=_SUBJECT, function=fact.function)
    else:
        yield _violated(fact, retry, again, ask)


def _is_tried(fact: RetryPolicy | RetryLoop, item: Reached, ask: Ask) -> bool:
    """Only requests: what a store or broker answers at once (a conflict) may well be tried again at once."""
    is_request = isinstance(item.effect, (HttpCall, RemoteCall))
    return is_request and bool(ask.resilience.retried_outcomes(fact, item))


def _violated(fact: RetryPolicy | RetryLoop, retry: Retry, again: Reached, ask: Ask) -> Verdict:
    pause = "at once" if retry.wait == "none" else f"{retry.wait_seconds:g} s apart"
    fix = _loop_fix(fact, retry, ask) if isinstance(fact, RetryLoop) else plan(fact, "add-backoff", _TITLE)
    return Verdict(
        Outcome.VIOLATED,
        fact.head,
        f"attempts follow each other {pause}: they add load to a service in trouble; let the pause grow, with jitter",
        function=fact.function,
        subject=_SUBJECT,
        witness=(*again.hops, Hop(again.effect.site, "this is tried again")),
        fixes=() if fix is None else (fix,),
        services=ask.services,
    )


def _loop_fix(loop: RetryLoop, retry: Retry, ask: Ask) -> FixPlan | None:
    if not loop.counter or loop.handler is None or retry.wait != "none":
        return None
    is_async = ask.is_coroutine(loop.function)
    sleep, module = ("await {asyncio.sleep}", "asyncio.") if is_async else ("{time.sleep}", "time.")
    text = f"{sleep}(min(10, 2**{loop.counter}) * {{random.random}}())"
    action = Action("statement-before", loop.handler, text, (module, "random."))
    return FixPlan("Wait longer after each attempt", Grade.REVIEW, (action,))


def _pause(retry: Retry) -> str:
    return f"{retry.wait_seconds:g} s" if retry.wait == "fixed" else f"{retry.wait} pauses"
