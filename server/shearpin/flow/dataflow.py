"""Which calls of a function a call depends on: whose results it is given, and whose results decide that it happens.

Results are followed through names, attributes, unpacking, containers, comprehensions and `await`, inside one function;
where branches meet, what either of them says may hold. Nothing follows from a name that somebody else may change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from shearpin.meaning.scopes import expressions, leaves
from shearpin.syntax import ir

#: methods that put their arguments into the object they are called on
_TAKING = frozenset(("append", "add", "update", "extend", "insert", "setdefault", "appendleft", "put", "put_nowait"))
#: calls that give back the results of what they are given, by position
_GATHERING = frozenset(("gather",))

Origins = frozenset[int]
_NOTHING: Origins = frozenset()
_State = dict[str, Origins]


class Dependence(msgspec.Struct, frozen=True):
    """Packed spans of calls: whose results a call is given (or called on), and whose decide that it happens."""

    uses: tuple[int, ...] = ()
    guards: tuple[int, ...] = ()


def dependences(body: Iterable[ir.Stmt], calls: Mapping[int, tuple[str, ...]]) -> dict[int, Dependence]:
    """What each of some calls of a body depends on, by packed span.

    `calls` has, for each call, the methods of its result that raise on failure: what follows them depends on it.
    """
    found = _Follower(calls)
    found.run(tuple(body))
    return {
        span: Dependence(tuple(sorted(found.uses[span] - {span})), tuple(sorted(found.guards[span] - {span})))
        for span in calls
    }


class _Follower:
    """One walk over a function. `state` has what names hold, `conditions` what was asked on the way here."""

    def __init__(self, calls: Mapping[int, tuple[str, ...]]) -> None:
        self.calls = calls
        self.uses: dict[int, Origins] = dict.fromkeys(calls, _NOTHING)
        self.guards: dict[int, Origins] = dict.fromkeys(calls, _NOTHING)
        self._state: _State = {}
        self._conditions: Origins = _NOTHING
        self._raises: Origins = _NOTHING

    def run(self, body: tuple[ir.Stmt, ...]) -> None:
        """Follow statements in order; a condition under which the block is left guards what comes behind it."""
        for stmt in body:
            self._statement(stmt)

    def _block(self, body: tuple[ir.Stmt, ...], condition: Origins = _NOTHING) -> None:
        before = self._conditions
        self._conditions = before | condition
        self.run(body)
        self._conditions = before

    # ----------------------------------------------------------- statements

    def _statement(self, stmt: ir.Stmt) -> None:
        match stmt:
            case ir.If(test=test, body=body, orelse=orelse):
                self._if(self._value(test), body, orelse)
            case ir.For(target=target, iter=source, body=body, orelse=orelse):
                origins = self._value(source)
                self._loop(body, orelse, _NOTHING, lambda: self._bind(target, origins))
            case ir.While(test=test, body=body, orelse=orelse):
                self._loop(body, orelse, self._value(test), lambda: None)
            case ir.Try():
                self._try(stmt)
            case ir.With(items=items, body=body):
                for item in items:
                    origins = self._value(item.context)
                    if item.target is not None:
                        self._bind(item.target, origins)
                self.run(body)
            case ir.Match(subject=subject, cases=cases):
                self._match(self._value(subject), cases)
            case ir.Broken(body=body):
                self.run(body)
            case ir.FunctionDef() | ir.ClassDef() | ir.Import() | ir.ImportFrom() | ir.Flow():
                return
            case _:
                self._simple(stmt)

    def _simple(self, stmt: ir.Stmt) -> None:
        match stmt:
            case ir.Assign(targets=targets, value=value) if value is not None:
                for target in targets:
                    self._assign(target, value)
            case ir.AugAssign(target=target, value=value):
                origins = self._value(value) | self._value(target)
                self._bind(target, origins)
            case ir.ExprStmt(value=value) | ir.Return(value=value) if value is not None:
                self._value(value)
                self._conditions |= self._raising(value)
            case ir.Raise(exc=exc) if exc is not None:
                self._value(exc)
            case ir.Assert(test=test):
                self._conditions |= self._value(test)
            case _:
                return

    def _if(self, condition: Origins, body: tuple[ir.Stmt, ...], orelse: tuple[ir.Stmt, ...]) -> None:
        before = dict(self._state)
        self._block(body, condition)
        then, self._state = self._state, before
        self._block(orelse, condition)
        is_left, is_other_left = leaves(body), bool(orelse) and leaves(orelse)
        if is_left or is_other_left:
            self._conditions |= condition
        if is_other_left and not is_left:
            self._state = then
        elif not is_left:
            self._state = _joined(then, self._state)

    def _loop(
        self, body: tuple[ir.Stmt, ...], orelse: tuple[ir.Stmt, ...], condition: Origins, begin: Callable[[], None]
    ) -> None:
        # twice: what one round leaves behind reaches the next
        for _ in range(2):
            before = dict(self._state)
            begin()
            self._block(body, condition)
            self._state = _joined(before, self._state)
        self._block(orelse)

    def _try(self, stmt: ir.Try) -> None:
        before = dict(self._state)
        self._block(stmt.body)
        reached = self._state
        if stmt.orelse:
            self._block(stmt.orelse)
        ends = [self._state]
        for handler in stmt.handlers:
            self._state = _joined(before, reached)
            self._block(handler.body)
            if not leaves(handler.body):
                ends.append(self._state)
        self._state = ends[0]
        for other in ends[1:]:
            self._state = _joined(self._state, other)
        self._block(stmt.final)

    def _match(self, subject: Origins, cases: tuple[ir.Case, ...]) -> None:
        before, ends = dict(self._state), [dict(self._state)]
        for case in cases:
            self._state = {**before, **dict.fromkeys(case.names, subject)}
            guard = subject | (self._value(case.guard) if case.guard is not None else _NOTHING)
            self._block(case.body, guard)
            ends.append(self._state)
        for end in ends:
            self._state = _joined(self._state, end)

    # -------------------------------------------------------------- binding

    def _assign(self, target: ir.Expr, value: ir.Expr) -> None:
        items = _items(value)
        if isinstance(target, ir.Sequence) and items is not None and len(items) == len(target.items):
            for part, item in zip(target.items, [self._value(item) for item in items], strict=True):
                self._bind(part, item)
        else:
            self._bind(target, self._value(value))

    def _bind(self, target: ir.Expr, origins: Origins) -> None:
        match target:
            case ir.Name(id=name):
                self._forget(name)
                self._state[name] = origins
            case ir.Sequence(items=items):
                for item in items:
                    self._bind(item, origins)
            case ir.Starred(value=value):
                self._bind(value, origins)
            case ir.Attribute(value=base):
                self._take(base, origins)
                path = _path(target)
                if path:
                    self._state[path] = origins
            case ir.Subscript(value=base):
                self._take(base, origins)
            case _:
                return

    def _forget(self, name: str) -> None:
        """Another object is called so: what is known of the attributes of the old one is void."""
        for path in [path for path in self._state if path.startswith(f"{name}.")]:
            del self._state[path]

    def _take(self, base: ir.Expr, origins: Origins) -> None:
        """An object holds something more."""
        path = _path(base)
        # everything that is put into `self` would make each use of it depend on each
        if path and path not in {"self", "cls"}:
            self._state[path] = self._state.get(path, _NOTHING) | origins

    # --------------------------------------------------------------- values

    def _value(self, expr: ir.Expr) -> Origins:
        """The calls whose results flow into a value; calls inside it are noted."""
        match expr:
            case ir.Name(id=name):
                return self._state.get(name, _NOTHING)
            case ir.Attribute(value=base):
                path = _path(expr)
                return self._state[path] if path in self._state else self._value(base)
            case ir.Call():
                return self._call(expr)
            case ir.Walrus(name=name, value=value):
                self._state[name] = self._value(value)
                return self._state[name]
            case ir.Conditional(test=test, body=body, orelse=orelse):
                condition = self._value(test)
                return self._under(condition, body) | self._under(condition, orelse)
            case ir.Boolean(values=values):
                found = _NOTHING
                for value in values:
                    found |= self._under(found, value)
                return found
            case ir.Comprehension():
                return self._comprehension(expr)
            case ir.Lambda():
                return _NOTHING
            case _:
                return self._all(expressions(expr))

    def _all(self, exprs: Iterable[ir.Expr]) -> Origins:
        found = _NOTHING
        for expr in exprs:
            found |= self._value(expr)
        return found

    def _under(self, condition: Origins, expr: ir.Expr) -> Origins:
        before = self._conditions
        self._conditions = before | condition
        found = self._value(expr)
        self._conditions = before
        return found

    def _call(self, call: ir.Call) -> Origins:
        receiver = self._value(call.func.value) if isinstance(call.func, ir.Attribute) else self._value(call.func)
        given = self._all((*call.args, *(keyword.value for keyword in call.keywords)))
        if isinstance(call.func, ir.Attribute) and call.func.attr in _TAKING:
            self._take(call.func.value, given)
        if isinstance(call.func, ir.Name) and call.func.id == "setattr" and call.args:
            self._take(call.args[0], given)
        if call.span not in self.calls:
            return receiver | given
        self.uses[call.span] |= receiver | given
        self.guards[call.span] |= self._conditions
        return frozenset((call.span,))

    def _comprehension(self, expr: ir.Comprehension) -> Origins:
        before, conditions = dict(self._state), self._conditions
        for generator in expr.generators:
            self._bind(generator.target, self._value(generator.iter))
            self._conditions |= self._all(generator.ifs)
        parts = (expr.element,) if expr.key is None else (expr.key, expr.element)
        found = self._all(parts)
        self._state, self._conditions = before, conditions
        return found

    def _raising(self, expr: ir.Expr) -> Origins:
        """`response.raise_for_status()`: behind it, the call has succeeded."""
        call = expr.value if isinstance(expr, ir.Await) else expr
        if not isinstance(call, ir.Call) or not isinstance(call.func, ir.Attribute):
            return _NOTHING
        name = call.func.attr
        return frozenset(span for span in self._value(call.func.value) if name in self.calls.get(span, ()))


def _joined(one: _State, other: _State) -> _State:
    return {name: one.get(name, _NOTHING) | other.get(name, _NOTHING) for name in one.keys() | other.keys()}


def _path(expr: ir.Expr) -> str:
    """`order.customer` of names and attributes; "" for anything else."""
    match expr:
        case ir.Name(id=name):
            return name
        case ir.Attribute(value=value, attr=attr):
            base = _path(value)
            return f"{base}.{attr}" if base else ""
        case _:
            return ""


def _items(value: ir.Expr) -> tuple[ir.Expr, ...] | None:
    """The values that an unpacking takes apart one by one: a display, or what `gather` is given."""
    plain = value.value if isinstance(value, ir.Await) else value
    match plain:
        case ir.Sequence(items=items):
            found = items
        case ir.Call(func=ir.Attribute(attr=name), args=args) | ir.Call(func=ir.Name(id=name), args=args) if (
            name in _GATHERING
        ):
            found = args
        case _:
            return None
    return None if any(isinstance(item, ir.Starred) for item in found) else found
