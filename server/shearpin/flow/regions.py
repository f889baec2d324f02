"""The compound statements around a place in a function: loops, `try`, handlers, `with`, branches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shearpin.facts.site import FunctionId
from shearpin.meaning.calls import body_of
from shearpin.meaning.scopes import scope_of
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of


@dataclass(frozen=True, slots=True)
class Region:
    """A block of a compound statement.

    kind: "for", "while", "then", "else", "try", "handler", "try-else", "finally", "with", "case". `start`/`end` bound
    the block's statements, relative to the part. `node` is the compound statement (the handler for "handler").
    """

    kind: str
    start: int
    end: int
    node: ir.Stmt | ir.Handler | ir.Case


@query()
def regions(db: Database, function: FunctionId) -> tuple[Region, ...]:
    """All regions of a function in order of position, outer before inner. Nested functions are left out."""
    scope = scope_of(db, function)
    return () if scope is None else tuple(_regions(body_of(db, scope)))


def enclosing(db: Database, function: FunctionId, position: int) -> tuple[Region, ...]:
    """The regions around a place, outermost first."""
    return tuple(region for region in regions(db, function) if region.start <= position < region.end)


def statement_at(db: Database, function: FunctionId, position: int) -> ir.Stmt | None:
    """The innermost simple statement (or head of a compound one) that holds a place."""
    scope = scope_of(db, function)
    return None if scope is None else _statement(body_of(db, scope), position)


def _statement(body: Iterable[ir.Stmt], position: int) -> ir.Stmt | None:
    for stmt in body:
        if start_of(stmt.span) <= position < end_of(stmt.span):
            for _, block, _ in branches(stmt):
                inner = _statement(block, position)
                if inner is not None:
                    return inner
            return stmt
    return None


def _regions(body: Iterable[ir.Stmt]) -> Iterator[Region]:
    for stmt in body:
        for kind, block, node in branches(stmt):
            if block:
                yield Region(kind, start_of(block[0].span), end_of(block[-1].span), node)
                yield from _regions(block)


def branches(stmt: ir.Stmt) -> Iterator[tuple[str, tuple[ir.Stmt, ...], ir.Stmt | ir.Handler | ir.Case]]:
    """(kind, statements, node) of each block directly inside a compound statement."""
    match stmt:
        case ir.If(body=body, orelse=orelse):
            yield "then", body, stmt
            yield "else", orelse, stmt
        case ir.For(body=body, orelse=orelse):
            yield "for", body, stmt
            yield "else", orelse, stmt
        case ir.While(body=body, orelse=orelse):
            yield "while", body, stmt
            yield "else", orelse, stmt
        case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            yield "try", body, stmt
            for handler in handlers:
                yield "handler", handler.body, handler
            yield "try-else", orelse, stmt
            yield "finally", final, stmt
        case ir.With(body=body):
            yield "with", body, stmt
        case ir.Match(cases=cases):
            for case in cases:
                yield "case", case.body, case
        case ir.Broken(body=body):
            yield "then", body, stmt
        case _:
            return
