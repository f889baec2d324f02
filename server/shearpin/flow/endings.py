"""How a list of statements ends: by raising, returning, going round, leaving the loop, or falling through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shearpin.facts.site import FunctionId
from shearpin.facts.value import Extern, ExternMethod, FuncRef
from shearpin.flow.statements import expressions_of
from shearpin.meaning.calls import body_of
from shearpin.meaning.queries import evaluator
from shearpin.meaning.scopes import blocks, scope_of, walk
from shearpin.query import Database, query
from shearpin.syntax import ir

_NEVER_RETURN = frozenset(
    (
        "sys.exit",
        "os._exit",
        "os.abort",
        "builtins.exit",
        "builtins.quit",
        "flask.abort",
        "werkzeug.exceptions.abort",
        "flask_restful.abort",
        "flask_restx.abort",
        "flask_smorest.abort",
        "quart.abort",
        "bottle.abort",
        "argparse.ArgumentParser.error",
        "argparse.ArgumentParser.exit",
    )
)
#: methods by which an object is told that something failed, whatever it is: RPC contexts, futures, command lines
_TELLING = frozenset(("abort", "abort_with_status", "set_code", "set_exception", "fail"))


@dataclass(frozen=True, slots=True)
class Ending:
    """One way out. kind: "raise", "return", "continue", "break" or "falls"; `stmt` is the statement that does it."""

    kind: str
    stmt: ir.Stmt | None = None


def endings(db: Database, function: FunctionId, body: Iterable[ir.Stmt]) -> tuple[Ending, ...]:
    """All ways in which control can leave the statements when none of them fails, in source order."""
    return tuple(dict.fromkeys(_endings(db, function, tuple(body))))


def all_raise(db: Database, function: FunctionId, body: Iterable[ir.Stmt]) -> bool:
    """True when every way out raises."""
    return all(ending.kind == "raise" for ending in endings(db, function, body))


def _endings(db: Database, function: FunctionId, body: tuple[ir.Stmt, ...]) -> Iterator[Ending]:
    for stmt in body:
        inner = tuple(_of_statement(db, function, stmt))
        yield from (ending for ending in inner if ending.kind != "falls")
        if not any(ending.kind == "falls" for ending in inner):
            return
    yield Ending("falls")


def _of_statement(db: Database, function: FunctionId, stmt: ir.Stmt) -> Iterator[Ending]:
    match stmt:
        case ir.Raise():
            yield Ending("raise", stmt)
        case ir.Return():
            yield Ending("return", stmt)
        case ir.Flow(kind=kind) if kind in ("continue", "break"):
            yield Ending(kind, stmt)
        case ir.If(body=then, orelse=orelse):
            yield from _endings(db, function, then)
            yield from _endings(db, function, orelse)
        case ir.With(body=body) | ir.Broken(body=body):
            yield from _endings(db, function, body)
        case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            yield from _of_try(db, function, body, handlers, orelse, final)
        case ir.Match(cases=cases):
            for case in cases:
                yield from _endings(db, function, case.body)
            if not any(case.is_wildcard and case.guard is None for case in cases):
                yield Ending("falls")
        case ir.For() | ir.While():
            yield from _of_loop(db, function, stmt)
        case ir.ExprStmt(value=value) if never_returns(db, function, value):
            yield Ending("raise", stmt)
        case _:
            yield Ending("falls")


def _of_try(
    db: Database, function: FunctionId, body: tuple[ir.Stmt, ...], handlers: tuple[ir.Handler, ...],
    orelse: tuple[ir.Stmt, ...], final: tuple[ir.Stmt, ...],
) -> Iterator[Ending]:  # fmt: skip
    last = tuple(_endings(db, function, final))
    if not any(ending.kind == "falls" for ending in last):
        yield from last
        return
    yield from _endings(db, function, (*body, *orelse))
    for handler in handlers:
        yield from _endings(db, function, handler.body)


def _of_loop(db: Database, function: FunctionId, stmt: ir.For | ir.While) -> Iterator[Ending]:
    inner = tuple(_endings(db, function, stmt.body))
    yield from (ending for ending in inner if ending.kind in ("raise", "return"))
    if not is_endless(stmt) or any(ending.kind == "break" for ending in inner):
        yield from _endings(db, function, stmt.orelse)
        if any(ending.kind == "break" for ending in inner):
            yield Ending("falls")


def is_endless(stmt: ir.Stmt) -> bool:
    """True for a loop that only `break`, `return` or a failure ends."""
    return isinstance(stmt, ir.While) and isinstance(stmt.test, ir.Literal) and bool(stmt.test.value)


def never_returns(db: Database, function: FunctionId, value: ir.Expr) -> bool:
    """True for a call after which control certainly does not go on, or by which somebody is told of a failure."""
    call = value.value if isinstance(value, ir.Await) else value
    if not isinstance(call, ir.Call):
        return False
    if isinstance(call.func, ir.Attribute) and call.func.attr.lstrip("_") in _TELLING:
        return True
    known = evaluator(db, function)
    callee = None if known is None else known.value(call.func)
    match callee:
        case Extern(name=name) | ExternMethod(name=name):
            return name in _NEVER_RETURN
        case FuncRef(function=target):
            return target != function and always_raises(db, target)
        case _:
            return False


@query(bottom=False)
def always_raises(db: Database, function: FunctionId) -> bool:
    """True when a function of the workspace never returns."""
    scope = scope_of(db, function)
    if scope is None or not isinstance(scope.node, ir.FunctionDef) or scope.node.is_generator:
        return False
    return all_raise(db, function, body_of(db, scope))


# ----------------------------------------------------------------- statements


def deep(body: Iterable[ir.Stmt]) -> Iterator[ir.Stmt]:
    """All statements of a list and of the blocks inside it; functions and classes are not entered."""
    for stmt in body:
        yield stmt
        if not isinstance(stmt, (ir.FunctionDef, ir.ClassDef)):
            for block in blocks(stmt):
                yield from deep(block)


def nodes(body: Iterable[ir.Stmt]) -> Iterator[ir.Expr]:
    """All expressions in a list of statements, nested functions left out."""
    for stmt in deep(body):
        for expr in expressions_of(stmt):
            yield from walk(expr)


def names_in(expr: ir.Expr | None) -> frozenset[str]:
    """Plain names that an expression reads."""
    return frozenset() if expr is None else frozenset(n.id for n in walk(expr) if isinstance(n, ir.Name))
