from __future__ import annotations

import json
import sys
from types import ModuleType

import pytest
from inline_snapshot import snapshot

from shearpin.report.pages import rule_page, rule_table, rules_json
from shearpin.report.styled import plain_text
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Severity

PAGE = """A retry has no end.

## What it does
Looks.

## Example
```python bad file=a.py
while True:
    call()  # expect: endless

```
```yaml good
# a comment, no heading
```
"""


@pytest.fixture
def rule(monkeypatch):
    module = ModuleType("demo.retries.endless", PAGE)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    found = Rule("endless", "A retry has no end", Severity.ERROR, "retries")
    found.module = module.__name__
    return found


def test_a_page_sets_code_off(rule):
    assert plain_text(rule_page(rule)) == snapshot("""\
endless  error  retries

  A retry has no end.

What it does
  Looks.

Example
    bad in a.py
    | while True:
    |     call()  # expect: endless
    |
    good
    | # a comment, no heading
""")


def test_rules_are_listed_by_pack(rule):
    other = Rule("slow", "Slow", Severity.INFORMATION, "speed", module="demo.speed.slow")
    assert plain_text(rule_table([other, rule])) == snapshot("""\
retries
  endless  error        A retry has no end

speed
  slow     information  Slow

2 rules. Read one with: shearpin explain RULE
""")


def test_rules_as_json(rule):
    assert json.loads(rules_json([rule])) == [
        {
            "name": "endless",
            "pack": "retries",
            "severity": "error",
            "practice": "retries",
            "summary": "A retry has no end",
            "since": "0.1.0",
        }
    ]
