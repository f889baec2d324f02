"""Reverse indexes: which parts mention a name. Kept from differences, so that an edit costs what it changes."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from typing import TypeAlias

from shearpin.query.kernel import Key

Place: TypeAlias = tuple[str, str]

#: more changes than this for one name are sorted at once
_FEW = 8


class ReverseIndex:
    """For each name, the sorted (path, part id) that hold it."""

    def __init__(self, key: Callable[[str], Key]) -> None:
        self._key = key
        self._places: dict[str, list[Place]] = {}
        # What is new since the last `flush`: a place that gains and loses a name in between stands in neither.
        self._added: dict[str, dict[Place, None]] = {}
        self._removed: dict[str, dict[Place, None]] = {}

    def change(self, place: Place, before: Iterable[str], after: Iterable[str]) -> None:
        """A part held the names `before` and holds `after` now."""
        old, new = frozenset(before), frozenset(after)
        for name in new - old:
            _note(name, place, self._added, self._removed)
        for name in old - new:
            _note(name, place, self._removed, self._added)

    def flush(self, changes: dict[Key, object]) -> None:
        """Write the new value of every name that changed."""
        for name in self._added.keys() | self._removed.keys():
            places = self._places.get(name, [])
            removed, added = self._removed.get(name, {}), self._added.get(name, {})
            if len(removed) + len(added) <= _FEW:
                _edit(places, removed, added)
            else:
                places = sorted((set(places) - removed.keys()) | added.keys())
            self._places[name] = places
            if not places:
                del self._places[name]
            changes[self._key(name)] = tuple(places) or None
        self._added.clear()
        self._removed.clear()


def _note(name: str, place: Place, here: dict[str, dict[Place, None]], there: dict[str, dict[Place, None]]) -> None:
    undone = there.get(name)
    if undone is not None and place in undone:
        del undone[place]
    else:
        here.setdefault(name, {})[place] = None


def _edit(places: list[Place], removed: Iterable[Place], added: Iterable[Place]) -> None:
    for place in removed:
        index = bisect_left(places, place)
        if index < len(places) and places[index] == place:
            del places[index]
    for place in added:
        insort(places, place)
