"""What the table holds: inputs and answers, linked in both directions.

A workspace of two thousand files has half a million of them, so they are slim: identity is their hash, few readers
stand in a tuple or list and only many in a set.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Protocol

#: rank of an input, and of an answer that is not known
UNRANKED = -1
#: so many readers stand in a list, whose entries are found one after the other
_FEW = 24


class Question(Protocol):
    """A query as its answers know it."""

    @property
    def name(self) -> str:
        """What executions are counted under."""
        ...

    @property
    def function(self) -> Callable[..., object]:
        """Its body."""
        ...

    @property
    def has_bottom(self) -> bool:
        """Whether it may be recursive, beginning with `bottom`."""
        ...

    @property
    def bottom(self) -> object:
        """The first answer inside a cycle."""
        ...

    @property
    def has_top(self) -> bool:
        """Whether `top` is its answer in a cycle that does not settle."""
        ...

    @property
    def top(self) -> object:
        """The answer of each member of a cycle that does not settle."""
        ...


class Node:
    """Something that answers read. `readers` are the answers that rest on it, each once."""

    __slots__ = ("rank", "readers", "value")

    def __init__(self, value: object = None) -> None:
        self.value = value
        self.rank = UNRANKED
        self.readers: Collection[Memo] = ()

    def add_reader(self, reader: Memo) -> None:
        """`reader` rests on this from now on; it must not do so already."""
        readers = self.readers
        if isinstance(readers, list):
            if len(readers) < _FEW:
                readers.append(reader)
            else:
                self.readers = {*readers, reader}
        elif isinstance(readers, set):
            readers.add(reader)
        elif readers:
            self.readers = [*readers, reader]
        else:
            self.readers = (reader,)

    def remove_reader(self, reader: Memo) -> None:
        """`reader` rests on this no longer."""
        readers = self.readers
        if isinstance(readers, set):
            readers.discard(reader)
        elif isinstance(readers, list):
            if reader in readers:
                readers.remove(reader)
        elif readers and reader in readers:
            self.readers = ()

    def forget_readers(self) -> None:
        """Nothing rests on this."""
        self.readers = ()


class Input(Node):
    """A value from outside; None stands for its absence."""

    __slots__ = ("key",)

    def __init__(self, key: tuple[Hashable, ...], value: object = None) -> None:
        super().__init__(value)
        self.key = key


class Memo(Node):
    """An answer of a query: unknown at first, later known, and suspect while something it rests on has changed."""

    __slots__ = ("args", "changed", "computed", "deps", "is_active", "is_known", "is_root", "maybe", "query", "suspect")

    def __init__(self, query: Question, args: tuple[Hashable, ...]) -> None:
        super().__init__()
        self.query = query
        self.args = args
        self.deps: tuple[Node, ...] = ()
        self.is_known = False
        self.suspect = True
        #: suspect only because something it rests on may turn out different
        self.maybe = False
        #: when the value last differed, and when it was last known to be right
        self.changed = 0
        self.computed = 0
        #: somebody outside asked for it
        self.is_root = False
        #: its body runs at this moment
        self.is_active = False

    def read(self, deps: Mapping[Node, None]) -> list[Node]:
        """Replace what the answer rests on; returns what nothing rests on any more."""
        unread: list[Node] = []
        old = self.deps
        if not old:
            for dep in deps:
                dep.add_reader(self)
        else:
            before = set(old)
            for dep in old:
                if dep not in deps:
                    dep.remove_reader(self)
                    if not dep.readers:
                        unread.append(dep)
            for dep in deps:
                if dep not in before:
                    dep.add_reader(self)
        self.deps = tuple(deps)
        return unread

    def is_still_right(self) -> bool:
        """True when nothing that it read has changed since it was computed."""
        for dep in self.deps:
            if isinstance(dep, Memo) and (not dep.is_known or dep.suspect or dep.changed > self.computed):
                return False
        return True

    def forget(self) -> None:
        """The answer is not known any more; who reads it still does."""
        self.deps = ()
        self.value = None
        self.rank = UNRANKED
        self.is_known = self.maybe = self.is_root = False
        self.suspect = True
