"""`type X[T] = value`, and `type(x).attr = value`, which this grammar takes for the same statement."""

from __future__ import annotations

from tree_sitter import Node

from shearpin.syntax.expressions import arguments, expression, field_expression, index_of
from shearpin.syntax.grammar import by_kind, field, kind, solid_children
from shearpin.syntax.ir import Assign, Attribute, Call, Expr, Name, Stmt, Subscript
from shearpin.syntax.reader import MAX_DEPTH, Reader
from shearpin.syntax.statements import STATEMENTS, note_writes

_IDENTIFIER = kind("identifier")
_ATTRIBUTE = kind("attribute")
_SUBSCRIPT = kind("subscript")
_TYPE = kind("type")
_CONSTRAINED = kind("constrained_type")
_LEFT, _RIGHT = field("left"), field("right")
_OBJECT, _NAME, _VALUE, _INDEX = field("object"), field("attribute"), field("value"), field("subscript")


def _type_alias(reader: Reader, node: Node) -> Stmt:
    """An alias reads like an assignment to its name; its type parameters are left out."""
    left = node.child_by_field_id(_LEFT)
    if left is not None and reader.text[left.start_byte : left.start_byte + 1] == b"(":
        return _call_of_type(reader, node, left)
    while left is not None and left.kind_id != _IDENTIFIER:
        left = next(iter(solid_children(left)), None)
    target = [expression(reader, left)] if left is not None else []
    return Assign(tuple(target), field_expression(reader, node, _RIGHT), reader.span(node))


def _call_of_type(reader: Reader, node: Node, left: Node) -> Stmt:
    annotation: Expr | None = None
    while left.kind_id in (_TYPE, _CONSTRAINED):
        children = solid_children(left)
        if left.kind_id == _CONSTRAINED and len(children) > 1:
            annotation = expression(reader, children[1])
        left = children[0]
    target = _target(reader, left, node.start_byte, 0)
    note_writes(reader, target)
    return Assign((target,), field_expression(reader, node, _RIGHT), reader.span(node), annotation)


def _target(reader: Reader, node: Node, start: int, depth: int) -> Expr:
    """Read the attributes and subscripts behind `type(...)`; `start` is where the word `type` stands."""
    base = reader.base
    span = (start - base) << 24 | (node.end_byte - start)
    inside = node.child_by_field_id(_OBJECT if node.kind_id == _ATTRIBUTE else _VALUE)
    if node.kind_id == _ATTRIBUTE and inside is not None and depth < MAX_DEPTH:
        attr = node.child_by_field_id(_NAME)
        raw = reader.text[attr.start_byte : attr.end_byte] if attr is not None else b""
        read = _target(reader, inside, start, depth + 1)
        return Attribute(read, reader.mention(raw), span, reader.span(attr)) if attr is not None and raw else read
    if node.kind_id == _SUBSCRIPT and inside is not None and depth < MAX_DEPTH:
        index = index_of(reader, node.children_by_field_id(_INDEX), node)
        return Subscript(_target(reader, inside, start, depth + 1), index, span)
    word = Name(reader.mention(b"type"), (start - base) << 24 | len(b"type"))
    positional, keywords = arguments(reader, node)
    return Call(word, positional, keywords, span, reader.span(node))


STATEMENTS.update(by_kind({"type_alias_statement": _type_alias}))
