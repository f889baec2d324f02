"""Recursive code ends, and no answer depends on who is asked first."""

from __future__ import annotations

import random
from collections.abc import Mapping
from textwrap import dedent

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shearpin.facts.site import FunctionId
from shearpin.meaning.callers import callers
from shearpin.meaning.calls import calls, decorators
from shearpin.meaning.queries import attribute_value, module_value, return_value
from shearpin.meaning.scopes import part_ids, scopes
from shearpin.query import Database

from .notation import opened, text

RECURSIVE: dict[str, str] = {
    "itself": "def f(x): return f(x) if x else 'a'",
    "two": "def a(x): return b(x) or 'a'\ndef b(x): return a(x) or 'b'",
    "three": "def a(): return b()\ndef b(): return c()\ndef c(): return a() or 'c'",
    "two circles": "def a(): return b() or c()\ndef b(): return a() or 'b'\ndef c(): return a() or 'c'",
    "never ends": "def a(): return b()\ndef b(): return a()",
    "grows": "def a(x): return a(x + 'x') if x else x\ndef b(): return a('y')",
    "wraps": "def a(): return [b()]\ndef b(): return [a()]",
    "passes itself": "def a(f): return f(a)\ndef b(): return a(a)",
    "classes": """\
        class A:
            def __init__(self): self.b = B(self)
            def m(self): return self.b.m()
        class B:
            def __init__(self, a): self.a = a
            def m(self): return self.a.m() or A().m()
        """,
    "modules": "x = y or 1\ny = z or 2\nz = x or 3\ndef f(): return x\ndef g(): return z",
    "bases": "class A(B): ...\nclass B(A):\n    def m(self): return self.m()\ndef f(): return A().m()",
    "inherited": """\
        class A:
            def m(self): return self.n()
            def n(self): return 1
        class B(A):
            def n(self): return super().n() or self.m()
        def f(): return B().m()
        """,
    "callbacks": "import threading\ndef a(): threading.Thread(target=b).start()\ndef b(): threading.Thread(target=a)",
    "decorators": "def d(f): return d(f)\n@d\ndef a(): return a()\n@a\ndef b(): return d(b)",
}


def answers(db: Database, files: Mapping[str, str], order: random.Random) -> dict[str, object]:
    """Everything that `meaning` says about all functions and names, asked in some order."""
    questions: list[tuple[str, FunctionId]] = []
    for path in files:
        for part in part_ids(db, path):
            for scope in scopes(db, path, part).values():
                questions += [(kind, scope.function) for kind in ("returns", "callers", "calls", "decorators", "name")]
    order.shuffle(questions)
    found: dict[str, object] = {}
    for kind, function in questions:
        found[f"{kind} {function}"] = msgspec.to_builtins(answer(db, kind, function))
    return dict(sorted(found.items()))


def answer(db: Database, kind: str, function: FunctionId) -> object:
    match kind:
        case "returns":
            return return_value(db, function)
        case "callers":
            return callers(db, function)
        case "calls":
            return calls(db, function.path, function.part)
        case "decorators":
            return decorators(db, function.path, function.part)
        case _:
            return module_value(db, function.path, function.part)


@pytest.mark.parametrize("code", RECURSIVE.values(), ids=RECURSIVE.keys())
def test_recursion_ends_and_does_not_depend_on_who_is_asked_first(code: str) -> None:
    files = {"main.py": dedent(code)}
    first = answers(opened(files).db, files, random.Random(0))

    for seed in range(1, 6):
        assert answers(opened(files).db, files, random.Random(seed)) == first


NAMES = st.sampled_from("abcd")
EXPRESSIONS = st.recursive(
    st.sampled_from(["1", "'u'", "x", "a", "b", "C"]),
    lambda inner: st.one_of(
        st.builds("{}({})".format, NAMES, inner),
        st.builds("C({}).m({})".format, inner, inner),
        st.builds("C({}).u".format, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("{}({}).upper()".format, NAMES, inner),
    ),
    max_leaves=4,
)
BODIES = st.one_of(EXPRESSIONS, st.builds("{} if x else {}".format, EXPRESSIONS, EXPRESSIONS))
MODULES = st.lists(BODIES, min_size=7, max_size=7)


@given(MODULES, st.randoms(use_true_random=False))
def test_no_answer_depends_on_who_is_asked_first(bodies: list[str], order: random.Random) -> None:
    functions = "".join(f"def {name}(x): return {body}\n" for name, body in zip("abcd", bodies[:4], strict=True))
    methods = f"    def __init__(self, x):\n        self.u = {bodies[4]}\n    def m(self, x): return {bodies[5]}\n"
    files = {"main.py": f"{functions}class C:\n{methods}y = {bodies[6]}\n"}

    one, other = answers(opened(files).db, files, order), answers(opened(files).db, files, random.Random(0))

    assert one == other


def test_a_value_of_an_attribute_that_depends_on_itself() -> None:
    methods = "    def __init__(self): self.a = self.b or 1\n    def m(self): self.b = self.a\n"
    db = opened(f"class C:\n    b = None\n{methods}").db
    cls = module_value(db, "main.py", "C")
    assert cls is not None

    assert text(attribute_value(db, cls, "a")) == "1"
    assert text(attribute_value(db, cls, "b")) == "None | 1"


def test_a_circle_that_never_settles() -> None:
    files = {"main.py": "def a(x): return b(x) + 'u' if x else 'v'\ndef b(x): return a(x) if x else 'w'\n"}
    first = answers(opened(files).db, files, random.Random(0))

    assert all(answers(opened(files).db, files, random.Random(seed)) == first for seed in range(8))


def test_alternatives_stand_in_one_order() -> None:
    code = "def a(x): return b(x) if x else 'a'\ndef b(x): return a(x) if x else 'b'\n"
    first, second = FunctionId("main.py", "a"), FunctionId("main.py", "b")
    one, other = opened(code).db, opened(code).db

    assert (return_value(one, first), return_value(one, second)) == tuple(
        reversed((return_value(other, second), return_value(other, first)))
    )
