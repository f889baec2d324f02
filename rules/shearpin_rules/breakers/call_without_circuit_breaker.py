"""Nothing stops calls of a service that is down.

## What it does
Tells about calls of another service, or of a third party, that requests wait for and no circuit breaker guards, where
an outage spreads: the call is tried again, or stands in a row of services that wait for each other, or lets a request
hang for ten seconds or more. It speaks once for each client and target.

Calls in consumers and tasks, and those that ask for health, are left alone; so is what a breaker may guard that is not
known.

## Why it matters
While the other side is down, each request still waits for its full time limit and holds its thread and connection
until none is left: this service goes down too, and the one in front of it. A breaker fails at once instead and gives
the other side time to come back.

## Example

```yaml bad file=compose.yaml
services:
  shop: {build: shop}
  stock: {build: stock}
  erp: {build: erp}
```

```python bad file=shop/main.py
import requests
from fastapi import FastAPI

app = FastAPI()

@app.get("/items/{sku}")
def item(sku: str) -> dict:
    response = requests.get(f"http://stock/items/{sku}", timeout=9)  # expect: call-without-circuit-breaker
    response.raise_for_status()
    return response.json()
```

```python bad file=stock/main.py
import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient(timeout=4)  # expect: call-without-circuit-breaker

@app.get("/items/{sku}")
async def item(sku: str) -> dict:
    response = await client.get(f"http://erp/items/{sku}")
    response.raise_for_status()
    return response.json()
```

```python bad file=erp/main.py
from fastapi import FastAPI

app = FastAPI()

@app.get("/items/{sku}")
def item(sku: str) -> dict:
    return {"sku": sku}
```

## A call that is tried again

```python bad
import httpx
import stamina
from fastapi import FastAPI

app = FastAPI()

@app.get("/rates/{currency}")
def rate(currency: str) -> dict:
    return ask(currency)

@stamina.retry(on=httpx.TransportError, attempts=3)
def ask(currency: str) -> dict:
    response = httpx.get(f"https://rates.example.com/{currency}")  # expect: call-without-circuit-breaker
    response.raise_for_status()
    return response.json()
```

## Guarded

```python good
import httpx
import pybreaker
import stamina
from fastapi import FastAPI

app = FastAPI()
rates_breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=30)

@app.get("/rates/{currency}")
def rate(currency: str) -> dict:
    return ask(currency)

@stamina.retry(on=httpx.TransportError, attempts=3)
@rates_breaker
def ask(currency: str) -> dict:
    response = httpx.get(f"https://rates.example.com/{currency}")
    response.raise_for_status()
    return response.json()
```

## One short call

```python good
import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient(timeout=2)

@app.get("/rates/{currency}")
async def rate(currency: str) -> dict:
    response = await client.get(f"https://rates.example.com/{currency}")
    response.raise_for_status()
    return response.json()
```

## How safe is the fix
A template: a breaker beside the calls and the calls through it. How many failures open it, for how long, and what is
answered meanwhile, only you know. The breaker's library is added to the dependencies.

## References
- Release It!, M. Nygard, chapter "Stability patterns": circuit breaker
- https://pypi.org/project/pybreaker/, https://pypi.org/project/purgatory/
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import HttpCall
from shearpin.graph.calls import CallTarget
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.breaking import breaker_plan
from shearpin.rulekit.verdict import Outcome, ok, unknown

RULE = Rule(
    name="call-without-circuit-breaker",
    summary="Nothing stops calls of a service that is down",
    severity=Severity.INFORMATION,
    practice="breakers",
)

_SUBJECT = "breaker"
_KINDS = ("service", "external")


@RULE.for_each(HttpCall)
def check(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    """A breaker on every way to the call, where an outage would spread."""
    if "request" not in ask.contexts(call.function):
        return
    guarded = ask.resilience.breaker(call)
    if guarded.answer != "no":
        verdict = ok if guarded.answer == "yes" else unknown
        yield verdict(call.site, guarded.note, subject=_SUBJECT, function=call.function)
        return
    told: set[str] = set()
    for service in ask.services:
        for target in ask.resilience.targets(call, service):
            if target.kind in _KINDS and target.id not in told and not ask.resilience.asks_for_health(target):
                told.add(target.id)
                yield _judged(call, target, service, ask)


def _judged(call: HttpCall, target: CallTarget, service: str, ask: Ask) -> Verdict:
    reason = ask.resilience.reason_to_break(call, target, service)
    group = ask.resilience.unbroken(call, target, service)
    if reason is None or group is None:
        return ok(call.site, "none, and none is needed", subject=_SUBJECT, function=call.function)
    name = target.id.rpartition(":")[2]
    fix = breaker_plan(group.calls, target.id)
    return Verdict(
        Outcome.VIOLATED,
        ask.head(group.place),
        f"nothing stops calls of {name} while it is down, and {reason.text}: requests pile up here too; "
        "guard them with a circuit breaker",
        function=call.function,
        subject=_SUBJECT,
        witness=(*ask.hops, *reason.hops),
        fixes=() if fix is None else (fix,),
        cause=target.id,
        services=(service,),
        examined=call.site,
    )
