"""Offsets of parts to offsets of the file, and back."""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.syntax.ir import ModuleSummary


def absolute(summary: ModuleSummary, part_id: str, offset: int) -> int:
    """Return the byte offset in the file's text (see `decode_source`) of an offset in a part.

    An offset in a class part counts no bytes of its methods; one that falls on a method means what follows it.
    Offsets beyond the part mean its end.

    Raises:
        KeyError: the file has no such part.
    """
    index = index_of(summary, part_id)
    place = summary.placements[index]
    position = place.start + offset
    if summary.parts[index].kind == "class":
        for start, end in _methods(summary, index):
            if start > position:
                break
            position += end - start
    return min(position, place.end)


def locate(summary: ModuleSummary, position: int) -> tuple[str, int] | None:
    """Return the innermost part at a byte offset of the file and the offset in it; None between parts."""
    low, high = 0, len(summary.placements)
    while low < high:
        middle = (low + high) // 2
        if summary.placements[middle].start <= position:
            low = middle + 1
        else:
            high = middle
    for index in range(low - 1, -1, -1):
        place = summary.placements[index]
        if position <= place.end:
            removed = 0
            if summary.parts[index].kind == "class":
                removed = sum(end - start for start, end in _methods(summary, index) if end <= position)
            return place.id, position - place.start - removed
        if summary.parts[index].kind != "method":
            return None
    return None


def index_of(summary: ModuleSummary, part_id: str) -> int:
    """Return the index of a part in `parts` and `placements`.

    Raises:
        KeyError: the file has no such part.
    """
    for index, place in enumerate(summary.placements):
        if place.id == part_id:
            return index
    raise KeyError(part_id)


def _methods(summary: ModuleSummary, class_index: int) -> Iterator[tuple[int, int]]:
    """Yield the byte ranges of the methods of a class, which follow it."""
    for index in range(class_index + 1, len(summary.parts)):
        if summary.parts[index].kind != "method":
            return
        place = summary.placements[index]
        yield place.start, place.end
