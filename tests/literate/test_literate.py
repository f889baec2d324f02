"""Hard cases of the rules, in prose and code: each page is about one rule and marks what all rules with a page say."""

from __future__ import annotations

from pathlib import Path

import pytest

from shearpin.rulekit import discover
from shearpin.rulekit.pages import Example, examples
from shearpin.rulekit.rule import Rule

from ..rules.pages import complaints

PAGES = sorted(Path(__file__).parent.glob("*.md"))
WITH_PAGE = frozenset(page.stem for page in PAGES)
RULES = {rule.name: rule for rule in discover()}


def _examples() -> list[object]:
    return [
        pytest.param(RULES.get(page.stem), example, id=f"{page.stem}-{number}-{example.heading}")
        for page in PAGES
        for number, example in enumerate(examples(page.read_text(encoding="utf-8")), start=1)
    ]


@pytest.mark.parametrize(("rule", "example"), _examples())
def test_a_hard_case_is_judged_as_it_is_marked(rule: Rule, example: Example):
    assert complaints(example, rule, WITH_PAGE) == []


def test_every_page_is_about_a_rule():
    assert WITH_PAGE - RULES.keys() == set()
