"""Effects that a function has only with, or only without, something that it is given.

`if channel is None: channel = load()` has none when a channel is passed; `if resolve: lookup()` none with
`resolve=False`.
"""

from __future__ import annotations

from shearpin.facts.call import ResolvedCall
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import NONE, Const, Extern, FuncRef, Instance, MappingValue, SequenceValue, Template, Value
from shearpin.flow.regions import enclosing
from shearpin.meaning.queries import function_info
from shearpin.query import Database
from shearpin.syntax import ir

#: values that are certainly not None
_SOMETHING = (Instance, Template, MappingValue, SequenceValue, FuncRef, Extern)


def is_left_out(
    db: Database, call: ResolvedCall, function: FunctionId, place: Site, *, is_lenient: bool = False
) -> bool:
    """True when a place of a called function is not reached with what the call passes.

    With `is_lenient`, what is passed and not known counts as something.
    """
    if not call.args or (place.path, place.part) != (function.path, function.part):
        return False
    conditions = [
        (region.kind == "then", region.node.test)
        for region in enclosing(db, function, place.start)
        if isinstance(region.node, ir.If) and region.kind in ("then", "else")
    ]
    if not conditions:
        return False
    given = _given(db, function, call)
    return any(_is_false(test, given, is_then=is_then, is_lenient=is_lenient) for is_then, test in conditions)


def _is_false(test: ir.Expr, given: dict[str, Value], *, is_then: bool, is_lenient: bool) -> bool:
    """The condition that leads to a branch certainly does not hold."""
    match test:
        case ir.Not(value=inner):
            return _is_false(inner, given, is_then=not is_then, is_lenient=is_lenient)
        case ir.Name(id=name) if name in given:
            truth = _truth(given[name], is_lenient=is_lenient)
        case ir.Compare(left=ir.Name(id=name), ops=(op,), rights=(ir.Literal(value=None),)) if name in given:
            something = _is_something(given[name], is_lenient=is_lenient)
            truth = None if something is None else (something if op in ("is not", "!=") else not something)
        case _:
            return False
    return truth is not None and truth is not is_then


def _is_something(value: Value, *, is_lenient: bool) -> bool | None:
    if isinstance(value, Const):
        return value != NONE
    return True if is_lenient or isinstance(value, _SOMETHING) else None


def _truth(value: Value, *, is_lenient: bool) -> bool | None:
    if isinstance(value, Const):
        return bool(value.value)
    return True if is_lenient or isinstance(value, (Instance, FuncRef, Extern)) else None


def _given(db: Database, function: FunctionId, call: ResolvedCall) -> dict[str, Value]:
    """The parameters that a call passes something for."""
    info = function_info(db, function)
    if info is None or call.has_open_arguments:
        return {}
    names = [param.name for param in info.params if param.kind not in ("star", "double")]
    positional = iter(names[1:] if info.owner and names[:1] in (["self"], ["cls"]) else names)
    found = ((arg.name or next(positional, ""), arg.value) for arg in call.args)
    return {name: value for name, value in found if name in names}
