"""The pages of adapters: every example is read, and gives exactly the facts that stand below it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import shearpin.adapters

from .loading import Loaded
from .notation import notation

_FOLDER = Path(shearpin.adapters.__file__).parent
_PAIR = re.compile(r"^```python\n(?P<code>.*?)^```\s*\n+```facts\n(?P<facts>.*?)^```$", re.MULTILINE | re.DOTALL)


def _examples() -> list[object]:
    found: list[object] = []
    for path in sorted(_FOLDER.glob("*.py")):
        page = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        found.extend(
            pytest.param(match["code"], match["facts"], id=f"{path.stem}-{number}")
            for number, match in enumerate(_PAIR.finditer(page), start=1)
        )
    return found


@pytest.mark.parametrize(("code", "facts"), _examples())
def test_an_example_gives_its_facts(code: str, facts: str):
    compile(code, "app.py", "exec", dont_inherit=True, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    loaded = Loaded({"app.py": code})
    found = [notation(fact, loaded.line) for fact in loaded.facts("app.py")]
    assert "\n".join(found) == facts.strip()
