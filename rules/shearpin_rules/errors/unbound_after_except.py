"""A name is read that only a `try` binds, and a handler goes on without it.

## What it does
Reports reads of a name behind a `try` statement that is the only place to bind it, when a handler of it neither leaves
nor binds the name. Nothing is said where a test of what the attempt left decides whether the name is read.

## Why it matters
The failure was handled, and then the handler's function dies of an `UnboundLocalError` that hides what really happened:
the log shows a programming error instead of the service that is down.

## Example

```python bad
import logging

import requests

def price(sku: str) -> float:
    try:
        response = requests.get(f"http://prices/{sku}", timeout=2)
        response.raise_for_status()
    except requests.RequestException:
        logging.exception("prices are down")
    return response.json()["price"]  # expect: unbound-after-except
```

## It has a value before

```python good
import logging

import requests

def price(sku: str) -> float | None:
    response = None
    try:
        response = requests.get(f"http://prices/{sku}", timeout=2)
        response.raise_for_status()
    except requests.RequestException:
        logging.exception("prices are down")
    return response.json()["price"] if response is not None else None
```

## The handler leaves

```python good
import logging

import requests

def price(sku: str) -> float | None:
    try:
        response = requests.get(f"http://prices/{sku}", timeout=2)
        response.raise_for_status()
    except requests.RequestException:
        logging.exception("prices are down")
        return None
    return response.json()["price"]
```

## The handler ends with a library's function, which may raise

```python good
from house.errors import refuse
from sqlalchemy.exc import NoResultFound

def found(query, key: str):
    try:
        row = query(key)
    except NoResultFound:
        refuse(404, message="no such row")
    return row
```

## How safe is the fix
There is none: leaving in the handler, or a value to go on with, says what a failure means here.

## References
- https://docs.python.org/3/faq/programming.html#why-am-i-getting-an-unboundlocalerror-when-the-variable-has-a-value
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import UnboundName
from shearpin.facts.site import Hop
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Outcome, ok, unknown

RULE = Rule(
    name="unbound-after-except",
    summary="A name is read that only a try binds, and a handler goes on without it",
    severity=Severity.WARNING,
    practice="errors",
)


@RULE.for_each(UnboundName)
def check(name: UnboundName, ask: Ask) -> Iterator[Verdict]:
    """Unbound on the way through a handler."""
    if name.answer == "bound":
        yield ok(name.site, name.note, subject=name.name, function=name.function)
        return
    if name.answer == "unknown":
        yield unknown(name.site, name.note, subject=name.name, function=name.function)
        return
    witness = [Hop(name.bound, "bound here, if nothing fails before")] if name.bound is not None else []
    if name.handler is not None:
        witness.append(Hop(name.handler, f"goes on without {' and '.join((name.name, *name.others))}"))
    yield Verdict(
        Outcome.VIOLATED,
        name.head,
        f"{name.name} has no value here after a failure: the handler goes on without binding it, and this raises "
        "UnboundLocalError; leave in the handler or give it a value before",
        function=name.function,
        subject=name.name,
        witness=tuple(witness),
        services=ask.services,
    )
