"""The nodes that only annotations have."""

from __future__ import annotations

from tree_sitter import Node

from shearpin.syntax.expressions import EXPRESSIONS, expression, index_of, opaque
from shearpin.syntax.grammar import by_kind, solid_children
from shearpin.syntax.ir import Attribute, Binary, Expr, Subscript
from shearpin.syntax.reader import Reader


def _generic(reader: Reader, node: Node) -> Expr:
    """`list[int]` in an annotation."""
    children = solid_children(node)
    if len(children) != 2:
        return opaque(reader, node)
    given = solid_children(children[1])
    return Subscript(expression(reader, children[0]), index_of(reader, given, children[1]), reader.span(node))


def _union(reader: Reader, node: Node) -> Expr:
    children = solid_children(node)
    if len(children) != 2:
        return opaque(reader, node)
    left, right = [expression(reader, child) for child in children]
    return Binary(left, "|", right, reader.span(node))


def _member(reader: Reader, node: Node) -> Expr:
    children = solid_children(node)
    if len(children) != 2:
        return opaque(reader, node)
    value, attr = children
    read = expression(reader, value)
    raw = reader.text[attr.start_byte : attr.end_byte]
    return Attribute(read, reader.mention(raw), reader.span(node), reader.span(attr)) if raw else read


EXPRESSIONS.update(by_kind({"generic_type": _generic, "union_type": _union, "member_type": _member}))
