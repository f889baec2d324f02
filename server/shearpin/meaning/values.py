"""Building values in normal form: joins, templates, size limits. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from shearpin.facts.value import (
    NONE,
    NOTHING,
    UNKNOWN,
    Choice,
    ClassRef,
    Const,
    Env,
    Extern,
    ExternMethod,
    Field,
    FuncRef,
    Instance,
    Item,
    MappingValue,
    Param,
    Result,
    SequenceValue,
    Template,
    Unknown,
    Value,
)

MAX_CHOICES = 8
MAX_HEIGHT = 12
_OBJECTS = (Instance, FuncRef, ClassRef, ExternMethod, Extern)


def join(values: Iterable[Value]) -> Value:
    """One of several values; more than 8 are unknown. A None placeholder gives way to an object."""
    given = tuple(values)
    if len(given) == 1:
        return given[0]
    options: list[Value] = []
    for value in given:
        for option in value.options if isinstance(value, Choice) else (value,):
            if option not in options:
                options.append(option)
    if len(options) > 1 and any(isinstance(option, _OBJECTS) for option in options):
        options = [option for option in options if option != Const(None)]
    if len(options) == 1:
        return options[0]
    if len(options) > MAX_CHOICES:
        return Unknown("too many alternatives")
    return Choice(tuple(options)) if options else NOTHING


def first_of(values: Sequence[Value], takes: str) -> Value:
    """`a or b or c` (takes "true"), or the first that is not None ("given"); open as long as only a caller knows."""
    found: list[Value] = []
    for index, value in enumerate(values):
        rest = values[index + 1 :]
        if not rest:
            found.append(value)
            break
        passing = [option for option in options_of(value) if not _is_left(option, takes)]
        if not passing:
            continue
        if isinstance(value, Env) and (value.default is None or _is_left(value.default, takes)):
            found.append(Env(value.name, first_of(rest, takes), value.site))
            break
        found.append(value if len(passing) == len(options_of(value)) else join(passing))
        if all(_is_taken(option) for option in passing):
            break
    if len(found) == 1:
        return found[0]
    is_open = any(is_symbolic(value) for value in found[:-1])
    if not is_open or any(isinstance(value, Choice) and value.takes != takes for value in found):
        return join(found)
    options = tuple(dict.fromkeys(option for value in found for option in options_of(value)))
    return Choice(options, takes) if len(options) <= MAX_CHOICES else Unknown("too many alternatives")


def _is_left(value: Value, takes: str) -> bool:
    return value == NONE or (takes == "true" and isinstance(value, Const) and not value.value)


def _is_taken(value: Value) -> bool:
    match value:
        case Const() | Instance() | ClassRef() | FuncRef() | ExternMethod():
            return True
        case Template(parts=parts):
            return any(isinstance(part, Const) for part in parts)
        case _:
            return False


def mapped(choice: Choice, function: Callable[[Value], Value]) -> Value:
    """Each alternative changed; which one counts stays as it is."""
    found = tuple(map(function, choice.options))
    return Choice(found, choice.takes) if choice.takes else join(found)


def options_of(value: Value) -> tuple[Value, ...]:
    """The alternatives of a value, itself if it is no choice."""
    return value.options if isinstance(value, Choice) else (value,)


def template(parts: Iterable[Value]) -> Value:
    """Concatenation; neighbouring constants melt, nested templates flatten, a single constant stays a constant."""
    flat: list[Value] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Template) else (part,):
            text = _text(piece)
            if text is not None and flat and (before := _text(flat[-1])) is not None:
                flat[-1] = Const(before + text)
            elif text is not None:
                flat.append(Const(text))
            else:
                flat.append(piece)
    flat = [piece for piece in flat if piece != Const("")]
    if not flat:
        return Const("")
    if len(flat) == 1 and isinstance(flat[0], Const):
        return flat[0]
    return Template(tuple(flat))


def is_stringlike(value: Value) -> bool:
    """True when the value is certainly text."""
    return isinstance(value, (Template, Env)) or (isinstance(value, Const) and isinstance(value.value, str))


def _text(value: Value) -> str | None:
    if isinstance(value, Const) and value.value is not None and not isinstance(value.value, bool):
        return str(value.value)
    return None


def children(value: Value) -> tuple[Value, ...]:
    """The values that a value is made of."""
    pieces = _PIECES.get(type(value))
    return () if pieces is None else pieces(value)


def _of_environment(value: Env) -> tuple[Value, ...]:
    return () if value.default is None else (value.default,)


def _of_field(value: Field) -> tuple[Value, ...]:
    return (value.base,)


def _of_instance(value: Instance) -> tuple[Value, ...]:
    return tuple([arg.value for arg in value.args])


def _of_method(value: ExternMethod) -> tuple[Value, ...]:
    return (value.receiver,)


def _of_mapping(value: MappingValue) -> tuple[Value, ...]:
    return tuple(part for key, item, _ in value.entries for part in (key, item))


def _of_item(value: Item) -> tuple[Value, ...]:
    return (value.base,) if value.key is None else (value.base, value.key)


def _of_function(value: FuncRef) -> tuple[Value, ...]:
    bound = tuple(arg.value for arg in value.partial)
    return bound if value.receiver is None else (value.receiver, *bound)


def _of_result(value: Result) -> tuple[Value, ...]:
    given = tuple(arg.value for arg in value.args)
    return given if value.receiver is None else (value.receiver, *given)


#: by type, because values are walked more often than anything else is done with them
_PIECES: dict[type, Callable[..., tuple[Value, ...]]] = {
    Template: attrgetter("parts"),
    Choice: attrgetter("options"),
    Env: _of_environment,
    Field: _of_field,
    Item: _of_item,
    Instance: _of_instance,
    FuncRef: _of_function,
    ExternMethod: _of_method,
    Result: _of_result,
    MappingValue: _of_mapping,
    SequenceValue: attrgetter("items"),
}


def pieces(value: Value) -> Iterator[Value]:
    """A value and all that it is made of, each object once: what is passed around is shared by many."""
    yield value
    pending = [*children(value)]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        pending.extend(children(current))


def height(value: Value) -> int:
    """How deep the value is nested."""
    return _height(value, {})


def _height(value: Value, known: dict[int, int]) -> int:
    found = known.get(id(value))
    if found is None:
        found = known[id(value)] = 1 + max([_height(child, known) for child in children(value)], default=0)
    return found


def limited(value: Value) -> Value:
    """The value, or Unknown when it is nested deeper than 12. What is made of nothing is nothing.

    Alternatives get an order of their own: in a circle of definitions nobody stands first.
    """
    if height(value) > MAX_HEIGHT:
        return Unknown("more than 12 steps away")
    if _holds_nothing(value):
        value = join(NOTHING if _holds_nothing(option) else option for option in options_of(value))
    return Choice(tuple(sorted(value.options, key=_order))) if isinstance(value, Choice) and not value.takes else value


def _order(value: Value) -> tuple[bool, str]:
    """A placeholder first, then whatever tells values apart."""
    return value != NONE, repr(value)


def _holds_nothing(value: Value) -> bool:
    """True when a recursive answer that is still to come is a piece of the value."""
    if isinstance(value, Choice) and not value.options:
        return True
    return bool(children(value)) and any(isinstance(piece, Choice) and not piece.options for piece in pieces(value))


def params_of(value: Value) -> frozenset[Param]:
    """All parameters that the value depends on."""
    return frozenset([piece for piece in pieces(value) if isinstance(piece, Param)])


def home(value: Value) -> str:
    """A file that the object belongs to: where it is made, or whose parameter it is; "" when unknown."""
    if isinstance(value, Param):
        return value.function.path
    if isinstance(value, (Instance, Result)) and value.site is not None:
        return value.site.path
    return next((found for child in children(value) if (found := home(child))), "")


def is_symbolic(value: Value) -> bool:
    """True when a caller could say more about the value."""
    if not children(value):
        return isinstance(value, Param)
    return any(isinstance(piece, Param) for piece in pieces(value))


def is_table(value: Value) -> bool:
    """True for an entry of a literal mapping of classes, functions or objects whose key nobody knows better."""
    if not (isinstance(value, Item) and isinstance(value.base, MappingValue)) or is_symbolic(value):
        return False
    entries = value.base.entries
    return bool(entries) and all(isinstance(held, (ClassRef, FuncRef, Instance)) for _, held, _ in entries)


def class_of(value: Value) -> ClassRef | Extern | None:
    """The class of which the value is certainly an instance."""
    match value:
        case Instance(cls=cls):
            return cls
        case Param(cls=cls) | Field(cls=cls):
            return cls
        case Choice(options=options) if options:
            classes = {class_of(option) for option in options}
            return classes.pop() if len(classes) == 1 else None
        case _:
            return None


__all__ = [
    "MAX_CHOICES",
    "UNKNOWN",
    "children",
    "class_of",
    "height",
    "home",
    "is_stringlike",
    "is_symbolic",
    "join",
    "limited",
    "options_of",
    "params_of",
    "template",
]
