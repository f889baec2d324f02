"""The order of nodes within columns, so that few lines cross."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from itertools import pairwise

#: how often columns are swept; later sweeps hardly gain anything
_SWEEPS = 16
#: columns up to this size are also improved by swapping neighbours
_SWAPPED = 60

Rows = list[list[str]]
Near = Mapping[str, Sequence[str]]


def ordered(columns: Sequence[Sequence[str]], before: Near, after: Near) -> Rows:
    """Columns with their nodes in the best order found. `before` and `after` are neighbours in the adjacent columns."""
    rows = _first(columns, before, after)
    best, fewest = _copy(rows), _all_crossings(rows, after)
    for sweep in range(_SWEEPS):
        if fewest == 0:
            break
        is_forward = sweep % 2 == 0
        numbers = range(1, len(rows)) if is_forward else range(len(rows) - 2, -1, -1)
        for number in numbers:
            fixed = rows[number - 1] if is_forward else rows[number + 1]
            rows[number] = _by_barycentre(rows[number], fixed, before if is_forward else after)
        _swap(rows, before, after)
        crossings = _all_crossings(rows, after)
        if crossings < fewest:
            best, fewest = _copy(rows), crossings
    return best


def _copy(rows: Rows) -> Rows:
    return [list(row) for row in rows]


def _first(columns: Sequence[Sequence[str]], before: Near, after: Near) -> Rows:
    """Nodes in the order in which a walk from the left meets them: what belongs together starts together."""
    place: dict[str, int] = {}
    for name in (name for column in columns for name in column):
        pending = [name]
        while pending:
            current = pending.pop()
            if current not in place:
                place[current] = len(place)
                pending += [*reversed(before[current]), *reversed(after[current])]
    return [sorted(column, key=place.__getitem__) for column in columns]


def _by_barycentre(row: list[str], fixed: list[str], near: Near) -> list[str]:
    place = {name: index for index, name in enumerate(fixed)}
    weights = {
        name: sum(place[other] for other in near[name]) / len(near[name]) if near[name] else float(index)
        for index, name in enumerate(row)
    }
    return sorted(row, key=weights.__getitem__)


def _swap(rows: Rows, before: Near, after: Near) -> None:
    """Swap neighbours in a column where that removes crossings."""
    places = [{name: index for index, name in enumerate(row)} for row in rows]
    for number, row in enumerate(rows):
        if len(row) > _SWAPPED:
            continue
        sides = []
        if number:
            sides.append((before, places[number - 1]))
        if number + 1 < len(rows):
            sides.append((after, places[number + 1]))
        for index in range(len(row) - 1):
            upper, lower = row[index], row[index + 1]
            gain = sum(
                _pair_crossings(near[upper], near[lower], place) - _pair_crossings(near[lower], near[upper], place)
                for near, place in sides
            )
            if gain > 0:
                row[index], row[index + 1] = lower, upper
        places[number] = {name: index for index, name in enumerate(row)}


def _pair_crossings(upper: Sequence[str], lower: Sequence[str], place: Mapping[str, int]) -> int:
    below = sorted(place[name] for name in lower)
    return sum(bisect_right(below, place[name] - 1) for name in upper)


def _all_crossings(rows: Rows, after: Near) -> int:
    return sum(_crossings(left, right, after) for left, right in pairwise(rows))


def _crossings(left: list[str], right: list[str], after: Near) -> int:
    place = {name: index for index, name in enumerate(right)}
    seen: list[int] = []
    total = 0
    for name in left:
        ends = sorted(place[other] for other in after[name])
        total += sum(len(seen) - bisect_right(seen, end) for end in ends)
        for end in ends:
            insort(seen, end)
    return total
