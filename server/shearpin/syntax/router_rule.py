"""Rules of Traefik's routers: ``Host(`a`) && (PathPrefix(`/x`) || Path(`/y`))`` as alternatives."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

_TOKEN = re.compile(r"\s*(?:(&&|\|\||[!(),])|`([^`]*)`|'([^']*)'|\"([^\"]*)\"|([A-Za-z]\w*))")
_MAX_ALTERNATIVES = 64
_MAX_DEPTH = 16


class Alternative(msgspec.Struct, frozen=True):
    """One way to fit a rule; "" and () stand for any. `is_conditional`: something else decides as well.

    `path` is a prefix, or the whole path when `is_exact`; of several, each is an alternative of its own.
    """

    host: str = ""
    path: str = ""
    is_exact: bool = False
    methods: tuple[str, ...] = ()
    is_conditional: bool = False


def alternatives(rule: str) -> tuple[Alternative, ...]:
    """Return the ways to fit a rule, () when it cannot be read. Never raises."""
    reading = _Reading(rule)
    found = reading.any_of(0)
    return tuple(dict.fromkeys(found)) if reading.is_done and found is not None else ()


class _Reading:
    def __init__(self, rule: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        position = 0
        text = rule.strip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                self._tokens = [("?", "")]
                break
            operator, *quoted, name = match.groups()
            value = next((item for item in quoted if item is not None), None)
            self._tokens.append(
                (operator, "") if operator else ("text", value) if value is not None else ("name", name)
            )
            position = match.end()
        self._next = 0

    @property
    def is_done(self) -> bool:
        return self._next == len(self._tokens)

    def any_of(self, depth: int) -> list[Alternative] | None:
        found = self._all_of(depth)
        while found is not None and self._take("||"):
            other = self._all_of(depth)
            found = None if other is None else [*found, *other][:_MAX_ALTERNATIVES]
        return found

    def _all_of(self, depth: int) -> list[Alternative] | None:
        found = self._one(depth)
        while found is not None and self._take("&&"):
            other = self._one(depth)
            found = (
                None if other is None else [_both(left, right) for left in found for right in other][:_MAX_ALTERNATIVES]
            )
        return found

    def _one(self, depth: int) -> list[Alternative] | None:
        if depth > _MAX_DEPTH:
            return None
        if self._take("!"):
            # What is left out is not known, only that something decides.
            return [Alternative(is_conditional=True)] if self._one(depth + 1) is not None else None
        if self._take("("):
            found = self.any_of(depth + 1)
            return found if self._take(")") else None
        kind, name = self._peek()
        if kind != "name":
            return None
        self._next += 1
        values: list[str] = []
        if not self._take("("):
            return None
        while self._peek()[0] == "text":
            values.append(self._peek()[1])
            self._next += 1
            self._take(",")
        return _matcher(name, values) if self._take(")") else None

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("", "")

    def _take(self, operator: str) -> bool:
        if self._peek() != (operator, ""):
            return False
        self._next += 1
        return True


def _matcher(name: str, values: Sequence[str]) -> list[Alternative]:
    match name.lower():
        case "host":
            return [Alternative(host=value.lower()) for value in values]
        case "pathprefix" | "path" as form:
            # Braces hold a pattern.
            return [
                Alternative(is_conditional=True) if "{" in value else Alternative(path=value, is_exact=form == "path")
                for value in values
            ]
        case "method":
            return [Alternative(methods=tuple(value.upper() for value in values))]
        case _:
            return [Alternative(is_conditional=True)]


def _both(left: Alternative, right: Alternative) -> Alternative:
    clash = bool(left.path and right.path) or bool(left.host and right.host and left.host != right.host)
    return Alternative(
        left.host or right.host,
        left.path or right.path,
        left.is_exact or right.is_exact,
        left.methods or right.methods,
        left.is_conditional or right.is_conditional or clash,
    )
