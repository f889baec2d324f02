"""How the expressions of a function are used: awaited, dropped, returned, tested, given to a call, ..."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shearpin.meaning.calls import body_of
from shearpin.meaning.scopes import Scope, blocks, expressions
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.syntax.walk import walk

#: attributes that a coroutine object has
_OF_COROUTINES = frozenset(("send", "throw", "close", "cr_await", "cr_code", "cr_frame", "cr_running", "__await__"))


@dataclass(frozen=True, slots=True)
class Use:
    """How an expression is used: the role, and for "argument" the call and the argument's keyword or position."""

    role: str
    node: ir.Expr
    call: ir.Call | None = None
    slot: str | int = -1


def uses_in(db: Database, scope: Scope) -> Iterator[Use]:
    """Every use of a call or name in a function."""
    if isinstance(scope.node, ir.Lambda):
        yield from _expression(scope.node.body, Use("returned", scope.node.body))
        return
    yield from _statements(body_of(db, scope))


def _statements(body: tuple[ir.Stmt, ...]) -> Iterator[Use]:
    for stmt in body:
        match stmt:
            case ir.ExprStmt(value=value):
                yield from _expression(value, Use("dropped", value))
            case ir.Assign(targets=targets, value=value) if value is not None:
                only = targets[0] if len(targets) == 1 else None
                role = f"name:{only.id}" if isinstance(only, ir.Name) else "kept"
                yield from _expression(value, Use(role, value))
            case ir.AugAssign(value=value):
                yield from _expression(value, Use("compared", value))
            case ir.Return(value=value) if value is not None:
                yield from _expression(value, Use("returned", value))
            case ir.If(test=test) | ir.While(test=test) | ir.Assert(test=test):
                yield from _expression(test, Use("test", test))
            case ir.For(iter=source):
                yield from _expression(source, Use("iterated", source))
            case ir.With(items=items):
                for item in items:
                    yield from _expression(item.context, Use("with", item.context))
            case ir.Raise(exc=exc) if exc is not None:
                yield from _expression(exc, Use("kept", exc))
            case ir.Match(subject=subject):
                yield from _expression(subject, Use("kept", subject))
            case ir.FunctionDef() | ir.ClassDef():
                # A nested function may await a name of this one.
                yield from _captured(stmt)
                continue
            case _:
                pass
        for block in blocks(stmt):
            yield from _statements(block)


def _captured(stmt: ir.Stmt) -> Iterator[Use]:
    for node in walk(stmt):
        if isinstance(node, ir.Name):
            yield Use("kept", node)


def _expression(expr: ir.Expr, use: Use) -> Iterator[Use]:
    role = use.role
    match expr:
        case ir.Call(func=func, args=args, keywords=keywords):
            yield Use(role, expr, use.call, use.slot)
            yield from _callee(func)
            for index, arg in enumerate(args):
                inner = arg.value if isinstance(arg, ir.Starred) else arg
                yield from _expression(
                    inner, Use("argument", inner, expr, -1 if isinstance(arg, ir.Starred) else index)
                )
            for keyword in keywords:
                yield from _expression(keyword.value, Use("argument", keyword.value, expr, keyword.name or -1))
        case ir.Name():
            yield Use(role, expr, use.call, use.slot)
        case ir.Await(value=value):
            yield from _expression(value, Use("awaited", value))
        case ir.Attribute(value=value, attr=attr):
            yield from _expression(value, Use("kept" if attr in _OF_COROUTINES else "attribute", value))
        case ir.Subscript(value=value, index=index):
            yield from _expression(value, Use("subscript", value))
            yield from _expression(index, Use("kept", index))
        case ir.Joined(parts=parts):
            for part in parts:
                yield from _expression(part, Use("text", part))
        case ir.Not(value=value):
            yield from _expression(value, Use("test", value))
        case ir.Compare(left=left, rights=rights):
            for child in (left, *rights):
                is_none = any(isinstance(right, ir.Literal) and right.value is None for right in rights)
                yield from _expression(child, Use("kept" if is_none else "compared", child))
        case ir.Conditional(test=test, body=body, orelse=orelse):
            yield from _expression(test, Use("test", test))
            yield from _expression(body, Use(role, body, use.call, use.slot))
            yield from _expression(orelse, Use(role, orelse, use.call, use.slot))
        case ir.Boolean(values=values):
            for child in values:
                yield from _expression(child, Use("test" if role == "test" else "kept", child))
        case ir.Comprehension(generators=generators):
            for generator in generators:
                source = "kept" if generator.is_async else "iterated"
                yield from _expression(generator.iter, Use(source, generator.iter))
                for test in generator.ifs:
                    yield from _expression(test, Use("test", test))
            yield from _expression(expr.element, Use("kept", expr.element))
        case ir.Walrus(value=value):
            yield from _expression(value, Use("kept", value))
        case ir.Lambda(body=body):
            yield from _expression(body, Use("kept", body))
        case _:
            for child in expressions(expr):
                yield from _expression(child, Use("kept", child))


def _callee(func: ir.Expr) -> Iterator[Use]:
    if isinstance(func, ir.Attribute):
        yield from _expression(func.value, Use("kept" if func.attr in _OF_COROUTINES else "attribute", func.value))
    elif not isinstance(func, ir.Name):
        yield from _expression(func, Use("kept", func))
