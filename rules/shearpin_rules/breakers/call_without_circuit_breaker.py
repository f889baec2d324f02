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
- https://github.com/danielfm/pybreaker
- https://mardiros.github.io/purgatory/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from shearpin.facts.fact import HttpCall
from shearpin.graph.calls import CallTarget
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.breaking import breaker_plan
from shearpin.rulekit.resilience import Group, Reason
from shearpin.rulekit.verdict import Outcome, ok, unknown

RULE = Rule(
    name="call-without-circuit-breaker",
    summary="Nothing stops calls of a service that is down",
    severity=Severity.INFORMATION,
    practice="breakers",
)

_SUBJECT = "breaker"
_KINDS = ("service", "external")
#: targets of one call, from which on it is a proxy
_MANY = 3
_Unguarded: TypeAlias = tuple[CallTarget, Reason, Group]


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
    for service in ask.services:
        found: dict[str, CallTarget] = {}
        for target in ask.resilience.targets(call, service):
            # A host that the environment names is somebody, whoever it is.
            is_known = target.kind in _KINDS or (target.kind == "unknown" and target.evidence)
            if is_known and not ask.resilience.asks_about_itself(target):
                found.setdefault(target.id, target)
        yield from _judged(call, tuple(found.values()), service, ask)


def _judged(call: HttpCall, targets: tuple[CallTarget, ...], service: str, ask: Ask) -> Iterator[Verdict]:
    unguarded = [found for target in targets if (found := _unguarded(call, target, service, ask)) is not None]
    if not unguarded:
        if targets:
            yield ok(call.site, "none, and none is needed", subject=_SUBJECT, function=call.function)
        return
    if len(unguarded) >= _MANY:
        # One call that goes to many services is one place to change.
        yield _violated(call, (f"{len(unguarded)} services", ""), unguarded[0], service, ask)
        return
    for one in unguarded:
        yield _violated(call, (_name(one[0]), one[0].id), one, service, ask)


def _name(target: CallTarget) -> str:
    if target.kind == "unknown":
        return next((hop.note.removeprefix("reads ") for hop in target.evidence), "the other side")
    return target.id.rpartition(":")[2]


def _unguarded(call: HttpCall, target: CallTarget, service: str, ask: Ask) -> _Unguarded | None:
    reason = ask.resilience.reason_to_break(call, target, service)
    group = ask.resilience.unbroken(call, target, service)
    return None if reason is None or group is None else (target, reason, group)


def _violated(call: HttpCall, named: tuple[str, str], found: _Unguarded, service: str, ask: Ask) -> Verdict:
    """`named`: the target for people, and its id, "" for one call to many."""
    name, target = named
    _, reason, group = found
    fix = breaker_plan(group.calls, name) if target else None
    return Verdict(
        Outcome.VIOLATED,
        ask.head(group.place),
        f"nothing stops calls of {name} while down, and {reason.text}: requests pile up here too; "
        "guard them with a circuit breaker",
        function=call.function,
        subject=_SUBJECT,
        witness=(*ask.hops, *reason.hops),
        fixes=() if fix is None else (fix,),
        cause=target,
        services=(service,),
        examined=call.site,
    )
