"""What runs behind a `try` when a handler of it goes on."""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.meaning.scopes import blocks
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of


def following(body: tuple[ir.Stmt, ...], attempt: ir.Try) -> Iterator[ir.Stmt]:
    """The statements behind a `try` in the blocks around it, innermost first."""
    position = start_of(attempt.span)
    for index, stmt in enumerate(body):
        if not start_of(stmt.span) <= position < end_of(stmt.span):
            continue
        if stmt.span != attempt.span:
            for inner in blocks(stmt):
                yield from following(inner, attempt)
        else:
            yield from attempt.final
        yield from body[index + 1 :]
        return
