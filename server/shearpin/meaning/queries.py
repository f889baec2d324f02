"""The memoised questions of `meaning`, and the World that answers them."""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.call import FunctionInfo, ParameterInfo
from shearpin.facts.model import CallModel
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import (
    NOTHING,
    UNKNOWN,
    Bound,
    ClassRef,
    Const,
    Extern,
    ExternMethod,
    FuncRef,
    Instance,
    Param,
    Value,
)
from shearpin.meaning.classes import class_fields, class_member, class_node, class_part, method_parts, self_writes
from shearpin.meaning.expressions import Evaluator, annotation_class
from shearpin.meaning.importing import imported
from shearpin.meaning.invoke import Given, call_value, returned
from shearpin.meaning.lineage import library_bases
from shearpin.meaning.modules import models, resolve_module, resolve_relative
from shearpin.meaning.registered import passed_class
from shearpin.meaning.returns import returned_expressions
from shearpin.meaning.scopes import Scope, get_part, scope_of, scopes, site_of
from shearpin.meaning.shelves import put_value
from shearpin.meaning.values import children, join, limited
from shearpin.meaning.world import World
from shearpin.query import Database, keys, query
from shearpin.services import source_roots
from shearpin.syntax import ir

_SIMPLE = frozenset(("builtins.property", "builtins.staticmethod", "builtins.classmethod"))


class Meaning(World):
    """The World of one database."""

    def module_value(self, path: str, name: str) -> Value | None:
        return module_value(self.db, path, name)

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


@query()
def module_names(db: Database, path: str) -> dict[str, tuple[str, ...]]:
    """Parts that bind each module-level name, in order; functions that declare it `global` come last."""
    found: dict[str, list[str]] = {}
    outer: dict[str, list[str]] = {}
    for part_id in part_ids(db, path):
        part = get_part(db, path, part_id)
        if part is None:
            continue
        own = getattr(part.body[0], "name", "") if part.kind in ("function", "class") and part.body else ""
        for name in part.binds:
            # A function also binds what it assigns under `global`.
            late = part.kind in ("function", "method") and name != own
            (outer if late else found).setdefault(name, []).append(part_id)
    for name, parts in outer.items():
        found.setdefault(name, []).extend(parts)
    return {name: tuple(dict.fromkeys(parts)) for name, parts in found.items()}


@query()
def names_of(db: Database, path: str, name: str) -> tuple[str, ...]:
    """The parts that bind one name: a small answer, so that other names may change freely."""
    return module_names(db, path).get(name, ())


@query()
def star_imports(db: Database, path: str) -> tuple[str, ...]:
    """Modules of the workspace from which everything is imported."""
    found: list[str] = []
    for part_id in part_ids(db, path):
        part = get_part(db, path, part_id)
        if part is None or part.kind != "imports":
            continue
        for stmt in part.body:
            if isinstance(stmt, ir.ImportFrom) and any(alias.name == "*" for alias in stmt.names):
                module = (
                    resolve_relative(db, path, stmt.level, stmt.module)
                    if stmt.level
                    else resolve_module(db, path, stmt.module)
                )
                if module is not None and not isinstance(module, Extern):
                    found.append(module.path)
    return tuple(found)


def part_ids(db: Database, path: str) -> tuple[str, ...]:
    """Ids of the parts of a file in order."""
    found = db.get(keys.part_ids(path))
    return found if isinstance(found, tuple) else ()


@query(bottom=NOTHING, top=UNKNOWN)
def module_value(db: Database, path: str, name: str) -> Value | None:
    """What a module-level name denotes; None when the module does not bind it."""
    world = Meaning(db)
    values: list[Value] = []
    for part_id in names_of(db, path, name):
        part = get_part(db, path, part_id)
        if part is None:
            continue
        head = part.body[0] if part.body else None
        if isinstance(head, ir.FunctionDef) and part.kind == "function" and head.name == name:
            values = [_defined(db, FunctionId(path, part_id))]
        elif isinstance(head, ir.ClassDef) and part.kind == "class" and head.name == name:
            values = [ClassRef(path, part_id)]
        elif part.kind == "imports":
            values = [*_imports(world, path, part, name)] or values
        else:
            found = list(_bound(world, path, part_id, name))
            certain = part.kind == "statement" and bool(part.body) and isinstance(part.body[0], ir.Assign)
            values = found if certain and found else [*values, *found]
    if values:
        return limited(join(values))
    for star in star_imports(db, path):
        found_value = module_value(db, star, name)
        if found_value is not None:
            return found_value
    return None


