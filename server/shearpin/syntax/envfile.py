"""Env files (`NAME=value` lines) with positions. Knows no precedence and no services."""

from __future__ import annotations

import re

import msgspec

_LINE = re.compile(rb"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*(=|(?=[ \t]*(?:#|\r?$)))", re.MULTILINE)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$"}


class EnvLine(msgspec.Struct, frozen=True, gc=False):
    """One assignment. `value` is None for a bare name; `start`/`end` cover the value (or the bare name).

    `literal` is true for single quotes, where `$` has no meaning.
    """

    name: str
    value: str | None
    start: int
    end: int
    literal: bool = False


def read_envfile(source: bytes) -> tuple[EnvLine, ...]:
    """Read the assignments in order; other lines are skipped. Never raises."""
    lines: list[EnvLine] = []
    position = 3 if source.startswith(b"\xef\xbb\xbf") else 0
    while position < len(source):
        end = source.find(b"\n", position)
        end = len(source) if end < 0 else end
        match = _LINE.match(source, position, len(source))
        if match is None or match.end() > end:
            position = end + 1
            continue
        line = _read_value(source, match.group(1).decode(), match, end)
        lines.append(line)
        closing = source.find(b"\n", max(line.end, match.end()))
        position = len(source) if closing < 0 else closing + 1
    return tuple(lines)


def _read_value(source: bytes, name: str, match: re.Match[bytes], line_end: int) -> EnvLine:
    if match.group(2) != b"=":
        return EnvLine(name, None, match.start(1), match.end(1))
    start = match.end()
    while start < line_end and source[start : start + 1] in {b" ", b"\t"}:
        start += 1
    quote = source[start : start + 1]
    if quote in {b'"', b"'"}:
        closing = _closing_quote(source, start + 1, quote)
        if closing >= 0:
            raw = source[start + 1 : closing].decode("utf-8", "replace")
            value = raw if quote == b"'" else re.sub(r"\\(.)", _unescape, raw, flags=re.DOTALL)
            return EnvLine(name, value, start, closing + 1, literal=quote == b"'")
    text = source[start:line_end]
    comment = re.search(rb"(?:^|[ \t])#", text)
    text = (text[: comment.start()] if comment else text).rstrip()
    return EnvLine(name, text.decode("utf-8", "replace"), start, start + len(text))


def _closing_quote(source: bytes, position: int, quote: bytes) -> int:
    while True:
        closing = source.find(quote, position)
        if closing < 0 or quote == b"'":
            return closing
        backslashes = 0
        while source[closing - backslashes - 1 : closing - backslashes] == b"\\":
            backslashes += 1
        if backslashes % 2 == 0:
            return closing
        position = closing + 1


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match.group(1), match.group(0))
