"""What runs behind a `try` when a handler of it goes on."""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.flow.endings import deep, is_endless
from shearpin.meaning.scopes import blocks
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of


def following(body: tuple[ir.Stmt, ...], attempt: ir.Try, *, is_falling: bool = False) -> Iterator[ir.Stmt]:
    """The statements behind a `try` in the blocks around it, innermost first.

    With `is_falling`, only what a handler reaches that falls through: an endless loop around it starts anew.
    """
    position = start_of(attempt.span)
    for index, stmt in enumerate(body):
        if not start_of(stmt.span) <= position < end_of(stmt.span):
            continue
        if stmt.span != attempt.span:
            inside = [found for block in blocks(stmt) for found in following(block, attempt, is_falling=is_falling)]
            yield from inside
            if is_falling and is_endless(stmt) and not any(_breaks(found) for found in deep(inside)):
                return
        else:
            yield from attempt.final
        yield from body[index + 1 :]
        return


def _breaks(stmt: ir.Stmt) -> bool:
    return isinstance(stmt, ir.Flow) and stmt.kind == "break"
