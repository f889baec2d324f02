"""The value of an expression in its scope."""

from __future__ import annotations

import operator
from collections.abc import Iterable

from shearpin.facts.site import FunctionId
from shearpin.facts.value import (
    NONE,
    NOTHING,
    UNKNOWN,
    Bound,
    Choice,
    ClassRef,
    Const,
    Env,
    Extern,
    ExternMethod,
    FuncRef,
    Instance,
    Item,
    MappingValue,
    Result,
    SequenceValue,
    Unknown,
    Value,
)
from shearpin.meaning.annotations import quoted
from shearpin.meaning.changes import is_changed
from shearpin.meaning.importing import imported
from shearpin.meaning.invoke import Given, call_value, elements
from shearpin.meaning.items import item
from shearpin.meaning.module_names import binders, otherwise
from shearpin.meaning.modules import models
from shearpin.meaning.objects import attribute, library_item, on_shelf
from shearpin.meaning.prefixes import prefixed
from shearpin.meaning.reaching import reaching, reaching_bindings, replaces, tested
from shearpin.meaning.scopes import Binding, Scope, lambda_name, site_of
from shearpin.meaning.strings import added, percent_format, slashed
from shearpin.meaning.values import class_of, first_of, is_stringlike, is_symbolic, join, options_of, template
from shearpin.meaning.world import World
from shearpin.syntax import ir
from shearpin.text.spans import start_of

_MAX_ITEMS = 64
_ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_ANNOTATED = ("typing.Annotated", "typing_extensions.Annotated")
_WRAPPERS = frozenset(
    ("typing.Optional", "typing.Union", "typing.Final", "typing.ClassVar", "contextlib.AbstractContextManager")
)


