"""Cut a Python text into chunks at definitions in column 0, by its tokens and not by its tree.

What a chunk means depends on its own bytes only. So a broken stretch cannot spoil what follows the next top-level
definition, and an edit leaves every other chunk as it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LOOSE = rb"(?:def\b|class\b|async[ \t]+def\b|@)"
#: what may end a string: more than the word `class` at the start of a line of prose
_STRICT = (
    rb"(?:def[ \t]+\w+[ \t]*[(\[]|class[ \t]+\w+[ \t]*[(:\[]|async[ \t]+def[ \t]+\w"
    rb"|@[A-Za-z_][\w.]*[ \t]*(?:\(|\r?\n))"
)
_STRINGS = (
    rb'"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+"""',
    rb"'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+'''",
    rb'"(?!"")[^"\\\n]*+(?:\\(?:\r\n|.)[^"\\\n]*+)*+"?',
    rb"'(?!'')[^'\\\n]*+(?:\\(?:\r\n|.)[^'\\\n]*+)*+'?",
)
_BOUNDED_STRINGS = (
    rb'"""(?:[^"\\\n]++|\\.|"(?!"")|\n(?!' + _STRICT + rb'))*+"""',
    rb"'''(?:[^'\\\n]++|\\.|'(?!'')|\n(?!" + _STRICT + rb"))*+'''",
    *_STRINGS[2:],
)


def _scanner(strings: tuple[bytes, ...]) -> re.Pattern[bytes]:
    code = rb"[^#\"'\n]++|\n(?!" + _LOOSE + rb")|#[^\n]*+"
    return re.compile(rb"(?:" + code + b"|" + b"|".join(strings) + rb")*+", re.DOTALL)


_CLEAN = _scanner(_STRINGS)
_BOUNDED = _scanner(_BOUNDED_STRINGS)
_STRING_END = re.compile(rb"\n(?=" + _STRICT + rb")")
_HAS_STRICT = re.compile(rb"\n" + _STRICT)
_COMMENTS = re.compile(rb"(#[^\n]*+)|" + rb"|".join(_STRINGS), re.DOTALL)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A byte range of a text that starts at a definition in column 0 (or at 0).

    `joints` are starts, relative to the chunk, of further definition lines that its decorators lead to.
    `open_quote` is the quote of a triple-quoted string that the chunk does not close, else empty.
    """

    start: int
    end: int
    joints: tuple[int, ...] = ()
    open_quote: bytes = b""


def cut(text: bytes) -> list[Chunk]:
    """Cut a text into chunks that cover it; only the last can hold an open quote."""
    return _cut(text, _CLEAN)


def cut_strings_at_definitions(text: bytes) -> list[Chunk]:
    """Cut a text that does not parse: a triple-quoted string ends at the next definition in column 0."""
    if not _HAS_STRICT.search(text):
        return _cut(text, _CLEAN)
    return _cut(text, _BOUNDED)


def comments_with(text: bytes, needles: tuple[bytes, ...]) -> list[tuple[int, bytes]]:
    """Return start and bytes of each comment that contains one of the needles."""
    if not any(needle in text for needle in needles):
        return []
    found = ((match.start(), match[1]) for match in _COMMENTS.finditer(text) if match[1])
    return [(start, comment.rstrip()) for start, comment in found if any(needle in comment for needle in needles)]


def _cut(text: bytes, scanner: re.Pattern[bytes]) -> list[Chunk]:
    boundaries: list[tuple[int, bytes]] = []
    position, size = 0, len(text)
    while True:
        match = scanner.match(text, position)
        position = match.end() if match else size
        if position >= size:
            break
        if text[position] == _NEWLINE:
            position += 1
            boundaries.append((position, b""))
            continue
        quote = text[position : position + 3]
        ending = _STRING_END.search(text, position) if scanner is _BOUNDED else None
        if ending is None:
            return _chunks(text, boundaries, quote)
        position = ending.end()
        boundaries.append((position, quote))
    return _chunks(text, boundaries, b"")


_NEWLINE = 10
_AT = 64


def _chunks(text: bytes, boundaries: list[tuple[int, bytes]], last_quote: bytes) -> list[Chunk]:
    """Join the lines of decorators with the definition they lead to; `boundaries` tell what was open before them."""
    chunks: list[Chunk] = []
    start = 0
    joints: list[int] = []
    decorating = text[:1] == b"@"
    for position, quote in boundaries:
        is_decorator = text[position] == _AT
        if decorating and not quote:
            joints.append(position - start)
        else:
            chunks.append(Chunk(start, position, tuple(joints), quote))
            start = position
            joints = []
        decorating = is_decorator
    chunks.append(Chunk(start, len(text), tuple(joints), last_quote))
    return chunks
