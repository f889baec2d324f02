"""On which line a key of a TOML text stands. The text is known to parse; anything odd just finds no line."""

from __future__ import annotations

import re
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)(.+?)\]\]?\s*(?:#.*)?$")
_NAME = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_KEY = re.compile(rf"\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
_SEGMENT = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*\.?""")
_TOKEN = re.compile(r'"""|\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}]')


class KeyLines:
    """Lines (1-based) of the keys and tables of one text; list items are found by their quoted text."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._found: dict[KeyPath, int] = {}
        self._read()

    def line(self, path: KeyPath) -> int:
        """Line of a key, else of the nearest table around it, else 0."""
        while path:
            if path in self._found:
                return self._found[path]
            path = path[:-1]
        return 0

    def line_of_item(self, path: KeyPath, text: str) -> int:
        """Line of a string inside the value of a key, else of the key."""
        start = self.line(path)
        quoted = (f'"{text}"', f"'{text}'")
        following = (line for key, line in self._found.items() if line > start and key[: len(path)] != path)
        end = min(following, default=len(self._lines) + 1)
        for number in range(start, end):
            if any(form in self._lines[number - 1] for form in quoted):
                return number
        return start

    def _read(self) -> None:
        table: KeyPath = ()
        counts: dict[KeyPath, int] = {}
        number = 0
        while number < len(self._lines):
            line = self._lines[number]
            number += 1
            if header := _HEADER.match(line):
                table = self._enter(_segments(header[2]), header[1] == "[[", counts)
                self._found.setdefault(table, number)
            elif key := _KEY.match(line):
                self._found.setdefault(table + _segments(key[1]), number)
                number += self._rest_of_value(number - 1, line[key.end() :])

    @staticmethod
    def _enter(names: KeyPath, is_array: bool, counts: dict[KeyPath, int]) -> KeyPath:  # noqa: FBT001
        path: KeyPath = ()
        for position, name in enumerate(names):
            path = (*path, name)
            is_last = position == len(names) - 1
            if is_last and is_array:
                counts[path] = counts.get(path, -1) + 1
            if path in counts:
                path = (*path, counts[path])
        return path

    def _rest_of_value(self, first: int, value: str) -> int:
        """How many further lines a value covers that starts on line index `first`."""
        depth, closing, used = 0, "", 0
        while True:
            depth, closing = _scan(value, depth, closing)
            if (depth <= 0 and not closing) or first + used + 1 >= len(self._lines):
                return used
            used += 1
            value = self._lines[first + used]


def _scan(line: str, depth: int, closing: str) -> tuple[int, str]:
    position = 0
    while position < len(line):
        if closing:
            end = line.find(closing, position)
            if end < 0:
                return depth, closing
            position, closing = end + 3, ""
            continue
        token = _TOKEN.search(line, position)
        if token is None:
            break
        position = token.end()
        if token[0] in {'"""', "'''"}:
            closing = token[0]
        elif token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
    return depth, closing


def _segments(text: str) -> KeyPath:
    return tuple(next(group for group in match.groups() if group is not None) for match in _SEGMENT.finditer(text))
