"""Which of several assignments a name can hold."""

from __future__ import annotations

from textwrap import indent

import pytest

from .notation import revealed

BODIES = [
    # order
    ("x = 1\nreveal(x)\nx = 2\nreveal(x)", ["1", "2"]),
    ("x = 1\nx = 2\nreveal(x)", ["2"]),
    ("x: int = 1\nreveal(x)", ["1"]),
    ("x = y = 1\nreveal(x, y)", ["1", "1"]),
    ("x = 1\nx += 1\nreveal(x)", ["2"]),
    ("x = 'a'\nif c():\n    x += 'b'\nreveal(x)", ["'ab' | 'a'"]),
    ("x = 'a'\nfor y in c():\n    x += 'b'\nreveal(x)", ["f'{'a' | ?}b' | 'a'"]),
    ("if c():\n    x = 1\n    x = 2\nelse:\n    x = 3\nreveal(x)", ["3 | 2"]),
    ("try:\n    x = 1\n    x = f()\nexcept E:\n    reveal(x)", ["1 | builtins.f()"]),
    ("x = 'a'\nx = x + 'b'\nreveal(x)", ["'ab'"]),
    # branches
    ("if c():\n    x = 1\nelse:\n    x = 2\nreveal(x)", ["2 | 1"]),
    ("x = 0\nif c():\n    x = 1\nreveal(x)", ["1 | 0"]),
    ("x = 0\nif c():\n    x = 1\nelse:\n    x = 2\nreveal(x)", ["2 | 1"]),
    ("if c():\n    x = 1\n    reveal(x)\nelse:\n    x = 2\n    reveal(x)", ["1", "2"]),
    ("x = 0\nif c():\n    reveal(x)\n    x = 1", ["0"]),
    ("if c():\n    x = 1\nelif d():\n    x = 2\nelse:\n    x = 3\nreveal(x)", ["3 | 2 | 1"]),
    ("x = 0\nif c():\n    x = 1\nelif d():\n    x = 2\nreveal(x)", ["2 | 1 | 0"]),
    ("x = 0\nif c():\n    x = 1\n    raise E\nreveal(x)", ["0"]),
    ("if c():\n    x = 1\n    return\nelse:\n    x = 2\nreveal(x)", ["2"]),
    ("x = 1 if c() else 2\nreveal(x)", ["1 | 2"]),
    ("match c():\n    case 1:\n        x = 1\n    case _:\n        x = 2\nreveal(x)", ["2 | 1"]),
    ("match c():\n    case [x, y]:\n        reveal(x)", ["?"]),
    # try
    ("try:\n    x = 1\nexcept E:\n    return\nreveal(x)", ["1"]),
    ("x = 0\ntry:\n    x = f()\nexcept E:\n    raise\nreveal(x)", ["builtins.f()"]),
    ("try:\n    x = 1\nexcept E:\n    x = 2\nreveal(x)", ["2 | 1"]),
    ("x = 0\ntry:\n    x = 1\nexcept E:\n    pass\nreveal(x)", ["1 | 0"]),
    ("try:\n    f()\nexcept E as e:\n    x = 2\nelse:\n    x = 1\nreveal(x)", ["1 | 2"]),
    ("try:\n    x = 1\nfinally:\n    x = 2\nreveal(x)", ["2"]),
    ("try:\n    x = 1\nexcept E:\n    x = 2\nfinally:\n    reveal(x)", ["2 | 1"]),
    # loops
    ("x = 0\nfor y in c():\n    x = 1\nreveal(x)", ["1 | 0"]),
    ("for x in [1]:\n    reveal(x)", ["1"]),
    ("for x in [1, 2]:\n    reveal(x)", ["[1, 2][]"]),
    ("for x in c():\n    reveal(x)", ["builtins.c()[]"]),
    ("for a, b in [(1, 2), (3, 4)]:\n    reveal(a, b)", ["[1, 3][]", "[2, 4][]"]),
    ("for k, v in {'a': 1}.items():\n    reveal(k, v)", ["'a'", "1"]),
    ("for k in {'a': 1, 'b': 2}:\n    reveal(k)", ["['a', 'b'][]"]),
    ("x = 0\nwhile c():\n    x = 1\nreveal(x)", ["1 | 0"]),
    ("x = 0\nwhile c():\n    reveal(x)\n    x = 1", ["0 | 1"]),
    ("x = 0\nwhile c():\n    x = 1\n    reveal(x)", ["1"]),
    ("x = 0\nwhile c():\n    if d():\n        x = 1\n    else:\n        reveal(x)", ["0 | 1"]),
    ("x = 0\nwhile c():\n    for y in z:\n        reveal(x)\n    x = 1", ["0 | 1"]),
    ("x = 1\nwhile c():\n    reveal(x)\n    x *= 2", ["1 | ?"]),
    ("x = None\nfor y in c():\n    if x:\n        reveal(x)\n    x = 'a'", ["None | 'a'"]),
    # other statements that bind
    ("with open('f') as x:\n    reveal(x)", ["builtins.open()"]),
    ("import httpx\nwith httpx.Client() as x:\n    reveal(x)", ["httpx.Client()"]),
    ("if (x := 1):\n    reveal(x)", ["1"]),
    ("while (x := f()):\n    reveal(x)", ["builtins.f()"]),
    ("a, b = 1, 2\nreveal(a, b)", ["1", "2"]),
    ("a, (b, c) = 1, (2, 3)\nreveal(b, c)", ["2", "3"]),
    ("a, *b = 1, 2, 3\nreveal(a, b)", ["1", "?"]),
    ("a, b = f()\nreveal(b)", ["builtins.f()[1]"]),
    ("if c():\n    return\nelse:\n    x = 2\nreveal(x)", ["2"]),
    ("x = 0\nif c():\n    return\nelse:\n    x = 2\nreveal(x)", ["2"]),
    ("try:\n    x = 0\n    if c():\n        x = 1\n        raise E\nexcept E:\n    reveal(x)", ["0 | 1"]),
    ("try:\n    x = 0\n    if c():\n        x = 1\n        return\nfinally:\n    reveal(x)", ["1 | 0"]),
    ("x = 0\nfor y in c():\n    if d():\n        x = 1\n        break\nreveal(x)", ["1 | 0"]),
    ("del x\nreveal(y)", ["builtins.y"]),
    ("try:\n    f()\nexcept ValueError as x:\n    reveal(x)", ["?"]),
    # comprehensions have their own names
    ("x = 0\n[x for x in [1]]\nreveal(x)", ["0"]),
    ("[reveal(x) for x in [1]]", ["1"]),
    ("[reveal(x, y) for x in [1] for y in [2]]", ["1", "2"]),
    ("f = lambda x: reveal(x)", ["<x>"]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), BODIES)
