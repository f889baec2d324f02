"""Prefixes of environment variables that a block sets: `with env.prefixed("SHOP_"): env.str("URL")`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from shearpin.facts.model import Models
from shearpin.facts.value import UNKNOWN, Const, Env, ExternMethod, Unknown, Value
from shearpin.meaning.classes import body_of
from shearpin.meaning.scopes import Scope, blocks
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

Evaluate = Callable[[ir.Expr], Value]


def prefixed(db: Database, known: Models, scope: Scope, evaluate: Evaluate, read: Env, position: int) -> Value:
    """A variable that is read at a position, under its full name; unknown when a prefix is computed."""
    prefix = ""
    for item in _around(body_of(db, scope), position):
        call = item.context
        if not isinstance(call, ir.Call) or not isinstance(call.func, ir.Attribute):
            continue
        callee = evaluate(call.func)
        model = known.calls.get(callee.name) if isinstance(callee, ExternMethod) else None
        if model is None or not model.prefixes_environment:
            continue
        given = evaluate(call.args[0]) if call.args else UNKNOWN
        if not isinstance(given, Const):
            return Unknown("name of the environment variable is computed")
        prefix += str(given.value)
    return Env(prefix + read.name, read.default, read.site) if prefix else read


def _around(body: tuple[ir.Stmt, ...], position: int) -> Iterator[ir.WithItem]:
    """The items of the `with` statements whose block holds a position, outermost first."""
    for stmt in body:
        if isinstance(stmt, (ir.FunctionDef, ir.ClassDef)) or not start_of(stmt.span) <= position <= end_of(stmt.span):
            continue
        if isinstance(stmt, ir.With) and position > end_of(stmt.head):
            yield from stmt.items
        for block in blocks(stmt):
            yield from _around(block, position)
