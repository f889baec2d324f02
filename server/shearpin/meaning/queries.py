"""The memoised questions of `meaning`, and the World that answers them."""

from __future__ import annotations

from shearpin.facts.call import FunctionInfo, ParameterInfo
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import (
    NOTHING,
    UNKNOWN,
    Bound,
    ClassRef,
    Const,
    Extern,
    FuncRef,
    Instance,
    Param,
    Value,
)
from shearpin.meaning.classes import class_fields, class_member, class_node, class_part, method_parts, self_writes
from shearpin.meaning.decorated import defined, handed_self
from shearpin.meaning.expressions import Evaluator, annotation_class
from shearpin.meaning.field_declarations import declared
from shearpin.meaning.invoke import Given, call_value, returned
from shearpin.meaning.lineage import library_bases
from shearpin.meaning.module_names import names_before, names_of, value_behind
from shearpin.meaning.modules import models
from shearpin.meaning.registered import passed_class
from shearpin.meaning.returns import returned_expressions
from shearpin.meaning.scopes import Binding, Scope, enclosing_scope, get_part, scope_of, scopes, site_of
from shearpin.meaning.shelves import put_value
from shearpin.meaning.values import children, join, limited
from shearpin.meaning.world import World
from shearpin.query import Database, keys, query
from shearpin.services import source_roots
from shearpin.syntax import ir


class Meaning(World):
    """The World of one database."""

    def module_value(self, path: str, name: str) -> Value | None:
        return module_value(self.db, path, name)

    def value_before(self, path: str, name: str, part: str) -> Value | None:
        places = names_of(self.db, path, name)
        if len(places) > 1 or part in places:
            return value_before(self.db, path, name, part)
        return module_value(self.db, path, name) if places else None

    def bound(self, scope: Scope, binding: Binding) -> Value:
        return Evaluator(self, scope).bound(binding)

    def defined(self, function: FunctionId) -> Value:
        return defined(self, function)

    def return_value(self, function: FunctionId) -> Value:
        return return_value(self.db, function)

    def attribute_value(self, cls: ClassRef, name: str) -> Value | None:
        return attribute_value(self.db, cls, name)

    def evaluate(self, scope: Scope, expr: ir.Expr) -> Value:
        return Evaluator(self, scope).value(expr)

    def param_value(self, function: FunctionId, index: int) -> Value:
        return param_value(self.db, function, index)

    def param_default(self, function: FunctionId, index: int) -> Value:
        return param_default(self.db, function, index)

    def info(self, function: FunctionId) -> FunctionInfo | None:
        return function_info(self.db, function)

    def call(self, callee: Value, args: tuple[Bound, ...], site: Site) -> Value:
        is_open = any(arg.name == "**" for arg in args)
        named = tuple((arg.name, arg.value) for arg in args if arg.name != "**")
        return call_value(self, callee, Given(named, is_open), site)

    def bases(self, cls: ClassRef) -> tuple[Value, ...]:
        return bases(self.db, cls)

    def method(self, cls: ClassRef, name: str) -> FunctionId | None:
        return class_member(self.db, cls, name)

    def fields(self, cls: ClassRef) -> tuple[str, ...]:
        return class_fields(self.db, cls)

    def class_level(self, cls: ClassRef, name: str) -> Value | None:
        return class_level(self.db, cls, name)

    def annotated_class(self, cls: ClassRef, name: str) -> ClassRef | Extern | None:
        return annotated_class(self.db, cls, name)

    def decorator_names(self, function: FunctionId) -> tuple[str, ...]:
        return decorator_names(self.db, function)

    def shelved(self, path: str, cls: str, name: str) -> Value | None:
        return shelved(self.db, source_roots(self.db, path)[:1], cls, name)


def evaluator(db: Database, function: FunctionId) -> Evaluator | None:
    """An evaluator for a function's scope; None when the function does not exist."""
    scope = scope_of(db, function)
    return None if scope is None else Evaluator(Meaning(db), scope)


# ------------------------------------------------------------------- modules


@query(bottom=NOTHING, top=UNKNOWN)
def module_value(db: Database, path: str, name: str) -> Value | None:
    """What a module-level name denotes; None when the module does not bind it."""
    return value_behind(Meaning(db), path, name, names_of(db, path, name))


@query(bottom=NOTHING, top=UNKNOWN)
def value_before(db: Database, path: str, name: str, part: str) -> Value | None:
    """What a name holds where a part of the module begins; None when nothing above it binds it."""
    above, every = names_before(db, path, name, part), names_of(db, path, name)
    return module_value(db, path, name) if above == every else value_behind(Meaning(db), path, name, above)


# ----------------------------------------------------------------- functions


