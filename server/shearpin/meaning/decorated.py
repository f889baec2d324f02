"""What the name of a decorated function denotes: a library may put an object in its place (a task)."""

from __future__ import annotations

from shearpin.facts.model import CallModel
from shearpin.facts.site import FunctionId
from shearpin.facts.value import Bound, Const, Extern, ExternMethod, FuncRef, Instance, Value
from shearpin.meaning.expressions import Evaluator
from shearpin.meaning.modules import models
from shearpin.meaning.scopes import enclosing_scope, scope_of
from shearpin.meaning.world import World
from shearpin.syntax import ir


def defined(world: World, function: FunctionId) -> Value:
    """What the name of a decorated function denotes."""
    known = models(world.db).calls
    value: Value = FuncRef(function)
    for index, name in reversed(tuple(enumerate(world.decorator_names(function)))):
        model = known.get(name)
        if model is not None and model.decorated_class:
            made, binds_self = _decorated_object(world, function, index, model)
            if binds_self and isinstance(value, FuncRef):
                value = FuncRef(function, made)
            value = Instance(made.cls, (Bound("function", value), *made.args), made.site)
    return value


def _decorated_object(world: World, function: FunctionId, index: int, model: CallModel) -> tuple[Instance, bool]:
    """The object that a decorator puts in a function's place, without the function; does it hand itself to it?"""
    scope, info = scope_of(world.db, function), world.info(function)
    decorators = scope.node.decorators if scope is not None and isinstance(scope.node, ir.FunctionDef) else ()
    args: tuple[Bound, ...] = ()
    if index < len(decorators):
        node = decorators[index]
        known = Evaluator(world, enclosing_scope(world.db, function))
        callee = known.value(node.func if isinstance(node, ir.Call) else node)
        owner = (Bound("owner", callee.receiver),) if isinstance(callee, ExternMethod) else ()
        args = (*owner, *(known.given(node).bounds() if isinstance(node, ir.Call) else ()))
    binds_self = any(arg.name == model.binds_self_by and arg.value == Const(value=True) for arg in args)
    return Instance(Extern(model.decorated_class), args, None if info is None else info.site), binds_self


def handed_self(world: World, function: FunctionId) -> Instance | None:
    """The object that a decorated function gets as its first argument from the decorator."""
    known = models(world.db).calls
    for index, name in enumerate(world.decorator_names(function)):
        model = known.get(name)
        if model is not None and model.binds_self_by:
            made, binds_self = _decorated_object(world, function, index, model)
            if binds_self:
                return made
    return None
