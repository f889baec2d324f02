"""A failure that will not go away is tried again.

## What it does
Reports retries that go on after every error status, also after those that say the request itself is wrong (4xx), and
retries on `Exception` around code that raises `ValueError`, `KeyError` and the like by itself.

A retry that looks at the status, by a predicate or before it raises, is left alone; so is one second try.

## Why it matters
The answer will be the same each time. The caller waits for nothing, the load grows, a limit of calls is used up, and a
mistake in the request looks like an outage.

## Example

```python bad
import httpx
from tenacity import retry, stop_after_attempt, wait_random_exponential

@retry(  # expect: retry-of-permanent-error
    stop=stop_after_attempt(4),
    wait=wait_random_exponential(max=10),
)
def load(order_id: str) -> dict:
    response = httpx.get(f"http://orders/orders/{order_id}")
    response.raise_for_status()
    return response.json()
```

```python fixed
import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

@retry(
    stop=stop_after_attempt(4),
    wait=wait_random_exponential(max=10),
    retry=retry_if_exception_type(httpx.TransportError),
)
def load(order_id: str) -> dict:
    response = httpx.get(f"http://orders/orders/{order_id}")
    response.raise_for_status()
    return response.json()
```

## A loop

```python bad
import time

import requests

def load(order_id: str) -> dict:
    for attempt in range(4):  # expect: retry-of-permanent-error
        try:
            response = requests.get(f"http://orders/orders/{order_id}", timeout=5)
            response.raise_for_status()
            return response.json()
        except requests.RequestException:
            time.sleep(2**attempt)
    raise RuntimeError("orders does not answer")
```

```python fixed
import time

import requests

def load(order_id: str) -> dict:
    for attempt in range(4):
        try:
            response = requests.get(f"http://orders/orders/{order_id}", timeout=5)
            response.raise_for_status()
            return response.json()
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(2**attempt)
    raise RuntimeError("orders does not answer")
```

## A mistake of the caller

```python bad
import backoff
import requests

@backoff.on_exception(backoff.expo, Exception, max_tries=5)  # expect: retry-of-permanent-error
def rename(customer_id: str, name: str) -> bool:
    if not name:
        raise ValueError("a customer needs a name")
    return requests.put(f"http://customers/{customer_id}", json={"name": name}, timeout=5).ok
```

## The status decides

```python good
import httpx
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

def is_passing(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in (429, 502, 503, 504)
    return isinstance(error, httpx.TransportError)

@retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=10), retry=retry_if_exception(is_passing))
def load(order_id: str) -> dict:
    response = httpx.get(f"http://orders/orders/{order_id}")
    response.raise_for_status()
    return response.json()
```

## Only failures of the way

```python good
import stamina
import requests

@stamina.retry(on=(requests.ConnectionError, requests.Timeout), attempts=4)
def load(order_id: str) -> dict:
    response = requests.get(f"http://orders/orders/{order_id}", timeout=5)
    response.raise_for_status()
    return response.json()
```

## It waits for something to come about

```python good
import time

import requests
from flask import Flask

app = Flask(__name__)

@app.post("/exports/<name>")
def export(name: str):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            response = requests.get(f"http://files/{name}", timeout=2)
            response.raise_for_status()
            return response.json()
        except requests.RequestException:
            time.sleep(0.5)
    return {"status": "late"}, 504
```

## Also an answer may send it round again

```python good
import time

import requests
from flask import Flask

app = Flask(__name__)

@app.get("/reports/<name>")
def report(name: str):
    for _ in range(20):
        try:
            response = requests.get(f"http://reports/{name}", timeout=2)
            response.raise_for_status()
            found = response.json()
            if found["state"] == "done":
                return found
        except requests.RequestException:
            app.logger.warning("not yet")
        time.sleep(1)
    return {"state": "late"}, 504
```

## A function looks at each failure

```python good
import backoff
import requests
from flask import Flask

app = Flask(__name__)

def is_refused(error) -> bool:
    return error.response is not None and error.response.status_code < 500

@backoff.on_exception(backoff.expo, requests.RequestException, max_tries=4, giveup=is_refused)
def load(name: str) -> dict:
    response = requests.get(f"http://files/{name}", timeout=2)
    response.raise_for_status()
    return response.json()

@app.get("/files/<name>")
def file(name: str):
    return load(name)
```

## How safe is the fix
For review: errors of the server (5xx) are then no longer tried again either. A predicate on the status keeps those that
pass, such as 503.

## References
- RFC 9110, section 15.5: client error 4xx
- https://tenacity.readthedocs.io/en/latest/#whether-to-retry
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import RetryLoop
from shearpin.facts.fact import HttpCall, RemoteCall, RetryPolicy
from shearpin.facts.site import Hop
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.fixes import listed, narrowed
from shearpin.rulekit.resilience import Reached
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, ok, unknown

RULE = Rule(
    name="retry-of-permanent-error",
    summary="A failure that will not go away is tried again",
    severity=Severity.WARNING,
    practice="retries",
)

_SUBJECT = "retried failures"
_BEFORE_WORK = frozenset(("startup", "cli", "import", "test"))
_TITLE = "Try again only after failures of the way"


@RULE.for_each(RetryPolicy, RetryLoop)
def check(fact: RetryPolicy | RetryLoop, ask: Ask) -> Iterator[Verdict]:
    """All statuses, or mistakes of the code itself, are among the failures that are tried again."""
    retry = ask.resilience.retry(fact)
    again = [item for item in ask.resilience.tried_again(fact) if isinstance(item.effect, (HttpCall, RemoteCall))]
    contexts = ask.contexts(fact.function)
    if not again or (contexts and contexts <= _BEFORE_WORK):
        return
    if retry.attempts is not None and retry.attempts <= 2:
        yield ok(fact.site, "one second try", subject=_SUBJECT, function=fact.function)
        return
    if isinstance(fact, RetryLoop) and fact.awaits_state:
        yield ok(fact.site, "it waits for a state until a deadline", subject=_SUBJECT, function=fact.function)
        return
    if retry.failures is None or retry.is_selective:
        yield unknown(fact.site, "which failures are tried again", subject=_SUBJECT, function=fact.function)
        return
    mistake = ask.resilience.own_mistake(fact)
    if mistake is not None:
        steps = (Hop(mistake.site, f"{mistake.name} is raised here, and will be raised again"),)
        yield _violated(fact, again[0], ask, "this retry repeats what is wrong in itself", steps)
        return
    for item in again:
        outcomes = ask.resilience.retried_outcomes(fact, item)
        if outcomes and "answered" in outcomes and not ask.resilience.looks_at_status(item.effect):
            steps = (*item.hops, Hop(item.effect.site, "also a refusal (4xx) of this request is tried again"))
            yield _violated(fact, item, ask, "this retry goes on after every error status, also when refused", steps)
            return
    known = all(ask.resilience.retried_outcomes(fact, item) is not None for item in again)
    verdict = ok if known else unknown
    note = "only failures that pass" if known else "which failures are tried again"
    yield verdict(fact.site, note, subject=_SUBJECT, function=fact.function)


def _violated(fact: RetryPolicy | RetryLoop, item: Reached, ask: Ask, what: str, steps: tuple[Hop, ...]) -> Verdict:
    return Verdict(
        Outcome.VIOLATED,
        fact.head,
        f"{what}: the answer stays the same and the caller waits; name the failures that pass",
        function=fact.function,
        subject=_SUBJECT,
        witness=steps,
        fixes=_fixes(fact, item, ask),
        services=ask.services,
    )


def _fixes(fact: RetryPolicy | RetryLoop, item: Reached, ask: Ask) -> tuple[FixPlan, ...]:
    names = ask.resilience.raised(item.effect.library, "not-sent", "unknown")
    if isinstance(fact, RetryPolicy):
        plan = narrowed(fact, names, _TITLE)
        return () if plan is None else (plan,)
    if fact.caught is None or not names:
        return ()
    modules = tuple(dict.fromkeys(f"{name.rpartition('.')[0]}." for name in names))
    return (FixPlan(_TITLE, Grade.REVIEW, (Action("replace", fact.caught, listed(names), modules),)),)