@query()
def function_info(db: Database, function: FunctionId) -> FunctionInfo | None:
    """Name, parameters and kind of a function or lambda."""
    scope = scope_of(db, function)
    if scope is None or scope.node is None:
        return None
    node = scope.node
    params = tuple(ParameterInfo(p.name, p.kind, p.default is not None) for p in node.params)
    site = site_of(function.path, function.part, node.span)
    if isinstance(node, ir.Lambda):
        return FunctionInfo(
            function, "<lambda>", params, is_async=False, is_generator=False, owner="", site=site, name_site=site
        )
    name_site = site_of(function.path, function.part, node.name_span)
    return FunctionInfo(function, node.name, params, node.is_async, node.is_generator, scope.owner, site, name_site)


@query(bottom=())
def decorator_names(db: Database, function: FunctionId) -> tuple[str, ...]:
    """Canonical names of the decorators, outermost first; "" for one that is not a library's."""
    scope = scope_of(db, function)
    if scope is None or not isinstance(scope.node, ir.FunctionDef) or not scope.node.decorators:
        return ()
    known = Evaluator(Meaning(db), enclosing_scope(db, function))
    found: list[str] = []
    for decorator in scope.node.decorators:
        value = known.value(decorator.func if isinstance(decorator, ir.Call) else decorator)
        name = getattr(value, "name", "") if not isinstance(value, (ClassRef, Param)) else ""
        found.append(name if isinstance(name, str) else "")
    return tuple(found)


@query(bottom=NOTHING, top=UNKNOWN)
def return_value(db: Database, function: FunctionId) -> Value:
    """What a function returns (yields, for a generator), symbolic in its parameters."""
    scope = scope_of(db, function)
    if scope is None or scope.node is None:
        return UNKNOWN
    known = Evaluator(Meaning(db), scope)
    if isinstance(scope.node, ir.Lambda):
        return limited(known.value(scope.node.body))
    found = [Const(None) if expr is None else known.value(expr) for expr in returned_expressions(scope.node)]
    if not found:
        return Const(None)
    value = join(found)
    if value == NOTHING:
        return NOTHING
    return limited(value)


@query(bottom=UNKNOWN)
def param_value(db: Database, function: FunctionId, index: int) -> Value:
    """A parameter: what a framework injects, else Param with the class its annotation names."""
    scope = scope_of(db, function)
    if scope is None or index >= len(scope.params):
        return UNKNOWN
    param = scope.params[index]
    world = Meaning(db)
    outer = Evaluator(world, enclosing_scope(db, function))
    injected = _injected(world, outer, param)
    if injected is not None:
        return injected
    cls: ClassRef | Extern | None = None
    if index == 0 and not scope.owner:
        handed = handed_self(world, function)
        if handed is not None:
            return handed
    if param.annotation is not None:
        cls = annotation_class(outer, param.annotation)
    elif index == 0 and scope.owner and isinstance(scope.node, ir.FunctionDef):
        names = decorator_names(db, function)
        if "builtins.classmethod" in names:
            return ClassRef(function.path, scope.owner)
        if "builtins.staticmethod" not in names:
            cls = class_of_owner(function, scope.owner)
    elif index == 0 and not function.inner and isinstance(scope.node, ir.FunctionDef):
        cls = _run_by_class(db, function)
    if cls is None and param.annotation is None:
        position = index - bool(scope.owner)
        cls = _passed_by_decorator(db, function, position)
        if cls is None and position >= 0 and not function.inner and isinstance(scope.node, ir.FunctionDef):
            cls = passed_class(db, function, scope.node.name, position)
    return Param(function, index, param.name, cls)


def _passed_by_decorator(db: Database, function: FunctionId, index: int) -> Extern | None:
    """The library class of an argument that a decorator's library passes to the function (a request)."""
    known = models(db).calls
    for name in decorator_names(db, function):
        model = known.get(name)
        passed = model.decorated_parameters if model is not None else ()
        if 0 <= index < len(passed) and passed[index]:
            return Extern(passed[index])
    return None


def _run_by_class(db: Database, function: FunctionId) -> Extern | None:
    """The library class of the first argument of a function that a class of its file lists (`tasks = [browse]`).

    Functions beside it that call their first parameter the same get the same: they are listed in turns.
    """
    known = models(db)
    runs = [(attr, first, model.name) for model in known.classes.values() for attr, first in model.runs]
    for attr, first, owner in runs:
        found = db.get(keys.mentions(attr))
        for path, part_id in found if isinstance(found, tuple) else ():
            part = get_part(db, path, part_id) if path == function.path else None
            if part is None or part.kind != "class" or owner not in library_bases(Meaning(db), ClassRef(path, part_id)):
                continue
            listed = class_level(db, ClassRef(path, part_id), attr)
            others = [item.function for item in children(listed) if isinstance(item, FuncRef)] if listed else []
            if _first_name(db, function) in [_first_name(db, other) for other in others]:
                return Extern(first)
    return None


def _first_name(db: Database, function: FunctionId) -> str:
    info = function_info(db, function)
    return info.params[0].name if info is not None and info.params else ""


