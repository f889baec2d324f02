"""What is being computed at this moment, and the provisional answers of cycles."""

from __future__ import annotations

from typing import NamedTuple

from shearpin.query.nodes import Memo, Node


class Frame:
    """A query body that runs; `heads` are the open circles it stands in, `members` what else stands in them."""

    __slots__ = ("deps", "heads", "is_head", "is_settled", "members", "memo", "provisional")

    def __init__(self, memo: Memo, provisional: object) -> None:
        self.memo = memo
        self.deps: dict[Node, None] = {}
        self.heads: set[Memo] | None = None
        self.members: set[Memo] | None = None
        self.is_head = False
        #: False when a cycle in it is iterated without an end
        self.is_settled = True
        self.provisional = provisional


class Held(NamedTuple):
    """A provisional answer inside a cycle, and what reading it means for the reader."""

    value: object
    deps: dict[Node, None]
    heads: set[Memo]
    members: set[Memo]
    is_settled: bool
