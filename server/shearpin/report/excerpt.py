"""The source around a range with carets below it, as compilers show it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from shearpin.report.places import Places, Range
from shearpin.report.styled import Line, Piece, Tone, frame, line

_CONTEXT = 1
_TAB = "    "
_WIDEST = 140
#: shown right of a range in a line that is cut
_AFTER = 20
_MARK = "…"


def excerpt(places: Places, path: str, where: Range, tone: Tone) -> Iterator[Line]:
    """Lines of source with a gutter of line numbers; empty when the file cannot be read.

    Of a range over several lines only the first is shown and marked to its end.
    """
    first = where.start.line
    marked = places.text_of_line(path, first)
    if marked is None:
        return
    numbers = range(max(0, first - _CONTEXT), first + _CONTEXT + 1)
    shown = {number: text for number in numbers if (text := places.text_of_line(path, number)) is not None}
    shown = {number: text for number, text in shown.items() if number == first or text.strip()}
    gutter = gutter_width(where)
    end = where.end.column if where.end.line == first else len(marked.rstrip())
    cut = max(0, _width(marked[:end]) - _WIDEST + _AFTER) if _width(marked) > _WIDEST else 0
    yield line(frame(f"{'':>{gutter}} |"))
    for number, text in sorted(shown.items()):
        yield line(frame(f"{number + 1:>{gutter}} | "), _clip(text, cut))
        if number == first:
            blank = max(0, _width(marked[: where.start.column]) - cut)
            carets = max(1, _width(marked[where.start.column : end]))
            yield line(frame(f"{'':>{gutter}} | "), " " * blank, Piece("^" * min(carets, _WIDEST), tone))


def gutter_width(where: Range) -> int:
    """Width of the line numbers that an excerpt of this range shows."""
    return max(2, len(str(where.start.line + 1 + _CONTEXT)))


def _clip(text: str, cut: int) -> str:
    drawn = text.rstrip().replace("\t", _TAB)
    drawn = "".join(sign if sign.isprintable() else "�" for sign in drawn)
    if cut:
        drawn = _MARK + drawn[cut + 1 :]
    return drawn if len(drawn) <= _WIDEST else drawn[: _WIDEST - 1] + _MARK


def _width(text: str) -> int:
    """Columns that a terminal gives the text."""
    return sum(_columns(sign) for sign in text)


def _columns(sign: str) -> int:
    if sign == "\t":
        return len(_TAB)
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1
