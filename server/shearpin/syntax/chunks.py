"""Cut a Python text into chunks at definitions in column 0, by its tokens and not by its tree.

What a chunk means depends on its own bytes only. So a broken stretch cannot spoil what follows the next top-level
definition, and an edit leaves every other chunk as it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_DEFINITION = rb"(?:def\b|class\b|async[ \t]+def\b|@)"
#: the start of any statement, where a chunk is known not to parse
_STATEMENT = rb"(?!(?:else|elif|except|finally)\b)[A-Za-z_@\x80-\xff]"
#: what may end a string: more than the word `class` at the start of a line of prose
_STRICT = (
    rb"(?:def[ \t]+\w+[ \t]*[(\[]|class[ \t]+\w+[ \t]*[(:\[]|async[ \t]+def[ \t]+\w"
    rb"|@[A-Za-z_][\w.]*[ \t]*(?:\(|\r?\n))"
)
_SHORT_STRINGS = (
    rb'"(?!"")[^"\\\n]*+(?:\\(?:\r\n|.)[^"\\\n]*+)*+"?',
    rb"'(?!'')[^'\\\n]*+(?:\\(?:\r\n|.)[^'\\\n]*+)*+'?",
)
_STRINGS = (
    rb'"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+"""',
    rb"'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+'''",
    *_SHORT_STRINGS,
)


def _scanner(boundary: bytes, strings: tuple[bytes, ...]) -> re.Pattern[bytes]:
    """Return what skips tokens up to the newline before a boundary, or to a quote that is not closed."""
    code = rb"[^#\"'\n]++|\n(?!" + boundary + rb")|#[^\n]*+"
    return re.compile(rb"(?:" + code + b"|" + b"|".join(strings) + rb")*+", re.DOTALL)


_CLEAN = _scanner(_DEFINITION, _STRINGS)
_COMMENTS = re.compile(rb"(#[^\n]*+)|" + rb"|".join(_STRINGS), re.DOTALL)


@lru_cache(maxsize=32)
def _broken_scanners(indent: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes], re.Pattern[bytes]]:
    """Return scanners with and without strings that cross a definition, and what ends such a string."""
    margin = re.escape(indent)
    end = rb"\n(?=" + margin + _STRICT + rb")"
    bounded = (
        rb'"""(?:[^"\\\n]++|\\.|"(?!"")|(?!' + end + rb')\n)*+"""',
        rb"'''(?:[^'\\\n]++|\\.|'(?!'')|(?!" + end + rb")\n)*+'''",
        *_SHORT_STRINGS,
    )
    boundary = margin + _STATEMENT
    return _scanner(boundary, _STRINGS), _scanner(boundary, bounded), re.compile(end)


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
    """Cut a text at its top-level definitions into chunks that cover it; only the last can hold an open quote."""
    return _cut(text, _CLEAN, None, b"")


def cut_broken(text: bytes, indent: bytes = b"") -> list[Chunk]:
    """Cut a text that does not parse at every line with just this indent that starts a statement.

    A triple-quoted string that cannot be right ends at the next definition with this indent.
    """
    whole, bounded, string_end = _broken_scanners(indent)
    crosses = string_end.search(text) is not None
    return _cut(text, bounded if crosses else whole, string_end if crosses else None, indent)


def comments_with(text: bytes, needles: tuple[bytes, ...]) -> list[tuple[int, bytes]]:
    """Return start and bytes of each comment that contains one of the needles."""
    if not any(needle in text for needle in needles):
        return []
    found = ((match.start(), match[1]) for match in _COMMENTS.finditer(text) if match[1])
    return [(start, comment.rstrip()) for start, comment in found if any(needle in comment for needle in needles)]


def _cut(text: bytes, scanner: re.Pattern[bytes], string_end: re.Pattern[bytes] | None, indent: bytes) -> list[Chunk]:
    boundaries: list[tuple[int, bytes]] = []
    position, size, margin = 0, len(text), len(indent)
    while True:
        match = scanner.match(text, position)
        position = match.end() if match else size
        if position >= size:
            return _chunks(text, boundaries, b"")
        quote = b""
        if text[position] != _NEWLINE:
            quote = text[position : position + 3]
            ending = string_end.search(text, position) if string_end is not None else None
            if ending is None:
                return _chunks(text, boundaries, quote)
            position = ending.start()
        position += 1 + margin
        boundaries.append((position, quote))


_NEWLINE = 10
_AT = 64


def _chunks(text: bytes, boundaries: list[tuple[int, bytes]], last_quote: bytes) -> list[Chunk]:
    """Join the lines of decorators with the definition they lead to; `boundaries` tell what was open before them."""
    chunks: list[Chunk] = []
    start = 0
    joints: list[int] = []
    decorating = text[:1] == b"@"
    for position, quote in boundaries:
        if decorating and not quote:
            joints.append(position - start)
        else:
            chunks.append(Chunk(start, position, tuple(joints), quote))
            start = position
            joints = []
        decorating = text[position] == _AT
    chunks.append(Chunk(start, len(text), tuple(joints), last_quote))
    return chunks
