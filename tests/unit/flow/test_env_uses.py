"""Reads of environment variables: the expression that names the variable."""

from __future__ import annotations

import pytest

from shearpin.flow.env_uses import env_uses

from ..meaning.notation import MAIN, opened

READS = [
    ('import os\nx = os.environ["A"]', 'A: os.environ["A"]'),
    ('import os\nx = os.getenv("A", "b")', 'A: os.getenv("A", "b")'),
    ('import os\nx = int(os.environ.get("A", 1))', 'A: os.environ.get("A", 1)'),
    ('from os import environ\ndef f():\n    return [environ["A"], environ["B"]]', 'A: environ["A"]|B: environ["B"]'),
    ('import os\ndef f(url=os.getenv("A")): ...', 'A: os.getenv("A")'),
    ('import os\nx = lambda: os.environ["A"]', 'A: os.environ["A"]'),
    ('x = {"A": 1}["A"]', ""),
    ('def env(name):\n    return 1\nx = env("A")', ""),
    (
        "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    pay_url: str\n    count: int = 3\n",
        "PAY_URL: pay_url|COUNT: count",
    ),
    ("class S:\n    pay_url: str\n", ""),
]


@pytest.mark.parametrize(("code", "expected"), READS)
def test_reads(code, expected):
    session = opened(code)
    text = session.source(MAIN) or b""
    found = [f"{use.name}: {text[slice(*session.locate(use.site))].decode()}" for use in env_uses(session.db, MAIN)]
    assert "|".join(found) == expected
