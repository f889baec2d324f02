"""How functions are called, and what that makes of the facts in them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from shearpin.facts.fact import HttpCall
from shearpin.flow.ways import constructions, describe, ways
from shearpin.meaning.queries import module_value

from ..meaning.notation import Code, hops, opened, text
from .probing import at, settled_in


def ways_of(code: Code, name: str, path: str = "main.py") -> list[str]:
    """`binding=value <- hop <- hop` for each way, innermost hop first."""
    found = ways(opened(code).db, at(name, path))
    shown = []
    for way in found:
        bound = " ".join(f"{b.name.partition('@')[0]}={text(b.value, path)}" for b in way.bindings)
        shown.append(" <- ".join((bound, *reversed(hops(way.hops)))))
    return shown


WAYS = [
    ("def f(x): ...", []),
    ("def f(x): ...\ndef a(): f(1)", ["x=1 <- called from a"]),
    ("def f(x): ...\ndef a(): f(1)\ndef b(): f(2)", ["x=1 <- called from a", "x=2 <- called from b"]),
    ("def f(x): ...\ndef a(): f(1); f(1)", ["x=1 <- called from a"]),
    ("def f(x): ...\nf(1)", ["x=1 <- called from the module"]),
    ("def f(x): ...\ndef a(y): f(y)", ["x=<y> <- called from a"]),
    ("def f(x): ...\ndef a(y): f(y)\ndef b(): a(1)\ndef c(): a(2)",
     ["x=1 <- called from a <- called from b", "x=2 <- called from a <- called from c"]),
    ("def f(x): ...\ndef a(y): f(y + '/a')\ndef b(z): a(z + '/b')\ndef c(): b('/c')",
     ["x='/c/b/a' <- called from a <- called from b <- called from c"]),
    ("def f(x): ...\ndef a(y): f(1)\ndef b(): a(2)", ["x=1 <- called from a"]),
    ("def f(x=3): ...\ndef a(): f()", ["x=3 <- called from a"]),
    ("def f(x): ...\ndef a(): a(); f(1)", ["x=1 <- called from a"]),
    ("def f(x): f(x)\ndef a(): f(1)", ["x=1 <- called from a"]),
    ("def f(x): f(x + '/')\ndef a(): f('b')", ["x='b' <- called from a"]),
    ("def f(x): g(x)\ndef g(x): f(x)\ndef a(): f(1)", ["x=1 <- called from a"]),
    ("def g(x): f(x)\ndef f(x): g(x)\ndef a(): g(1)", ["x=1 <- called from g <- called from a"]),
    ("def g(x): f(x)\ndef f(x): g(x)", []),
    ("import asyncio\ndef f(x): ...\nasync def a(): await asyncio.to_thread(f, 1)", ["x=1 <- called from a"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), WAYS)
def test_ways(code: str, expected: list[str]) -> None:
    assert ways_of(code, "f") == expected


CLASS = "class C:\n    def __init__(self, u): self.u = u\n    def m(self, x): ...\n"
METHODS = [
    ("def a(): C(1).m(2)", ["self=C(u=1) x=2 <- called from a"]),
    ("c = C(1)\ndef a(): c.m(2)", ["self=C(u=1) x=2 <- called from a"]),
    ("def a(c: C): c.m(2)", ["self=<c:C> x=2 <- called from a"]),
    ("def a(c: C): c.m(2)\ndef b(): a(C(1))", ["self=C(u=1) x=2 <- called from a <- called from b"]),
    ("def a(): C(1)", ["self=C(u=1) <- constructed in a"]),
    ("def a(u): C(u)\ndef b(): a(1)", ["self=C(u=1) <- constructed in a"]),
    ("class D(C): ...\ndef a(): D(1).m(2)", ["self=D(u=1) x=2 <- called from a"]),
    ("", []),
]


@pytest.mark.parametrize(("code", "expected"), METHODS)
def test_ways_of_methods(code: str, expected: list[str]) -> None:
    assert ways_of(CLASS + code, "C.m") == expected


def test_tests_are_no_ways_of_the_application() -> None:
    files = {"lib.py": "def f(x): ...", "test_lib.py": "from lib import f\ndef test_f(): f(1)"}

    assert ways_of(files, "f", "lib.py") == []


def test_names_for_people() -> None:
    db = opened("class C:\n    def m(self): ...\ndef f():\n    def g(): ...\nx = 1").db

    assert [describe(db, at(name)) for name in ("C.m", "f", "f::g", "x")] == ["C.m", "f", "g", "the module"]


def test_constructions() -> None:
    db = opened(CLASS + "def a(u): C(u)\ndef b(): a(1)\nc = C(2)").db
    cls = module_value(db, "main.py", "C")
    assert cls is not None

    assert [text(value) for _, value in constructions(db, cls)] == ["C(u=1)", "C(u=2)"]


def requests_in(code: Code, path: str = "main.py") -> list[str]:
    """`METHOD url in the function where the way begins` of each settled request."""
    session = opened(code)
    return [
        f"{text(item.fact.method)} {text(item.fact.url, path)} in {describe(session.db, item.outer)}"
        for item in settled_in(session, path)
        if isinstance(item.fact, HttpCall)
    ]


HEAD = "import httpx, requests, os\n"
REQUESTS = [
    ("def f(): requests.get('http://a/x')", ["'GET' 'http://a/x' in f"]),
    ("def f(u): requests.get(u)", ["'GET' <u> in f"]),
    ("def f(u): requests.get(u)\ndef a(): f('http://a')\ndef b(): f('http://b')",
     ["'GET' 'http://a' in a", "'GET' 'http://b' in b"]),
    ("def f(m, u): requests.request(m, u)\ndef a(): f('PUT', 'http://a')", ["'PUT' 'http://a' in a"]),
    ("def f(u): requests.get(u + '/x')\ndef a(v): f(v + '/y')\ndef b(): a('http://a')",
     ["'GET' 'http://a/y/x' in b"]),
    (("class C:\n    def __init__(self, b): self.b = b\n    def get(self, p): return requests.get(f'{self.b}{p}')\n"
     "def a(): C('http://a').get('/x')"), ["'GET' 'http://a/x' in a"]),
    (("class C:\n    def __init__(self, b): self.b = b\n    def get(self, p): return self.go('GET', p)\n"
     "    def go(self, m, p): return requests.request(m, self.b + p)\nc = C(os.environ['A'])\ndef a(): c.get('/x')"),
     ["'GET' f'{$A}/x' in a"]),
    (("class C:\n    def __init__(self, b): self.s = httpx.Client(base_url=b)\n"
     "    def get(self, p): return self.s.get(p)\nc = C('http://a')\ndef a(): c.get('/x')"),
     ["'GET' 'http://a/x' in a"]),
    (("class C:\n    def __init__(self, s): self.s = s\n    def get(self, p): return self.s.get(p)\n"
     "c = C(httpx.Client(base_url='http://a'))\ndef a(): c.get('/x')"), ["'GET' 'http://a/x' in a"]),
    (("class B:\n    def __init__(self, b): self.b = b\n    def get(self, p): return requests.get(self.b + p)\n"
     "class C(B):\n    def __init__(self): super().__init__('http://a')\n    def one(self): return self.get('/x')\n"
     "def a(): C().one()"), ["'GET' 'http://a/x' in a"]),
    (("class B:\n    def get(self, p): return requests.get(self.b + p)\nclass C(B):\n    b = 'http://a'\n"
     "class D(B):\n    b = 'http://b'\ndef a(): C().get('/x'); D().get('/y')"),
     ["'GET' 'http://a/x' in a", "'GET' 'http://b/y' in a"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), REQUESTS)
def test_requests_are_settled_by_their_callers(code: str, expected: list[str]) -> None:
    assert requests_in(HEAD + code) == expected


def test_requests_are_settled_across_files() -> None:
    files = {
        "app/http.py": dedent("""\
            import httpx
            class Client:
                def __init__(self, base):
                    self.http = httpx.Client(base_url=base)
                def get(self, path):
                    return self.http.get(path)
            """),
        "app/orders.py": dedent("""\
            from .http import Client
            client = Client("http://orders")
            def order(number):
                return client.get(f"/orders/{number}")
            """),
        "app/main.py": "from .orders import order\ndef show(): order(3)\n",
    }

    assert requests_in(files, "app/http.py") == ["'GET' 'http://orders/orders/3' in show"]
