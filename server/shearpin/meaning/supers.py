"""What a constructor passes to the constructor of its base."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.facts.site import FunctionId
from shearpin.facts.value import UNKNOWN, ClassRef, Param, Value
from shearpin.meaning.scopes import blocks, scope_of
from shearpin.meaning.world import World
from shearpin.syntax import ir


def super_arguments(world: World, init: FunctionId) -> tuple[FunctionId, dict[Param, Value]] | None:
    """The base's `__init__` and its parameters by what `super().__init__(...)` passes; None when nothing calls one."""
    scope = scope_of(world.db, init)
    if scope is None or not isinstance(scope.node, ir.FunctionDef) or not scope.owner:
        return None
    call = next(_constructions(scope.node.body), None)
    base = _next_init(world, ClassRef(init.path, scope.owner))
    info = None if base is None else world.info(base)
    if call is None or base is None or info is None:
        return None
    positional = list(_positional(call))
    keywords = {keyword.name: keyword.value for keyword in call.keywords}
    is_open = "" in keywords or any(isinstance(arg, ir.Starred) for arg in positional)
    found: dict[Param, Value] = {}
    for index, param in enumerate(info.params[1:], start=1):
        key = Param(base, index, param.name)
        if param.kind in ("star", "double"):
            continue
        if param.kind != "keyword" and positional and not isinstance(positional[0], ir.Starred):
            found[key] = world.evaluate(scope, positional.pop(0))
        elif param.name in keywords:
            found[key] = world.evaluate(scope, keywords[param.name])
        else:
            found[key] = UNKNOWN if is_open or not param.has_default else world.param_default(base, index)
    return base, found


def _positional(call: ir.Call) -> tuple[ir.Expr, ...]:
    """The arguments behind `self`, which `Base.__init__(self, ...)` names."""
    is_super = isinstance(call.func, ir.Attribute) and isinstance(call.func.value, ir.Call)
    return call.args if is_super else call.args[1:]


def _next_init(world: World, cls: ClassRef) -> FunctionId | None:
    for base in world.bases(cls):
        if isinstance(base, ClassRef):
            return world.method(base, "__init__") or _next_init(world, base)
    return None


def _constructions(body: Iterable[ir.Stmt]) -> Iterator[ir.Call]:
    """`super().__init__(...)` and `Base.__init__(self, ...)`."""
    for stmt in body:
        match stmt:
            case ir.ExprStmt(value=ir.Call(func=ir.Attribute(value=owner, attr="__init__")) as call):
                if _is_super(owner) or isinstance(owner, (ir.Name, ir.Attribute)):
                    yield call
            case ir.FunctionDef() | ir.ClassDef():
                continue
            case _:
                for block in blocks(stmt):
                    yield from _constructions(block)


def _is_super(owner: ir.Expr) -> bool:
    return isinstance(owner, ir.Call) and isinstance(owner.func, ir.Name) and owner.func.id == "super"
