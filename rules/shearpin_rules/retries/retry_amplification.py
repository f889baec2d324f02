"""Several layers try the same request again, so one becomes many.

## What it does
Reports requests that two or more layers try again, when their attempts multiply to nine or more: decorators and loops
one inside the other, the client's own retries, tasks that are run again, and the same in the services behind the call.
What is not known counts as one attempt.

## Why it matters
Three attempts in each of three layers are 27 requests for one, just when the last service is overloaded. Retries turn
a short trouble into a long outage. One layer should try again, the others should pass the failure on.

## Example

```python bad
import httpx
import stamina

@stamina.retry(on=httpx.TransportError, attempts=3)
def fetch(sku: str) -> dict:
    response = httpx.get(f"https://erp.example.com/items/{sku}", timeout=2)
    response.raise_for_status()
    return response.json()

@stamina.retry(on=httpx.TransportError, attempts=4)  # expect: retry-amplification
def load(sku: str) -> dict:
    return fetch(sku)
```

## Two services

```yaml bad file=compose.yaml
services:
  shop: {build: shop}
  stock: {build: stock}
  erp: {build: erp}
```

```python bad file=shop/main.py
import httpx
import stamina

@stamina.retry(on=httpx.TransportError, attempts=3)  # expect: retry-amplification
def item(sku: str) -> dict:
    response = httpx.get(f"http://stock/items/{sku}", timeout=30)
    response.raise_for_status()
    return response.json()
```

```python bad file=stock/main.py
import time

import requests
from fastapi import FastAPI

app = FastAPI()

@app.get("/items/{sku}")
def item(sku: str) -> dict:
    for attempt in range(3):
        try:
            response = requests.get(f"http://erp/items/{sku}", timeout=2)
            return response.json() if response.ok else {}
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(2**attempt)
    raise RuntimeError("erp does not answer")
```

```python bad file=erp/main.py
from fastapi import FastAPI

app = FastAPI()

@app.get("/items/{sku}")
def item(sku: str) -> dict:
    return {"sku": sku}
```

## One layer

```python good
import httpx
import stamina

def fetch(sku: str) -> dict:
    response = httpx.get(f"https://erp.example.com/items/{sku}", timeout=2)
    response.raise_for_status()
    return response.json()

@stamina.retry(on=httpx.TransportError, attempts=5)
def load(sku: str) -> dict:
    return fetch(sku)
```

## The outer layer does not see what the inner one gives up with

```python good
import httpx
import stamina

class Unavailable(Exception):
    pass

@stamina.retry(on=httpx.TransportError, attempts=4)
def fetch(sku: str) -> dict:
    response = httpx.get(f"https://erp.example.com/items/{sku}", timeout=2)
    response.raise_for_status()
    return response.json()

@stamina.retry(on=ConnectionRefusedError, attempts=4)
def load(sku: str) -> dict:
    return fetch(sku)
```

## How safe is the fix
There is none: which layer knows best whether another attempt helps is for you to say. Mostly it is the one next to the
request; a layer that is kept outside needs a budget of retries.

## References
- Site Reliability Engineering, chapter "Addressing Cascading Failures": retries
- https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import HttpCall
from shearpin.facts.site import Hop
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Outcome, ok, unknown

RULE = Rule(
    name="retry-amplification",
    summary="Several layers try the same request again, so one becomes many",
    severity=Severity.WARNING,
    practice="retries",
)

_SUBJECT = "attempts"
_MANY = 9


@RULE.for_each(HttpCall)
def check(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    """The product of the attempts of all layers on the way of a call."""
    layers = ask.resilience.layers(call)
    if not layers.local:
        if any(ask.resilience.retries_around(call.function, call.site)):
            yield unknown(call.site, "how often a retry tries", subject=_SUBJECT, function=call.function)
        return
    if len(layers.all) < 2 or layers.requests < _MANY:
        yield ok(call.site, f"{layers.requests} at most", subject=_SUBJECT, function=call.function)
        return
    factors = " x ".join(str(layer.attempts) for layer in layers.all)
    yield Verdict(
        Outcome.VIOLATED,
        layers.local[0].head,
        f"one request becomes up to {layers.requests}: {factors} attempts of {len(layers.all)} layers load a service "
        "in trouble; keep one of them",
        function=call.function,
        subject=_SUBJECT,
        witness=(*(layer.hop() for layer in layers.all), Hop(call.site, "this request is multiplied")),
        services=ask.services,
        examined=call.site,
    )
