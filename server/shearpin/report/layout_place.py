"""Heights of nodes: near to what they are linked to, in their order, and never closer than they may stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

_SWEEPS = 12
#: how strongly the pieces of a long line pull each other straight, compared with two nodes
_STRAIGHT = 8.0

Near = Mapping[str, Sequence[str]]


def heights(
    rows: Sequence[Sequence[str]],
    near: tuple[Near, Near],
    gap: Callable[[str, str], float],
    is_bend: Callable[[str], bool],
) -> dict[str, float]:
    """The middle of each node, from 0 on. `near` are the neighbours to the left and right.

    `gap` is the least distance of the middles of two nodes that follow each other in a column.
    """
    before, after = near
    middle: dict[str, float] = {}
    for row in rows:
        position = 0.0
        for index, name in enumerate(row):
            position += gap(row[index - 1], name) if index else 0.0
            middle[name] = position
    for sweep in range(_SWEEPS):
        is_last = sweep >= _SWEEPS - 2
        for row in rows if sweep % 2 == 0 else reversed(rows):
            sides = (before, after) if is_last else (before,) if sweep % 2 == 0 else (after,)
            _settle(row, middle, sides, gap, is_bend)
    lowest = min(middle.values(), default=0.0)
    return {name: value - lowest for name, value in middle.items()}


def _settle(
    row: Sequence[str],
    middle: dict[str, float],
    sides: tuple[Near, ...],
    gap: Callable[[str, str], float],
    is_bend: Callable[[str], bool],
) -> None:
    wished: list[float] = []
    weights: list[float] = []
    shift: list[float] = []
    offset = 0.0
    for index, name in enumerate(row):
        offset += gap(row[index - 1], name) if index else 0.0
        shift.append(offset)
        pulls = [
            (middle[other], _STRAIGHT if is_bend(name) and is_bend(other) else 1.0)
            for side in sides
            for other in side[name]
        ]
        weight = sum(pull for _, pull in pulls)
        wish = sum(place * pull for place, pull in pulls) / weight if pulls else middle[name]
        wished.append(wish - offset)
        weights.append(weight or 0.1)
    for name, value, moved in zip(row, _monotone(wished, weights), shift, strict=True):
        middle[name] = value + moved


def _monotone(wished: list[float], weights: list[float]) -> list[float]:
    """The rising sequence nearest to what is wished, by least squares: neighbours that disagree share a mean."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(wished, weights, strict=True):
        mean, total, count = value, weight, 1
        while blocks and blocks[-1][0] > mean:
            other, other_weight, other_count = blocks.pop()
            mean = (mean * total + other * other_weight) / (total + other_weight)
            total, count = total + other_weight, count + other_count
        blocks.append((mean, total, count))
    return [mean for mean, _, count in blocks for _ in range(count)]
