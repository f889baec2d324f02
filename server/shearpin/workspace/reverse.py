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
        self._added: dict[str, list[Place]] = {}
        self._removed: dict[str, list[Place]] = {}

    def change(self, place: Place, before: Iterable[str], after: Iterable[str]) -> None:
        """A part held the names `before` and holds `after` now."""
        old, new = frozenset(before), frozenset(after)
        for name in new - old:
            self._added.setdefault(name, []).append(place)
        for name in old - new:
            self._removed.setdefault(name, []).append(place)

    def flush(self, changes: dict[Key, object]) -> None:
        """Write the new value of every name that changed."""
        for name in self._added.keys() | self._removed.keys():
            places = self._places.get(name, [])
            removed, added = self._removed.get(name, []), self._added.get(name, [])
            if len(removed) + len(added) <= _FEW:
                _edit(places, removed, added)
            else:
                places = sorted((set(places) - set(removed)) | set(added))
            self._places[name] = places
            if not places:
                del self._places[name]
            changes[self._key(name)] = tuple(places) or None
        self._added.clear()
        self._removed.clear()


def _edit(places: list[Place], removed: list[Place], added: list[Place]) -> None:
    for place in removed:
        index = bisect_left(places, place)
        if index < len(places) and places[index] == place:
            del places[index]
    for place in added:
        insort(places, place)
