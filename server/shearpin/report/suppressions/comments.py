"""A comment that allows a finding must say why, and must be needed.

## What it does
Two findings are about comments of the form `# shearpin: allow[rule] reason`, in Python, YAML and other files with `#`:
`suppression-without-reason` stands at one that gives no reason, `unused-suppression` at one that allows nothing, be it
that its rule has nothing to say there or that there is no rule of that name.

A comment behind code is for its line. Alone on a line it is for the next one, and before a definition for all of it.

## Why it matters
Without a reason nobody can judge later whether the exception still holds. A comment that allows nothing today hides the
first real finding of tomorrow.

## Example
```python bad
requests.post(url, json=event)  # shearpin: allow[call-without-timeout]
```
```python good
requests.post(url, json=event)  # shearpin: allow[call-without-timeout] its supervisor ends the process after 30 s
```

## How to turn it off
Like any rule: `ignore = ["unused-suppression"]` in the settings.
"""

from __future__ import annotations

from shearpin.engine.selection import UNUSED, WITHOUT_REASON
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Severity

_SUMMARIES = {
    WITHOUT_REASON: "A comment allows a finding and does not say why",
    UNUSED: "A comment allows a finding that is not there",
}


def comment_rule(name: str) -> Rule | None:
    """The engine's own rules about comments, as far as a page needs them."""
    summary = _SUMMARIES.get(name)
    return Rule(name, summary, Severity.WARNING, "suppressions", module=__name__) if summary else None
