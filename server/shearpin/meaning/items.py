"""Subscripts of values."""

from __future__ import annotations

from shearpin.facts.value import (
    UNKNOWN,
    Choice,
    Const,
    Field,
    Item,
    MappingValue,
    Param,
    Result,
    SequenceValue,
    Value,
)
from shearpin.meaning.values import join


def item(base: Value, key: Value | None) -> Value:
    """`base[key]`; key None is some element."""
    match base, key:
        case MappingValue(entries=entries), Const():
            found = [value for name, value, _ in entries if name == key]
            return found[-1] if found else UNKNOWN
        case SequenceValue(items=items), Const(value=int(index)) if -len(items) <= index < len(items):
            return items[index]
        case SequenceValue(items=items), None if len(items) == 1:
            return items[0]
        case Choice(options=options), _:
            return join(item(option, key) for option in options)
        case ((MappingValue() | SequenceValue() | Param() | Field() | Item() | Result()), _):
            return Item(base, key)
        case _:
            return UNKNOWN
