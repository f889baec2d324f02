"""Names that only a `try` binds and that are read behind it, where a handler goes on without binding them."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import msgspec

from shearpin.facts.derived import UnboundName
from shearpin.facts.site import FunctionId
from shearpin.facts.value import Extern
from shearpin.flow.endings import deep, endings, names_in
from shearpin.flow.following import following
from shearpin.flow.handlers import LOGGING, callee_word
from shearpin.flow.statements import expressions_of
from shearpin.meaning.calls import body_of
from shearpin.meaning.queries import evaluator
from shearpin.meaning.scopes import Scope, blocks, scopes, site_of, walk
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.text.spans import start_of

#: what comes with Python returns, but for the few functions that are known to leave
_RETURNING = sys.stdlib_module_names | {"builtins"}
_ASKING = frozenset(("locals", "vars", "globals", "exec"))


def unbound_names(db: Database, path: str, part: str) -> tuple[UnboundName, ...]:
    """One fact for each name that a `try` of a function binds and code behind it reads."""
    found: list[UnboundName] = []
    for scope in scopes(db, path, part).values():
        if isinstance(scope.node, ir.FunctionDef) and not _asks_for_names(scope.node):
            for stmt in deep(body_of(db, scope)):
                if isinstance(stmt, ir.Try) and stmt.handlers:
                    found.extend(_of_try(db, scope, stmt))
    return tuple(found)


def _asks_for_names(node: ir.FunctionDef) -> bool:
    called = (
        n.func for stmt in deep(node.body) for e in expressions_of(stmt) for n in walk(e) if isinstance(n, ir.Call)
    )
    return any(isinstance(func, ir.Name) and func.id in _ASKING for func in called)


def _of_try(db: Database, scope: Scope, attempt: ir.Try) -> Iterator[UnboundName]:
    function = scope.function
    handlers = [
        handler
        for handler in attempt.handlers
        if any(ending.kind == "falls" for ending in endings(db, function, handler.body))
    ]
    rest = tuple(following(body_of(db, scope), attempt, is_falling=True))
    found: list[UnboundName] = []
    for name, assigned in _bound_in(attempt).items():
        if name in scope.outer_names or any(param.name == name for param in scope.params):
            continue
        read, is_guarded = _first_read(db, function, rest, name, _told_by(attempt))
        if read is None:
            continue
        answer, note, handler = _judged(db, scope, attempt, handlers, name, assigned, is_guarded=is_guarded)
        site = site_of(function.path, function.part, read.span)
        found.append(UnboundName(
            site=site, head=site, function=function, library="", name=name, answer=answer, note=note,
            handler=None if handler is None else site_of(function.path, function.part, handler.head),
            bound=site_of(function.path, function.part, assigned.span),
        ))  # fmt: skip
    yield from _by_cause(found)


def _by_cause(found: list[UnboundName]) -> Iterator[UnboundName]:
    """One fact for all names that a handler leaves without a value, at the first of them that is read."""
    unbound = sorted((item for item in found if item.answer == "unbound"), key=lambda item: item.site.start)
    yield from (item for item in found if item.answer != "unbound")
    for handler in dict.fromkeys(item.handler for item in unbound):
        first, *others = (item for item in unbound if item.handler == handler)
        names = dict.fromkeys(item.name for item in others)
        yield msgspec.structs.replace(first, others=tuple(names))


def _judged(
    db: Database,
    scope: Scope,
    attempt: ir.Try,
    handlers: list[ir.Handler],
    name: str,
    assigned: ir.Stmt,
    *,
    is_guarded: bool,
) -> tuple[str, str, ir.Handler | None]:
    before = [b for b in scope.bindings.get(name, ()) if b.position < start_of(attempt.span)]
    if before:
        return "bound", "it has a value before", None
    if not handlers:
        return "bound", "every handler leaves", None
    open_handlers = [handler for handler in handlers if name not in _assigned_in((*handler.body, *attempt.final))]
    if not open_handlers:
        return "bound", "every handler that goes on binds it", None
    if _is_certain(attempt, assigned):
        return "bound", "nothing can fail before it is bound", None
    if not any(_certainly_goes_on(db, scope.function, handler) for handler in open_handlers):
        return "unknown", "what the handler calls may never return", None
    if is_guarded:
        return "unknown", "a test decides whether it is read", None
    going = (handler for handler in open_handlers if _certainly_goes_on(db, scope.function, handler))
    return "unbound", "", next(going)


def _certainly_goes_on(db: Database, function: FunctionId, handler: ir.Handler) -> bool:
    """False when the last thing that a handler does is a call of a library's function, which may raise: `abort(404)`.

    Methods, the standard library and what writes logs come back.
    """
    last = handler.body[-1] if handler.body else None
    call = last.value if isinstance(last, ir.ExprStmt) else None
    if not isinstance(call, ir.Call) or callee_word(call) in LOGGING:
        return True
    known = evaluator(db, function)
    callee = None if known is None else known.value(call.func)
    return not isinstance(callee, Extern) or callee.name.partition(".")[0] in _RETURNING


def _bound_in(attempt: ir.Try) -> dict[str, ir.Stmt]:
    """Names that the body of a `try` binds for what follows, with the first statement that does."""
    found: dict[str, ir.Stmt] = {}
    for stmt in deep(attempt.body):
        targets: list[ir.Expr] = []
        if isinstance(stmt, ir.Assign) and stmt.value is not None:
            targets.extend(stmt.targets)
        elif isinstance(stmt, ir.With):
            targets.extend(item.target for item in stmt.items if item.target is not None)
        for target in targets:
            for name in _targets(target):
                found.setdefault(name, stmt)
    return found


def _targets(target: ir.Expr) -> Iterator[str]:
    if isinstance(target, ir.Name):
        yield target.id
    elif isinstance(target, ir.Sequence):
        for item in target.items:
            yield from _targets(item)


def _assigned_in(body: tuple[ir.Stmt, ...]) -> set[str]:
    found: set[str] = set()
    for stmt in deep(body):
        match stmt:
            case ir.Assign(targets=targets):
                found.update(name for target in targets for name in _targets(target))
            case ir.For(target=target):
                found.update(_targets(target))
            case ir.With(items=items):
                found.update(name for item in items if item.target is not None for name in _targets(item.target))
            case ir.Import(names=names) | ir.ImportFrom(names=names):
                found.update(alias.asname for alias in names)
            case ir.FunctionDef(name=name) | ir.ClassDef(name=name):
                found.add(name)
            case ir.ExprStmt(value=ir.Walrus(name=name)):
                found.add(name)
            case _:
                continue
    return found


def _is_certain(attempt: ir.Try, assigned: ir.Stmt) -> bool:
    """It is bound to a literal before anything that can fail."""
    for stmt in attempt.body:
        if not (isinstance(stmt, ir.Assign) and isinstance(stmt.value, (ir.Literal, ir.Mapping, ir.Sequence))):
            return False
        if stmt == assigned:
            return True
    return False


def _told_by(attempt: ir.Try) -> set[str]:
    """Other names that tell whether the attempt succeeded."""
    handled = tuple(stmt for handler in attempt.handlers for stmt in handler.body)
    return _assigned_in((*attempt.body, *handled, *attempt.orelse, *attempt.final))


def _first_read(
    db: Database, function: FunctionId, rest: tuple[ir.Stmt, ...], name: str, telling: set[str]
) -> tuple[ir.Name | None, bool]:
    """The first read behind the `try`, and whether a test of what the attempt left decides about it."""
    is_guarded = False
    for stmt in rest:
        read = _read_in(stmt, name)
        if read is not None:
            return read, is_guarded
        if name in _assigned_in((stmt,)) and not isinstance(stmt, (ir.If, ir.For, ir.While, ir.Try)):
            return None, False
        tests = isinstance(stmt, ir.If) and bool(names_in(stmt.test) & (telling - {name}))
        inner = tuple(blocks(stmt))
        for block in inner:
            deeper, guarded = _first_read(db, function, block, name, telling)
            if deeper is not None:
                return deeper, is_guarded or guarded or tests
        if tests and any(
            all(ending.kind != "falls" for ending in endings(db, function, block)) for block in inner if block
        ):
            is_guarded = True
        if isinstance(stmt, (ir.Return, ir.Raise)):
            return None, False
    return None, False


def _read_in(stmt: ir.Stmt, name: str) -> ir.Name | None:
    """The read of a name in a statement itself, its blocks left out."""
    written = {id(target) for target in stmt.targets} if isinstance(stmt, ir.Assign) else set()
    for expr in expressions_of(stmt):
        if (id(expr) in written and isinstance(expr, (ir.Name, ir.Sequence))) or _is_bound_inside(expr, name):
            continue
        if isinstance(stmt, ir.For) and expr is stmt.target:
            continue
        for node in walk(expr):
            if isinstance(node, ir.Name) and node.id == name:
                return node
    return None


def _is_bound_inside(expr: ir.Expr, name: str) -> bool:
    """A comprehension or lambda has a name of its own that is spelled the same."""
    for node in walk(expr):
        match node:
            case ir.Comprehension(generators=generators) if any(name in _targets(g.target) for g in generators):
                return True
            case ir.Lambda(params=params) if any(param.name == name for param in params):
                return True
            case ir.Walrus(name=bound) if bound == name:
                return True
            case _:
                continue
    return False
