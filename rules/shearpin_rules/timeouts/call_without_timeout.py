"""An outbound call may wait for ever.

## What it does
Reports HTTP, SMTP and other remote calls that nothing ends: neither the call, nor its client, nor a block, decorator
or caller around it gives a time limit, and the library's default (at the version in use) is to wait for ever. A
`timeout=None` counts as no limit where the library takes it so.

A limit that may exist is respected: `**kwargs`, a client that comes from elsewhere, an unknown decorator or context
manager keep the rule silent.

## Why it matters
When the other side hangs, so does the caller: a worker thread, a connection and a user are lost each time, until none
is left. A timeout turns a hang into an error that retries, breakers and people can handle.

## Example
`requests` has no default timeout:

```python bad
import requests

def charge(order_id: str) -> None:
    requests.post("http://payments/charge", json={"order": order_id}).raise_for_status()  # expect: call-without-timeout
```

```python fixed
import requests

def charge(order_id: str) -> None:
    requests.post("http://payments/charge", json={"order": order_id}, timeout=(3.05, 10)).raise_for_status()
```

## A client that is told to wait for ever
One cause is one finding: it stands at the client, however many calls use it.

```python bad
import httpx

client = httpx.Client(timeout=None)  # expect: call-without-timeout

def order(order_id: str) -> dict:
    response = client.get(f"http://orders/orders/{order_id}")
    response.raise_for_status()
    return response.json()
```

```python fixed
import httpx

client = httpx.Client(timeout=httpx.Timeout(10, connect=3.05))

def order(order_id: str) -> dict:
    response = client.get(f"http://orders/orders/{order_id}")
    response.raise_for_status()
    return response.json()
```

## A wrapper two files away
The limit that a wrapper is given counts; a wrapper that nobody gives one does not.

```python bad file=clients.py
import requests

def fetch(url: str, timeout: float | None = None) -> dict:
    response = requests.get(url, timeout=timeout)  # expect: call-without-timeout
    response.raise_for_status()
    return response.json()
```

```python bad file=orders.py
from clients import fetch

def load(order_id: str) -> dict:
    return fetch(f"http://orders/{order_id}")
```

## The library has a default
httpx waits at most 5 seconds for each phase, aiohttp at most 5 minutes in all.

```python good
import httpx

async def charge(order_id: str) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.post("http://payments/charge", json={"order": order_id})
        response.raise_for_status()
```

## The time is limited around the call

```python good
import asyncio

import httpx

async def charge(client: httpx.AsyncClient, order_id: str) -> None:
    async with asyncio.timeout(5):
        response = await client.post("http://payments/charge", json={"order": order_id}, timeout=None)
        response.raise_for_status()
```

## The limit comes from a setting

```python good
import os

import requests

TIMEOUT = float(os.environ["PAYMENTS_TIMEOUT"])

def charge(order_id: str) -> None:
    requests.post("http://payments/charge", json={"order": order_id}, timeout=TIMEOUT).raise_for_status()
```

## How safe is the fix
Safe: the call behaves as before until the limit passes, and then raises the library's own timeout error. The seconds
come from `[tool.shearpin.timeouts]` (connect 3.05, read 10).

## References
- Release It!, M. Nygard, chapter "Stability patterns": timeouts
- https://requests.readthedocs.io/en/latest/user/advanced/#timeouts
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import HttpCall, Remedy, RemoteCall
from shearpin.facts.site import Hop
from shearpin.facts.timeouts import timeout_state
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.fixes import plan, remedy_of
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown

RULE = Rule(
    name="call-without-timeout",
    summary="An outbound call may wait for ever",
    severity=Severity.ERROR,
    practice="timeouts",
)

_AT_CLIENT = "set-client-timeout"
_OUTSIDE = frozenset(("cli", "test", "periodic"))


@RULE.for_each(HttpCall, RemoteCall)
def check(call: HttpCall | RemoteCall, ask: Ask) -> Iterator[Verdict]:
    """A finite limit of the call, the client or the library; a limit around it; else a finding."""
    state, seconds = timeout_state(call.timeout)
    if state == "finite":
        amount = "a time limit" if seconds is None else f"{seconds:g} s"
        yield ok(call.site, f"{amount}, {_origin(call)}", subject="timeout", function=call.function)
        return
    if state == "unknown":
        yield unknown(call.site, "the time limit is not known here", subject="timeout", function=call.function)
        return
    around = ask.time_limit(call)
    if around.answer == "yes":
        yield ok(call.site, around.note, subject="timeout", function=call.function)
    elif around.answer == "unknown":
        yield unknown(call.site, around.note, subject="timeout", function=call.function)
    else:
        yield _violated(call, ask)


def _violated(call: HttpCall | RemoteCall, ask: Ask) -> Verdict:
    remedy = _client_remedy(call, ask)
    place = None if remedy is None else call.timeout.site
    what = f"{call.library} waits" if place is None else "this client's calls wait"
    contexts = ask.contexts(call.function)
    severity = Severity.WARNING if contexts and contexts <= _OUTSIDE else None
    return Verdict(
        Outcome.VIOLATED,
        call.head if place is None else ask.head(place),
        f"{what} for ever when the other side does not answer; give it a timeout",
        function=call.function,
        subject="timeout",
        witness=(*ask.hops, Hop(call.site, "this call has no time limit")) if place is not None or ask.hops else (),
        severity=severity,
        fixes=_fixes(call, remedy),
        services=ask.services,
        examined=call.site,
    )


def _fixes(call: HttpCall | RemoteCall, remedy: Remedy | None) -> tuple[FixPlan, ...]:
    if remedy is not None and call.timeout.site is not None:
        argument = Action("argument", call.timeout.site, remedy.text, remedy.imports)
        return (FixPlan("Give the client a timeout", Grade(remedy.grade), (argument,)),)
    # What is passed comes from somewhere: replacing it by a number may take a caller's choice away.
    at_most = Grade.REVIEW if call.timeout.origin == "call" else Grade.SAFE
    fix = plan(call, "set-timeout", "Give the call a timeout", at_most=at_most)
    return () if fix is None else (fix,)


def _client_remedy(call: HttpCall | RemoteCall, ask: Ask) -> Remedy | None:
    """How the client takes a limit, when it is the client that lacks one and we know where it is made."""
    place = call.timeout.site
    if place is None or call.timeout.origin not in ("client", "default"):
        return None
    client = ask.client_at(place)
    found = remedy_of(call, _AT_CLIENT)
    return found if client is None else remedy_of(client, _AT_CLIENT) or found


def _origin(call: HttpCall | RemoteCall) -> str:
    default = f"{call.library} default"
    return {"call": "given at the call", "client": "given to the client", "default": default}.get(
        call.timeout.origin, ""
    )
