"""A circuit breaker that is written by hand lets everything pass when it tries again.

## What it does
Looks at classes that count failures, stop calls for a while, and then become half-open to try again. Reports those that
let every call pass while they are half-open, instead of one or a few, and those that measure the pause with a clock
that may be set (`time.time()`, `datetime.now()`).

## Why it matters
A service that just comes back gets all the load at once, from every caller, and goes down again: the breaker makes
outages longer. A clock that is set back by an hour keeps the circuit open for an hour more.

## Example

```python bad
import time

class CircuitBreaker:
    def __init__(self, threshold: int = 5, pause: float = 30) -> None:
        self.threshold = threshold
        self.pause = pause
        self.failures = 0
        self.state = "closed"
        self.opened_at = 0.0

    def call(self, function, *args):
        if self.state == "open":
            if time.monotonic() - self.opened_at < self.pause:
                raise RuntimeError("the circuit is open")
            self.state = "half-open"  # expect: half-open-without-limit
        try:
            result = function(*args)
        except Exception:
            self.failures += 1
            if self.failures >= self.threshold:
                self.state = "open"
                self.opened_at = time.monotonic()
            raise
        self.failures = 0
        self.state = "closed"
        return result
```

## The clock may be set

```python bad
import time

class CircuitBreaker:
    def __init__(self) -> None:
        self.failure_count = 0
        self.state = "CLOSED"
        self.last_failure = 0.0
        self.half_open_calls = 0

    def failed(self) -> None:
        self.failure_count += 1
        self.last_failure = time.time()

    def allows(self) -> bool:
        if self.state == "OPEN" and time.time() - self.last_failure > 30:
            self.state = "HALF_OPEN"  # expect: half-open-without-limit
            self.half_open_calls = 0
        if self.state == "HALF_OPEN":
            self.half_open_calls += 1
            return self.half_open_calls <= 1
        return self.state == "CLOSED"
```

## One call tries

```python good
import time

class CircuitBreaker:
    def __init__(self) -> None:
        self.failures = 0
        self.state = "closed"
        self.opened_at = 0.0
        self.probing = False

    def failed(self) -> None:
        self.failures += 1
        self.opened_at = time.monotonic()
        self.probing = False

    def allows(self) -> bool:
        if self.state == "open" and time.monotonic() - self.opened_at > 30:
            self.state = "half-open"
        if self.state == "half-open":
            if self.probing:
                return False
            self.probing = True
        return self.state != "open"
```

## How safe is the fix
There is none: the class is yours. Libraries such as pybreaker and purgatory let one call through at a time.

## References
- Release It!, M. Nygard, chapter "Stability patterns": circuit breaker
- https://martinfowler.com/bliki/CircuitBreaker.html
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.derived import HandBreaker
from shearpin.facts.site import Hop
from shearpin.rulekit import Rule, Severity, Verdict
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.verdict import Confidence, Outcome, ok, unknown

RULE = Rule(
    name="half-open-without-limit",
    summary="A circuit breaker lets everything pass when it tries again",
    severity=Severity.INFORMATION,
    practice="breakers",
    yields_to=("wall-clock-ordering",),
)

_SUBJECT = "half-open"


@RULE.for_each(HandBreaker)
def check(breaker: HandBreaker, ask: Ask) -> Iterator[Verdict]:
    """Few calls pass while it is half-open, and the pause is measured with a clock that only goes on."""
    if breaker.probes == "all":
        yield _violated(
            breaker,
            f"{breaker.name} lets every call pass once it is half-open, a service that just comes back gets the whole "
            "load; let one call try",
            (),
            ask,
        )
    elif breaker.wall_clock is not None:
        yield _violated(
            breaker,
            f"{breaker.name} measures its pause with a clock that may be set; use time.monotonic()",
            (Hop(breaker.wall_clock, "this clock may jump"),),
            ask,
        )
    elif breaker.probes == "limited":
        yield ok(breaker.site, "few calls try", subject=_SUBJECT, function=breaker.function)
    else:
        yield unknown(breaker.site, "how many calls try", subject=_SUBJECT, function=breaker.function)


def _violated(breaker: HandBreaker, message: str, witness: tuple[Hop, ...], ask: Ask) -> Verdict:
    return Verdict(
        Outcome.VIOLATED,
        breaker.head,
        message,
        function=breaker.function,
        subject=_SUBJECT,
        witness=witness,
        confidence=Confidence.LIKELY,
        services=ask.services,
    )
