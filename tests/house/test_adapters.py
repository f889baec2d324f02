"""Every adapter is one file with a page whose examples are run."""

from __future__ import annotations

import ast
import re

import pytest

from shearpin.adapters import adapter_set, all_adapters

from .sources import ENGINE

FILES = sorted(path for path in (ENGINE / "adapters").glob("*.py") if not path.name.startswith("_"))


def test_every_file_is_an_adapter():
    assert len(FILES) >= 10
    assert len(all_adapters()) == len(FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_adapter_has_its_page(path):
    page = _docstring(path)
    assert re.search(r"^```python", page, re.MULTILINE), "no example"
    assert page.count("\n```facts") >= 1, "no example says which facts it gives"
    assert page.count("```") % 2 == 0


@pytest.mark.parametrize("adapter", all_adapters(), ids=lambda adapter: adapter.name)
def test_an_adapter_says_for_which_version_it_holds(adapter):
    assert adapter.version
    assert adapter.distributions
    taught = adapter.taught()
    teaches = taught.calls or taught.env_reads or any(model.declares for model in taught.classes.values())
    assert adapter.call_handlers or adapter.decorator_handlers or teaches


def test_adapters_agree_who_owns_a_name():
    assert adapter_set().call_handlers, "no adapter subscribes to anything"


def _docstring(path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
