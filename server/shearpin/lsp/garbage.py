"""The garbage collector around first readings, which make millions of objects and hardly any garbage.

Left alone it walks through all of them again and again while a folder is read, and once more, for a second or so, in
the middle of a keystroke.
"""

from __future__ import annotations

import gc
from collections.abc import Hashable

#: collections of the middle generation before a full one
_RARELY = 2000


class Garbage:
    """Rare full collections while something is read for the first time; afterwards what was read is left out."""

    def __init__(self) -> None:
        self._usual = gc.get_threshold()
        self._reading: set[Hashable] = set()
        self._settled: set[Hashable] = set()

    def begin(self, what: Hashable) -> None:
        """A first reading begins."""
        self._reading.add(what)
        gc.set_threshold(*self._usual[:2], _RARELY)

    def settle(self, what: Hashable) -> None:
        """A first reading is done; later ones of the same change nothing."""
        self._reading.discard(what)
        if not self._reading:
            gc.set_threshold(*self._usual)
        if what not in self._settled:
            self._settled.add(what)
            gc.freeze()

    def end(self, what: Hashable) -> None:
        """It is gone: what was left out counts again, until the others settle anew."""
        self._reading.discard(what)
        if not self._reading:
            gc.set_threshold(*self._usual)
        self._settled.clear()
        gc.unfreeze()