class Evaluator:
    """Evaluates expressions of one scope; remembers what it has evaluated."""

    def __init__(self, world: World, scope: Scope) -> None:
        self.world = world
        self.scope = scope
        self.path = scope.function.path
        self.part = scope.function.part
        #: by identity of the expression, which is kept so that no other one gets it
        self._known: dict[int, tuple[ir.Expr, Value]] = {}
        self._overlay: list[dict[str, Value]] = []
        self._busy: set[int] = set()
        self._is_of_module = scope.is_of_module

    # ------------------------------------------------------------ expressions

    def value(self, expr: ir.Expr) -> Value:
        """The abstract value."""
        key = id(expr)
        if not self._overlay and key in self._known:
            return self._known[key][1]
        if key in self._busy:
            return UNKNOWN
        self._busy.add(key)
        try:
            found = self._value(expr)
        finally:
            self._busy.discard(key)
        if not self._overlay:
            self._known[key] = (expr, found)
        return found

    def _value(self, expr: ir.Expr) -> Value:
        match expr:
            case ir.Name(id=name, span=span):
                return self._name(name, start_of(span))
            case ir.Literal(value=value, kind=kind):
                return Unknown("...") if kind == "..." else Const(value)
            case ir.Attribute(value=base, attr=attr):
                return self._attribute(base, attr)
            case ir.Call():
                return self._call(expr)
            case ir.Await(value=inner) | ir.Walrus(value=inner):
                return self.value(inner)
            case ir.Joined(parts=parts):
                return template(map(self.value, parts))
            case ir.Binary(left=left, op=op, right=right):
                return self._binary(left, op, right)
            case ir.Boolean(op=op, values=values):
                return self._boolean(op, values)
            case ir.Conditional():
                return self._conditional(expr)
            case ir.Subscript(value=base, index=index):
                return self._subscript(base, index)
            case ir.Mapping(entries=entries):
                return self._mapping(entries)
            case ir.Sequence(items=items):
                return self._sequence(items)
            case ir.Lambda():
                return FuncRef(self._nested(lambda_name(expr)))
            case ir.Comprehension():
                return self._comprehension(expr)
            case _:
                return UNKNOWN

    def _attribute(self, base: ir.Expr, name: str) -> Value:
        target = self.value(base)
        if isinstance(target, Extern) and target.name in models(self.world.db).classes:
            found = on_shelf(self.world, target, self.path, Const(name))
            if found is not None:
                return found
        return attribute(self.world, target, name)

    def given(self, call: ir.Call) -> Given:
        """The evaluated arguments of a call."""
        args: list[tuple[str, Value]] = []
        is_open = False
        for arg in call.args:
            if isinstance(arg, ir.Starred):
                items = self.value(arg.value)
                if isinstance(items, SequenceValue) and not isinstance(arg.value, ir.Comprehension):
                    args.extend(("", value) for value in items.items)
                else:
                    is_open = True
            else:
                args.append(("", self.value(arg)))
        for keyword in call.keywords:
            if keyword.name:
                args.append((keyword.name, self.value(keyword.value)))
                continue
            spread = self.value(keyword.value)
            pairs = elements(spread) if isinstance(spread, MappingValue) else None
            if isinstance(keyword.value, ir.Name) and is_changed(self.scope, keyword.value.id):
                pairs = None
            if pairs is None:
                is_open = True
            else:
                args.extend((str(key.value), value) for key, value in pairs if isinstance(key, Const))
        return Given(tuple(args), is_open)

    def _call(self, call: ir.Call) -> Value:
        callee = self.value(call.func)
        if isinstance(callee, Extern) and callee.name == "builtins.super":
            return self._super()
        if isinstance(callee, Extern) and callee.name == "builtins.getattr" and len(call.args) >= 2:
            name = self.value(call.args[1])
            return (
                attribute(self.world, self.value(call.args[0]), str(name.value)) if isinstance(name, Const) else UNKNOWN
            )
        found = call_value(self.world, callee, self.given(call), site_of(self.path, self.part, call.span))
        if isinstance(found, Env) and isinstance(callee, (ExternMethod, Instance)):
            known = models(self.world.db)
            return prefixed(self.world.db, known, self.scope, self.value, found, start_of(call.span))
        return found

    def _super(self) -> Value:
        scope: Scope | None = self.scope
        while scope is not None and not scope.owner:
            scope = scope.parent
        if scope is None or not scope.owner:
            return UNKNOWN
        bases = self.world.bases(ClassRef(self.path, scope.owner))
        receiver = self.world.param_value(scope.function, 0) if scope.params else UNKNOWN
        for base in bases:
            if isinstance(base, ClassRef):
                return Instance(base, (Bound("self", receiver),), None)
            if isinstance(base, Extern):
                return Instance(base, (), None)
        return UNKNOWN

    def _binary(self, left: ir.Expr, op: str, right: ir.Expr) -> Value:
        first, second = self.value(left), self.value(right)
        both = (first.value, second.value) if isinstance(first, Const) and isinstance(second, Const) else (None, None)
        if isinstance(both[0], (int, float)) and isinstance(both[1], (int, float)) and op in _ARITHMETIC:
            return Const(_ARITHMETIC[op](both[0], both[1]))
        if op == "+":
            return added(first, second)
        if op == "/" and is_stringlike(first):
            # Only an address that a library holds is divided by text: `URL("http://orders") / "open"`.
            return slashed(first, second)
        if op == "%":
            return percent_format(first, second) or UNKNOWN
        if op == "|":
            return Choice(tuple(dict.fromkeys((*options_of(first), *options_of(second)))))
        return UNKNOWN

    def _boolean(self, op: str, values: tuple[ir.Expr, ...]) -> Value:
        if op == "and":
            return join((self.value(values[-1]), *(NONE for _ in values[1:])))
        found = [self.value(value) for value in values]
        first = found[0]
        if first == NOTHING:
            # A call that never returns: what stands behind it is never reached.
            return NOTHING
        return first_of(found, "true")

    def _conditional(self, expr: ir.Conditional) -> Value:
        """`a if a else b` and its like take the first of the two."""
        chosen = tested(expr.test)
        if chosen is not None:
            name, takes, is_positive = chosen
            kept, other = (expr.body, expr.orelse) if is_positive else (expr.orelse, expr.body)
            if isinstance(kept, ir.Name) and kept.id == name:
                return first_of((self.value(kept), self.value(other)), takes)
        return join((self.value(expr.body), self.value(expr.orelse)))

    def _subscript(self, base: ir.Expr, index: ir.Expr) -> Value:
        target = self.value(base)
        if isinstance(target, Extern):
            if target.name in models(self.world.db).env_mappings:
                name = self.value(index)
                site = site_of(self.path, self.part, base.span)
                if is_symbolic(name):
                    return Result("", site, Extern("os.environ.get"), (Bound("", name),))
                return Env(str(name.value), None, site) if isinstance(name, Const) else UNKNOWN
            if target.name in _ANNOTATED and isinstance(index, ir.Sequence):
                values = map(self.value, index.items)
                return Instance(Extern("typing.Annotated"), tuple(Bound("", value) for value in values), None)
            if target.name in models(self.world.db).injections:
                # `Provide[Container.client]` marks as a call of the marker does.
                site = site_of(self.path, self.part, base.span)
                return Instance(target, (Bound("", self.value(index)),), site)
            return on_shelf(self.world, target, self.path, self.value(index)) or target
        if isinstance(target, ClassRef):
            return target
        key = self.value(index)
        return library_item(self.world, target, key) or item(target, key)

    def _mapping(self, entries: tuple[ir.Entry, ...]) -> Value:
        found: list[tuple[Value, Value, object]] = []
        for entry in entries:
            if entry.key is None:
                inner = self.value(entry.value)
                if not isinstance(inner, MappingValue):
                    return UNKNOWN
                found.extend(inner.entries)
            else:
                site = site_of(self.path, self.part, entry.span)
                found.append((self.value(entry.key), self.value(entry.value), site))
        return UNKNOWN if len(found) > _MAX_ITEMS else MappingValue(tuple(found))  # type: ignore[arg-type]

    def _sequence(self, items: tuple[ir.Expr, ...]) -> Value:
        if len(items) > _MAX_ITEMS:
            return UNKNOWN
        found: list[Value] = []
        for expr in items:
            if isinstance(expr, ir.Starred):
                inner = self.value(expr.value)
                if not isinstance(inner, SequenceValue):
                    return UNKNOWN
                found.extend(inner.items)
            else:
                found.append(self.value(expr))
        return SequenceValue(tuple(found))

    def _comprehension(self, expr: ir.Comprehension) -> Value:
        if len(expr.generators) != 1:
            return UNKNOWN
        generator = expr.generators[0]
        source = self.value(generator.iter)
        if isinstance(source, MappingValue):
            source = SequenceValue(tuple(key for key, _, _ in source.entries))
        known = isinstance(source, SequenceValue) and len(source.items) <= _MAX_ITEMS
        rounds = source.items if known and isinstance(source, SequenceValue) else (Item(source, None),)
        found: list[tuple[Value, Value]] = []
        for current in rounds:
            self._overlay.append(self._targets(generator.target, current))
            try:
                key = NONE if expr.key is None else self.value(expr.key)
                found.append((key, self.value(expr.element)))
            finally:
                self._overlay.pop()
        if expr.kind == "dict":
            site = site_of(self.path, self.part, expr.span)
            return MappingValue(tuple((key, value, site) for key, value in found)) if known else UNKNOWN
        return SequenceValue(tuple(dict.fromkeys(value for _, value in found)))

    def overlay(self, generators: Iterable[ir.Generator]) -> dict[str, Value]:
        """The names that comprehension loops bind, as "some element"."""
        found: dict[str, Value] = {}
        for generator in generators:
            found.update(self._targets(generator.target, item(self.value(generator.iter), None)))
        return found

    def push(self, names: dict[str, Value]) -> None:
        """Let names shadow the scope until `pop`."""
        self._overlay.append(names)

    def pop(self) -> None:
        """End the last `push`."""
        self._overlay.pop()

    def _targets(self, target: ir.Expr, value: Value) -> dict[str, Value]:
        match target:
            case ir.Name(id=name):
                return {name: value}
            case ir.Sequence(items=items):
                found: dict[str, Value] = {}
                for index, inner in enumerate(items):
                    found.update(self._targets(inner, item(value, Const(index))))
                return found
            case _:
                return {}

    # ------------------------------------------------------------------ names

    def _nested(self, inner: str) -> FunctionId:
        return FunctionId(self.path, self.part, inner)

    def _name(self, name: str, position: int) -> Value:
        for layer in reversed(self._overlay):
            if name in layer:
                return layer[name]
        scope: Scope | None = self.scope
        direct = True
        while scope is not None:
            found = self._in_scope(scope, name, position if direct else None)
            if found is not None:
                return found
            scope = scope.parent
            direct = False
        found = self._above(name, position) if self._is_of_module else None
        if found is None:
            found = self.world.module_value(self.path, name)
        return otherwise(self.world, self.path, name) if found is None else found

    def _above(self, name: str, position: int) -> Value | None:
        """What code that runs while the module is loaded finds under a name: what was bound before it."""
        body = self.scope
        while body.parent is not None:
            body = body.parent
        found: list[Value] = []
        if not body.owner and (own := binders(self.world, body, name)):
            reached, is_certain = reaching(body, own, position)
            found = [self._bound(body, binding) for binding in reversed(reached)]
            if is_certain:
                return join(found)
        before = self.world.value_before(self.path, name, self.part)
        return join((*(() if before is None else (before,)), *found)) if found or before is not None else None

    def _in_scope(self, scope: Scope, name: str, position: int | None) -> Value | None:
        if name in scope.outer_names:
            return None
        is_body = scope.node is None and not scope.function.inner
        # The body of a part: a class body resolves its own names, a module statement those of the module.
        if is_body and (not scope.owner or scope is not self.scope):
            return None
        for index, param in enumerate(scope.params):
            if param.name == name and not self._rebound(scope, name, position):
                return self._parameter(scope, index, param)
        bindings = scope.bindings.get(name)
        if not bindings:
            return None
        reaching = bindings if position is None else reaching_bindings(scope, bindings, position)
        values = [self._bound(scope, binding) for binding in reaching]
        for index, param in enumerate(scope.params):
            if param.name == name and not any(binding.block == () for binding in reaching):
                given = self._parameter(scope, index, param)
                takes = replaces(scope, name, reaching)
                if takes:
                    return first_of((given, values[0]), takes)
                values.append(given)
        return join(values)

    def _rebound(self, scope: Scope, name: str, position: int | None) -> bool:
        return any(position is None or binding.position <= position for binding in scope.bindings.get(name, ()))

    def _parameter(self, scope: Scope, index: int, param: ir.Parameter) -> Value:
        if param.kind in ("star", "double"):
            return Unknown(f"{'*' if param.kind == 'star' else '**'}{param.name}")
        return self.world.param_value(scope.function, index)

    def _bound(self, scope: Scope, binding: Binding) -> Value:
        evaluator = self if scope is self.scope else Evaluator(self.world, scope)
        return evaluator.bound(binding)

    def bound(self, binding: Binding) -> Value:
        """What a binding of this scope gives its name."""
        match binding.kind:
            case "assign":
                return self._assigned(binding)
            case "augment" if binding.source is not None:
                return self.value(binding.source)
            case "for" if binding.source is not None:
                return self.routed(self._element(binding.source), binding.route)
            case "with" if binding.source is not None:
                return self.routed(self.entered(binding.source), binding.route)
            case "def" if isinstance(binding.node, ir.FunctionDef):
                function = self._nested(self._inner_name(binding.node.name))
                return self.world.defined(function) if binding.node.decorators else FuncRef(function)
            case "class" if isinstance(binding.node, ir.ClassDef):
                return ClassRef(self.path, f"{self.part}::{self._inner_name(binding.node.name)}")
            case "import" if binding.alias is not None and isinstance(binding.node, (ir.Import, ir.ImportFrom)):
                return imported(self.world, self.path, binding.node, binding.alias)
            case _:
                return UNKNOWN

    def _assigned(self, binding: Binding) -> Value:
        if binding.source is None:
            return UNKNOWN
        found = self.routed(self.value(binding.source), binding.route)
        if binding.annotation is not None and class_of(found) is None and not isinstance(found, Const):
            cls = annotation_class(self, binding.annotation)
            if cls is not None:
                return Instance(cls, (), None)
        return found

    def _inner_name(self, name: str) -> str:
        return f"{self.scope.function.inner}.{name}" if self.scope.function.inner else name

    def _element(self, source: ir.Expr) -> Value:
        value = self.value(source)
        if isinstance(value, MappingValue):
            value = SequenceValue(tuple(key for key, _, _ in value.entries))
        if isinstance(value, Instance) and isinstance(value.cls, Extern):
            model = models(self.world.db).classes.get(value.cls.name)
            if model is not None and model.iterates:
                return Instance(Extern(model.iterates), (Bound("owner", value),), None)
        if isinstance(value, SequenceValue):
            return join(value.items) if len(value.items) == 1 else Item(value, None)
        return item(value, None)

    def routed(self, value: Value, route: tuple[int, ...]) -> Value:
        """The piece of a value that unpacking takes."""
        for index in route:
            if isinstance(value, Item) and value.key is None and isinstance(value.base, SequenceValue):
                value = Item(SequenceValue(tuple(item(inner, Const(index)) for inner in value.base.items)), None)
            else:
                value = item(value, Const(index))
        return value

    def entered(self, context: ir.Expr) -> Value:
        """What `with context as x` binds."""
        value = self.value(context)
        known = models(self.world.db)
        if isinstance(context, (ir.Call, ir.Await)):
            call = context.value if isinstance(context, ir.Await) else context
            callee = self.value(call.func) if isinstance(call, ir.Call) else UNKNOWN
            name = getattr(callee, "name", "")
            model = known.calls.get(name) if isinstance(name, str) else None
            if model is not None and model.enters:
                return Instance(Extern(model.enters), (Bound("owner", value),), None)
        cls = class_of(value)
        if isinstance(cls, Extern):
            entry = known.classes.get(cls.name)
            if entry is not None and entry.enters:
                return Instance(Extern(entry.enters), (Bound("owner", value),), None)
        if isinstance(value, Instance) and isinstance(value.cls, ClassRef):
            for name in ("__aenter__", "__enter__"):
                method = attribute(self.world, value, name)
                if isinstance(method, FuncRef):
                    return call_value(
                        self.world, method, Given((), is_open=False), site_of(self.path, self.part, context.span)
                    )
        return value


def annotation_class(evaluator: Evaluator, annotation: ir.Expr) -> ClassRef | Extern | None:
    """The class that an annotation names: optional, quoted and annotated forms included."""
    match annotation:
        case ir.Literal(value=str(text)):
            expr = quoted(text, annotation.span)
            return None if expr is None else annotation_class(evaluator, expr)
        case ir.Binary(left=left, op="|", right=right):
            return annotation_class(evaluator, left) or annotation_class(evaluator, right)
        case ir.Subscript(value=base, index=index):
            outer = evaluator.value(base)
            if isinstance(outer, Extern) and outer.name in _WRAPPERS:
                return annotation_class(evaluator, index)
        case ir.Sequence(items=items):
            return next((found for inner in items if (found := annotation_class(evaluator, inner))), None)
        case _:
            pass
    value = evaluator.value(annotation)
    if isinstance(value, Instance) and value.cls == Extern("typing.Annotated") and value.args:
        value = value.args[0].value
    if isinstance(value, ClassRef):
        return value
    if isinstance(value, Extern) and models(evaluator.world.db).class_model(value.name) is not None:
        return value
    return None
