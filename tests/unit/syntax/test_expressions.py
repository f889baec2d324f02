from __future__ import annotations

import pytest
from unit.syntax.outline import expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b.c", "a.b.c"),
        ("f(a, *b, k=1, **c)", "Call(f, [a, Starred(b)], [k=1, **=c])"),
        ("f(x for x in y)", "Call(f, [Comprehension(generator, x, [Generator(x, y, [])])], [])"),
        ("a[0]", "Subscript(a, 0)"),
        ("a[0, x]", "Subscript(a, Sequence(tuple, [0, x]))"),
        ("a[0,]", "Subscript(a, Sequence(tuple, [0]))"),
        ("a[1:n]", "Subscript(a, Opaque([1, n]))"),
        ("a + b * c", "Binary(a, +, Binary(b, *, c))"),
        ("a @ b", "Binary(a, @, b)"),
        ("a or b or c", "Boolean(or, [a, b, c])"),
        ("(a or b) or c", "Boolean(or, [Boolean(or, [a, b]), c])"),
        ("a and b or c", "Boolean(or, [Boolean(and, [a, b]), c])"),
        ("not a", "Not(a)"),
        ("a < b <= c", "Compare(a, [<, <=], [b, c])"),
        ("a not   in b", "Compare(a, [not in], [b])"),
        ("a is  not b", "Compare(a, [is not], [b])"),
        ("x if c else y", "Conditional(c, x, y)"),
        ("{a: 1, **b}", "Mapping([Entry(a, 1), Entry(None, b)])"),
        ("[1, *a]", "Sequence(list, [1, Starred(a)])"),
        ("(1,)", "Sequence(tuple, [1])"),
        ("1, 2", "Sequence(tuple, [1, 2])"),
        ("()", "Sequence(tuple, [])"),
        ("{1}", "Sequence(set, [1])"),
        ("lambda a, *b, c=1: a", "Lambda([Parameter(a, normal), Parameter(b, star), Parameter(c, keyword, 1)], a)"),
        ("[x async for x in y if x if z]", "Comprehension(list, x, [Generator(x, y, [x, z], True)])"),
        ("{k: v for k, v in d}", "Comprehension(dict, v, [Generator(Sequence(tuple, [k, v]), d, [])], k)"),
        ("(y := f(x))", "Walrus(y, Call(f, [x], []))"),
        ("await f()", "Await(Call(f, [], []))"),
        ("yield", "Yield(None)"),
        ("yield a", "Yield(a)"),
        ("yield from a", "Yield(a, True)"),
        ("-1", "-1"),
        ("-1.5", "-1.5"),
        ("-x", "Opaque([x])"),
        ("0x1f", "31"),
        ("1_000", "1000"),
        ("1e3", "1000.0"),
        ("1j", "Opaque([])"),
        ("99999999999999999999999", "Opaque([])"),
        ("True", "True"),
        ("None", "None"),
        ("...", "..."),
        ("(  # why\n  a\n)", "a"),
        ("f(  # why\n  a,  # because\n)", "Call(f, [a], [])"),
    ],
)
def test_expressions(text: str, expected: str) -> None:
    assert expression(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'a'", "'a'"),
        ('"""a\nb"""', "'a\\nb'"),
        (r"'a\n\t\\\x41\u20ac\101\N{BULLET}\q'", repr("a\n\t\\A\u20acA\u2022\\q")),
        (r"r'\n'", repr("\\n")),
        (r"b'\x00\xff\101'", "b" + repr("\x00\xffA")),
        ("'a' \"b\" 'c'", "'abc'"),
        ("''", "''"),
        ("'a\\\nb'", "'ab'"),
        (r"'\ud800'", repr("\ufffd")),
        ("f'a'", "'a'"),
        ("f'{{a}}'", "'{a}'"),
        ("f'a{b}c'", "Joined(['a', b, 'c'])"),
        ("f'{a!r:>{w}}'", "Joined([a])"),
        ("f'{a=}'", "Joined([a])"),
        ("f'{a}' 'b' f'c{d}'", "Joined([a, 'bc', d])"),
        (r"rf'{a}\d'", "Joined([a, " + repr("\\d") + "])"),
        (r"f'{a}\n'", "Joined([a, " + repr("\n") + "])"),
        ("f'{\"x\"}y'", "'xy'"),
        ("f'{1}'", "Joined([Opaque([1])])"),
        ("f'{a[\"k\"]}'", "Joined([Subscript(a, 'k')])"),
        ("f'{a, b}'", "Joined([Sequence(tuple, [a, b])])"),
    ],
)
def test_strings_have_the_value_that_python_sees(text: str, expected: str) -> None:
    assert expression(text) == expected


def test_a_chain_of_a_thousand_operands_stays_shallow() -> None:
    assert expression(" or ".join(["a"] * 2000)).count("a") >= 2000
    assert "Opaque" in expression(" + ".join(["a"] * 2000))
