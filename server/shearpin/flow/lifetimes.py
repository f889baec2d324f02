"""How long an object lives that a function makes: kept beyond the call, or thrown away at its end."""

from __future__ import annotations

import msgspec

from shearpin.adapterkit.facts import facts_of
from shearpin.facts.fact import ClientCreated, Subscribe
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop
from shearpin.facts.value import ExternMethod
from shearpin.flow.consumers import message_loops
from shearpin.flow.contexts import contexts
from shearpin.flow.protections import known_libraries
from shearpin.flow.regions import enclosing, statement_at
from shearpin.flow.ways import describe
from shearpin.meaning.callers import callers
from shearpin.meaning.calls import body_of, calls
from shearpin.meaning.modules import models
from shearpin.meaning.queries import decorator_names, function_info
from shearpin.meaning.scopes import Scope, blocks, expressions, scope_of
from shearpin.query import Database
from shearpin.syntax import ir

_PER_MESSAGE = frozenset(("request", "consumer", "task"))
_PROBING = frozenset(("ping", "close", "aclose", "__enter__", "__exit__", "__aenter__", "__aexit__"))


class Lifetime(msgspec.Struct, frozen=True):
    """`answer`: "dropped" (made anew each time), "kept" or "unknown".

    `hops` lead from the place that drops it to the maker.
    """

    answer: str
    note: str
    contexts: frozenset[str] = frozenset()
    hops: tuple[Hop, ...] = ()


def client_lifetime(db: Database, made: ClientCreated) -> Lifetime:
    """How long a client lives, in the contexts where its maker runs."""
    function = made.function
    scope = scope_of(db, function)
    if scope is None or not isinstance(scope.node, ir.FunctionDef):
        return Lifetime("kept", "made when its module is loaded")
    if any(_is_cached(db, name) for name in decorator_names(db, function)):
        return Lifetime("kept", "the function's answer is cached")
    if _is_probe(db, made):
        return Lifetime("kept", "it only asks whether the other side is there")
    where = contexts(db, function)
    if _consumes_in_a_loop(db, function) and not _is_repeated(db, function, made.site.start):
        return Lifetime("kept", "made before the loop that takes the messages")
    return _lifetime(db, scope, made.usage, made.site.start, where)


def _is_probe(db: Database, made: ClientCreated) -> bool:
    """Nothing is called on the client but `ping`, and what closes it: a kept connection would prove less."""
    used = {
        call.callee.name.rpartition(".")[2]
        for call in calls(db, made.function.path, made.function.part)
        if isinstance(call.callee, ExternMethod) and getattr(call.callee.receiver, "site", None) == made.site
    }
    return "ping" in used and used <= _PROBING


def _consumes_in_a_loop(db: Database, function: FunctionId) -> bool:
    """True for a function that takes messages itself, one after the other."""
    return any(
        isinstance(fact, Subscribe) and fact.handler is None and fact.function == function
        for fact in facts_of(db, function.path, function.part)
    )


def _is_repeated(db: Database, function: FunctionId, position: int) -> bool:
    """For each message, that is: a loop that connects again around the one that takes them does not count."""
    taking = message_loops(db, function)
    if taking:
        return any(loop.region.start <= position < loop.region.end for loop in taking)
    return any(region.kind in ("for", "while") for region in enclosing(db, function, position))


def _lifetime(db: Database, scope: Scope, usage: str, position: int, where: frozenset[str]) -> Lifetime:
    stmt = statement_at(db, scope.function, position)
    match stmt:
        case ir.With():
            return Lifetime("dropped", "closed at the end of the block", where)
        case ir.Return():
            return _returned(db, scope.function, usage, where)
        case ir.Assign(targets=targets):
            names = [target.id for target in targets if isinstance(target, ir.Name)]
            if len(names) != len(targets):
                return _stored(db, scope.function, usage, where)
            return _named(db, scope, names[0], where)
        case ir.ExprStmt() if usage in ("value", "dropped", "awaited"):
            return (
                Lifetime("dropped", "used once and dropped", where)
                if _is_chained(stmt)
                else Lifetime("unknown", "passed on", where)
            )
        case _:
            return Lifetime("unknown", "passed on", where)


def _stored(db: Database, function: FunctionId, usage: str, where: frozenset[str]) -> Lifetime:
    """An object holds it, and lives as long as the callers of its constructor keep it."""
    info = function_info(db, function)
    if info is not None and info.name == "__init__" and info.owner:
        owner = _returned(db, function, usage, where)
        if owner.answer == "dropped":
            return owner
    return Lifetime("kept", "stored on an object", where)


