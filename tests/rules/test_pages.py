"""The pages of rules: every example is checked and fixed, and does exactly what the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from shearpin.rulekit import discover
from shearpin.rulekit.pages import Example, examples
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Outcome

from .pages import complaints, outcomes

RULES = [rule for rule in discover() if rule.module.startswith("shearpin_rules.")]
_LITERATE = Path(__file__).parents[1] / "literate"


def _examples() -> list[object]:
    return [
        pytest.param(rule, example, id=f"{rule.name}-{number}-{example.heading}")
        for rule in RULES
        for number, example in enumerate(examples(rule.page), start=1)
    ]


@pytest.mark.parametrize(("rule", "example"), _examples())
def test_an_example_does_what_its_page_shows(rule: Rule, example: Example):
    assert complaints(example, rule) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_says_where_code_holds_and_where_it_cannot_tell(rule: Rule):
    further = _LITERATE / f"{rule.name}.md"
    pages = [rule.page, further.read_text(encoding="utf-8") if further.exists() else ""]
    workspaces = [files for page in pages for one in examples(page) for files in (one.files, one.fixed) if files]
    assert outcomes(workspaces, rule) == {Outcome.OK, Outcome.UNKNOWN, Outcome.VIOLATED}
