"""The status of a response is never tested.

## What it does
Reports HTTP calls whose library does not raise on a bad status, when nothing tests the status and the code goes on as
if the call had succeeded: the body is used as data, success is recorded or answered, or another effect follows.
Logging the status is not testing it. A wrapper that answers whether its request succeeded is followed to the callers
that drop the answer.

## Why it matters
A 500 of the other side is taken for an answer: wrong data reaches users, orders are confirmed that never were,
compensations are believed to have happened.

## Example

```python bad
import requests

def confirm(order_id: str) -> dict:
    response = requests.post(f"http://orders/orders/{order_id}/confirm", timeout=5)  # expect: unchecked-response
    return response.json()
```

```python fixed
import requests

def confirm(order_id: str) -> dict:
    response = requests.post(f"http://orders/orders/{order_id}/confirm", timeout=5)
    response.raise_for_status()
    return response.json()
```

## Success is recorded without a look

```python bad
import httpx

async def cancel(saga: dict, order_id: str) -> None:
    async with httpx.AsyncClient() as client:
        await client.post(f"http://orders/orders/{order_id}/cancel")  # expect: unchecked-response
        saga["status"] = "COMPENSATED"
```

```python fixed
import httpx

async def cancel(saga: dict, order_id: str) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.post(f"http://orders/orders/{order_id}/cancel")
        response.raise_for_status()
        saga["status"] = "COMPENSATED"
```

## The answer of a wrapper is dropped

```python bad
import httpx

async def release(sku: str) -> bool:
    async with httpx.AsyncClient() as client:
        response = await client.post(f"http://inventory/release/{sku}")
        return response.status_code == 200

async def cancel(order: dict) -> dict:
    await release(order["sku"])  # expect: unchecked-response
    order["status"] = "CANCELLED"
    return order
```

## The status is tested

```python good
import requests

def exists(user_id: str) -> bool:
    response = requests.get(f"http://users/users/{user_id}", timeout=5)
    return response.status_code == 200
```

## A proxy hands the response on

```python good
import httpx

async def forward(client: httpx.AsyncClient, path: str) -> httpx.Response:
    return await client.get(f"http://orders/{path}")
```

## How safe is the fix
Safe: `raise_for_status()` changes what happens on a bad status only. The error reaches the handler around the call,
or the framework, as connection errors already do.

## References
- https://requests.readthedocs.io/en/latest/user/quickstart/#response-status-codes
- https://www.python-httpx.org/quickstart/#response-status-codes
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import ResponseFate
from shearpin.facts.site import Hop
from shearpin.facts.value import Const
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.fixes import plan
from shearpin.rulekit.verdict import FixPlan, Outcome, ok, unknown

RULE = Rule(
    name="unchecked-response",
    summary="The status of a response is never tested",
    severity=Severity.ERROR,
    practice="errors",
    yields_to=("unreliable-compensation",),
)

#: what becomes of a result that a fix can give a name
_NAMED = ("dropped", "awaited", "with")
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


@RULE.for_each(ResponseFate)
def check(fate: ResponseFate, ask: Ask) -> Iterator[Verdict]:
    """Untested, and somebody relies on it."""
    if fate.outcome == "tested":
        yield ok(fate.site, fate.note, subject="status", function=fate.function)
        return
    if fate.outcome == "unknown" or fate.use is None:
        yield unknown(fate.site, fate.note, subject="status", function=fate.function)
        return
    method = fate.call.method.value if isinstance(fate.call.method, Const) else None
    dropped = fate.site != fate.call.site
    message = (
        "whether the request succeeded is answered here and dropped; look at the answer before going on"
        if dropped
        else "the status of this response is never tested, an error of the other side counts as success; test it"
    )
    yield Verdict(
        Outcome.VIOLATED,
        fate.head,
        message,
        function=fate.function,
        subject="status",
        witness=(*fate.hops, Hop(fate.use, fate.use_note)),
        severity=Severity.WARNING if method in _SAFE else None,
        fixes=() if dropped or fate.hops else _fixes(fate),
        services=ask.services,
        examined=fate.site,
    )


def _fixes(fate: ResponseFate) -> tuple[FixPlan, ...]:
    if not fate.result_name and fate.call.usage not in _NAMED:
        return ()
    fix = plan(fate, "check-status", "Raise on a bad status", result_name=fate.result_name)
    return () if fix is None else (fix,)
