"""Strings and other builtins: formatting, joining, stripping, and what keeps a value as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urljoin

from shearpin.facts.site import Site
from shearpin.facts.value import (
    NONE,
    UNKNOWN,
    Choice,
    Const,
    Env,
    ExternMethod,
    Instance,
    MappingValue,
    SequenceValue,
    Template,
    Value,
)
from shearpin.meaning.values import is_stringlike, is_symbolic, join, mapped, template

Args = Sequence[tuple[str, Value]]
_KEEPS = frozenset(("str", "int", "float", "bool", "list", "tuple", "set", "frozenset", "sorted", "iter", "reversed"))
_PERCENT = re.compile(r"%(?:\((\w+)\))?[-+ #0-9.]*([sdrfix%])")
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


def percent_format(pattern: Value, operand: Value) -> Value | None:
    """`pattern % operand`; None when the pattern is no constant."""
    if not (isinstance(pattern, Const) and isinstance(pattern.value, str)):
        return None
    values = list(operand.items) if isinstance(operand, SequenceValue) else [operand]
    parts: list[Value] = []
    last = 0
    for match in _PERCENT.finditer(pattern.value):
        parts.append(Const(pattern.value[last : match.start()]))
        last = match.end()
        if match[2] == "%":
            parts.append(Const("%"))
        elif match[1] is not None:
            parts.append(_entry(operand, match[1]))
        else:
            parts.append(values.pop(0) if values else UNKNOWN)
    parts.append(Const(pattern.value[last:]))
    return template(parts)


def string_method(name: str, receiver: Value, args: Args, site: Site) -> Value | None:
    """A method of str, dict or list; None when the result is not known any better than as a Result."""
    kind, method = name.split(".")[1:3]
    if isinstance(receiver, Choice):
        found = [string_method(name, option, args, site) for option in receiver.options]
        known = tuple(value for value in found if value is not None)
        if len(known) < len(found):
            return None
        return Choice(known, receiver.takes) if receiver.takes else join(known)
    if kind == "dict":
        return _dict_method(method, receiver, args)
    if kind == "list":
        return receiver if method == "copy" else None
    if method in ("rstrip", "lstrip", "strip"):
        return _stripped(method, receiver, args[0][1] if args else None)
    if method == "format":
        return _formatted(receiver, args)
    if method in ("lower", "upper", "title"):
        return _cased(receiver, method)
    if method in ("removeprefix", "removesuffix") and args:
        return _without(method, receiver, args[0][1])
    if method in ("encode", "decode"):
        return receiver
    if method == "join" and args and isinstance(args[0][1], SequenceValue):
        pieces: list[Value] = []
        for index, item in enumerate(args[0][1].items):
            pieces.extend((receiver, item) if index else (item,))
        return template(pieces)
    if method == "replace":
        return _replaced(receiver, [value for key, value in args if not key])
    return None


def _replaced(receiver: Value, args: list[Value]) -> Value:
    """`text.replace(old, new)`; an address whose scheme changes still names the same place."""
    texts = [arg.value for arg in args[:2] if isinstance(arg, Const) and isinstance(arg.value, str)]
    if len(texts) < 2:
        return UNKNOWN
    if isinstance(receiver, Const) and isinstance(receiver.value, str) and len(args) == 2:
        return Const(receiver.value.replace(texts[0], texts[1]))
    return receiver if all(text.endswith("://") for text in texts) else UNKNOWN


def builtin_call(name: str, args: Args) -> Value | None:
    """A call of a builtin function."""
    short = name.removeprefix("builtins.")
    positional = [value for key, value in args if not key]
    if short in _KEEPS and len(positional) == 1:
        return _converted(short, positional[0])
    if short == "dict":
        entries = tuple((Const(key), value, Site("", "", 0, 0)) for key, value in args if key)
        return MappingValue(entries) if entries and not positional else None
    return None


def url_joined(base: Value, path: Value) -> Value:
    """`urllib.parse.urljoin`; a base of which nothing is known is taken to have no path of its own."""
    if isinstance(base, Choice):
        return join(url_joined(option, path) for option in base.options)
    start = path.parts[0] if isinstance(path, Template) else path
    text = start.value if isinstance(start, Const) and isinstance(start.value, str) else None
    if text is not None and "://" in text:
        return path
    if isinstance(base, Const) and isinstance(base.value, str):
        if isinstance(path, Const) and text is not None:
            return Const(urljoin(base.value, text))
        if text is None:
            return template((Const(urljoin(base.value, ".")), path)) if base.value.endswith("/") else UNKNOWN
        origin = urljoin(base.value, "/" if text.startswith("/") else ".")
        return template((Const(origin), _stripped("lstrip", path, Const("/"))))
    return template((_stripped("rstrip", base, Const("/")), Const("/"), _stripped("lstrip", path, Const("/"))))


def slashed(base: Value, path: Value) -> Value:
    """`base / path` of an address."""
    return template((_stripped("rstrip", base, Const("/")), Const("/"), path))


def _converted(kind: str, value: Value) -> Value | None:
    if isinstance(value, Const) and kind in ("int", "float") and isinstance(value.value, str):
        try:
            return Const(int(value.value) if kind == "int" else float(value.value))
        except ValueError:
            return UNKNOWN
    if isinstance(value, Const) and kind == "bool":
        return None
    if isinstance(value, ExternMethod):
        return None
    return value


def _dict_method(method: str, receiver: Value, args: Args) -> Value | None:
    if not isinstance(receiver, MappingValue):
        return None
    if method == "get" and args:
        key = args[0][1]
        default = args[1][1] if len(args) > 1 else NONE
        if isinstance(key, Const):
            found = [value for name, value, _ in receiver.entries if name == key]
            return found[-1] if found else default
        return None
    if method == "values":
        return SequenceValue(tuple(value for _, value, _ in receiver.entries))
    if method == "keys":
        return SequenceValue(tuple(key for key, _, _ in receiver.entries))
    if method == "items":
        return SequenceValue(tuple(SequenceValue((key, value)) for key, value, _ in receiver.entries))
    return receiver if method == "copy" else None


def _stripped(method: str, value: Value, chars: Value | None) -> Value:
    what = chars.value if isinstance(chars, Const) and isinstance(chars.value, str) else None
    match value:
        case Const(value=str(text)):
            return Const(getattr(text, method)(what))
        case Template(parts=parts):
            pieces = list(parts)
            if method in ("rstrip", "strip"):
                pieces[-1] = _stripped("rstrip", pieces[-1], chars)
            if method in ("lstrip", "strip"):
                pieces[0] = _stripped("lstrip", pieces[0], chars)
            return template(pieces)
        case Env(name=name, default=default, site=site) if default is not None:
            # The environment's own value is stripped when a URL is parsed; slashes at the end never matter there.
            return Env(name, _stripped(method, default, chars), site)
        case Choice():
            return mapped(value, lambda option: _stripped(method, option, chars))
        case _:
            return value


def _without(method: str, value: Value, affix: Value) -> Value:
    """`text.removeprefix(affix)` and `text.removesuffix(affix)`."""
    what = affix.value if isinstance(affix, Const) and isinstance(affix.value, str) else None
    match value:
        case Const(value=str(text)) if what is not None:
            return Const(getattr(text, method)(what))
        case Template(parts=parts):
            # A piece whose text is not known may hold part of the affix; what it stands for stays a hole.
            index = 0 if method == "removeprefix" else -1
            pieces = list(parts)
            pieces[index] = _without(method, pieces[index], affix)
            return template(pieces)
        case Choice(options=options):
            return join(_without(method, option, affix) for option in options)
        case Const():
            return UNKNOWN
        case _:
            return value


def _formatted(receiver: Value, args: Args) -> Value:
    if not (isinstance(receiver, Const) and isinstance(receiver.value, str)):
        return UNKNOWN
    positional = [value for key, value in args if not key]
    named = {key: value for key, value in args if key}
    parts: list[Value] = []
    last = 0
    auto = 0
    for match in _BRACES.finditer(receiver.value):
        parts.append(Const(receiver.value[last : match.start()]))
        last = match.end()
        if match[1] is None:
            parts.append(Const(match[0][0]))
            continue
        field = re.split(r"[.!:\[]", match[1], maxsplit=1)[0]
        simple = field == match[1].split("!")[0].split(":")[0]
        if field == "":
            parts.append(positional[auto] if auto < len(positional) and simple else UNKNOWN)
            auto += 1
        elif field.isdigit():
            parts.append(positional[int(field)] if int(field) < len(positional) and simple else UNKNOWN)
        else:
            parts.append(named.get(field, UNKNOWN) if simple else UNKNOWN)
    parts.append(Const(receiver.value[last:]))
    return template(parts)


def _cased(value: Value, method: str) -> Value:
    if isinstance(value, Const) and isinstance(value.value, str):
        return Const(getattr(value.value, method)())
    return value


def _entry(operand: Value, name: str) -> Value:
    if isinstance(operand, MappingValue):
        return next((value for key, value, _ in operand.entries if key == Const(name)), UNKNOWN)
    return UNKNOWN


def added(left: Value, right: Value) -> Value:
    """`left + right` for text and lists."""
    if isinstance(left, SequenceValue) and isinstance(right, SequenceValue):
        return SequenceValue((*left.items, *right.items))
    if is_stringlike(left) or is_stringlike(right):
        return template((left, right))
    if is_symbolic(left) and is_symbolic(right):
        # `self.base + path`: text far more often than numbers, which nobody reads from a text.
        return template((left, right))
    if isinstance(left, Instance) and isinstance(right, Instance):
        # Objects that a library lets one add, as tenacity's `wait_fixed(1) + wait_random(0, 2)`, keep their parts.
        return join((left, right))
    return UNKNOWN
