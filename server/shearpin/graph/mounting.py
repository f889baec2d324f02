"""Mounts that a loop makes: one for each thing it goes through (`for r in (orders.router, users.router): ...`)."""

from __future__ import annotations

import msgspec

from shearpin.facts.fact import Mount
from shearpin.facts.value import Field, Item, SequenceValue, Template, Value
from shearpin.meaning.objects import attribute
from shearpin.meaning.values import children, template
from shearpin.meaning.world import World


def rounds(world: World, mount: Mount) -> list[Mount]:
    """The mounts of all rounds of a loop in its order; the mount itself where it stands in none."""
    lengths = {length for value in (mount.child, mount.prefix) for length in _lengths(value)}
    if len(lengths) != 1:
        return [mount]
    return [
        msgspec.structs.replace(
            mount, child=_in_round(world, mount.child, number), prefix=_in_round(world, mount.prefix, number)
        )
        for number in range(lengths.pop())
    ]


def _lengths(value: Value) -> set[int]:
    if isinstance(value, Item) and value.key is None and isinstance(value.base, SequenceValue):
        return {len(value.base.items)}
    if isinstance(value, (Template, Field)):
        return {length for child in children(value) for length in _lengths(child)}
    return set()


def _in_round(world: World, value: Value, number: int) -> Value:
    match value:
        case Item(base=SequenceValue(items=items), key=None):
            return items[number]
        case Template(parts=parts):
            return template(_in_round(world, part, number) for part in parts)
        case Field(base=base, name=name):
            inner = _in_round(world, base, number)
            return value if inner == base else attribute(world, inner, name)
        case _:
            return value
