"""A call goes to an endpoint that its target does not serve.

## What it does
Reports HTTP calls to a service of the workspace whose method and path no registered route serves: neither the code of
the target (routers under their real prefixes, framework extras such as `/openapi.json`) nor its contract. A literal
table of addresses is examined entry by entry; the finding stands at the entry. Near matches are named.

The rule is silent when the target's routes cannot all be read: a router that is mounted dynamically, a computed path,
a file that does not parse, a service in another language without a contract.

## Why it matters
The call fails every time, usually in a path that no test of a single service runs. It is the most common way in which
a rename breaks somebody else.

## Example

```python bad file=compose.yaml
services:
  orders:
    build: ./orders
  payments:
    build: ./payments
```

```python bad file=payments/app.py
from fastapi import FastAPI

app = FastAPI()

@app.post("/charges")
def charge(order: dict) -> dict:
    return order
```

```python bad file=orders/app.py
import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.Client(base_url="http://payments")

@app.post("/orders")
def order(order: dict) -> dict:
    response = client.post("/charge", json=order)  # expect: unknown-endpoint
    response.raise_for_status()
    return order
```

```python fixed file=orders/app.py
import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.Client(base_url="http://payments")

@app.post("/orders")
def order(order: dict) -> dict:
    response = client.post("/charges", json=order)
    response.raise_for_status()
    return order
```

## The route exists under its router's prefix

```python good file=compose.yaml
services:
  orders:
    build: ./orders
  payments:
    build: ./payments
```

```python good file=payments/app.py
from fastapi import APIRouter, FastAPI

router = APIRouter(prefix="/charges")

@router.post("/{charge_id}/refund")
def refund(charge_id: str) -> dict:
    return {"id": charge_id}

app = FastAPI()
app.include_router(router, prefix="/api/v1")
```

```python good file=orders/app.py
import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.Client(base_url="http://payments")

@app.post("/orders/{charge_id}/cancel")
def cancel(charge_id: str) -> dict:
    response = client.post(f"/api/v1/charges/{charge_id}/refund")
    response.raise_for_status()
    return response.json()
```

## How safe is the fix
Where one route is nearly the one that is called, its path is offered for review: whether the caller or the target is
right, a person must say.

## References
- Consumer-Driven Contracts, I. Robinson
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import HttpCall
from shearpin.facts.site import Hop
from shearpin.graph.calls import CallTarget
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.fixes import parens_of
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown

RULE = Rule(
    name="unknown-endpoint",
    summary="A call goes to an endpoint that its target does not serve",
    severity=Severity.ERROR,
    practice="contracts",
)


@RULE.for_each(HttpCall)
def check(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    """Each alternative of the address, seen from each service that makes the call."""
    for target in ask.targets(call):
        if target.kind == "service" and target.match is not None:
            yield _judged(call, target, ask)
        elif target.kind == "unknown":
            yield unknown(call.site, f"target: {target.reason}", subject="endpoint", function=call.function)


def _judged(call: HttpCall, target: CallTarget, ask: Ask) -> Verdict:
    match = target.match
    place = target.entry or call.site
    asked = f"{target.method} {target.path}" if target.method != "ANY" else f"anything at {target.path}"
    if match is None or match.answer == "unknown":
        reason = "" if match is None else match.reason
        return unknown(place, f"{target.id}: {reason}", subject="endpoint", function=call.function)
    if match.answer == "yes":
        return ok(
            place, f"{target.id} serves {match.served[0].endpoint.op}", subject="endpoint", function=call.function
        )
    near = f"; near: {', '.join(served.endpoint.op for served in match.near)}" if match.near else ""
    return Verdict(
        Outcome.VIOLATED,
        target.entry or call.head,
        f"{target.id} does not serve {asked}, this call always fails{near}",
        function=call.function,
        subject="endpoint",
        witness=(
            *target.evidence,
            *ask.hops,
            *((Hop(call.site, "called here"),) if target.entry is not None else ()),
            *(Hop(served.endpoint.site, f"{target.id} serves {served.endpoint.op}") for served in match.near),
        ),
        cause=f"{target.id} {asked}",
        fixes=_fixes(call, target, ask),
        services=ask.services,
        examined=call.site,
    )


def _fixes(call: HttpCall, target: CallTarget, ask: Ask) -> tuple[FixPlan, ...]:
    """The nearest route, where it differs in one written segment; what a caller or table passes is left alone."""
    near = target.match.near[:1] if target.match is not None else ()
    if not near or ask.hops or target.entry is not None or near[0].method not in (target.method, "ANY"):
        return ()
    called, served = target.path.split("/"), near[0].pattern.split("/")
    changed = [pair for pair in zip(called, served, strict=False) if pair[0] != pair[1]]
    if len(called) != len(served) or len(changed) != 1 or any("{" in segment for segment in changed[0]):
        return ()
    (old, new), position = changed[0], called.index(changed[0][0])
    # With its slashes a segment is not taken for a part of another word.
    tail = "/" if position < len(called) - 1 else ""
    action = Action("replace-text", parens_of(call), f"/{new}{tail}", old=f"/{old}{tail}")
    return (FixPlan(f"Call {near[0].endpoint.op}", Grade.REVIEW, (action,)),)
