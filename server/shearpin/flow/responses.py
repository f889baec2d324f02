"""What becomes of the response of an HTTP call: is its status tested before anybody relies on it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shearpin.facts.derived import ResponseFate
from shearpin.facts.fact import HttpCall, Publish, RemoteCall, StoreCall
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.value import Bound, Const, Instance, Result, SequenceValue, Value
from shearpin.flow.effects import own_effects
from shearpin.flow.settled import settled
from shearpin.flow.ways import describe
from shearpin.meaning.callers import callers
from shearpin.meaning.calls import body_of
from shearpin.meaning.expressions import Evaluator
from shearpin.meaning.queries import evaluator
from shearpin.meaning.scopes import blocks, expressions, scope_of, site_of
from shearpin.meaning.values import options_of
from shearpin.query import Database, keys
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_LOGGING = frozenset(("debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print"))
_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
_MAX_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a response. kind: "raise", "test", "body", "log", "returned", "returned-test", "passed"."""

    kind: str
    site: Site
    note: str


def response_fates(db: Database, path: str, part: str) -> tuple[ResponseFate, ...]:
    """The fate of each response that a part receives, and of tests of a response that a part throws away."""
    found: list[ResponseFate] = []
    for item in settled(db, path, part):
        if isinstance(item.fact, HttpCall):
            fate = _fate(db, item.fact)
            if fate not in found:
                found.append(fate)
            found.extend(fate for fate in _thrown_away(db, item.fact) if fate not in found)
    return tuple(found)


# ------------------------------------------------------------------ one call


def _fate(db: Database, call: HttpCall) -> ResponseFate:
    if call.raises_on_status:
        return _result(call, "tested", "the library raises on a bad status")
    if call.raises_on_status is None:
        return _result(call, "unknown", "the client may raise on a bad status")
    if _has_hooks(db, call):
        return _result(call, "unknown", "a hook of the client may raise on a bad status")
    return _in_function(db, call, call.function, call.site, 0)


def _has_hooks(db: Database, call: HttpCall) -> bool:
    """Code of the file that makes the client mentions hooks, which may look at each response."""
    made = call.client.site if isinstance(call.client, Instance) else None
    if made is None:
        return False
    mentions = (db.get(keys.mentions(name)) for name in ("hooks", "event_hooks"))
    return any(path == made.path for found in mentions for path, _ in (found if isinstance(found, tuple) else ()))


def _in_function(db: Database, call: HttpCall, function: FunctionId, at: Site, depth: int) -> ResponseFate:
    uses = list(uses_of(db, function, call))
    kinds = {use.kind for use in uses}
    if "raise" in kinds:
        return _result(call, "tested", next(use.note for use in uses if use.kind == "raise"))
    if "test" in kinds:
        return _result(call, "tested", next(use.note for use in uses if use.kind == "test"))
    if "returned-test" in kinds:
        return _result(call, "tested", "the outcome is returned to the caller")
    if "returned" in kinds:
        return _returned(db, call, function, depth)
    if "passed" in kinds:
        return _result(call, "unknown", "the response is passed on")
    body = next((use for use in uses if use.kind == "body"), None)
    if body is not None:
        return _result(call, "untested", "its status is never tested", use=body.site, use_note=body.note)
    return _unread(db, call, function, at)


def _returned(db: Database, call: HttpCall, function: FunctionId, depth: int) -> ResponseFate:
    edges = callers(db, function)
    if not edges or depth >= _MAX_DEPTH:
        return _result(call, "unknown", "the response is returned to a caller that is not known")
    fates = [_in_function(db, call, edge.call.function, edge.call.site, depth + 1) for edge in edges]
    worst = next((fate for fate in fates if fate.outcome == "untested"), None)
    if worst is not None and all(fate.outcome in ("untested", "tested") for fate in fates):
        edge = edges[fates.index(worst)]
        hop = Hop(edge.call.site, f"the response comes back to {describe(db, edge.call.function)}")
        # The wrapper's own caller is where the test is missing; the fix belongs there, not at the request.
        return _result(call, "untested", worst.note, use=worst.use, use_note=worst.use_note, hops=(hop, *worst.hops))
    return next((fate for fate in fates if fate.outcome == "unknown"), fates[0])


def _unread(db: Database, call: HttpCall, function: FunctionId, at: Site) -> ResponseFate:
    """Nothing reads the response: it matters when the code then goes on as if the call had succeeded."""
    method = call.method.value if isinstance(call.method, Const) else None
    if method in _SAFE_METHODS:
        return _result(call, "unknown", "the response is not used")
    following = next(goes_on(db, function, at), None)
    if following is None:
        return _result(call, "unknown", "nothing follows that relies on the response")
    return _result(call, "untested", "its status is never tested", use=following[0], use_note=following[1])


def _result(
    call: HttpCall, outcome: str, note: str, *, use: Site | None = None, use_note: str = "", hops: tuple[Hop, ...] = ()
) -> ResponseFate:
    return ResponseFate(
        site=call.site, head=call.head, function=call.function, library=call.library, remedies=call.remedies,
        call=call, outcome=outcome, note=note, use=use, use_note=use_note, result_name=call.result_name, hops=hops,
    )  # fmt: skip


