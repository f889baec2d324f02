"""A class with a broken member: blank out what does not parse, so that the other members are read as ever.

Blanking keeps every offset. A broken method becomes another method of the same length, a broken statement a string.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tree_sitter import Node, Parser, Tree

from shearpin.syntax.chunks import Chunk, cut_broken
from shearpin.syntax.definitions import definition_in

_FIRST_METHOD = re.compile(rb"\n([ \t]+)(?:def\b|async[ \t]+def\b|@)")
_METHOD = re.compile(rb"def\b|async[ \t]+def\b|@")
_CLASS = re.compile(rb"class\b[^\n]*+|@(?s:.)*?\nclass\b[^\n]*+")
_FILLER_HEAD, _FILLER_TAIL = b"def m():", b"0"
_EMPTY = b'""'


@dataclass(frozen=True, slots=True)
class BrokenMethod:
    """A method that does not parse: its byte range and the nodes that could be made of it.

    `text` is what the nodes point into; the method starts at `shift` in it.
    """

    start: int
    end: int
    text: bytes
    shift: int
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repaired:
    """The text of a class with its broken members blanked out."""

    text: bytes
    methods: tuple[BrokenMethod, ...]
    has_broken_statement: bool


def repair_class(text: bytes, parser: Parser) -> Repaired | None:
    """Blank out the broken members of a class that does not parse; None when the damage is elsewhere."""
    first = _FIRST_METHOD.search(text) if _CLASS.match(text) else None
    if first is None:
        return None
    repaired = bytearray(text)
    methods: list[BrokenMethod] = []
    has_broken_statement = False
    for member in cut_broken(text, first[1])[1:]:
        raw = _without_trailing_comments(text[member.start : member.end], first[1])
        before = b"class _:\n" + first[1]
        tree = parser.parse(before + closed(raw, member))
        if not tree.root_node.has_error and not member.open_quote:
            continue
        is_method = _METHOD.match(raw) is not None
        blank = _filler(len(raw)) if is_method else _EMPTY.ljust(len(raw))
        if len(blank) != len(raw):
            return None
        repaired[member.start : member.start + len(raw)] = blank
        if is_method:
            methods.append(_broken_method(member.start, raw, before, tree, parser))
        has_broken_statement |= not is_method
    if not methods and not has_broken_statement:
        return None
    return Repaired(bytes(repaired), tuple(methods), has_broken_statement)


def closed(raw: bytes, chunk: Chunk) -> bytes:
    """Close the string that a chunk leaves open, so that the definition around it can be read."""
    if not chunk.open_quote:
        return raw
    return raw + (b"\n" if raw.endswith(b"\\") else b"") + chunk.open_quote


def _without_trailing_comments(raw: bytes, indent: bytes) -> bytes:
    """Leave out what stands between a member and the next one: blank lines and comments of the class."""
    raw = raw.rstrip()
    while True:
        head, newline, line = raw.rpartition(b"\n")
        comment = line.lstrip()
        if not newline or not comment.startswith(b"#") or len(line) - len(comment) > len(indent):
            return raw
        raw = head.rstrip()


def _broken_method(start: int, raw: bytes, before: bytes, tree: Tree, parser: Parser) -> BrokenMethod:
    """Find the definition in the tree of a class with just this member, else take all nodes of the bare method."""
    end = start + len(raw)
    for top in tree.root_node.children:
        body = top.child_by_field_name("body")
        for node in body.children if body is not None else ():
            if node.start_byte == len(before) and definition_in(node) is not None:
                return BrokenMethod(start, end, before + raw, len(before), (node,))
    return BrokenMethod(start, end, raw, 0, tuple(parser.parse(raw).root_node.children))


def _filler(size: int) -> bytes:
    return _FILLER_HEAD.ljust(size - len(_FILLER_TAIL)) + _FILLER_TAIL
