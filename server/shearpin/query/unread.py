"""Nodes that nothing rests on any more, so that what was asked about names long gone does not stay for ever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.query.nodes import Input, Memo, Node

#: not at once: what a keystroke takes away often comes back with the next one
MANY = 1000


class Unread:
    """Collects nodes that lost their last reader; some have got one since."""

    def __init__(self, many: int = MANY) -> None:
        self._many = many
        self._nodes: dict[Node, None] = {}

    def add(self, nodes: Iterable[Node]) -> None:
        """These lost their last reader."""
        for node in nodes:
            self._nodes[node] = None

    def is_full(self) -> bool:
        """Whether it is time to take them."""
        return len(self._nodes) > self._many

    def clear(self) -> None:
        """All of them are gone."""
        self._nodes.clear()

    def take(self) -> Iterator[Memo | Input]:
        """Answers and absent inputs that nobody holds; more may be added meanwhile."""
        while self._nodes:
            node, _ = self._nodes.popitem()
            if node.readers:
                continue
            if isinstance(node, Memo):
                if node.is_known and not node.is_root:
                    yield node
            elif isinstance(node, Input) and node.value is None:
                yield node
