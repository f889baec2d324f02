"""Positions of the protocol to byte offsets and back. The only file of the server that knows what the client counts.

A position is a line and a number of units in it; what a unit is was negotiated with the client. Text is UTF-8.
"""

from __future__ import annotations

from lsprotocol.types import Position, Range

from shearpin.text.lines import Encoding, LineIndex


class MisplacedError(ValueError):
    """The position lies inside a character: client and server disagree about the text."""


def offset_of(lines: LineIndex, position: Position, encoding: Encoding) -> int:
    """Byte offset of a position, clamped to its line and to the text; inside a character means before it."""
    return lines.offset(position.line, position.character, encoding)


def exact_offset_of(lines: LineIndex, position: Position, encoding: Encoding) -> int:
    """Byte offset of a position, clamped likewise; raises MisplacedError inside a character."""
    offset = offset_of(lines, position, encoding)
    if offset != lines.end(position.line) and lines.position(offset, encoding)[1] != position.character:
        raise MisplacedError(f"{position.line}:{position.character} lies inside a character")
    return offset


def position_of(lines: LineIndex, offset: int, encoding: Encoding) -> Position:
    """Position of a byte offset, clamped to the text."""
    return Position(*lines.position(offset, encoding))


def range_of(lines: LineIndex, start: int, end: int, encoding: Encoding) -> Range:
    """Range of a half-open byte range."""
    return Range(position_of(lines, start, encoding), position_of(lines, end, encoding))
