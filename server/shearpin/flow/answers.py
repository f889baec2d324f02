"""What a function answers when it fails: success or failure of a request, and whether callers look at a value."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from shearpin.adapterkit.facts import facts_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Route
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.value import ClassRef, Const, Extern
from shearpin.flow.contexts import own_contexts
from shearpin.flow.endings import deep, names_in
from shearpin.flow.handlers import callee_word
from shearpin.flow.regions import statement_at
from shearpin.flow.statements import expressions_of
from shearpin.flow.ways import describe
from shearpin.meaning.callers import CallerEdge, callers
from shearpin.meaning.calls import body_of
from shearpin.meaning.queries import evaluator
from shearpin.meaning.scopes import scope_of, walk
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_WAITED = frozenset((Mode.DIRECT, Mode.THREAD))
_DEPTH = 3
_STATUS = ("status_code", "status")
_TELLS = re.compile(r"err|fail|unavail|abort|problem|exception|bad_?request|redirect", re.IGNORECASE)
_SENDS = re.compile(r"response|jsonify|dict|reply|result", re.IGNORECASE)


def route_of(db: Database, function: FunctionId) -> Route | None:
    """The HTTP route that a function handles."""
    found = facts_of(db, function.path, function.part)
    return next(
        (fact for fact in found if isinstance(fact, Route) and fact.handler == function and fact.kind == "http"), None
    )


def answers_requests(db: Database, function: FunctionId) -> bool:
    """True for a handler whose return value becomes an HTTP response."""
    return route_of(db, function) is not None or (
        "request" in own_contexts(db, function) and any(isinstance(s, ir.Return) for s in _statements(db, function))
    )


def _statements(db: Database, function: FunctionId) -> Iterator[ir.Stmt]:
    scope = scope_of(db, function)
    return iter(()) if scope is None else deep(body_of(db, scope))


def answer_kind(db: Database, function: FunctionId, value: ir.Expr | None) -> str:
    """What a returned value means as a response: "success", "failure" or "unknown"."""
    match value:
        case None | ir.Literal() | ir.Mapping() | ir.Comprehension() | ir.Joined():
            return "success"
        case ir.Sequence(kind="tuple", items=items) if len(items) > 1:
            codes = [_code(db, function, item) for item in items[1:]]
            code = next((code for code in codes if code is not None), None)
            return "unknown" if code is None else _by_code(code)
        case ir.Sequence():
            return "success"
        case ir.Await(value=inner):
            return answer_kind(db, function, inner)
        case ir.Call():
            return _called(db, function, value)
        case _:
            return "unknown"


def _called(db: Database, function: FunctionId, call: ir.Call) -> str:
    word = callee_word(call)
    code = next((_code(db, function, k.value) for k in call.keywords if k.name in _STATUS), None)
    if code is not None:
        return _by_code(code)
    if any(keyword.name in _STATUS or not keyword.name for keyword in call.keywords):
        return "unknown"
    positional = [code for arg in call.args[1:] if (code := _code(db, function, arg)) is not None and 99 < code < 600]
    if positional:
        return _by_code(positional[0])
    known = evaluator(db, function)
    callee = None if known is None else known.value(call.func)
    if _TELLS.search(word):
        return "failure"
    if isinstance(callee, ClassRef):
        return "success"
    if isinstance(callee, Extern):
        return "success" if _SENDS.search(word) and len(call.args) < 2 else "unknown"
    return "unknown"


def _by_code(code: int) -> str:
    return "success" if 200 <= code < 300 else "failure"


def _code(db: Database, function: FunctionId, expr: ir.Expr) -> int | None:
    """A status code: a number, or a name that ends with one (`status.HTTP_503_SERVICE_UNAVAILABLE`)."""
    known = evaluator(db, function)
    value = None if known is None else known.value(expr)
    if isinstance(value, Const) and isinstance(value.value, int) and not isinstance(value.value, bool):
        return value.value
    name = expr.attr if isinstance(expr, ir.Attribute) else ""
    found = re.search(r"HTTP_(\d{3})", name)
    if found:
        return int(found[1])
    return _NAMED.get(name)


_NAMED = {
    "OK": 200, "CREATED": 201, "ACCEPTED": 202, "NO_CONTENT": 204, "BAD_REQUEST": 400, "NOT_FOUND": 404,
    "CONFLICT": 409, "INTERNAL_SERVER_ERROR": 500, "BAD_GATEWAY": 502, "SERVICE_UNAVAILABLE": 503,
    "GATEWAY_TIMEOUT": 504,
}  # fmt: skip


# ------------------------------------------------------------------ callers


class Look(msgspec.Struct, frozen=True):
    """Whether a caller looks at a value: "tested", "ignored" or "unknown"; `way` leads to the one that ignores it."""

    answer: str
    note: str = ""
    way: tuple[Hop, ...] = ()


def looks(db: Database, function: FunctionId, depth: int = 0) -> Look:
    """Do all callers look at what a function returns? One that does not is a witness."""
    edges = [edge for edge in callers(db, function) if edge.callee.mode in _WAITED]
    if not edges or depth >= _DEPTH:
        return Look("unknown", "nothing is known to call this" if not edges else "its callers are too many steps away")
    found = [_look(db, edge, depth) for edge in edges]
    for answer in ("ignored", "unknown"):
        for edge, look in zip(edges, found, strict=True):
            if look.answer == answer:
                hop = Hop(edge.call.site, look.note or f"{describe(db, edge.call.function)} drops what it answers")
                return Look(answer, look.note, look.way or (hop,))
    return found[0]


def _look(db: Database, edge: CallerEdge, depth: int) -> Look:
    call, function = edge.call, edge.call.function
    if call.usage in ("dropped", "awaited"):
        return Look("ignored", f"{describe(db, function)} goes on without looking at what it answers")
    if call.usage == "returned":
        return _handed_on(db, function, depth)
    if call.usage == "assigned" and call.result_name:
        return _named(db, call, call.result_name, depth)
    stmt = statement_at(db, function, call.site.start)
    match stmt:
        case ir.If() | ir.While() | ir.Assert() | ir.Match():
            return Look("tested", f"{describe(db, function)} tests it")
        case ir.Return(value=value):
            if _is_tested_in(value, call.site):
                return Look("tested", f"{describe(db, function)} tests it")
            return _handed_on(db, function, depth)
        case ir.ExprStmt(value=value) if _is_whole(value, call.site):
            return Look("ignored", f"{describe(db, function)} goes on without looking at what it answers")
        case _:
            return Look("unknown", "what becomes of the answer is not known")


def _handed_on(db: Database, function: FunctionId, depth: int) -> Look:
    if answers_requests(db, function):
        return Look("tested", "it is in the response")
    return looks(db, function, depth + 1)


def _named(db: Database, call: ResolvedCall, name: str, depth: int) -> Look:
    function = call.function
    fate = name_fate(db, function, name, call.site.end)
    if fate == "returned":
        return _handed_on(db, function, depth)
    if fate == "tested":
        return Look("tested", f"{describe(db, function)} tests it")
    if fate == "unused":
        return Look("ignored", f"{describe(db, function)} never looks at what it answers")
    return Look("unknown", "the answer is passed on")


def name_fate(db: Database, function: FunctionId, name: str, after: int) -> str:
    """What the code behind a place does with a local name: "tested", "returned", "passed" or "unused"."""
    found = "unused"
    for stmt in _statements(db, function):
        if end_of(stmt.span) <= after:
            continue
        for expr in expressions_of(stmt):
            if start_of(expr.span) < after or name not in names_in(expr):
                continue
            if isinstance(stmt, (ir.If, ir.While, ir.Assert, ir.Match)) or _tests(expr, name):
                return "tested"
            if isinstance(stmt, ir.Return):
                found = "returned"
            elif found == "unused" and not (isinstance(stmt, ir.Assign) and expr in stmt.targets):
                found = "passed"
    return found


def _tests(expr: ir.Expr, name: str) -> bool:
    for node in walk(expr):
        match node:
            case ir.Conditional(test=test) if name in names_in(test):
                return True
            case ir.Boolean() | ir.Compare() | ir.Not() if name in names_in(node):
                return True
            case ir.Comprehension(generators=generators):
                if any(name in names_in(test) for generator in generators for test in generator.ifs):
                    return True
            case _:
                continue
    return False


def _is_tested_in(value: ir.Expr | None, site: Site) -> bool:
    """The call stands in a condition or comparison of the expression."""
    if value is None:
        return False
    for node in walk(value):
        test = node.test if isinstance(node, ir.Conditional) else node
        if isinstance(node, (ir.Conditional, ir.Compare, ir.Not, ir.Boolean)) and (
            start_of(test.span) <= site.start and site.end <= end_of(test.span)
        ):
            return True
    return False


def _is_whole(value: ir.Expr, site: Site) -> bool:
    inner = value.value if isinstance(value, ir.Await) else value
    return start_of(inner.span) == site.start and end_of(inner.span) == site.end


# ------------------------------------------------------------------ literals


def constant(expr: ir.Expr | None) -> str | None:
    """A text that is equal for equal literal values, empty displays included; None for what is no literal."""
    match expr:
        case None:
            return "None"
        case ir.Literal(value=value, kind=kind):
            return f"{value!r}{kind}"
        case ir.Sequence(kind=kind, items=()):
            return kind
        case ir.Mapping(entries=()):
            return "dict"
        case _:
            return None


def mentions_failure(value: ir.Expr | None) -> bool:
    """True for a value that says by itself that something failed: `{"ok": False}`, `{"error": ...}`."""
    if value is None:
        return False
    for node in walk(value):
        if isinstance(node, ir.Literal) and isinstance(node.value, str) and _TELLS.search(node.value):
            return True
        if isinstance(node, ir.Call) and any(_TELLS.search(k.name) for k in node.keywords if k.name):
            return True
        if isinstance(node, ir.Attribute) and _TELLS.search(node.attr):
            return True
    return False