def class_of_owner(function: FunctionId, owner: str) -> ClassRef:
    """The class whose method a function is."""
    return ClassRef(function.path, owner)


def _injected(world: World, outer: Evaluator, param: ir.Parameter) -> Value | None:
    markers: list[Value] = [] if param.default is None else [outer.value(param.default)]
    annotated: ClassRef | Extern | None = None
    if param.annotation is not None:
        value = outer.value(param.annotation)
        if isinstance(value, Instance) and value.cls == Extern("typing.Annotated"):
            markers.extend(bound.value for bound in value.args[1:])
        annotated = annotation_class(outer, param.annotation)
    known = models(world.db).injections
    for marker in markers:
        if not (isinstance(marker, Instance) and isinstance(marker.cls, Extern) and marker.cls.name in known):
            continue
        model = known[marker.cls.name]
        given = Given(tuple((bound.name, bound.value) for bound in marker.args), is_open=False)
        target = given.get(model.callable_keyword, model.callable_position)
        if target is None:
            target = annotated
        while isinstance(target, Instance) and isinstance(target.cls, Extern) and target.cls.name in known:
            # `Depends(Provide[Container.client])`
            target = next((bound.value for bound in target.args if not bound.name), None)
        if isinstance(target, Const):
            continue
        if target is None or marker.site is None:
            return UNKNOWN
        if isinstance(target, FuncRef):
            return returned(world, target.function, Given((), is_open=False), target.receiver)
        return call_value(world, target, Given((), is_open=False), marker.site)
    return None


@query(bottom=UNKNOWN)
def param_default(db: Database, function: FunctionId, index: int) -> Value:
    """The default that the definition of a parameter gives."""
    scope = scope_of(db, function)
    default = None if scope is None or index >= len(scope.params) else scope.params[index].default
    return UNKNOWN if default is None else Evaluator(Meaning(db), enclosing_scope(db, function)).value(default)


# ------------------------------------------------------------------- classes


@query(bottom=())
def bases(db: Database, cls: ClassRef) -> tuple[Value, ...]:
    """Direct bases of a class."""
    node = class_node(db, cls)
    if node is None:
        return ()
    path, part, definition = node
    known = Evaluator(Meaning(db), Scope(FunctionId(path, part, "<bases>"), None, None))
    return tuple(known.value(base) for base in definition.bases)


@query(bottom=NOTHING, top=UNKNOWN)
def class_level(db: Database, cls: ClassRef, name: str) -> Value | None:
    """The value of a class-level assignment, or a nested class."""
    scope = class_part(db, cls)
    if scope is None or name not in scope.bindings:
        return None
    known = Evaluator(Meaning(db), scope)
    values = [known.bound(b) for b in scope.bindings[name] if b.source is not None or b.kind in ("class", "import")]
    return limited(join(values)) if values else None


@query(bottom=None)
def annotated_class(db: Database, cls: ClassRef, name: str) -> ClassRef | Extern | None:
    """The class that the annotation of a field names, at class level or where `self` is assigned."""
    world = Meaning(db)
    scope = class_part(db, cls)
    for binding in () if scope is None else scope.bindings.get(name, ()):
        if binding.annotation is not None and scope is not None:
            return annotation_class(Evaluator(world, scope), binding.annotation)
    for part_id in method_parts(db, cls):
        for write in self_writes(db, cls.path, part_id, cls.name).get(name, ()):
            inner = scopes(db, cls.path, part_id).get(write.inner)
            if write.annotation is not None and inner is not None:
                return annotation_class(Evaluator(world, inner), write.annotation)
    return None


@query(bottom=NOTHING, top=UNKNOWN)
def attribute_value(db: Database, cls: ClassRef, name: str) -> Value | None:
    """What `self.name` holds: all assignments in the class's own methods joined with the class level."""
    world = Meaning(db)
    values: list[Value] = []
    level = class_level(db, cls, name)
    field = declared(db, name, level)
    if field is not None:
        level = None if field.parameter else field.default
    written = False
    for part_id in method_parts(db, cls):
        for write in self_writes(db, cls.path, part_id, cls.name).get(name, ()):
            inner = scopes(db, cls.path, part_id).get(write.inner)
            if inner is None:
                continue
            written = True
            if write.value is None:
                values.append(UNKNOWN)
                continue
            known = Evaluator(world, inner)
            value = known.entered(write.value) if write.enters else known.value(write.value)
            values.append(known.routed(value, write.route))
    if level is not None:
        values.insert(0, level)
    if not values and not written:
        return None
    return limited(join(values))


# ------------------------------------------------------------------- shelves


@query(bottom=NOTHING, top=UNKNOWN)
def shelved(db: Database, roots: tuple[str, ...], cls: str, name: str) -> Value | None:
    """What files with these first source roots put under a name on objects of a library class; None when nothing."""
    return put_value(Meaning(db), roots, cls, name)
