"""What is gathered while one part is read."""

from __future__ import annotations

import sys

from tree_sitter import Node

#: Nesting, in expressions and statements together, beyond which code is folded into an Opaque. It bounds the
#: recursion of everybody who walks a part.
MAX_DEPTH = 90


#: what this grammar still accepts as names
_KEYWORDS = frozenset({"async", "await"})


class Reader:
    """State of the extraction of one part: the text its nodes point into and what it has seen so far.

    `base` is subtracted from all offsets. `names` are the identifiers mentioned so far, by their bytes.
    """

    __slots__ = (
        "base", "base_names", "broken", "declared", "declared_global", "depth", "global_names", "names", "text",
        "writes", "yields",
    )  # fmt: skip

    def __init__(self, text: bytes, base: int) -> None:
        self.text = text
        self.base = base
        self.depth = 0
        self.names: dict[bytes, str] = {}
        self.writes: set[str] = set()
        self.base_names: set[str] = set()
        #: names declared global or nonlocal in the function being read
        self.declared: set[str] = set()
        self.declared_global: set[str] = set()
        #: names that functions of this part assign at module level
        self.global_names: set[str] = set()
        self.yields = False
        #: true when code was met that tree-sitter accepts and Python does not
        self.broken = False

    def mention(self, raw: bytes) -> str:
        """Return an identifier as a shared string and remember that it was mentioned."""
        name = self.names.get(raw)
        if name is None:
            name = sys.intern(raw.decode("utf-8", "replace"))
            self.names[raw] = name
            if name in _KEYWORDS:
                self.broken = True
        return name

    def span(self, node: Node) -> int:
        """Return the packed span of a node."""
        start = node.start_byte
        return (start - self.base) << 24 | (node.end_byte - start)

    def plain(self, node: Node) -> str:
        """Return the text of a node as a shared string, not as a mention."""
        return sys.intern(self.text[node.start_byte : node.end_byte].decode("utf-8", "replace"))