# ------------------------------------------------------------- thrown-away tests


def _thrown_away(db: Database, call: HttpCall) -> Iterator[ResponseFate]:
    """Callers that drop the answer of a wrapper which says nothing but whether its request succeeded."""
    if not _is_answer(db, call):
        return
    name = describe(db, call.function)
    for edge in callers(db, call.function):
        site = edge.call.site
        if edge.callee.mode is not Mode.DIRECT or edge.call.usage not in ("dropped", "awaited"):
            continue
        following = next(goes_on(db, edge.call.function, site), None)
        if following is not None:
            hop = Hop(call.site, f"{name} answers whether this request succeeded")
            yield ResponseFate(
                site=site, head=edge.call.head, function=edge.call.function, library=call.library, call=call,
                outcome="untested", note="the answer is dropped", use=following[0], use_note=following[1], hops=(hop,),
            )  # fmt: skip


def _is_answer(db: Database, call: HttpCall) -> bool:
    """True when a function returns nothing of an unsafe request but whether it succeeded."""
    if isinstance(call.method, Const) and call.method.value in _SAFE_METHODS:
        return False
    kinds = {use.kind for use in uses_of(db, call.function, call)}
    return "returned-test" in kinds and not kinds & {"raise", "body", "returned", "test"}


# ----------------------------------------------------------------------- uses


def uses_of(db: Database, function: FunctionId, call: HttpCall) -> Iterator[Use]:
    """Every use of the response of a call in one function."""
    known = evaluator(db, function)
    scope = scope_of(db, function)
    if known is None or scope is None:
        return
    visitor = _Uses(known, call, function)
    if isinstance(scope.node, ir.Lambda):
        yield from visitor.expression(scope.node.body, "returned")
    else:
        for stmt in body_of(db, scope):
            yield from visitor.statement(stmt)


class _Uses:
    def __init__(self, known: Evaluator, call: HttpCall, function: FunctionId) -> None:
        self.known = known
        self.call = call
        self.function = function

    def statement(self, stmt: ir.Stmt) -> Iterator[Use]:
        match stmt:
            case ir.If(test=test) | ir.While(test=test) | ir.Assert(test=test):
                yield from self.expression(test, "test")
            case ir.Return(value=value) if value is not None:
                yield from self.expression(value, "returned")
            case ir.Assign(targets=targets, value=value) if value is not None:
                role = "kept" if all(isinstance(target, (ir.Name, ir.Sequence)) for target in targets) else "stored"
                yield from self.expression(value, role)
            case ir.AugAssign(value=value) | ir.ExprStmt(value=value):
                yield from self.expression(value, "value")
            case ir.For(iter=source):
                yield from self.expression(source, "value")
            case ir.With(items=items):
                for item in items:
                    yield from self.expression(item.context, "with")
            case ir.Raise(exc=exc) if exc is not None:
                yield from self.expression(exc, "value")
            case ir.Match(subject=subject):
                yield from self.expression(subject, "test")
            case ir.FunctionDef() | ir.ClassDef():
                return
            case _:
                pass
        for block in blocks(stmt):
            for inner in block:
                yield from self.statement(inner)

    def expression(self, expr: ir.Expr, role: str) -> Iterator[Use]:
        """Uses inside an expression that stands in a role: test, returned, kept, stored, value, log, argument, with."""
        match expr:
            case ir.Attribute(value=base, attr=attr):
                if self._is_response(base):
                    yield from self._attribute(attr, expr, role)
                else:
                    yield from self.expression(base, "value" if role in ("returned", "kept") else role)
            case ir.Call():
                yield from self._call(expr, role)
            case ir.Compare(left=left, rights=rights):
                inner = "returned-test" if role in ("returned", "kept", "stored") else "test"
                for child in (left, *rights):
                    yield from self.expression(child, inner if role != "log" else "log")
            case ir.Boolean(values=values):
                for child in values:
                    yield from self.expression(child, "test" if role in ("test", "value") else role)
            case ir.Conditional(test=test, body=body, orelse=orelse):
                yield from self.expression(test, "test")
                yield from self.expression(body, role)
                yield from self.expression(orelse, role)
            case ir.Not(value=value):
                yield from self.expression(value, "returned-test" if role == "returned" else "test")
            case ir.Await(value=value) | ir.Starred(value=value) | ir.Walrus(value=value):
                yield from self.expression(value, role)
            case ir.Lambda():
                return
            case ir.Name() if role not in ("kept", "with") and self._is_response(expr):
                yield self._plain(expr, role)
            case ir.Sequence(items=items):
                for child in items:
                    yield from self.expression(child, role)
            case ir.Comprehension(generators=generators):
                self.known.push(self.known.overlay(generators))
                try:
                    for child in expressions(expr):
                        yield from self.expression(child, "value")
                finally:
                    self.known.pop()
            case _:
                for child in expressions(expr):
                    yield from self.expression(child, "log" if role == "log" else "value")

    def _call(self, expr: ir.Call, role: str) -> Iterator[Use]:
        func = expr.func
        if isinstance(func, ir.Attribute) and self._is_response(func.value):
            yield from self._attribute(func.attr, expr, role)
            for child in expressions(expr):
                if child is not func:
                    yield from self.expression(child, "value")
            return
        name = func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""
        # Waiting for responses by position hands them on; the evaluator follows them.
        transparent = self._follows(expr)
        inner = "log" if name in _LOGGING or role == "log" else ("kept" if transparent else "argument")
        yield from self.expression(func, "value" if role != "log" else "log")
        for child in expressions(expr):
            if child is not func:
                yield from self.expression(child, inner)
        if role == "returned" and self._is_response(expr):
            yield Use("returned", self._site(expr.span), "returned")

    def _follows(self, expr: ir.Call) -> bool:
        value = self.known.value(expr)
        items = value.items if isinstance(value, SequenceValue) else (value,)
        return any(self._comes_from(item) for item in items)

    def _attribute(self, attr: str, expr: ir.Expr, role: str) -> Iterator[Use]:
        site = self._site(expr.span)
        if attr in self.call.raising_checks:
            yield Use("raise", site, f"{attr}()")
        elif attr in self.call.checks:
            if role == "log":
                yield Use("log", site, f"{attr} is only logged")
            elif role in ("returned", "returned-test"):
                yield Use("returned-test", site, attr)
            else:
                yield Use("test", site, attr)
        elif attr in self.call.bodies and role != "log":
            yield Use("body", site, f"{attr} is used as data")

    def _plain(self, expr: ir.Expr, role: str) -> Use:
        site = self._site(expr.span)
        if role == "returned":
            return Use("returned", site, "returned")
        if role in ("test", "returned-test"):
            # `if response:` is the status for some libraries and always true for others.
            kind = "test" if "__bool__" in self.call.checks or "ok" in self.call.checks else "passed"
            return Use(kind, site, "its truth")
        return Use("log" if role == "log" else "passed", site, "passed on")

    def _is_response(self, expr: ir.Expr) -> bool:
        if not isinstance(expr, (ir.Name, ir.Call, ir.Await, ir.Subscript, ir.Attribute, ir.Walrus)):
            return False
        return any(self._comes_from(option) for option in options_of(self.known.value(expr)))

    def _comes_from(self, value: Value) -> bool:
        if isinstance(value, (Instance, Result)):
            if value.site == self.call.site:
                return True
            if isinstance(value, Instance):
                return any(isinstance(b, Bound) and b.name == "owner" and self._is_entered(b.value) for b in value.args)
        return False

    def _is_entered(self, owner: Value) -> bool:
        return isinstance(owner, (Instance, Result)) and owner.site == self.call.site

    def _site(self, span: int) -> Site:
        return site_of(self.function.path, self.function.part, span)