def _imports(world: World, path: str, part: ir.Part, name: str) -> Iterator[Value]:
    last: Value | None = None
    for stmt in part.body:
        if not isinstance(stmt, (ir.Import, ir.ImportFrom)):
            continue
        for alias in stmt.names:
            plain = isinstance(stmt, ir.Import) and not alias.renamed
            if (alias.name.split(".")[0] if plain else alias.asname) == name:
                last = imported(world, path, stmt, alias)
    if last is not None:
        yield last


def _bound(world: World, path: str, part_id: str, name: str) -> Iterator[Value]:
    for scope in scopes(world.db, path, part_id).values():
        is_body = scope.node is None and not scope.function.inner
        if not is_body and name not in scope.outer_names:
            continue
        bindings = scope.bindings.get(name, ())
        known = Evaluator(world, scope)
        for binding in bindings:
            if binding.kind == "def" and isinstance(binding.node, ir.FunctionDef):
                yield _defined(world.db, FunctionId(path, part_id, binding.node.name))
            elif binding.kind != "unknown" and not (binding.kind == "assign" and binding.source is None):
                yield known.bound(binding)


def _defined(db: Database, function: FunctionId) -> Value:
    """What the name of a decorated function denotes."""
    known = models(db).calls
    value: Value = FuncRef(function)
    for index, name in reversed(tuple(enumerate(decorator_names(db, function)))):
        model = known.get(name)
        if model is not None and model.decorated_class:
            made, binds_self = _decorated_object(db, function, index, model)
            if binds_self and isinstance(value, FuncRef):
                value = FuncRef(function, made)
            value = Instance(made.cls, (Bound("function", value), *made.args), made.site)
    return value


def _decorated_object(db: Database, function: FunctionId, index: int, model: CallModel) -> tuple[Instance, bool]:
    """The object that a decorator puts in a function's place, without the function; does it hand itself to it?"""
    scope, info = scope_of(db, function), function_info(db, function)
    decorators = scope.node.decorators if scope is not None and isinstance(scope.node, ir.FunctionDef) else ()
    args: tuple[Bound, ...] = ()
    if index < len(decorators):
        node = decorators[index]
        known = Evaluator(Meaning(db), enclosing_scope(db, function))
        callee = known.value(node.func if isinstance(node, ir.Call) else node)
        owner = (Bound("owner", callee.receiver),) if isinstance(callee, ExternMethod) else ()
        args = (*owner, *(known.given(node).bounds() if isinstance(node, ir.Call) else ()))
    binds_self = any(arg.name == model.binds_self_by and arg.value == Const(value=True) for arg in args)
    return Instance(Extern(model.decorated_class), args, None if info is None else info.site), binds_self


def _handed_self(db: Database, function: FunctionId) -> Instance | None:
    """The object that a decorated function gets as its first argument from the decorator."""
    known = models(db).calls
    for index, name in enumerate(decorator_names(db, function)):
        model = known.get(name)
        if model is not None and model.binds_self_by:
            made, binds_self = _decorated_object(db, function, index, model)
            if binds_self:
                return made
    return None


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
    outer = scope.parent or _body_scope(function)
    known = Evaluator(Meaning(db), outer)
    found: list[str] = []
    for decorator in scope.node.decorators:
        value = known.value(decorator.func if isinstance(decorator, ir.Call) else decorator)
        name = getattr(value, "name", "") if not isinstance(value, (ClassRef, Param)) else ""
        found.append(name if isinstance(name, str) else "")
    return tuple(found)


def _body_scope(function: FunctionId) -> Scope:
    return Scope(FunctionId(function.path, function.part, ""), None, None)


def enclosing_scope(db: Database, function: FunctionId) -> Scope:
    """The scope in which a function's decorators and defaults are evaluated."""
    scope = scope_of(db, function)
    return (scope.parent if scope is not None else None) or _body_scope(function)


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
        handed = _handed_self(db, function)
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
