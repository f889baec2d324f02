"""Where nodes stand and lines run in a picture of layers from left to right. Knows boxes and lines, no services.

Longest-path layers, crossings reduced by barycentres, heights by least squares; a line that passes a column gets a
place of its own in it, so that no line runs through a box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, sqrt

from shearpin.report.layout_layers import layered
from shearpin.report.layout_order import ordered
from shearpin.report.layout_place import heights

#: distances in pixels: between boxes of a column, a box and a line, two lines
_BOX_GAP = 22.0
_LINE_GAP = 14.0
_LINES_GAP = 9.0
_PORT_GAP = 12.0
_COLUMN_GAP = 84.0
_WIDEST_GAP = 240.0
_MARGIN = 28.0


@dataclass(frozen=True, slots=True)
class Box:
    """Something to place; names are unique."""

    name: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its upper left corner."""

    name: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Run:
    """A level stretch of a line, from x `start` to `end`."""

    start: float
    end: float
    y: float


@dataclass(frozen=True, slots=True)
class Route:
    """A line from the side of one box to the side of another: level runs, each joined to the next by a curve."""

    tail: str
    head: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole picture; `routes` in the order of the links, without those from a box to itself."""

    width: float
    height: float
    boxes: tuple[Placed, ...]
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class _Grid:
    """Boxes and bends by column, who is next to whom, and the chain of names of each link from left to right."""

    columns: list[list[str]]
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    chains: list[list[str]]


def layout(boxes: Sequence[Box], links: Sequence[tuple[str, str]], least_gap: float = _COLUMN_GAP) -> Layout:
    """Place boxes; the same input gives the same picture. Links to names that no box has are an error (KeyError).

    `least_gap` is the room between columns, for labels of lines.
    """
    lines = [(tail, head) for tail, head in links if tail != head]
    linked = {name for line in lines for name in line}
    joined = [box for box in boxes if box.name in linked]
    alone = [box for box in boxes if box.name not in linked]
    placed, routes = _picture(joined, lines, least_gap)
    bottom = max((box.y + box.height for box in placed), default=0.0)
    bottom = max(bottom, *(run.y for route in routes for run in route.runs), 0.0) if routes else bottom
    width = max((box.x + box.width for box in placed), default=0.0)
    rows = _rows(alone, max(width, 900.0), bottom + _BOX_GAP * 2 if placed else _MARGIN)
    everything = {box.name: box for box in (*placed, *rows)}
    return Layout(
        max((box.x + box.width for box in everything.values()), default=0.0) + _MARGIN,
        max(bottom, *(box.y + box.height for box in everything.values())) + _MARGIN if everything else _MARGIN,
        tuple(everything[box.name] for box in boxes),
        tuple(routes),
    )


def _rows(boxes: Sequence[Box], width: float, top: float) -> list[Placed]:
    """Boxes without lines, in rows below the others."""
    found: list[Placed] = []
    x, y, tallest = _MARGIN, top, 0.0
    for box in boxes:
        if x > _MARGIN and x + box.width > width:
            x, y, tallest = _MARGIN, y + tallest + _BOX_GAP, 0.0
        found.append(Placed(box.name, x, y, box.width, box.height))
        x, tallest = x + box.width + _BOX_GAP, max(tallest, box.height)
    return found


def _picture(
    boxes: Sequence[Box], links: Sequence[tuple[str, str]], least_gap: float
) -> tuple[list[Placed], list[Route]]:
    if not boxes:
        return [], []
    sizes = {box.name: box for box in boxes}
    grid = _grid(boxes, links)
    rows = ordered(grid.columns, grid.before, grid.after)

    def gap(upper: str, lower: str) -> float:
        real = [sizes[name] for name in (upper, lower) if name in sizes]
        return sum(box.height for box in real) / 2 + (_LINES_GAP, _LINE_GAP, _BOX_GAP)[len(real)]

    middle = heights(rows, (grid.before, grid.after), gap, lambda name: name not in sizes)
    top = max((sizes[name].height / 2 for row in rows for name in row if name in sizes), default=0.0)
    middle = {name: value + top + _MARGIN for name, value in middle.items()}
    ports = _ports(grid, sizes, middle)
    spans = _spans(rows, sizes, middle, grid.after, least_gap)
    column = {name: spans[number] for number, row in enumerate(rows) for name in row}
    placed = [_placed(box, column[box.name], middle[box.name]) for box in boxes]
    return placed, _routes(links, grid, ports, column, {box.name: box for box in placed})


def _grid(boxes: Sequence[Box], links: Sequence[tuple[str, str]]) -> _Grid:
    names = [box.name for box in boxes]
    number = layered(names, links, max(8, ceil(1.7 * sqrt(len(names)))))
    columns: list[list[str]] = [[] for _ in range(max(number.values()) + 1)]
    for name in names:
        columns[number[name]].append(name)
    chains: list[list[str]] = []
    for index, (tail, head) in enumerate(links):
        first, last = (tail, head) if number[tail] < number[head] else (head, tail)
        # no box is called like a bend: names of nodes hold no NUL
        bends = [f"\0{index}\0{place}" for place in range(number[first] + 1, number[last])]
        for place, bend in enumerate(bends, number[first] + 1):
            columns[place].append(bend)
        chains.append([first, *bends, last])
    everything = [name for column in columns for name in column]
    before: dict[str, list[str]] = {name: [] for name in everything}
    after: dict[str, list[str]] = {name: [] for name in everything}
    for chain in chains:
        for left, right in pairwise(chain):
            after[left].append(right)
            before[right].append(left)
    return _Grid(columns, before, after, chains)


def _spans(
    rows: list[list[str]],
    sizes: dict[str, Box],
    middle: dict[str, float],
    after: dict[str, list[str]],
    least_gap: float,
) -> list[tuple[float, float]]:
    """Left and right edge of each column; columns between which lines climb far stand further apart."""
    found: list[tuple[float, float]] = []
    x = _MARGIN
    for row in rows:
        width = max((sizes[name].width for name in row if name in sizes), default=0.0)
        found.append((x, x + width))
        climb = max((abs(middle[name] - middle[other]) for name in row for other in after[name]), default=0.0)
        x += width + min(_WIDEST_GAP, max(least_gap, climb * 0.2))
    return found


def _placed(box: Box, span: tuple[float, float], middle: float) -> Placed:
    left, right = span
    return Placed(box.name, (left + right - box.width) / 2, middle - box.height / 2, box.width, box.height)


def _ports(grid: _Grid, sizes: dict[str, Box], middle: dict[str, float]) -> dict[tuple[str, int, bool], float]:
    """Heights at which lines touch boxes, by (box, link, right side), ordered like their other ends."""
    sides: dict[tuple[str, bool], list[tuple[float, int]]] = {}
    for index, chain in enumerate(grid.chains):
        sides.setdefault((chain[0], True), []).append((middle[chain[1]], index))
        sides.setdefault((chain[-1], False), []).append((middle[chain[-2]], index))
    found: dict[tuple[str, int, bool], float] = {}
    for (name, is_right), ends in sides.items():
        room = sizes[name].height - 14.0
        step = min(_PORT_GAP, room / max(1, len(ends) - 1))
        for place, (_, index) in enumerate(sorted(ends)):
            found[name, index, is_right] = middle[name] + (place - (len(ends) - 1) / 2) * step
    for index, chain in enumerate(grid.chains):
        for bend in chain[1:-1]:
            found[bend, index, True] = middle[bend]
    return found


def _routes(
    links: Sequence[tuple[str, str]],
    grid: _Grid,
    ports: dict[tuple[str, int, bool], float],
    column: dict[str, tuple[float, float]],
    placed: dict[str, Placed],
) -> list[Route]:
    found: list[Route] = []
    for index, ((tail, head), chain) in enumerate(zip(links, grid.chains, strict=True)):
        first, last = placed[chain[0]], placed[chain[-1]]
        runs = [Run(first.x + first.width, column[chain[0]][1], ports[chain[0], index, True])]
        runs += [Run(*column[bend], ports[bend, index, True]) for bend in chain[1:-1]]
        runs.append(Run(column[chain[-1]][0], last.x, ports[chain[-1], index, False]))
        if chain[0] != tail:
            runs = [Run(run.end, run.start, run.y) for run in reversed(runs)]
        found.append(Route(tail, head, tuple(runs)))
    return found
