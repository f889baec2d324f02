r"""Byte offsets to lines and characters, and back, as the Language Server Protocol counts them.

A line ends at \n, \r\n or \r and nowhere else: not at form feeds nor at U+2028.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Literal

#: the units that `character` counts: bytes, UTF-16 code units or code points
Encoding = Literal["utf-8", "utf-16", "utf-32"]


class LineIndex:
    """The line table of one text in UTF-8. Bytes that are not UTF-8 count as one character each. Never raises."""

    __slots__ = ("_is_ascii", "_starts", "size", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.size = len(text)
        self._is_ascii = text.isascii()
        # bytes.splitlines knows exactly the three line ends of the protocol, unlike str.splitlines.
        starts = list(accumulate(map(len, text.splitlines(keepends=True)), initial=0))
        if len(starts) > 1 and text[-1:] not in (b"\n", b"\r"):
            starts.pop()
        self._starts = starts

    @property
    def count(self) -> int:
        """Number of lines; at least 1, and a final line end starts one more."""
        return len(self._starts)

    def line_at(self, offset: int) -> int:
        """The line that holds a byte; offsets beyond the text belong to its first or last line."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def start(self, line: int) -> int:
        """First byte of a line; the end of the text for lines beyond it."""
        return self._starts[line] if line < len(self._starts) else self.size

    def end(self, line: int) -> int:
        """The byte after a line's last one, its line end not counted."""
        if line + 1 >= len(self._starts):
            return self.size
        end = self._starts[line + 1]
        return end - 2 if self.text[end - 2 : end] == b"\r\n" else end - 1

    def position(self, offset: int, encoding: Encoding = "utf-16") -> tuple[int, int]:
        """Return line and character (both 0-based) of a byte offset.

        An offset inside a character means its start, one inside a terminator the end of the line.
        """
        offset = min(max(offset, 0), self.size)
        line = self.line_at(offset)
        start = self._starts[line]
        offset = min(offset, self.end(line))
        if self._is_ascii:
            return line, offset - start
        before = self.text[start:offset]
        if before.isascii():
            return line, len(before)
        before = self.text[start : self._character_start(start, offset)]
        if encoding == "utf-8":
            return line, len(before)
        return line, _units(before.decode("utf-8", "surrogateescape"), encoding)

    def offset(self, line: int, character: int, encoding: Encoding = "utf-16") -> int:
        """Return the byte offset of a position; a character beyond its line means the end of the line.

        A position inside a character, as between two surrogates, means its start.
        """
        if line < 0:
            return 0
        if line >= len(self._starts):
            return self.size
        start, end = self._starts[line], self.end(line)
        character = max(character, 0)
        if self._is_ascii or character == 0:
            return min(start + character, end)
        if encoding == "utf-8":
            return self._character_start(start, min(start + character, end))
        row = self.text[start:end]
        if row.isascii() or row[:character].isascii():
            return min(start + character, end)
        text = row.decode("utf-8", "surrogateescape")
        if encoding == "utf-16":
            character = _points(text, character)
        return start + len(text[:character].encode("utf-8", "surrogateescape"))

    def _character_start(self, start: int, offset: int) -> int:
        """Return the start of the character that holds a byte, not before `start`."""
        source = self.text
        if offset >= len(source) or not _is_continuation(source[offset]):
            return offset
        first = offset
        while first > max(start, offset - 3) and _is_continuation(source[first]):
            first -= 1
        try:
            source[first:offset].decode("utf-8")
        except UnicodeDecodeError as error:
            # An incomplete character ends here when its bytes go on behind the offset.
            return first if error.reason == "unexpected end of data" else offset
        return offset


_NEWLINE = 10
_RETURN = 13
_LAST_OF_BASIC_PLANE = 0xFFFF


def _is_continuation(byte: int) -> bool:
    return byte & 0xC0 == 0x80


def _units(text: str, encoding: Encoding) -> int:
    if encoding == "utf-32":
        return len(text)
    return len(text) + sum(ord(character) > _LAST_OF_BASIC_PLANE for character in text)


def _points(text: str, units: int) -> int:
    """Return the number of characters in the first UTF-16 units; half a character does not count."""
    for number, character in enumerate(text):
        units -= 2 if ord(character) > _LAST_OF_BASIC_PLANE else 1
        if units < 0:
            return number
    return len(text)
