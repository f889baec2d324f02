"""How well each practice holds: a bar of all sites that rules examined. What is unknown never counts as good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from shearpin.report.styled import Line, Piece, Tone, faint, line, strong

if TYPE_CHECKING:
    from shearpin.session import Counts

_CELLS = 20


def practice_bars(practices: Mapping[str, Counts]) -> Iterator[Line]:
    """One line a practice with at least one examined site, under a heading."""
    shown = {name: counts for name, counts in sorted(practices.items()) if counts.examined}
    if not shown:
        return
    width = max(map(len, shown))
    yield line(strong("How far practices hold"))
    for name, counts in shown.items():
        yield bar_line(name, counts, width)


def bar_line(name: str, counts: Counts, width: int) -> Line:
    """A name, the bar of at least one examined site, and the numbers."""
    return line(f"  {name:<{width}}  ", *_bar(counts), f"  {_percent(counts):>3} %  ", faint(_numbers(counts)))


def _bar(counts: Counts) -> tuple[Piece, ...]:
    hold = _cells(counts.hold, counts.examined)
    unknown = min(_cells(counts.unknown, counts.examined), _CELLS - hold)
    if counts.violated and hold + unknown == _CELLS:
        # a single violation among many is still seen
        hold, unknown = (hold - 1, unknown) if hold else (hold, unknown - 1)
    rest = _CELLS - hold - unknown
    violated, empty = (rest, 0) if counts.violated else (0, rest)
    return (
        Piece("█" * hold, Tone.GOOD),
        Piece("▒" * (unknown + empty), Tone.WARNING),
        Piece("░" * violated, Tone.ERROR),
    )


def _cells(number: int, of: int) -> int:
    return number * _CELLS // of


def _percent(counts: Counts) -> int:
    return counts.hold * 100 // counts.examined


def _numbers(counts: Counts) -> str:
    parts = [f"{counts.hold} of {counts.examined} hold"]
    if counts.violated:
        parts.append(f"{counts.violated} violated")
    if counts.unknown:
        parts.append(f"{counts.unknown} unknown")
    return ", ".join(parts)
