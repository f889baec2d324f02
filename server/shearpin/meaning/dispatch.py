"""Functions that run because they were put somewhere.

Into a table of handlers, or into a callback of an object whose class nobody wrote down.
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.model import CallModel, Models
from shearpin.facts.value import ClassRef, Field, FuncRef, Item, MappingValue, Param, Result, Value
from shearpin.meaning.values import options_of
from shearpin.meaning.world import World
from shearpin.syntax import ir


def tabled(world: World, callee: Value) -> Iterator[FuncRef]:
    """The functions of a literal table from which the callee was taken: `{...}.get(kind)(event)`, `TABLE[kind](x)`."""
    match callee:
        case Result(name="builtins.dict.get", receiver=receiver) if receiver is not None:
            yield from _entries(world, receiver)
        case Result(name="", receiver=Field(base=table, name="get")):
            yield from _entries(world, table)
        case Item(base=table):
            yield from _entries(world, table)
        case _:
            return


def _entries(world: World, table: Value) -> Iterator[FuncRef]:
    if isinstance(table, Field) and isinstance(table.base, Param) and isinstance(table.base.cls, ClassRef):
        held = world.attribute_value(table.base.cls, table.name)
        table = table if held is None else held
    for option in options_of(table):
        for _, value, _ in option.entries if isinstance(option, MappingValue) else ():
            if isinstance(value, FuncRef):
                yield value


def unnamed_model(known: Models, node: ir.Call, callee: Value) -> CallModel | None:
    """The model of a method of an untyped parameter: the one that takes a callback under the keyword that is given.

    Callbacks that a library passes on get objects that nobody annotates: `def opened(connection): connection.channel(
    on_open_callback=self.ready)`.
    """
    if not isinstance(callee, Field) or not isinstance(callee.base, Param) or callee.base.cls is not None:
        return None
    given = {keyword.name for keyword in node.keywords if keyword.name}
    if not given:
        return None
    suffix = f".{callee.name}"
    found = [
        model
        for name, model in known.calls.items()
        if name.endswith(suffix) and any(callback.keyword in given for callback in model.callbacks)
    ]
    libraries = {model.name.partition(".")[0] for model in found}
    return found[-1] if len(libraries) == 1 else None
