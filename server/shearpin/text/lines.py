r"""Where the lines of a text start. Lines end with \n, \r\n or a lone \r, as the protocol says, and with nothing else.

Offsets are bytes of UTF-8, lines count from 0.
"""

from __future__ import annotations

import re
from bisect import bisect_right

_END = re.compile(rb"\r\n|\n|\r")


class LineIndex:
    """The line table of one text."""

    __slots__ = ("_starts", "size", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.size = len(text)
        starts = [0]
        starts.extend(found.end() for found in _END.finditer(text))
        self._starts = starts

    @property
    def count(self) -> int:
        """Number of lines; at least 1, and a final line end starts one more."""
        return len(self._starts)

    def line_at(self, offset: int) -> int:
        """The line that holds a byte; offsets beyond the text belong to its first or last line."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def start(self, line: int) -> int:
        """First byte of a line; the end of the text for lines beyond it."""
        return self._starts[line] if line < len(self._starts) else self.size

    def end(self, line: int) -> int:
        """The byte after a line's last one, its line end not counted."""
        if line + 1 >= len(self._starts):
            return self.size
        end = self._starts[line + 1]
        if self.text[end - 2 : end] == b"\r\n":
            return end - 2
        return end - 1
