from __future__ import annotations

import pytest
from unit.syntax.outline import statement


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = b = c", "Assign([a, b], c)"),
        ("a: int = 1", "Assign([a], 1, int)"),
        ("a: list[int | None]", "Assign([a], None, Subscript(list, Binary(int, |, None)))"),
        ("a: 'X'", "Assign([a], None, 'X')"),
        ("a.b, *c = d", "Assign([Sequence(tuple, [a.b, Starred(c)])], d)"),
        ("a //= b", "AugAssign(a, //, b)"),
        ("type X[T] = list[T]", "Assign([X], Subscript(list, T))"),
        ("type(x).a.b = 1", "Assign([Call(type, [x], []).a.b], 1)"),
        ("type(f(x))[0].a: int = 1", "Assign([Subscript(Call(type, [Call(f, [x], [])], []), 0).a], 1, int)"),
        ("type = type(x)", "Assign([type], Call(type, [x], []))"),
        ("f()", "ExprStmt(Call(f, [], []))"),
        ("'doc'", ""),
        ("return", "Return(None)"),
        ("return *a, b", "Return(Sequence(tuple, [Starred(a), b]))"),
        ("raise", "Raise(None, None)"),
        ("raise E from None", "Raise(E, None)"),
        ("raise E(1) from e", "Raise(Call(E, [1], []), e)"),
        ("del a, b[0]", "Delete([a, Subscript(b, 0)])"),
        ("assert a, 'why'", "Assert(a)"),
        ("pass; break", "Flow(pass); Flow(break)"),
        ("import a.b, c as d", "Import([Alias(a.b, a.b), Alias(c, d, True)])"),
        ("from ..a.b import c as d, e", "ImportFrom(a.b, 2, [Alias(c, d, True), Alias(e, e)])"),
        ("from . import (a,\n  b)", "ImportFrom(, 1, [Alias(a, a), Alias(b, b)])"),
        ("from a import *", "ImportFrom(a, 0, [Alias(*, *)])"),
        ("global a\na = 1", "Assign([a], 1)"),
        ("print 'x'", "Broken([ExprStmt('x')])"),
    ],
)
def test_simple_statements(text: str, expected: str) -> None:
    assert statement(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if a: f\nelif b: g\nelse: h", "If(a, [ExprStmt(f)], [If(b, [ExprStmt(g)], [ExprStmt(h)])])"),
        ("for a, b in c: f\nelse: g", "For(Sequence(tuple, [a, b]), c, [ExprStmt(f)], [ExprStmt(g)])"),
        ("async for a in b: f", "For(a, b, [ExprStmt(f)], [], True)"),
        ("while a: f", "While(a, [ExprStmt(f)], [])"),
        (
            "try: a\nexcept (B, C) as e: f\nexcept D: g\nexcept: h\nelse: i\nfinally: j",
            "Try([ExprStmt(a)], [Handler((B, C), e, [ExprStmt(f)]), Handler(D, , [ExprStmt(g)]), ".replace(
                "(B, C)", "Sequence(tuple, [B, C])"
            )
            + "Handler(None, , [ExprStmt(h)])], [ExprStmt(i)], [ExprStmt(j)])",
        ),
        ("try: a\nexcept* B as e: f", "Try([ExprStmt(a)], [Handler(B, e, [ExprStmt(f)], True)], [], [])"),
        ("try: a\nexcept B, C: f", "Try([ExprStmt(a)], [Handler(Sequence(tuple, [B, C]), , [ExprStmt(f)])], [], [])"),
        ("with a as b, c(): f", "With([WithItem(a, b), WithItem(Call(c, [], []), None)], [ExprStmt(f)])"),
        ("async with (a as b.c, d): f", "With([WithItem(a, b.c), WithItem(d, None)], [ExprStmt(f)], True)"),
        ("with (a): f", "With([WithItem(a, None)], [ExprStmt(f)])"),
        ("@d\ndef f(): pass", "FunctionDef(f, [], [d], [Flow(pass)])"),
        ("async def f() -> int: yield 1", "FunctionDef(f, [], [], [ExprStmt(Yield(1))], int, True, True)"),
        ("class A(B[T], metaclass=M): x = 1", "ClassDef(A, [Subscript(B, T)], [metaclass=M], [], [Assign([x], 1)])"),
        ("def f[T: (int, str)](a: T): pass", "FunctionDef(f, [Parameter(a, normal, T)], [], [Flow(pass)])"),
    ],
)
def test_compound_statements(text: str, expected: str) -> None:
    assert statement(text) == expected


def test_parameters_know_how_they_can_be_passed() -> None:
    assert statement("def f(a, /, b: int = 1, *args: str, c, d=2, **kw): pass") == (
        "FunctionDef(f, [Parameter(a, positional), Parameter(b, normal, int, 1), Parameter(args, star, str), "
        "Parameter(c, keyword), Parameter(d, keyword, 2), Parameter(kw, double)], [], [Flow(pass)])"
    )
    assert "Parameter(a, keyword)" in statement("def f(*, a): pass")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("_", "Case([], [], None, [Flow(pass)], True)"),
        ("x", "Case([x], [], None, [Flow(pass)], True)"),
        ("1 | 'a' | -2 | None", "Case([], [1, 'a', -2, None], None, [Flow(pass)])"),
        ("a.B if c", "Case([], [a.B], c, [Flow(pass)])"),
        ("Foo(a, k=b)", "Case([a, b], [Foo], None, [Flow(pass)])"),
        ("{'kind': 'x', **rest}", "Case([rest], ['x'], None, [Flow(pass)])"),
        ("[a, *b]", "Case([a, b], [], None, [Flow(pass)])"),
        ("(1 as q)", "Case([q], [1], None, [Flow(pass)])"),
        ("a, b", "Case([a, b], [], None, [Flow(pass)])"),
    ],
)
def test_patterns_bind_names_and_test_values(pattern: str, expected: str) -> None:
    assert statement(f"match s:\n    case {pattern}: pass") == f"Match(s, [{expected}])"


def test_names_assigned_in_an_outer_scope_are_told() -> None:
    assert statement("def f():\n    global a, b\n    nonlocal c\n    a = c = b") == (
        "FunctionDef(f, [], [], [Assign([a, c], b)], ('a', 'c'))".replace("('a', 'c')", "[a, c]")
    )


def test_a_nested_function_that_yields_makes_no_generator() -> None:
    assert statement("def f():\n    def g(): yield\n    h = lambda: (yield)").endswith("Lambda([], Yield(None)))])")


def test_many_branches_stay_shallow() -> None:
    shown = statement("if a: f\n" + "\n".join(f"elif b{n}: g" for n in range(200)) + "\nelse: h")
    assert shown.count("ExprStmt(g)") == 200
    assert shown.count("ExprStmt(h)") == 1