# ------------------------------------------------------------------- going on


def goes_on(db: Database, function: FunctionId, at: Site) -> Iterator[tuple[Site, str]]:
    """Places after a call, on the path of its success, that record or answer success or change more state."""
    scope = scope_of(db, function)
    if scope is None:
        return
    for stmt in _following(body_of(db, scope), at.start):
        yield from _relies(db, function, stmt)


def _following(body: tuple[ir.Stmt, ...], position: int) -> Iterator[ir.Stmt]:
    """Statements that run after the one at a position when nothing fails, inner blocks first; handlers are left out."""
    for index, stmt in enumerate(body):
        if not start_of(stmt.span) <= position < end_of(stmt.span):
            continue
        for block in blocks(stmt):
            yield from _following(block, position)
        if isinstance(stmt, ir.Try) and any(start_of(s.span) <= position < end_of(s.span) for s in stmt.body):
            yield from stmt.orelse
        yield from body[index + 1 :]
        return


def _relies(db: Database, function: FunctionId, stmt: ir.Stmt) -> Iterator[tuple[Site, str]]:
    site = site_of(function.path, function.part, stmt.span)
    match stmt:
        case ir.Return(value=value) if value is not None and not _is_failure(value):
            yield site, "success is answered"
        case ir.Assign(targets=(ir.Subscript() | ir.Attribute(), *_), value=ir.Literal()):
            yield site, "the outcome is recorded"
        case _:
            for effect in own_effects(db, function):
                if start_of(stmt.span) <= effect.site.start < end_of(stmt.span) and _changes_state(effect):
                    yield effect.site, "another effect follows"


def _is_failure(value: ir.Expr) -> bool:
    return isinstance(value, ir.Literal) and value.value in (None, False)


def _changes_state(effect: object) -> bool:
    match effect:
        case HttpCall(method=method):
            return not (isinstance(method, Const) and method.value in _SAFE_METHODS)
        case Publish() | RemoteCall():
            return True
        case StoreCall(kind=kind):
            return kind in ("write", "commit")
        case _:
            return False
