"""Every call and decorator of a part, resolved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.facts.call import Argument, Callee, FunctionInfo, ResolvedCall, ResolvedDecorator
from shearpin.facts.model import Callback, CallModel, Mode
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import (
    Bound,
    Choice,
    ClassRef,
    Extern,
    ExternMethod,
    Field,
    FuncRef,
    Instance,
    Param,
    SequenceValue,
    Value,
)
from shearpin.meaning.classes import body_of
from shearpin.meaning.dispatch import tabled, unnamed_model
from shearpin.meaning.expressions import Evaluator
from shearpin.meaning.invoke import Given, bind, called_name
from shearpin.meaning.lineage import library_bases
from shearpin.meaning.modules import models
from shearpin.meaning.objects import find_method, shelf_arguments
from shearpin.meaning.queries import Meaning, function_info
from shearpin.meaning.scopes import (
    HEAD,
    Scope,
    blocks,
    enclosing_scope,
    expressions,
    get_part,
    scope_of,
    scopes,
    site_of,
)
from shearpin.meaning.values import options_of
from shearpin.meaning.world import World
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.text.spans import end_of


@query(bottom=())
def calls(db: Database, path: str, part: str) -> tuple[ResolvedCall, ...]:
    """All calls of a part in order of position, decorators excluded."""
    world = Meaning(db)
    found: list[ResolvedCall] = []
    for scope in scopes(db, path, part).values():
        found.extend(_Walker(world, scope).run())
        found.extend(_injections(world, scope))
    by_site = {call.site: call for call in found}
    return tuple(sorted(by_site.values(), key=lambda call: (call.site.start, call.site.end)))


def _injections(world: World, scope: Scope) -> Iterator[ResolvedCall]:
    """Calls that mark what a framework injects (`Depends(f)`): in defaults, annotations, decorators of a function."""
    node = scope.node
    if not isinstance(node, ir.FunctionDef):
        return
    walker = _Walker(world, enclosing_scope(world.db, scope.function))
    defaults, annotations = (p.default for p in node.params), (p.annotation for p in node.params)
    yield from walker.markers((*defaults, *annotations, *node.decorators))


@query(bottom=())
def decorators(db: Database, path: str, part: str) -> tuple[ResolvedDecorator, ...]:
    """All decorators of functions and classes of a part."""
    world = Meaning(db)
    found: list[ResolvedDecorator] = []
    for scope in scopes(db, path, part).values():
        if isinstance(scope.node, ir.FunctionDef):
            info = function_info(db, scope.function)
            found.extend(_decorators(world, scope, scope.node.decorators, info))
    found.extend(_of_class(world, path, part))
    return tuple(found)


def _of_class(world: World, path: str, part: str) -> Iterator[ResolvedDecorator]:
    """Decorators of the class that the part is, and what its keywords tell its first base (`__init_subclass__`)."""
    source = get_part(world.db, path, part)
    node = source.body[0] if source is not None and source.kind == "class" and source.body else None
    if not isinstance(node, ir.ClassDef):
        return
    written = node.decorators
    if node.keywords and node.bases:
        base = node.bases[0]
        told = ir.Attribute(base, "__init_subclass__", base.span, base.span)
        written = (*written, ir.Call(told, (), node.keywords, base.span, _empty(base.span)))
    if written:
        yield from _decorators(world, Scope(FunctionId(path, part, ""), None, None), written, None)


def _decorators(
    world: World, scope: Scope, nodes: tuple[ir.Expr, ...], info: FunctionInfo | None
) -> Iterator[ResolvedDecorator]:
    outer = enclosing_scope(world.db, scope.function)
    walker = _Walker(world, outer)
    for node in nodes:
        call = node if isinstance(node, ir.Call) else None
        resolved = walker.resolve(call or ir.Call(node, (), (), node.span, _empty(node.span)), "decorator")
        yield ResolvedDecorator(resolved, scope.function, info)


def _empty(span: int) -> int:
    return end_of(span) << 24


class _Walker:
    """Visits the statements of one scope; nested functions are scopes of their own."""

    def __init__(self, world: World, scope: Scope) -> None:
        self.world = world
        self.scope = scope
        self.known = Evaluator(world, scope)
        self.models = models(world.db)
        self.found: list[ResolvedCall] = []
        self.modes: dict[int, Mode] = {}

    def run(self) -> list[ResolvedCall]:
        node = self.scope.node
        if isinstance(node, ir.Lambda):
            self._expr(node.body, "returned")
        elif self.scope.function.inner == HEAD:
            self._defaults()
        else:
            self._body(body_of(self.world.db, self.scope))
        return self.found

    def _defaults(self) -> None:
        """What runs once, where a function is defined; what its defaults mark for injection does not."""
        function = scope_of(self.world.db, FunctionId(self.scope.function.path, self.scope.function.part))
        for param in () if function is None else function.params:
            self._maybe(param.default, "value")
        self.found = [call for call in self.found if call.name not in self.models.injections]

    def markers(self, exprs: Iterable[ir.Expr | None]) -> list[ResolvedCall]:
        """The calls of injection markers in expressions."""
        if self.models.injections:
            for expr in exprs:
                self._maybe(expr, "value")
        return [call for call in self.found if call.name in self.models.injections]

    # ---------------------------------------------------------- statements

    def _body(self, body: tuple[ir.Stmt, ...]) -> None:
        for stmt in body:
            self._stmt(stmt)

    def _stmt(self, stmt: ir.Stmt) -> None:
        match stmt:
            case ir.ExprStmt(value=value):
                self._expr(value, "dropped")
            case ir.Assign(targets=targets, value=value):
                name = _name(targets[0]) if len(targets) == 1 else ""
                self._maybe(value, "assigned", name)
                for target in targets:
                    self._expr(target, "value")
            case ir.Return(value=value):
                self._maybe(value, "returned")
            case ir.FunctionDef(decorators=_, params=params):
                for param in params:
                    self._maybe(param.default, "value")
            case ir.ClassDef():
                return
            case ir.With(items=items, body=body):
                for item in items:
                    self._expr(item.context, "with", _name(item.target) if item.target is not None else "")
                self._body(body)
            case _:
                for expr in _direct(stmt):
                    self._maybe(expr, "value")
                for block in blocks(stmt):
                    self._body(block)

    def _maybe(self, expr: ir.Expr | None, usage: str, name: str = "") -> None:
        if expr is not None:
            self._expr(expr, usage, name)

    # --------------------------------------------------------- expressions

    def _expr(self, expr: ir.Expr, usage: str, name: str = "", *, awaited: bool = False) -> None:
        match expr:
            case ir.Call():
                resolved = self.resolve(expr, usage, name, awaited=awaited)
                self.found.append(resolved)
                for child in expressions(expr):
                    self._expr(child, "value")
            case ir.Await(value=inner):
                self._expr(inner, "awaited" if usage == "dropped" else usage, name, awaited=True)
            case ir.Walrus(name=bound, value=inner):
                self._expr(inner, "assigned", bound)
            case ir.Lambda():
                return
            case ir.Comprehension(generators=generators):
                for generator in generators[:1]:
                    self._expr(generator.iter, "value")
                self.known.push(self.known.overlay(generators))
                try:
                    for child in list(expressions(expr))[1:]:
                        self._expr(child, "value")
                finally:
                    self.known.pop()
            case _:
                for child in expressions(expr):
                    self._expr(child, "value")

    def resolve(self, node: ir.Call, usage: str, name: str = "", *, awaited: bool = False) -> ResolvedCall:
        """One call with its callee, arguments and the functions it makes run."""
        path, part = self.scope.function.path, self.scope.function.part
        callee = self.known.value(node.func)
        if isinstance(callee, (Instance, Field, Param)) and isinstance(callee.cls, Extern):
            callee = ExternMethod(called_name(self.world, callee.cls.name), callee)
        given = self.known.given(node)
        callees = tuple(self._callees(node, callee, given))
        return ResolvedCall(
            site=site_of(path, part, node.span),
            head=site_of(path, part, node.func.span),
            parens=site_of(path, part, node.args_span),
            function=self.scope.function,
            callee=callee,
            args=(*self._arguments(node), *self._from_shelf(node, callee)),
            has_open_arguments=given.is_open,
            is_awaited=awaited,
            usage=usage,
            callees=callees,
            result_name=name,
            scheduled=self._scheduled(node, callee),
        )

    def _from_shelf(self, node: ir.Call, callee: Value) -> Iterator[Argument]:
        """Arguments that nobody writes, of a construction or of a method's class: they stand at the call."""
        if isinstance(callee, (Extern, ExternMethod)):
            site = site_of(self.scope.function.path, self.scope.function.part, node.span)
            cls = callee.name if isinstance(callee, Extern) else callee.name.rpartition(".")[0]
            for name, value in shelf_arguments(self.world, cls, site.path):
                yield Argument(name, value, site, site)

    def _scheduled(self, node: ir.Call, callee: Value) -> FunctionId | None:
        name = callee.name if isinstance(callee, (Extern, ExternMethod)) else ""
        model = self._model(callee, name) if name else None
        if model is None or not 0 <= model.schedules_argument < len(node.args):
            return None
        inner = node.args[model.schedules_argument]
        work = self.known.value(inner.func) if isinstance(inner, ir.Call) else None
        return work.function if isinstance(work, FuncRef) else None

    def _arguments(self, node: ir.Call) -> Iterator[Argument]:
        path, part = self.scope.function.path, self.scope.function.part
        for arg in node.args:
            site = site_of(path, part, arg.span)
            if not isinstance(arg, ir.Starred):
                yield Argument("", self.known.value(arg), site, site)
                continue
            spread = self.known.given(ir.Call(node.func, (arg,), (), node.span, node.args_span))
            for _, value in spread.args:
                yield Argument("", value, site, site)
        for keyword in node.keywords:
            site = site_of(path, part, keyword.value.span)
            whole = site_of(path, part, keyword.span)
            if keyword.name:
                yield Argument(keyword.name, self.known.value(keyword.value), site, whole)
                continue
            spread = self.known.given(ir.Call(node.func, (), (keyword,), node.span, node.args_span))
            for name, value in spread.args:
                yield Argument(name, value, site, whole)

    # -------------------------------------------------------------- callees

    def _callees(self, node: ir.Call, callee: Value, given: Given) -> Iterator[Callee]:
        mode = self.modes.get(id(node), Mode.DIRECT)
        head = site_of(self.scope.function.path, self.scope.function.part, node.func.span)
        for option in options_of(callee):
            match option:
                case FuncRef(function=function, receiver=receiver, partial=partial):
                    merged = Given((*((b.name, b.value) for b in partial), *given.args), given.is_open)
                    yield self._edge(function, receiver, merged, mode, head)
                case ClassRef():
                    init = find_method(self.world, option, "__init__")
                    if init is not None:
                        made = self.known.value(node)
                        yield self._edge(init, made, given, mode, head)
                case Instance(cls=ClassRef() as cls) | Param(cls=ClassRef() as cls) | Field(cls=ClassRef() as cls):
                    method = find_method(self.world, cls, "__call__")
                    if method is not None:
                        yield self._edge(method, option, given, mode, head)
                case Extern(name=name) | ExternMethod(name=name):
                    model = self._model(option, name)
                    if model is not None:
                        receiver = option.receiver if isinstance(option, ExternMethod) else None
                        yield from self._library_callees(node, model, given, receiver)
                case _:
                    for known in tabled(self.world, option):
                        yield self._edge(known.function, known.receiver, given, mode, head)
                    untyped = unnamed_model(self.models, node, option)
                    if untyped is not None:
                        yield from self._library_callees(node, untyped, given, None)

    def _model(self, callee: Value, name: str) -> CallModel | None:
        found = self.models.calls.get(name)
        if found is not None or not isinstance(callee, ExternMethod):
            return found
        owner, _, method = name.rpartition(".")
        for base in library_bases(self.world, Extern(owner)):
            found = self.models.calls.get(f"{base}.{method}")
            if found is not None:
                return found
        return None

    def _library_callees(
        self, node: ir.Call, model: CallModel, given: Given, receiver: Value | None
    ) -> Iterator[Callee]:
        if model.schedules_argument >= 0 and model.schedules_argument < len(node.args):
            self.modes[id(node.args[model.schedules_argument])] = Mode.TASK
        for callback in model.callbacks:
            value = given.get(callback.keyword, callback.position)
            if callback.of_receiver:
                held = receiver.args if isinstance(receiver, Instance) else ()
                value = next((bound.value for bound in held if bound.name == callback.keyword), None)
            for option in _handed(value):
                yield from self._callback(node, option, callback, given)

    def _callback(self, node: ir.Call, target: Value, callback: Callback, given: Given) -> Iterator[Callee]:
        site = self._argument_site(node, callback)
        if isinstance(target, Instance) and isinstance(target.cls, Extern):
            target = next((b.value for b in target.args if b.name == "function"), target)
        if not isinstance(target, FuncRef):
            return
        passed: tuple[tuple[str, Value], ...] = ()
        if callback.passes_from >= 0:
            positional = given.positional()[callback.passes_from :]
            passed = (
                *(("", value) for value in positional),
                *((n, v) for n, v in given.args if n and n != callback.keyword),
            )
        elif callback.parameters:
            passed = tuple(("", _typed(name)) for name in callback.parameters)
        merged = Given((*((b.name, b.value) for b in target.partial), *passed), given.is_open)
        edge = self._edge(target.function, target.receiver, merged, callback.mode, site)
        yield Callee(edge.function, edge.mode, edge.bindings, callback.context, site)

    def _argument_site(self, node: ir.Call, callback: Callback) -> Site:
        path, part = self.scope.function.path, self.scope.function.part
        for keyword in node.keywords:
            if keyword.name == callback.keyword:
                return site_of(path, part, keyword.value.span)
        if 0 <= callback.position < len(node.args):
            return site_of(path, part, node.args[callback.position].span)
        return site_of(path, part, node.func.span)

    def _edge(self, function: FunctionId, receiver: Value | None, given: Given, mode: Mode, site: Site) -> Callee:
        info = function_info(self.world.db, function)
        if info is None:
            return Callee(function, mode, (), "", site)
        bindings = bind(self.world, info, given, receiver)
        return Callee(function, mode, tuple(Bound(f"{p.name}@{p.index}", v) for p, v in bindings.items()), "", site)


def _handed(value: Value | None) -> tuple[Value, ...]:
    """The functions that may be meant by an argument: one, alternatives, or all of a list."""
    options = () if value is None else options_of(value)
    lists = (option.items if isinstance(option, SequenceValue) else (option,) for option in options)
    return tuple(item for items in lists for item in items)


def _typed(name: str) -> Value:
    return Instance(Extern(name), (), None) if name else Choice(())


def _name(expr: ir.Expr) -> str:
    return expr.id if isinstance(expr, ir.Name) else ""


def _direct(stmt: ir.Stmt) -> Iterator[ir.Expr | None]:
    match stmt:
        case ir.If(test=test) | ir.While(test=test) | ir.Assert(test=test):
            yield test
        case ir.For(iter=source):
            yield source
        case ir.AugAssign(target=target, value=value):
            yield target
            yield value
        case ir.Raise(exc=exc, cause=cause):
            yield exc
            yield cause
        case ir.Match(subject=subject, cases=cases):
            yield subject
            for case in cases:
                yield case.guard
        case ir.Try(handlers=handlers):
            for handler in handlers:
                yield handler.caught
        case ir.Delete(targets=targets):
            yield from targets
        case _:
            return
