"""A failing call is tried again without end.

## What it does
Reports retries around a remote effect that neither a number of attempts nor a deadline ends: decorators and iterators
of retry libraries whose defaults mean for ever, and hand-written loops that end when the call succeeds and go on when
it fails. A counter that some failing path does not advance is no limit.

Loops that go on after success are no retries: polling, workers, supervisors. Waiting for a dependency at startup,
with a pause between attempts, is left alone.

## Why it matters
While the other side is down, every caller hangs in its loop and keeps its connection, its lock and its user. When it
comes back, all of them hit it at once. A retry that gives up lets the caller decide.

## Example
tenacity retries for ever, and at once, unless it is told when to stop and how long to wait:

```python bad
import httpx
from tenacity import retry, retry_if_exception_type

@retry(  # expect: unbounded-retry
    retry=retry_if_exception_type(httpx.TransportError),
)
def orders() -> list:
    response = httpx.get("http://orders/orders")
    response.raise_for_status()
    return response.json()
```

```python fixed
import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

@retry(
    retry=retry_if_exception_type(httpx.TransportError),
    stop=stop_after_attempt(3), wait=wait_random_exponential(max=10),
)
def orders() -> list:
    response = httpx.get("http://orders/orders")
    response.raise_for_status()
    return response.json()
```

## A loop without a counter

```python bad
import time

import requests

def reserve(sku: str) -> dict:
    while True:  # expect: unbounded-retry
        try:
            response = requests.post(f"http://inventory/reserve/{sku}", timeout=5)
            response.raise_for_status()
            return response.json()
        except requests.RequestException:
            time.sleep(1)
```

## A counter that does not count every failure

```python bad
import requests

def reserve(sku: str) -> dict:
    attempts = 0
    while attempts < 3:  # expect: unbounded-retry
        try:
            response = requests.post(f"http://inventory/reserve/{sku}", timeout=5)
            response.raise_for_status()
            return response.json()
        except requests.HTTPError:
            attempts += 1
        except requests.ConnectionError:
            continue
    raise RuntimeError("inventory is not available")
```

## A number of attempts

```python good
import requests

def reserve(sku: str) -> dict:
    for _ in range(3):
        try:
            response = requests.post(f"http://inventory/reserve/{sku}", timeout=5)
            response.raise_for_status()
            return response.json()
        except requests.RequestException:
            continue
    raise RuntimeError("inventory is not available")
```

## A worker takes the next message
Success does not end this loop, so it is no retry.

```python good
import time

import requests

def work() -> None:
    while True:
        try:
            job = requests.get("http://jobs/next", timeout=5)
            job.raise_for_status()
            handle(job.json())
        except requests.RequestException:
            time.sleep(5)

def handle(job: dict) -> None:
    print(job)
```

## Waiting for another service before the first message

```python good
import time

import pika
import requests

def work(channel, method, properties, body) -> None:
    channel.basic_ack(method.delivery_tag)

def consume() -> None:
    while True:
        try:
            requests.get("http://stock/ready", timeout=2).raise_for_status()
            break
        except requests.RequestException:
            time.sleep(5)
    channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
    channel.basic_consume("orders", work)
    channel.start_consuming()
```

## A thread that waits beside the work

```python good
import threading
import time

import requests

def register() -> None:
    while True:
        try:
            requests.put("http://registry/services/orders", timeout=2).raise_for_status()
            return
        except requests.RequestException:
            time.sleep(5)

def prepare() -> None:
    threading.Thread(target=register, daemon=True).start()
```

## A name holds the time that has passed

```python good
import time

import requests

def wait_until_ready(limit: int = 60) -> bool:
    start = time.monotonic()
    while True:
        try:
            requests.get("http://search/health", timeout=2).raise_for_status()
            return True
        except requests.RequestException:
            pass
        elapsed = time.monotonic() - start
        if elapsed > limit:
            return False
        time.sleep(5)
```

## How safe is the fix
Safe for decorators: attempts end after three, and the library raises its own error then. Where nothing paused between
them, pauses that grow are added. Loops are not rewritten
automatically.

## References
- https://tenacity.readthedocs.io/en/latest/#stopping
- Exponential Backoff And Jitter, AWS Architecture Blog
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.facts.derived import RetryLoop
from shearpin.facts.fact import BaseFact, RetryPolicy
from shearpin.facts.site import Hop
from shearpin.facts.value import NONE, Const
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.fixes import plan, remedy_of
from shearpin.rulekit.verdict import FixPlan, Outcome, ok, unknown

RULE = Rule(
    name="unbounded-retry",
    summary="A failing call is tried again without end",
    severity=Severity.ERROR,
    practice="retries",
)

_BEFORE_WORK = frozenset(("startup", "cli", "import", "test"))
#: failures that say that somebody else was quicker, not that the other side is down
_CONFLICTS = frozenset(("IntegrityError", "OptimisticLockError", "StaleDataError", "WatchError"))
_SUBJECT = "retry"
_AGAIN = "this is tried again after each failure"
_REMEDY = "end it after a number of attempts or a deadline"


@RULE.for_each(RetryPolicy)
def check_policy(policy: RetryPolicy, ask: Ask) -> Iterator[Verdict]:
    """A declared retry has a limit when attempts or deadline are known and not none."""
    if policy.attempts == NONE and policy.deadline == NONE:
        yield _endless(policy, ask)
    elif isinstance(policy.attempts, Const) and policy.attempts != NONE:
        yield ok(policy.site, f"{policy.attempts.value} attempts", subject=_SUBJECT, function=policy.function)
    elif isinstance(policy.deadline, Const) and policy.deadline != NONE:
        yield ok(policy.site, f"for {policy.deadline.value} s at most", subject=_SUBJECT, function=policy.function)
    else:
        yield unknown(policy.site, "the limit of the retry is not known", subject=_SUBJECT, function=policy.function)


def _endless(policy: RetryPolicy, ask: Ask) -> Verdict:
    retried = ask.retried(policy)
    if retried is None:
        return unknown(policy.site, "what is tried again is not remote", subject=_SUBJECT, function=policy.function)
    around = _ended(policy, ask, is_blocking=retried.effect.is_blocking)
    if around is not None:
        return around
    fix = _fix(policy)
    return Verdict(
        Outcome.VIOLATED,
        policy.head,
        f"this retry never gives up, every caller hangs while the other side is down; {_REMEDY}",
        function=policy.function,
        subject=_SUBJECT,
        witness=(*retried.hops, Hop(retried.effect.site, _AGAIN)),
        fixes=() if fix is None else (fix,),
        services=ask.services,
    )


def _fix(policy: RetryPolicy) -> FixPlan | None:
    """A limit, and a pause where there is none: who stops after three attempts at once has hardly tried."""
    fix, pause = plan(policy, "add-stop", "Stop after a number of attempts"), remedy_of(policy, "add-backoff")
    if fix is None or pause is None or policy.wait != "none":
        return fix
    both = [
        msgspec.structs.replace(
            action, text=f"{action.text}, {pause.text}", imports=tuple(dict.fromkeys((*action.imports, *pause.imports)))
        )
        for action in fix.actions
    ]
    return msgspec.structs.replace(fix, title="Stop after a number of attempts, with pauses", actions=tuple(both))


def _ended(fact: BaseFact, ask: Ask, *, is_blocking: bool) -> Verdict | None:
    """What a time limit around the retry makes of it; None when there is none."""
    around = ask.limit_around(fact, is_blocking=is_blocking)
    if around.answer == "no":
        return None
    verdict = ok if around.answer == "yes" else unknown
    return verdict(fact.site, around.note, subject=_SUBJECT, function=fact.function)


@RULE.for_each(RetryLoop)
def check_loop(loop: RetryLoop, ask: Ask) -> Iterator[Verdict]:
    """A hand-written loop that ends on success only."""
    if loop.limit != "none":
        verdict = ok if loop.limit == "bounded" else unknown
        yield verdict(loop.site, loop.limit_note, subject=_SUBJECT, function=loop.function)
        return
    if loop.failures and all(name.rpartition(".")[2] in _CONFLICTS for name in loop.failures):
        yield unknown(loop.site, "only conflicts with others go round again", subject=_SUBJECT, function=loop.function)
        return
    contexts = ask.contexts(loop.function)
    if loop.wait != "none" and contexts <= {"consumer"} and ask.precedes_consuming(loop):
        yield unknown(loop.site, "it waits before it takes messages", subject=_SUBJECT, function=loop.function)
        return
    if loop.wait != "none" and not contexts and ask.runs_aside(loop.function):
        yield unknown(loop.site, "it waits beside the work, in a thread", subject=_SUBJECT, function=loop.function)
        return
    if loop.wait != "none" and contexts and contexts <= _BEFORE_WORK:
        yield ok(loop.site, "waits for a dependency before work begins", subject=_SUBJECT, function=loop.function)
        return
    around = _ended(loop, ask, is_blocking=loop.effect.is_blocking)
    if around is not None:
        yield around
        return
    yield Verdict(
        Outcome.VIOLATED,
        loop.head,
        f"this loop retries for ever ({loop.limit_note}), its callers hang while the other side is down; {_REMEDY}",
        function=loop.function,
        subject=_SUBJECT,
        witness=(*loop.hops, Hop(loop.effect.site, _AGAIN)),
        services=ask.services,
    )
