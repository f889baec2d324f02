"""Which expressions a function gives back. Derived from its body alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.meaning.scopes import blocks, walk
from shearpin.syntax import ir


def returned_expressions(node: ir.FunctionDef) -> list[ir.Expr | None]:
    """Returned expressions in order (yielded ones for a generator); None for `return` without a value."""
    if node.is_generator:
        return list(_yields(node.body))
    return list(_returns(node.body))


def _returns(body: Iterable[ir.Stmt]) -> Iterator[ir.Expr | None]:
    for stmt in body:
        if isinstance(stmt, ir.Return):
            yield stmt.value
        elif not isinstance(stmt, (ir.FunctionDef, ir.ClassDef)):
            for block in blocks(stmt):
                yield from _returns(block)


def _yields(body: Iterable[ir.Stmt]) -> Iterator[ir.Expr | None]:
    for stmt in body:
        match stmt:
            case ir.FunctionDef() | ir.ClassDef():
                continue
            case ir.ExprStmt(value=value) | ir.Assign(value=value) | ir.Return(value=value) if value is not None:
                for expr in walk(value):
                    if isinstance(expr, ir.Yield):
                        yield expr.value
            case _:
                for block in blocks(stmt):
                    yield from _yields(block)
