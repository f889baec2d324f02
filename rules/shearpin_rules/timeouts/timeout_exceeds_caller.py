"""The called service may work longer than its caller waits.

## What it does
Reports a call between services of the workspace whose time limit is shorter than what its handler may need at worst:
the limits of the handler's own calls, one after the other, times their attempts, plus the pauses between them. Only
what is proved counts: parts that are not known, and parts that nothing ends, count nothing.

## Why it matters
The caller gives up and tells its user that it failed, while the called service works on and finishes: an order that
"failed" is placed, a second attempt places it again. Limits must get shorter from the outside in.

## Example

```yaml bad file=compose.yaml
services:
  shop:
    build: shop
  orders:
    build: orders
```

```python bad file=shop/main.py
import requests

def checkout(cart: dict) -> dict:
    response = requests.post("http://orders/orders", json=cart, timeout=5)  # expect: timeout-exceeds-caller
    response.raise_for_status()
    return response.json()
```

```python bad file=orders/main.py
import requests
from fastapi import FastAPI

app = FastAPI()

@app.post("/orders")
def place(order: dict) -> dict:
    hold = requests.put("https://stock.example.com/holds", json=order, timeout=4)
    hold.raise_for_status()
    charge = requests.put("https://bank.example.com/charges", json=order, timeout=4)
    charge.raise_for_status()
    return charge.json()
```

```python fixed file=shop/main.py
import requests

def checkout(cart: dict) -> dict:
    response = requests.post("http://orders/orders", json=cart, timeout=9)
    response.raise_for_status()
    return response.json()
```

## The caller waits longer

```yaml good file=compose.yaml
services:
  shop:
    build: shop
  orders:
    build: orders
```

```python good file=shop/main.py
import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient(timeout=10)

@app.get("/orders/{order_id}")
async def order(order_id: str) -> dict:
    response = await client.get(f"http://orders/orders/{order_id}")
    response.raise_for_status()
    return response.json()
```

```python good file=orders/main.py
import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient(timeout=2)

@app.get("/orders/{order_id}")
async def order(order_id: str) -> dict:
    for _ in range(3):
        try:
            response = await client.get(f"https://erp.example.com/orders/{order_id}")
            return response.json() if response.is_success else {}
        except httpx.TransportError:
            continue
    return {}
```

## Calls that run together

```yaml good file=compose.yaml
services:
  shop:
    build: shop
  prices:
    build: prices
```

```python good file=shop/main.py
import requests

def price(sku: str) -> dict:
    response = requests.get(f"http://prices/prices/{sku}", timeout=5)
    response.raise_for_status()
    return response.json()
```

```python good file=prices/main.py
import asyncio

import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient(timeout=3)

async def ask(host: str, sku: str) -> int:
    response = await client.get(f"https://{host}/prices/{sku}")
    return response.json()["price"] if response.is_success else 0

@app.get("/prices/{sku}")
async def price(sku: str) -> dict:
    found = await asyncio.gather(ask("one.example.com", sku), ask("two.example.com", sku))
    return {"price": min(found)}
```

## How safe is the fix
For review: it lets the caller wait as long as the called service may work. Often the better change is a shorter limit
in the called service, or an answer at once (202) and work afterwards.

## References
- Release It!, M. Nygard, chapter "Stability patterns": timeouts
- Site Reliability Engineering, chapter "Addressing Cascading Failures": deadline propagation
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import HttpCall
from shearpin.facts.site import Hop
from shearpin.facts.value import Const
from shearpin.graph.budgets import Budget
from shearpin.graph.calls import CallTarget
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown

RULE = Rule(
    name="timeout-exceeds-caller",
    summary="The called service may work longer than its caller waits",
    severity=Severity.WARNING,
    practice="timeouts",
    yields_to=("call-without-timeout",),
)

_SUBJECT = "budget"


@RULE.for_each(HttpCall)
def check(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    """The lower bound of the callee's worst case is within the limit of the call."""
    targets = [target for target in ask.targets(call) if target.kind == "service"]
    if not targets:
        return
    patience = ask.resilience.patience(call.timeout)
    if patience is None:
        yield unknown(call.site, "how long the caller waits", subject=_SUBJECT, function=call.function)
        return
    needed = [(target, found) for target in targets if (found := ask.resilience.budget_of(target)) is not None]
    if not needed:
        yield unknown(call.site, "how long the handler works", subject=_SUBJECT, function=call.function)
        return
    target, worst = max(needed, key=lambda one: one[1].seconds)
    if worst.seconds <= patience:
        note = f"{target.id} needs {worst.seconds:g} s at worst, {patience:g} s are waited"
        yield ok(call.site, note if worst.seconds else "the handler is known to wait for nothing", subject=_SUBJECT)
    else:
        yield _violated(call, target, worst, patience, ask)


def _violated(call: HttpCall, target: CallTarget, worst: Budget, patience: float, ask: Ask) -> Verdict:
    goes_to = Hop(call.site, f"{target.method} {target.path} of {target.id}")
    open_ended = "; and longer, as some of it has no end" if worst.unbounded else ""
    place = call.timeout.site
    return Verdict(
        Outcome.VIOLATED,
        call.head if place is None or call.timeout.origin == "default" else ask.head(place),
        f"the caller gives up after {patience:g} s, {target.id} may work {worst.seconds:g} s{open_ended}: "
        "what failed for the caller may still happen; let limits shrink inwards",
        function=call.function,
        subject=_SUBJECT,
        witness=(*ask.hops, goes_to, *worst.steps, *worst.unbounded),
        fixes=_fixes(call, worst),
        services=ask.services,
        examined=call.site,
    )


def _fixes(call: HttpCall, worst: Budget) -> tuple[FixPlan, ...]:
    """A number that fits, where the call itself states one."""
    timeout = call.timeout
    if timeout.origin != "call" or timeout.site is None or not isinstance(timeout.value, Const):
        return ()
    enough = f"{int(worst.seconds) + 1}"
    return (FixPlan(f"Wait {enough} s", Grade.REVIEW, (Action("replace", timeout.site, enough),)),)
