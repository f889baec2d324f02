"""Places of labels on lines: on their own line, over no box and no other label. Without room there is no label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shearpin.report.layout import Layout, Route

_CELL = 64.0
_AIR = 3.0


@dataclass(frozen=True, slots=True)
class Label:
    """The size of a label; width 0 for none."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Area:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Area) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


class _Taken:
    """Areas that are taken, by cells, so that asking stays quick in a large picture."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[_Area]] = {}

    def add(self, area: _Area) -> None:
        for cell in _cells(area):
            self._cells.setdefault(cell, []).append(area)

    def is_free(self, area: _Area) -> bool:
        return not any(area.meets(other) for cell in _cells(area) for other in self._cells.get(cell, ()))


def place_labels(drawn: Layout, labels: Sequence[Label]) -> list[tuple[float, float] | None]:
    """The middle of each label, one for each route; None without a label or without room for it."""
    taken = _Taken()
    for box in drawn.boxes:
        # badges of boxes reach a little over their upper edge
        taken.add(_Area(box.x - _AIR, box.y - 10, box.x + box.width + 8, box.y + box.height + _AIR))
    found: list[tuple[float, float] | None] = []
    for route, label in zip(drawn.routes, labels, strict=True):
        spot = next(_spots(route, label, taken), None) if label.width else None
        if spot is not None:
            taken.add(_area(spot, label, _AIR))
        found.append(spot)
    return found


def _spots(route: Route, label: Label, taken: _Taken) -> Iterator[tuple[float, float]]:
    for spot in _candidates(route):
        if taken.is_free(_area(spot, label, 0.0)):
            yield spot


def _candidates(route: Route) -> Iterator[tuple[float, float]]:
    """Points of a line: on its curves near the far end first, then over its level runs."""
    bends = list(pairwise(route.runs))
    for share in (0.5, 0.62, 0.38, 0.72, 0.28, 0.8, 0.2):
        for before, after in reversed(bends):
            yield _on_curve((before.end, before.y), (after.start, after.y), share)
    for run in route.runs:
        if abs(run.end - run.start) > _CELL:
            yield (run.start + run.end) / 2, run.y


def _on_curve(start: tuple[float, float], end: tuple[float, float], share: float) -> tuple[float, float]:
    """A point of the curve that leaves and arrives level."""
    half = (start[0] + end[0]) / 2
    rest = 1 - share
    weights = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
    x = sum(weight * value for weight, value in zip(weights, (start[0], half, half, end[0]), strict=True))
    y = sum(weight * value for weight, value in zip(weights, (start[1], start[1], end[1], end[1]), strict=True))
    return x, y


def _area(middle: tuple[float, float], label: Label, air: float) -> _Area:
    x, y = middle
    return _Area(
        x - label.width / 2 - air, y - label.height / 2 - air, x + label.width / 2 + air, y + label.height / 2 + air
    )


def _cells(area: _Area) -> Iterator[tuple[int, int]]:
    for column in range(int(area.left // _CELL), int(area.right // _CELL) + 1):
        for row in range(int(area.top // _CELL), int(area.bottom // _CELL) + 1):
            yield column, row