def _is_chained(stmt: ir.ExprStmt) -> bool:
    """`make().method()`: nothing keeps the object."""
    value = stmt.value.value if isinstance(stmt.value, ir.Await) else stmt.value
    return isinstance(value, ir.Call) and isinstance(value.func, ir.Attribute)


def _named(db: Database, scope: Scope, name: str, where: frozenset[str]) -> Lifetime:
    if name in scope.outer_names:
        return Lifetime("kept", "a module's name holds it", where)
    role = _roles(body_of(db, scope), name)
    if "stored" in role:
        return Lifetime("kept", "stored on an object", where)
    if "passed" in role:
        return Lifetime("unknown", "passed on", where)
    if "return" in role:
        return _returned(db, scope.function, "returned", where)
    return Lifetime("dropped", "a local name holds it", where)


def _returned(db: Database, function: FunctionId, usage: str, where: frozenset[str]) -> Lifetime:
    """A maker: what its callers in a request or message do with the object."""
    del usage
    if any(name.partition(".")[0] not in known_libraries(db) for name in decorator_names(db, function)):
        return Lifetime("unknown", "a decorator that is not known may keep it", where)
    for edge in callers(db, function):
        if edge.callee.mode is not Mode.DIRECT or not contexts(db, edge.call.function) & _PER_MESSAGE:
            continue
        scope = scope_of(db, edge.call.function)
        if scope is None or not isinstance(scope.node, ir.FunctionDef):
            continue
        if any(_is_cached(db, name) for name in decorator_names(db, edge.call.function)):
            continue
        stmt = statement_at(db, edge.call.function, edge.call.site.start)
        if isinstance(stmt, ir.Return):
            continue
        inner = _lifetime(db, scope, edge.call.usage, edge.call.site.start, contexts(db, edge.call.function))
        if inner.answer == "dropped":
            hop = Hop(edge.call.site, f"{describe(db, edge.call.function)} makes it anew each time")
            return Lifetime("dropped", inner.note, inner.contexts, (hop, *inner.hops))
    return Lifetime("unknown", "returned to callers", where)


def _roles(body: tuple[ir.Stmt, ...], name: str) -> set[str]:
    """How a local name is used: "method" (something is called on it), "return", "stored", "passed"."""
    found: set[str] = set()
    for stmt in body:
        for expr, role in _heads(stmt):
            found |= _uses(expr, name, role)
        if isinstance(stmt, (ir.FunctionDef, ir.ClassDef)):
            continue
        for block in blocks(stmt):
            found |= _roles(block, name)
    return found


def _heads(stmt: ir.Stmt) -> list[tuple[ir.Expr, str]]:
    match stmt:
        case ir.Return(value=value) if value is not None:
            return [(value, "return")]
        case ir.Assign(targets=targets, value=value) if value is not None:
            kept = all(isinstance(target, ir.Name) for target in targets)
            return [
                (value, "passed" if kept else "stored"),
                *((t, "method") for t in targets if not isinstance(t, ir.Name)),
            ]
        case ir.AugAssign(value=value):
            return [(value, "passed")]
        case ir.ExprStmt(value=value):
            return [(value, "return" if isinstance(value, ir.Yield) else "passed")]
        case ir.If(test=test) | ir.While(test=test) | ir.Assert(test=test):
            return [(test, "method")]
        case ir.For(iter=source):
            return [(source, "passed")]
        case ir.With(items=items):
            return [(item.context, "method") for item in items]
        case ir.Raise(exc=exc) if exc is not None:
            return [(exc, "passed")]
        case _:
            return []


def _uses(expr: ir.Expr, name: str, role: str) -> set[str]:
    match expr:
        case ir.Name(id=found):
            return {role} if found == name else set()
        case ir.Attribute(value=ir.Name(id=found)) if found == name:
            return {"method"}
        case ir.Call(func=func, args=args, keywords=keywords):
            found_roles = _uses(func, name, "method")
            for arg in (*args, *(keyword.value for keyword in keywords)):
                found_roles |= _uses(arg, name, "passed")
            return found_roles
        case ir.Compare():
            return {"method"} if any(_uses(child, name, "x") for child in expressions(expr)) else set()
        case _:
            result: set[str] = set()
            for child in expressions(expr):
                result |= _uses(child, name, role)
            return result


def _is_cached(db: Database, name: str) -> bool:
    model = models(db).calls.get(name)
    return model is not None and model.cached
