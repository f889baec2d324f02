"""Effects that a function has only when it is not given something: `if channel is None: channel = load()`."""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.call import ResolvedCall
from shearpin.facts.site import FunctionId
from shearpin.facts.value import NONE
from shearpin.flow.effects import Reached, calls_in
from shearpin.flow.regions import enclosing
from shearpin.meaning.queries import function_info
from shearpin.query import Database
from shearpin.syntax import ir


def is_spared(db: Database, function: FunctionId, item: Reached) -> bool:
    """True when the first call on the way gives its function what this effect would look up."""
    if not item.hops:
        return False
    call = next((call for call in calls_in(db, function) if call.site == item.first), None)
    inner = item.hops[1].site if len(item.hops) > 1 else item.effect.site
    for callee in () if call is None else call.callees:
        target = callee.function
        if call is not None and (target.path, target.part) == (inner.path, inner.part):
            missing = _missing(db, target, inner.start)
            if missing and not missing.isdisjoint(_given(db, target, call)):
                return True
    return False


def _missing(db: Database, function: FunctionId, position: int) -> set[str]:
    """The names whose absence leads to a place: `if x is None:`, `if not x:`."""
    found: set[str] = set()
    for region in enclosing(db, function, position):
        if region.kind == "then" and isinstance(region.node, ir.If):
            match region.node.test:
                case ir.Not(value=ir.Name(id=name)):
                    found.add(name)
                case ir.Compare(left=ir.Name(id=name), ops=("is" | "==",), rights=(ir.Literal(value=None),)):
                    found.add(name)
                case _:
                    continue
    return found


def _given(db: Database, function: FunctionId, call: ResolvedCall) -> Iterator[str]:
    """The parameters that a call passes something for, which is not None."""
    info = function_info(db, function)
    if info is None:
        return
    names = [param.name for param in info.params if param.kind not in ("star", "double")]
    positional = iter(names[1:] if info.owner and names[:1] in (["self"], ["cls"]) else names)
    for arg in call.args:
        name = arg.name or next(positional, "")
        if name in names and arg.value != NONE:
            yield name
