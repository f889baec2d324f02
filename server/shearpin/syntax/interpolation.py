"""Shell-like substitution of variables as compose files and env files use it: `$V ${V} ${V:-d} ${V?e} ${V:+a} $$`."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r":?[-?+]")
_MAX_DEPTH = 16
#: characters of a text and of its result; longer ones are no settings, and texts that double could have any length
_MAX_LENGTH = 65_536
_MAX_UNCLOSED = 64


class _Excess(Exception):
    pass


class Interpolated(msgspec.Struct, frozen=True, gc=False):
    """The text after substitution; `missing` are names without value and default, which count as empty.

    `value` is None when nothing of the text is known: it was made of missing variables alone.
    """

    value: str | None
    missing: tuple[str, ...] = ()


def interpolate(text: str, lookup: Callable[[str], str | None]) -> Interpolated:
    """Substitute every variable; `lookup` gives the value of a name, None when it is not set."""
    if "$" not in text:
        return Interpolated(text)
    missing: list[str] = []
    try:
        value = _substitute(text, lookup, missing, 0) if len(text) <= _MAX_LENGTH else None
    except _Excess:
        value = None
    if value is None:
        return Interpolated(None, tuple(missing))
    known_nothing = bool(missing) and not value
    return Interpolated(None if known_nothing else value, tuple(missing))


def _substitute(text: str, lookup: Callable[[str], str | None], missing: list[str], depth: int) -> str:
    pieces: list[str] = []
    position = length = counted = unclosed = 0
    while True:
        length += sum(map(len, pieces[counted:]))
        counted = len(pieces)
        if length > _MAX_LENGTH or unclosed > _MAX_UNCLOSED:
            raise _Excess
        dollar = text.find("$", position)
        if dollar < 0 or depth > _MAX_DEPTH:
            pieces.append(text[position:])
            return "".join(pieces)
        pieces.append(text[position:dollar])
        if text.startswith("{", dollar + 1) and _closing_brace(text, dollar + 2) < 0:
            unclosed += 1
        position = _one(text, dollar, pieces, lookup, missing, depth)


def _one(
    text: str, dollar: int, pieces: list[str], lookup: Callable[[str], str | None], missing: list[str], depth: int
) -> int:
    after = dollar + 1
    if text.startswith("$", after):
        pieces.append("$")
        return after + 1
    if not text.startswith("{", after):
        name = _NAME.match(text, after)
        if name is None:
            pieces.append("$")
            return after
        pieces.append(_value(name.group(), lookup, missing))
        return name.end()
    closing = _closing_brace(text, after + 1)
    name = _NAME.match(text, after + 1)
    if closing < 0 or name is None:
        pieces.append("$")
        return after
    body = text[name.end() : closing]
    operator = _OPERATOR.match(body)
    if operator is None:
        pieces.append(_value(name.group(), lookup, missing) if not body else text[dollar : closing + 1])
        return closing + 1
    argument = body[operator.end() :]
    pieces.append(_operate(name.group(), operator.group(), argument, lookup, missing, depth))
    return closing + 1


def _operate(
    name: str, operator: str, argument: str, lookup: Callable[[str], str | None], missing: list[str], depth: int
) -> str:
    value = lookup(name)
    is_set = value is not None and (value != "" or not operator.startswith(":"))
    if operator.endswith("+"):
        return _substitute(argument, lookup, missing, depth + 1) if is_set else ""
    if is_set:
        return value or ""
    if operator.endswith("-"):
        return _substitute(argument, lookup, missing, depth + 1)
    missing.append(name)
    return ""


def _value(name: str, lookup: Callable[[str], str | None], missing: list[str]) -> str:
    value = lookup(name)
    if value is None:
        missing.append(name)
        return ""
    return value


def _closing_brace(text: str, position: int) -> int:
    depth = 1
    while position < len(text):
        if text.startswith("${", position):
            depth += 1
            position += 2
            continue
        if text[position] == "}":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return -1
