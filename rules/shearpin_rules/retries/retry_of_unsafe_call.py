"""A request that may have been carried out is sent again.

## What it does
Reports retries around a request that changes something each time it arrives (a POST or PATCH, a remote procedure that
is no question), when the failures after which they go on include those that leave open whether it arrived: a read
timeout, a lost connection, an error of the server. Decorators, iterators, loops, tasks that are run again and
transports that resend are looked at.

A request whose handler in the workspace only reads, or looks for an earlier request first, is left alone; so is one
that carries an idempotency key that stays the same for all attempts.

## Why it matters
The answer was lost, not the request. The second attempt charges the card again, books a second seat, ships twice.

## Example

```python bad
import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

@retry(  # expect: retry-of-unsafe-call
    stop=stop_after_attempt(3),
    wait=wait_random_exponential(max=10),
    retry=retry_if_exception_type(httpx.TransportError),
)
def charge(order_id: str) -> None:
    httpx.post("https://payments.example.com/charges", json={"order": order_id}).raise_for_status()
```

```python fixed
import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

@retry(
    stop=stop_after_attempt(3),
    wait=wait_random_exponential(max=10),
    retry=retry_if_exception_type((httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ConnectError)),
)
def charge(order_id: str) -> None:
    httpx.post("https://payments.example.com/charges", json={"order": order_id}).raise_for_status()
```

## A loop

```python bad
import time

import requests

def charge(order_id: str) -> dict:
    for attempt in range(3):  # expect: retry-of-unsafe-call
        try:
            response = requests.post("https://payments.example.com/charges", json={"order": order_id}, timeout=5)
            return response.json() if response.ok else {}
        except requests.RequestException:
            time.sleep(2**attempt)
    raise RuntimeError("the payment is not known")
```

```python fixed
import time

import requests

def charge(order_id: str) -> dict:
    for attempt in range(3):
        try:
            response = requests.post("https://payments.example.com/charges", json={"order": order_id}, timeout=5)
            return response.json() if response.ok else {}
        except requests.ConnectTimeout:
            time.sleep(2**attempt)
    raise RuntimeError("the payment is not known")
```

## A transport that resends everything

```python bad
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

session = requests.Session()
session.mount("https://", HTTPAdapter(max_retries=Retry(total=3, allowed_methods=None)))  # expect: retry-of-unsafe-call

def charge(order_id: str) -> None:
    session.post("https://payments.example.com/charges", json={"order": order_id}, timeout=5).raise_for_status()
```

## A task that is run again

```python bad
import requests
from celery import Celery

app = Celery("billing", broker="amqp://rabbit")

@app.task(autoretry_for=(requests.RequestException,), retry_backoff=True, max_retries=5)  # expect: retry-of-unsafe-call
def charge(order_id: str) -> None:
    requests.post("https://payments.example.com/charges", json={"order": order_id}, timeout=5).raise_for_status()
```

## A key that all attempts share

```python good
import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

@retry(
    stop=stop_after_attempt(3),
    wait=wait_random_exponential(max=10),
    retry=retry_if_exception_type(httpx.TransportError),
)
def charge(order_id: str) -> None:
    headers = {"Idempotency-Key": f"charge-{order_id}"}
    httpx.post("https://payments.example.com/charges", json={}, headers=headers).raise_for_status()
```

## A request that only reads

```python good
import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

@retry(
    stop=stop_after_attempt(3),
    wait=wait_random_exponential(max=10),
    retry=retry_if_exception_type(httpx.TransportError),
)
def load(order_id: str) -> dict:
    response = httpx.get(f"https://payments.example.com/charges/{order_id}")
    response.raise_for_status()
    return response.json()
```

## How safe is the fix
For review: the retry goes on only after failures that happen before anything is sent. Other failures then reach the
caller, who must find out what happened. Where the target takes an idempotency key, one that is made before the first
attempt is better.

## References
- RFC 9110, section 9.2.2: idempotent methods
- https://docs.stripe.com/api/idempotent_requests
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import RetryLoop
from shearpin.facts.fact import HttpCall, RemoteCall, RetryPolicy, TransportMounted
from shearpin.facts.site import Hop
from shearpin.facts.value import Const
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.fixes import listed, narrowed
from shearpin.rulekit.resilience import Kind, Reached
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown

RULE = Rule(
    name="retry-of-unsafe-call",
    summary="A request that may have been carried out is sent again",
    severity=Severity.ERROR,
    practice="retries",
    yields_to=("fresh-idempotency-key", "money-call-without-idempotency-key"),
)

_SUBJECT = "repeat"
_TITLE = "Try again only after failures before anything is sent"
_REMEDY = "narrow it to failed connections, or send a key that all attempts share"
_UNSAFE = ("POST", "PATCH")


@RULE.for_each(RetryPolicy, RetryLoop)
def check(fact: RetryPolicy | RetryLoop, ask: Ask) -> Iterator[Verdict]:
    """Each request inside is safe, idempotent, or tried again only when it was not sent."""
    requests = [
        item for item in ask.resilience.tried_again(fact) if isinstance(item.effect, (HttpCall, RemoteCall))
    ]
    for item in requests:
        verdict = _judged(fact, item, ask)
        yield verdict
        if verdict.outcome is Outcome.VIOLATED:
            return


def _judged(fact: RetryPolicy | RetryLoop, item: Reached, ask: Ask) -> Verdict:
    resilience = ask.resilience
    outcomes = resilience.retried_outcomes(fact, item)
    seen = resilience.kinds(item)
    unsafe = next((one for one in seen if one.kind.kind == "unsafe" or _is_fresh(fact, one.kind, ask)), None)
    if unsafe is None:
        kind = next((one.kind for one in seen if one.kind.kind == "unknown"), seen[0].kind if seen else None)
        if kind is None or kind.kind == "unknown":
            note = "what the request changes" if kind is None else kind.note
            return unknown(fact.site, note, subject=_SUBJECT, function=fact.function)
        return ok(fact.site, kind.note, subject=_SUBJECT, function=fact.function)
    if outcomes is None or resilience.retry(fact).is_selective:
        return unknown(fact.site, "after which failures it is tried again", subject=_SUBJECT, function=fact.function)
    if not outcomes & {"unknown", "answered"}:
        return ok(fact.site, "only after failures before sending", subject=_SUBJECT, function=fact.function)
    proof = () if unsafe.kind.site is None else (Hop(unsafe.kind.site, unsafe.kind.note),)
    return Verdict(
        Outcome.VIOLATED,
        fact.head,
        f"{_what(item)} is sent again although the first one may have been carried out; {_REMEDY}",
        function=fact.function,
        subject=_SUBJECT,
        witness=(*item.hops, Hop(item.effect.site, "this request is repeated"), *proof),
        fixes=_fixes(fact, item, ask),
        services=ask.services,
    )


def _is_fresh(fact: RetryPolicy | RetryLoop, kind: Kind, ask: Ask) -> bool:
    """The key that the request carries is made inside the attempt, so each attempt has another one."""
    key, within = kind.key, ask.resilience.retry(fact).within
    if key is None:
        return False
    if within is not None:
        return (key.path, key.part) == (within.path, within.part) and within.start <= key.start < within.end
    around = fact.around if isinstance(fact, RetryPolicy) else None
    return around is not None and (key.path, key.part) == (around.path, around.part)


def _what(item: Reached) -> str:
    effect = item.effect
    if isinstance(effect, HttpCall) and isinstance(effect.method, Const):
        return f"this {effect.method.value}"
    return "this request"


def _fixes(fact: RetryPolicy | RetryLoop, item: Reached, ask: Ask) -> tuple[FixPlan, ...]:
    names = ask.resilience.raised(item.effect.library, "not-sent")
    if isinstance(fact, RetryPolicy):
        plan = narrowed(fact, names, _TITLE)
        return () if plan is None else (plan,)
    if fact.caught is None or not names:
        return ()
    modules = tuple(dict.fromkeys(f"{name.rpartition('.')[0]}." for name in names))
    return (FixPlan(_TITLE, Grade.REVIEW, (Action("replace", fact.caught, listed(names), modules),)),)


@RULE.for_each(TransportMounted)
def check_transport(mount: TransportMounted, ask: Ask) -> Iterator[Verdict]:
    """A transport that resends every method, in a client that sends such requests."""
    is_single = mount.attempts == Const(1)
    if is_single or not ("*" in mount.methods or set(mount.methods) & set(_UNSAFE)):
        if isinstance(mount.attempts, Const):
            note = "made once" if is_single else "only idempotent methods are resent"
            yield ok(mount.site, note, subject=_SUBJECT, function=mount.function)
        return
    for call in ask.resilience.sent_through(mount):
        method = call.method.value if isinstance(call.method, Const) else ""
        kinds = ask.resilience.kinds(Reached(call, ()))
        if method in _UNSAFE and any(one.kind.kind == "unsafe" for one in kinds):
            yield Verdict(
                Outcome.VIOLATED,
                mount.head,
                f"this client resends a {method} that may have been carried out; {_REMEDY}",
                function=mount.function,
                subject=_SUBJECT,
                witness=(Hop(call.site, "this request is repeated"),),
                services=ask.services,
            )
            return
    yield unknown(mount.site, "which requests are resent", subject=_SUBJECT, function=mount.function)
