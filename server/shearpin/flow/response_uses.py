"""Every use of the response of an HTTP call: tested, read, logged, returned, passed on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shearpin.facts.fact import HttpCall
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import Bound, FuncRef, Instance, Param, Result, SequenceValue, Unknown, Value
from shearpin.meaning.calls import body_of
from shearpin.meaning.expressions import Evaluator
from shearpin.meaning.invoke import bind
from shearpin.meaning.queries import evaluator, function_info
from shearpin.meaning.scopes import blocks, expressions, scope_of, site_of, walk
from shearpin.meaning.values import options_of
from shearpin.query import Database
from shearpin.syntax import ir

#: names of functions that write to a log
LOGGING = frozenset(("debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print"))
#: keys of a body that say whether the request succeeded
_OUTCOME_KEYS = frozenset(("error", "errors", "ok", "success", "status", "code", "result", "fault"))
#: how many functions of ours a response is followed into
_MAX_PASSED = 3


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a response. kind: "raise", "test", "body", "log", "returned", "returned-test", "passed"."""

    kind: str
    site: Site
    note: str


@dataclass(frozen=True, slots=True)
class Passed:
    """The parameter (by index) of a function that gets a response; `depth` counts the functions on the way."""

    function: FunctionId
    index: int
    depth: int


def uses_of(db: Database, function: FunctionId, call: HttpCall, passed: Passed | None = None) -> Iterator[Use]:
    """Every use of the response of a call in one function, and in the functions of ours that it is passed to.

    `passed` is the parameter that holds the response, in a function that gets it.
    """
    known = evaluator(db, function)
    scope = scope_of(db, function)
    if known is None or scope is None:
        return
    visitor = _Uses(known, call, function, passed)
    if isinstance(scope.node, ir.Lambda):
        yield from visitor.expression(scope.node.body, "returned")
    else:
        for stmt in body_of(db, scope):
            yield from visitor.statement(stmt)


def _name_of(known: Evaluator, call: HttpCall, function: FunctionId, passed: Passed | None) -> tuple[str, bool]:
    """The local name that a call's response is given, and whether nothing else is ever given that name."""
    if passed is not None or function != call.function or not call.result_name:
        return "", False
    scope = scope_of(known.world.db, function)
    bound = () if scope is None else scope.bindings.get(call.result_name, ())
    return call.result_name, len(bound) == 1


class _Uses:
    def __init__(self, known: Evaluator, call: HttpCall, function: FunctionId, passed: Passed | None) -> None:
        self.known = known
        self.call = call
        self.function = function
        self.passed = passed
        self.own_name, self.is_only = _name_of(known, call, function, passed)
        #: local names that hold what was read from the body
        self.data: set[str] = set()

    def statement(self, stmt: ir.Stmt) -> Iterator[Use]:
        match stmt:
            case ir.If(test=test) | ir.While(test=test) | ir.Assert(test=test):
                yield from self._body_test(test)
                yield from self.expression(test, "test")
            case ir.Return(value=value) if value is not None:
                yield from self.expression(value, "returned")
            case ir.Assign(targets=targets, value=value) if value is not None:
                role = "kept" if all(isinstance(target, (ir.Name, ir.Sequence)) for target in targets) else "stored"
                found = list(self.expression(value, role))
                if any(use.kind == "body" for use in found):
                    self.data.update(target.id for target in targets if isinstance(target, ir.Name))
                yield from found
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

    def _body_test(self, test: ir.Expr) -> Iterator[Use]:
        """`if "error" in data`, `if not response.json()["ok"]`: the body says whether the request succeeded."""
        nodes = list(walk(test))
        if any(isinstance(node, ir.Literal) and node.value in _OUTCOME_KEYS for node in nodes):
            read = any(isinstance(node, ir.Name) and node.id in self.data for node in nodes)
            if read or any(use.kind == "body" for use in self.expression(test, "test")):
                yield Use("test", self._site(test.span), "the body says whether it succeeded")

    def expression(self, expr: ir.Expr, role: str) -> Iterator[Use]:
        """Uses inside an expression that stands in a role: test, returned, kept, stored, value, log, argument, with."""
        match expr:
            case ir.Attribute(value=base, attr=attr):
                if self._is_response(base):
                    yield from self._attribute(attr, expr, role)
                elif self._may_be(base):
                    yield Use("passed", self._site(expr.span), "it may be the response")
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
        ours = self.known.value(func)
        if isinstance(ours, FuncRef) and self._depth() < _MAX_PASSED:
            yield from self._handled_by(expr, ours, role)
            return
        name = func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""
        # Waiting for responses by position hands them on; the evaluator follows them.
        transparent = self._follows(expr)
        inner = "log" if name in LOGGING or role == "log" else ("kept" if transparent else "argument")
        yield from self.expression(func, "value" if role != "log" else "log")
        for child in expressions(expr):
            if child is not func:
                yield from self.expression(child, inner)
        if role == "returned" and self._is_response(expr):
            yield Use("returned", self._site(expr.span), "returned")

    def _handled_by(self, expr: ir.Call, ours: FuncRef, role: str) -> Iterator[Use]:
        """A function of ours is called: it may get the response, test it, read it, or give it back."""
        for child in expressions(expr):
            if not self._is_response(child):
                yield from self.expression(child, "value")
        db = self.known.world.db
        info = function_info(db, ours.function)
        bound: dict[Param, Value] = (
            {} if info is None else bind(self.known.world, info, self.known.given(expr), ours.receiver)
        )
        for param, value in bound.items():
            if any(self._comes_from(option) for option in options_of(value)):
                passed = Passed(param.function, param.index, self._depth() + 1)
                for use in uses_of(db, ours.function, self.call, passed):
                    yield from self._seen_outside(use, role, self._site(expr.span))
        if role == "returned" and self._is_response(expr):
            yield Use("returned", self._site(expr.span), "returned")

    def _seen_outside(self, use: Use, role: str, site: Site) -> Iterator[Use]:
        """What a use in a function of ours is for the caller, who looks at the function's answer in a role."""
        if use.kind == "returned-test":
            kind = {"returned": "returned-test", "returned-test": "returned-test", "test": "test", "kept": "test"}
            yield Use(kind.get(role, "passed"), site, use.note)
        elif use.kind != "returned":
            # A response that is given back is looked at as the value of the call.
            yield use

    def _depth(self) -> int:
        return 0 if self.passed is None else self.passed.depth

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
        options = options_of(self.known.value(expr))
        if any(self._comes_from(option) for option in options):
            return True
        # Its value may be nested too deep to be known; the name is the response all the same.
        is_named = isinstance(expr, ir.Name) and expr.id == self.own_name
        return is_named and self.is_only and any(isinstance(option, Unknown) for option in options)

    def _may_be(self, expr: ir.Expr) -> bool:
        """The name of the response, which has several values of which one is not known."""
        if not isinstance(expr, ir.Name) or expr.id != self.own_name:
            return False
        return any(isinstance(option, Unknown) for option in options_of(self.known.value(expr)))

    def _comes_from(self, value: Value) -> bool:
        if isinstance(value, Param) and self.passed is not None:
            return (value.function, value.index) == (self.passed.function, self.passed.index)
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
