"""Many services wait for each other before one request is answered.

## What it does
Tells about requests that four or more services handle one inside the other, each waiting for the next. Gateways are not
counted. It speaks once, at the first call of the longest chain.

## Why it matters
The request is as slow as all of them together, and fails when any one of them does: four services that are up 99.9 % of
the time are up together 99.6 %. Each waits with a thread or a connection for those behind it, so one slow service at
the end stops all in front of it.

## Example

```yaml bad file=compose.yaml
services:
  shop: {build: shop}
  orders: {build: orders}
  payments: {build: payments}
  fraud: {build: fraud}
  scores: {build: scores}
```

```python bad file=shop/main.py
import httpx
from fastapi import FastAPI

app = FastAPI()

@app.post("/checkout")
def checkout() -> dict:
    return httpx.put("http://orders/orders", timeout=60).raise_for_status().json()  # expect: deep-sync-chain
```

```python bad file=orders/main.py
import httpx
from fastapi import FastAPI

app = FastAPI()

@app.put("/orders")
def orders() -> dict:
    return httpx.put("http://payments/payments", timeout=40).raise_for_status().json()
```

```python bad file=payments/main.py
import httpx
from fastapi import FastAPI

app = FastAPI()

@app.put("/payments")
def payments() -> dict:
    return httpx.put("http://fraud/checks", timeout=20).raise_for_status().json()
```

```python bad file=fraud/main.py
import httpx
from fastapi import FastAPI

app = FastAPI()

@app.put("/checks")
def checks() -> dict:
    return httpx.get("http://scores/scores", timeout=5).raise_for_status().json()
```

```python bad file=scores/main.py
from fastapi import FastAPI

app = FastAPI()

@app.get("/scores")
def scores() -> dict:
    return {"score": 1}
```

## Two services

```yaml good file=compose.yaml
services:
  shop: {build: shop}
  orders: {build: orders}
```

```python good file=shop/main.py
import httpx
from fastapi import FastAPI

app = FastAPI()

@app.get("/orders")
def orders() -> dict:
    return httpx.get("http://orders/orders").raise_for_status().json()
```

```python good file=orders/main.py
from fastapi import FastAPI

app = FastAPI()

@app.get("/orders")
def orders() -> dict:
    return {"orders": []}
```

## How safe is the fix
There is none: answer at once and work afterwards, hand results on by events, keep a copy of what is asked for often, or
join services that cannot live without each other.

## References
- Building Microservices, S. Newman, chapter "Microservice Communication Styles": long call chains
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import HttpCall
from shearpin.facts.site import Hop
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Confidence, Outcome, ok, unknown

RULE = Rule(
    name="deep-sync-chain",
    summary="Many services wait for each other before one request is answered",
    severity=Severity.INFORMATION,
    practice="timeouts",
)

_DEEP = 4
_SUBJECT = "chain"


@RULE.for_each(HttpCall)
def check(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    """The longest chain through a call, told where it begins."""
    if "request" not in ask.contexts(call.function):
        return
    targets = [target for target in ask.targets(call) if target.kind == "service"]
    if not targets:
        return
    if not any(target.match is not None and target.match.answer == "yes" for target in targets):
        yield unknown(call.site, "what the called service does", subject=_SUBJECT, function=call.function)
        return
    chains = ask.resilience.chains_from(call)
    chain = max(chains, key=lambda one: one.depth, default=None)
    if chain is None or chain.depth < _DEEP:
        note = "inside a request of another service" if chain is None else f"{chain.depth} in a row"
        yield ok(call.site, note, subject=_SUBJECT, function=call.function)
    elif chain.steps[0].call.site == call.site:
        yield Verdict(
            Outcome.VIOLATED,
            call.head,
            f"{' -> '.join(chain.services)}: each waits for the next, the request fails when any of them does; "
            "answer at once and hand work on",
            function=call.function,
            subject=_SUBJECT,
            witness=tuple(Hop(step.call.site, f"{step.op} of {step.service}") for step in chain.steps),
            confidence=Confidence.LIKELY,
            services=ask.services,
        )
