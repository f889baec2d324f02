"""Columns of a picture: cycles are broken, every node stands right of what leads to it, columns are not too long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Pair = tuple[str, str]


def layered(names: Sequence[str], links: Sequence[Pair], longest: int) -> dict[str, int]:
    """The column of each node, from 0. A link goes to the right, except those that a cycle forces back.

    No column has more than `longest` nodes: what is too much becomes a column of its own.
    """
    order = {name: place for place, name in enumerate(_sequence(names, links))}
    forward = [(tail, head) if order[tail] < order[head] else (head, tail) for tail, head in links]
    after = _neighbours(names, forward)
    before = _neighbours(names, [(head, tail) for tail, head in forward])
    column = dict.fromkeys(names, 0)
    for name in sorted(names, key=order.__getitem__):
        for head in after[name]:
            column[head] = max(column[head], column[name] + 1)
    for name in names:
        # what nothing leads to stands next to what it leads to
        if not before[name] and after[name]:
            column[name] = min(column[head] for head in after[name]) - 1
    return _split(names, column, after, longest)


def _neighbours(names: Sequence[str], links: Sequence[Pair]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {name: {} for name in names}
    for tail, head in links:
        found[tail][head] = None
    return {name: list(others) for name, others in found.items()}


def _split(
    names: Sequence[str], column: Mapping[str, int], after: Mapping[str, list[str]], longest: int
) -> dict[str, int]:
    found: dict[str, int] = {}
    base = 0
    for number in sorted(set(column.values())):
        # ends first: they have nothing to the right to be near to
        members = sorted((name for name in names if column[name] == number), key=lambda name: bool(after[name]))
        parts = max(1, -(-len(members) // longest))
        size = -(-len(members) // parts)
        for place, name in enumerate(members):
            found[name] = base + place // size
        base += parts
    return found


def _sequence(names: Sequence[str], links: Sequence[Pair]) -> list[str]:
    """All nodes in an order in which few links go backwards (Eades, Lin and Smyth)."""
    after, before = _neighbours(names, links), _neighbours(names, [(head, tail) for tail, head in links])
    leaving = {name: len(after[name]) for name in names}
    arriving = {name: len(before[name]) for name in names}
    left: list[str] = []
    right: list[str] = []
    rest = dict.fromkeys(names)

    def take(name: str, side: list[str]) -> None:
        del rest[name]
        side.append(name)
        for head in after[name]:
            arriving[head] -= 1
        for tail in before[name]:
            leaving[tail] -= 1

    while rest:
        while (sink := next((name for name in rest if not leaving[name]), None)) is not None:
            take(sink, right)
        while (source := next((name for name in rest if not arriving[name]), None)) is not None:
            take(source, left)
        if rest:
            take(max(rest, key=lambda name: leaving[name] - arriving[name]), left)
    return [*left, *reversed(right)]