def test_in_a_function(body: str, expected: list[str]) -> None:
    assert revealed(f"def probe():\n{indent(body, '    ')}\n") == expected


MODULES = [
    ("x = 1\ndef f():\n    reveal(x)", ["1"]),
    ("def f():\n    reveal(x)\nx = 1", ["1"]),
    ("x = 1\nx = 2\ndef f():\n    reveal(x)", ["2"]),
    ("if c():\n    x = 1\nelse:\n    x = 2\ndef f():\n    reveal(x)", ["1 | 2"]),
    ("x = 1\ndef f(x):\n    reveal(x)", ["<x>"]),
    ("x = 1\ndef f(x=2):\n    x = x or 3\n    reveal(x)", ["<x> | 3"]),
    ("def f(x):\n    if c():\n        x = 1\n    reveal(x)", ["1 | <x>"]),
    ("def f(x):\n    x = 1\n    reveal(x)", ["1"]),
    ("def f(*x, **y):\n    reveal(x, y)", ["?", "?"]),
    ("x = None\ndef set():\n    global x\n    x = 1\ndef f():\n    reveal(x)", ["None | 1"]),
    ("x = None\nclass C: ...\ndef get():\n    global x\n    if not x:\n        x = C()\n    return x\nreveal(get())",
     ["C()"]),
    ("def f():\n    x = 1\n    def g():\n        reveal(x)\n    return g", ["1"]),
    ("def f():\n    def g():\n        reveal(x)\n    x = 1\n    return g", ["1"]),
    ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n    g()\n    reveal(x)", ["?"]),
    ("def f(x):\n    def g():\n        nonlocal x\n        x = 2\n    g()\n    reveal(x)", ["?"]),
    ("x = 1\ndef f():\n    def g():\n        global x\n        x = 2\n    reveal(x)", ["1 | 2"]),
    ("x = 1\nclass C:\n    x = 2\n    reveal(x)\n    def m(self):\n        reveal(x)", ["2", "1"]),
    ("class C:\n    x = 1\n    y = x + 1\nreveal(C.y)", ["2"]),
    ("x = 1\nclass C:\n    y = x\nreveal(C.y)", ["1"]),
    ("def f(): ...\ndef f(x): ...\nreveal(f)", ["def f#2"]),
    ("if c():\n    def f(): ...\nelse:\n    f = None\nreveal(f)", ["def f"]),
    ("for x in [1]:\n    reveal(x)", ["1"]),
    ("with open('a') as x: ...\nreveal(x)", ["builtins.open()"]),
    ("x: int\nx = 3\nreveal(x)", ["3"]),
    ("a, b = 1, 2\nreveal(a, b)", ["1", "2"]),
    ("x = y\ny = x\nreveal(x)", ["nothing"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), MODULES)
def test_across_scopes(code: str, expected: list[str]) -> None:
    assert revealed(code) == expected


ABOVE = [
    ("x = []\nx = x + [1]\nreveal(x)", ["[1]"]),
    ("import os\nx = os.getenv('X')\nx = x.rstrip('/')\ndef f():\n    reveal(x)", ["$X"]),
    ("x = 'a'\ny = x\nx = 'b'\nreveal(y)", ["'a'"]),
    ("x = 1\nreveal(x)\nx = 2\nreveal(x)\ndef f():\n    reveal(x)", ["1", "2", "2"]),
    ("x = 1\nreveal(lambda: x)\nx = 2\nreveal((lambda: x)())", ["def <lambda>", "2"]),
    ("def f(): ...\nreveal(f)\nf = 1\nreveal(f)", ["def f", "1"]),
    ("class C: ...\nreveal(C)\nC = C()\nreveal(C)", ["class C", "C()"]),
    ("from lib import C\nclass C(C):\n    x = 1\nreveal(C)", ["class C"]),
    ("x = 1\nif c():\n    reveal(x)\n    x = 2\n    reveal(x)\nreveal(x)", ["1", "2", "1 | 2"]),
    ("x = 1\nfor y in z():\n    reveal(x)\n    x = 2\nreveal(x)", ["1 | 2", "1 | 2"]),
    ("x = 1\nif c():\n    x = 2\nelse:\n    x = 3\ndef f():\n    reveal(x)", ["2 | 3"]),
    ("x = 1\nx += 1\nreveal(x)\nx += 1\ndef f():\n    reveal(x)", ["2", "3"]),
    ("x = [1]\nif c():\n    x += [2]\nreveal(x)", ["[1, 2] | [1]"]),
    ("x = 1\ndef f(y=x):\n    return y\nx = 2\nreveal(f())", ["1"]),
    ("x = 1\nclass C:\n    y = x\nx = 2\nreveal(C.y)", ["1"]),
    ("x = 1\nclass C:\n    def m(self): return x\nx = 2\nreveal(C().m())", ["2"]),
    ("import a\nx = 1\nreveal(x)\nimport b as x\nreveal(x)", ["1", "b"]),
    ("reveal(x)\nx = 1", ["1"]),
    ("x = None\nreveal(x)\ndef f():\n    global x\n    x = 1\nf()\nreveal(x)", ["None", "None | 1"]),
    ("a, *b = 1, 2, 3\nreveal(b)", ["?"]),
    ("try:\n    text = unicode\nexcept NameError:\n    text = str\nreveal(text)", ["builtins.str | builtins.unicode"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), ABOVE)
def test_a_module_s_statements_see_what_stands_above_them(code: str, expected: list[str]) -> None:
    assert revealed(code) == expected


def test_other_modules_see_the_last_value() -> None:
    files = {"main.py": "from lib import x\nimport lib\nreveal(x, lib.x)", "lib.py": "x = 1\ny = x\nx = 2\n"}

    assert revealed(files) == ["2", "2"]
