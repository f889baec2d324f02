"""Every rule is complete: one file, its name, its page, its examples; found without a list."""

from __future__ import annotations

import ast
import re
from itertools import chain

import pytest

from shearpin.adapters import adapter_set
from shearpin.rulekit import discover

from .sources import RULES

HEADINGS = ("What it does", "Why it matters", "Example", "How safe is the fix", "References")
FILES = sorted(
    path for path in RULES.glob("*/*.py") if not path.name.startswith("_") and not path.parent.name.startswith("_")
)


def test_there_are_rules():
    assert len(FILES) >= 7


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_holds_the_rule_of_its_name(path):
    found = {rule.name: rule for rule in discover()}
    rule = found.get(path.stem.replace("_", "-"))
    assert rule is not None, "the module has no RULE, or RULE has another name than its file"
    assert rule.module == f"shearpin_rules.{path.parent.name}.{path.stem}"
    assert rule.checks, "the rule subscribes to no fact"
    assert rule.summary, "the rule has no summary"
    assert not rule.summary.endswith(".")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_rule_has_its_page(path):
    name = path.stem.replace("_", "-")
    page = next(rule.page for rule in discover() if rule.name == name)
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert [heading for heading in HEADINGS if heading not in headings] == []
    assert re.search(r"^```\w+ bad\b", page, re.MULTILINE), "no bad example"
    assert re.search(r"^```\w+ good\b", page, re.MULTILINE), "no example that looks wrong and is right"
    assert f"expect: {name}" in page, "no bad example marks its line"
    for reference in re.split(r"^## References\n", page, flags=re.MULTILINE)[1].strip().splitlines():
        assert reference.startswith(("- ", "  ")), f"not a list: {reference}"


def test_every_rule_is_found_in_a_file():
    ours = {rule.name for rule in discover() if rule.module.startswith("shearpin_rules.")}
    assert ours == {path.stem.replace("_", "-") for path in FILES}


def test_a_rule_never_names_a_library():
    """Knowledge of a library lives in its adapter; examples on the page are free."""
    names = adapter_set().call_handlers.keys() | adapter_set().decorator_handlers.keys()
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        assert {text for text in constants if isinstance(text, str) and "." in text} & names == set(), path.stem


def test_rules_that_yield_name_rules():
    names = {rule.name for rule in discover()}
    planned = set(chain.from_iterable(rule.yields_to for rule in discover()))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in planned | names)
