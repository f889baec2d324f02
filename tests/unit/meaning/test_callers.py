"""Who makes a function run."""

from __future__ import annotations

import pytest

from shearpin.facts.site import FunctionId
from shearpin.meaning.callers import callers
from shearpin.meaning.scopes import scopes

from .notation import Code, opened
from .notation import function as named


def called_by(code: Code, part: str, path: str = "main.py", inner: str = "") -> list[str]:
    """The functions with a call that makes one run, with the mode unless direct."""
    found = callers(opened(code).db, FunctionId(path, part, inner))
    modes = (" " + edge.callee.mode.value if edge.callee.mode.value != "direct" else "" for edge in found)
    return [named(edge.call.function, path) + mode for edge, mode in zip(found, modes, strict=True)]


LIB = "def get(): ...\nclass Client:\n    def __init__(self): ...\n    def send(self): ...\n"
CASES: list[tuple[dict[str, str], str, list[str]]] = [
    ({}, "get", []),
    ({"a.py": "from lib import get\ndef f(): get()"}, "get", ["a.py:f"]),
    ({"a.py": "from lib import get as fetch\ndef f(): fetch()"}, "get", ["a.py:f"]),
    ({"a.py": "import lib as l\ndef f(): l.get()"}, "get", ["a.py:f"]),
    ({"a.py": "from lib import *\nget()"}, "get", ["a.py:module"]),
    ({"a.py": "from lib import get as g", "b.py": "from a import g\ndef f(): g()"}, "get", ["b.py:f"]),
    ({"a.py": "from lib import get as g", "b.py": "from a import g as h\ndef f(): h()"}, "get", ["b.py:f"]),
    ({"a.py": "from other import get\ndef f(): get()", "other.py": "def get(): ..."}, "get", []),
    ({"a.py": "def f(get): get()"}, "get", []),
    ({"b.py": "import lib\ndef f(): lib.get()", "a.py": "import lib\ndef f(): lib.get(); lib.get()"}, "get",
     ["a.py:f", "a.py:f", "b.py:f"]),
    ({"a.py": "import lib\ndef f(): lib.get()", "test_a.py": "import lib\ndef test_f(): lib.get()"}, "get", ["a.py:f"]),
    ({"tests/test_a.py": "import lib\ndef test_f(): lib.get()"}, "get", []),
    ({"a.py": "import lib, asyncio\nasync def f(): await asyncio.to_thread(lib.get)"}, "get", ["a.py:f thread"]),
    ({"a.py": "from lib import Client\ndef f(): Client().send()"}, "Client.send", ["a.py:f"]),
    ({"a.py": "from lib import Client\ndef f(): Client().send()"}, "Client.__init__", ["a.py:f"]),
    ({"a.py": "from lib import Client as C\ndef f(): C()"}, "Client.__init__", ["a.py:f"]),
    ({"a.py": "from lib import Client\ndef f(c: Client): c.send()"}, "Client.send", ["a.py:f"]),
    ({"a.py": "from lib import Client\ndef f(c): c.send()"}, "Client.send", []),
    ({"a.py": "from lib import Client\nclass D(Client): ...", "b.py": "from a import D\ndef f(): D().send()"},
     "Client.send", ["b.py:f"]),
    ({"a.py": "from lib import Client\nclass D(Client):\n    def go(self): self.send()"}, "Client.send", ["a.py:D.go"]),
    ({"a.py": "from fastapi import Depends, FastAPI\nfrom lib import get\napp = FastAPI()\n"
      "@app.get('/')\ndef f(x=Depends(get)): ..."}, "get", ["a.py:f later"]),
    ({"a.py": "from lib import get\nfetch = get\ndef f(): fetch()"}, "get", ["a.py:f"]),
    ({"a.py": "import lib\nfetch = lib.get", "b.py": "from a import fetch\ndef f(): fetch()"}, "get", ["b.py:f"]),
    ({"a.py": "import functools, lib\nfetch = functools.partial(lib.get)\ndef f(): fetch()"}, "get", ["a.py:f"]),
]  # fmt: skip


@pytest.mark.parametrize(("files", "part", "expected"), CASES)
def test_callers(files: dict[str, str], part: str, expected: list[str]) -> None:
    assert called_by({"lib.py": LIB, **files}, part, "lib.py") == expected


def test_callers_of_an_inherited_constructor() -> None:
    files = {"lib.py": LIB, "a.py": "from lib import Client\nclass D(Client): ...", "b.py": "from a import D\nD()"}

    assert called_by(files, "Client.__init__", "lib.py") == ["b.py:module"]


def test_tests_are_callers_of_tests() -> None:
    files = {"test_a.py": "def helper(): ...\ndef test_f(): helper()"}

    assert called_by(files, "helper", "test_a.py") == ["test_f"]


def test_callers_of_nested_functions_and_lambdas() -> None:
    code = "def f():\n    def g(): ...\n    g()\n    h = lambda: 1\n    h()\n"
    (inner,) = (name for name in scopes(opened(code).db, "main.py", "f") if name.startswith("<lambda"))

    assert called_by(code, "f", inner="g") == ["f"]
    assert called_by(code, "f", inner=inner) == ["f"]
