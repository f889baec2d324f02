"""Half-typed code: the damage ends at the next definition, and what is broken says so."""

from __future__ import annotations

import pytest
from unit.syntax.outline import outline, part, show

from shearpin.syntax.python import summarise

BEFORE = "import a\n\ndef before():\n    '''Doc.'''\n    return a\n\n"
AFTER = '''@app.get("/x")
def after(b):
    """Doc with a quote."""
    return f"{b}"

class Late(Base):
    x = 1
    def m(self):
        """Doc."""
        return 1

app = make()
if __name__ == "__main__":
    after(1)
'''
BREAKAGES = [
    "def broken(x):\n    y = '''\n    return 1\n",
    'def broken(x):\n    """Half a doc\n',
    'def broken(x):\n    y = f"{x\n',
    "def broken(x):\n    y = foo(1,\n",
    "def broken(x):\n    return {'a': [\n",
    "def broken(x):\n    x.\n",
    "def broken(x):\n    if x\n",
    "def broken(x, y=\n",
    "def broken(\n",
    "def broken\n",
    "async def broken(x):\n    await\n",
    "@app.post(\ndef broken(): pass\n",
    "@\ndef broken(): pass\n",
    "@app.post('/'\nasync def broken(): pass\n",
]


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_what_follows_a_broken_definition_is_as_without_it(breakage: str) -> None:
    whole = {one.id: one for one in summarise((BEFORE + AFTER).encode()).parts}
    summary = summarise((BEFORE + breakage + "\n" + AFTER).encode())
    broken = {one.id: one for one in summary.parts}
    assert {name: broken.get(name) for name in whole} == whole
    assert summary.has_error
    assert any(one.has_error for one in summary.parts)
    assert "broken" in broken
    assert broken["broken"].kind == "function"


@pytest.mark.parametrize("body", ["y = '''", '"""Half', "y = foo(1,", "x.", "if x", "return {'a': ["])
def test_a_broken_method_leaves_its_class_and_the_other_methods_alone(body: str) -> None:
    start = "class A(B):\n    x = 1\n    def first(self):\n        '''Doc.'''\n        return 1\n\n"
    end = '    # comment\n    @dec\n    def last(self):\n        """Doc."""\n\n    y = 2\n\n' + AFTER
    fine = f"{start}    def broken(self):\n        pass\n\n{end}"
    half = f"{start}    def broken(self):\n        {body}\n\n{end}"
    expected = {one.id: one for one in summarise(fine.encode()).parts if one.id != "A.broken"}
    found = {one.id: one for one in summarise(half.encode()).parts}
    assert found.pop("A.broken").has_error
    assert found == expected


def test_a_broken_statement_of_a_class_marks_the_class_only() -> None:
    assert outline("class A:\n    x = (\n    def m(self):\n        pass\n    def n(self): pass\n") == [
        "A class !",
        "A.m method",
        "A.n method",
    ]


def test_strings_that_hold_code_are_no_definitions() -> None:
    source = 'T = """\ndef not_one():\n    pass\nclass Nor(This):\n    pass\n"""\ndef f(): pass\n'
    assert outline(source) == ["T statement", "f function"]


def test_a_mistake_elsewhere_does_not_cut_strings_that_hold_code() -> None:
    source = 'T = """\ndef not_one():\n    pass\n"""\n\ndef f(:\n    x = (\n'
    assert outline(source)[0] == "T statement"


def test_what_can_be_read_of_a_broken_stretch_is_kept() -> None:
    (only,) = summarise(b"app.get(url, timeout=").parts
    assert only.has_error
    assert set(only.mentions) >= {"app", "get", "url"}


def test_an_error_inside_a_body_keeps_the_signature() -> None:
    broken = part("def f(a, b=1):\n    x.\n    return a\n", "f")
    assert show(broken.body).startswith("[FunctionDef(f, [Parameter(a, normal), Parameter(b, normal, 1)], [], [")


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5000,
        "[" * 3000 + "]" * 3000,
        "x = " + "f(" * 3000 + ")" * 3000,
        "a" + ".b" * 5000,
        "a" + "()" * 5000,
        "x = " + "not " * 5000 + "a",
        "x = " + "-" * 5000 + "a",
        "".join("    " * depth + "if a:\n" for depth in range(300)) + "    " * 300 + "pass\n",
        "match x:\n    case " + "[" * 2000 + "a" + "]" * 2000 + ": pass\n",
        "x = " + "lambda: " * 2000 + "0",
        "f'" + "{f'" * 200,
    ],
)
def test_deep_nesting_ends_in_an_opaque(source: str) -> None:
    import msgspec

    summary = summarise(source.encode())
    packed = msgspec.msgpack.encode(summary)
    assert msgspec.msgpack.decode(packed, type=type(summary)) == summary
