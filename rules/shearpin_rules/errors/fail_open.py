"""A check that cannot be made lets everything pass.

## What it does
Reports checks (of permissions, fraud, limits, stock, balances, locks; recognised by their names) that catch their own
failure and then let the write or payment they guard go on: the handler returns the value that means "allowed", or falls
through to it. The witness leads from the check to the effect that goes on. A setting that is tested in the handler and
says what a failure means is taken as a decision.

## Why it matters
Whoever can make the checking service fail, with load for instance, has switched the check off. Payments go out without
a limit exactly when things are bad already.

## Example

```python bad
import httpx
from fastapi import FastAPI, HTTPException

app = FastAPI()
client = httpx.AsyncClient()

async def is_allowed(account: str, amount: int) -> bool:
    try:
        response = await client.get(f"http://limits/accounts/{account}", params={"amount": amount})
        response.raise_for_status()
        return response.json()["allowed"]
    except httpx.HTTPError:  # expect: fail-open
        return True

@app.post("/transfers")
async def transfer(account: str, amount: int) -> dict:
    if not await is_allowed(account, amount):
        raise HTTPException(403)
    response = await client.put("http://ledger/transfers", json={"account": account, "amount": amount})
    response.raise_for_status()
    return {"done": True}
```

```python fixed
import httpx
from fastapi import FastAPI, HTTPException

app = FastAPI()
client = httpx.AsyncClient()

async def is_allowed(account: str, amount: int) -> bool:
    try:
        response = await client.get(f"http://limits/accounts/{account}", params={"amount": amount})
        response.raise_for_status()
        return response.json()["allowed"]
    except httpx.HTTPError:
        return False

@app.post("/transfers")
async def transfer(account: str, amount: int) -> dict:
    if not await is_allowed(account, amount):
        raise HTTPException(403)
    response = await client.put("http://ledger/transfers", json={"account": account, "amount": amount})
    response.raise_for_status()
    return {"done": True}
```

## The handler falls through to the payment

```python bad
import logging

import requests
from flask import Flask, abort, request

app = Flask(__name__)

@app.post("/payments")
def pay():
    try:
        response = requests.post("http://fraud/check", json=request.json, timeout=2)
        response.raise_for_status()
        if response.json()["fraud"]:
            abort(403)
    except requests.RequestException:  # expect: fail-open
        logging.warning("the fraud service is down")
    requests.post("http://psp/charges", json=request.json, timeout=5).raise_for_status()
    return {"paid": True}
```

## Denied when nobody knows

```python good
import httpx
from fastapi import FastAPI, HTTPException

app = FastAPI()

async def is_allowed(account: str) -> bool:
    try:
        async with httpx.AsyncClient() as client:
            response = await client.get(f"http://limits/accounts/{account}")
            response.raise_for_status()
            return response.json()["allowed"]
    except httpx.HTTPError:
        return False

@app.post("/transfers")
async def transfer(account: str) -> dict:
    if not await is_allowed(account):
        raise HTTPException(403)
    async with httpx.AsyncClient() as client:
        response = await client.post("http://ledger/transfers", json={"account": account})
        response.raise_for_status()
    return {"done": True}
```

## It checks and renews

```python good
import logging

import requests
from fastapi import FastAPI

app = FastAPI()

def check_and_refresh_token(user: str) -> None:
    try:
        known = requests.get(f"http://auth/tokens/{user}", timeout=2)
        known.raise_for_status()
    except requests.RequestException:
        logging.info("it is renewed anyway")
    requests.post("http://auth/tokens", json={"user": user}, timeout=2).raise_for_status()

@app.post("/sessions/{user}")
def session(user: str) -> dict:
    check_and_refresh_token(user)
    return {}
```

## How safe is the fix
To review: it denies when the answer is not known. Whether that is right is a decision about the business.

## References
- https://owasp.org/Top10/2025/A10_2025-Mishandling_of_Exceptional_Conditions/
- https://cwe.mitre.org/data/definitions/636.html
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import CaughtFailure
from shearpin.facts.site import Hop
from shearpin.rulekit import Confidence, Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown
from shearpin.rulekit.wording import effect_name

RULE = Rule(
    name="fail-open",
    summary="A check that cannot be made lets everything pass",
    severity=Severity.ERROR,
    practice="errors",
)


@RULE.for_each(CaughtFailure)
def check(caught: CaughtFailure, ask: Ask) -> Iterator[Verdict]:
    """Handlers around checks."""
    if not caught.guard:
        return
    if caught.outcome == "unknown":
        yield unknown(caught.site, caught.note, subject="check", function=caught.function)
    elif caught.outcome != "open" or caught.use is None:
        yield ok(caught.site, caught.note or "what it guards does not go on", subject="check", function=caught.function)
    else:
        yield Verdict(
            Outcome.VIOLATED,
            caught.head,
            f"when {caught.guard} cannot be asked ({effect_name(caught.effect)} fails) what it guards goes on as if it "
            "were allowed; deny when nobody knows",
            function=caught.function,
            subject="check",
            witness=(
                *caught.hops,
                Hop(caught.effect.site, "this may fail"),
                *caught.way,
                Hop(caught.use, caught.use_note),
            ),
            confidence=Confidence.LIKELY,
            fixes=_fixes(caught),
            services=ask.services,
        )


def _fixes(caught: CaughtFailure) -> tuple[FixPlan, ...]:
    if caught.last is None:
        return ()
    if caught.returns in ("True", "False"):
        action = Action("replace", caught.last, "return False" if caught.returns == "True" else "return True")
    else:
        action = Action("replace" if caught.replaces else "statement-after", caught.last, "raise")
    return (FixPlan("Deny when nobody knows", Grade.REVIEW, (action,)),)
