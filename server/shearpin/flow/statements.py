"""The expressions that stand directly in a statement, its blocks excluded."""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.syntax import ir


def expressions_of(stmt: ir.Stmt) -> Iterator[ir.Expr]:
    """Direct expressions of a statement."""
    match stmt:
        case ir.Assign(targets=targets, value=value):
            yield from targets
            if value is not None:
                yield value
        case ir.AugAssign(target=target, value=value):
            yield target
            yield value
        case ir.ExprStmt(value=value):
            yield value
        case ir.Return(value=value):
            if value is not None:
                yield value
        case ir.Raise(exc=exc, cause=cause):
            yield from (part for part in (exc, cause) if part is not None)
        case ir.If(test=test) | ir.While(test=test) | ir.Assert(test=test):
            yield test
        case ir.For(target=target, iter=source):
            yield target
            yield source
        case ir.With(items=items):
            for item in items:
                yield item.context
        case ir.Delete(targets=targets):
            yield from targets
        case ir.Match(subject=subject):
            yield subject
        case _:
            return
