"""A function that reads the variable whose name it is told: its callers decide which one."""

from __future__ import annotations

import pytest

from tests.support import open_session

COMPOSE = "services:\n  a: {build: ./a, environment: {B_URL: 'http://b:80'}}\n  b: {build: ./b}\n"
TARGET = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/y')\ndef y(): return 1\n"


@pytest.mark.parametrize(
    "reader",
    [
        "def env(name): return os.getenv(name)",
        "def env(name, default=None): return os.environ.get(name, default)",
        "def env(name): return os.environ[name]",
        "def read(name): return os.environ[name]\ndef env(name): return read(name)",
    ],
)
def test_the_name_comes_from_the_caller(reader: str) -> None:
    caller = f"import os\nimport requests\n{reader}\ndef go(): requests.get(env('B_URL') + '/y', timeout=1)\n"
    session = open_session({"compose.yaml": COMPOSE, "a/app.py": caller, "b/app.py": TARGET}, rules=())

    assert [(edge.source, edge.target, edge.op) for edge in session.graph().edges] == [("a", "b", "GET /y")]


def test_a_computed_name_stays_unknown() -> None:
    caller = "import os, sys\nimport requests\ndef go(): requests.get(os.environ[sys.argv[1]] + '/y', timeout=1)\n"
    session = open_session({"compose.yaml": COMPOSE, "a/app.py": caller, "b/app.py": TARGET}, rules=())

    assert [edge.target_kind for edge in session.graph().edges] == ["unknown"]
