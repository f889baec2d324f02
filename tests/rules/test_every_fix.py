"""Every fix of every finding in this repository, each alone: what `wrongs` demands holds for all of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from shearpin.rulekit import discover
from shearpin.rulekit.pages import Example, examples
from shearpin.session import Session

from ..bench.fix_bench import wrongs
from .pages import opened

TESTS = Path(__file__).parents[1]
PAGES = {rule.name: rule.page for rule in discover() if rule.module.startswith("shearpin_rules.")}
LITERATE = {page.name: page.read_text(encoding="utf-8") for page in sorted((TESTS / "literate").glob("*.md"))}


def _bad() -> list[object]:
    return [
        pytest.param(example, id=f"{name}-{number}-{example.heading}")
        for name, page in (PAGES | LITERATE).items()
        for number, example in enumerate(examples(page), start=1)
        if example.kind == "bad"
    ]


@pytest.mark.parametrize("example", _bad())
def test_of_an_example(example: Example):
    assert list(wrongs(opened(example.files))) == []


@pytest.mark.parametrize("name", ["shop", "shop-fixed"])
def test_of_a_system(name: str):
    assert list(wrongs(Session.open(TESTS / "workspaces" / name, use_cache=False))) == []


def test_fixes_are_made():
    tally: Counter[str] = Counter()
    assert list(wrongs(Session.open(TESTS / "workspaces" / "shop", use_cache=False), tally=tally)) == []
    assert tally["made"] >= 20
