"""The patterns of `match`: which names they bind and which values they test."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node

from shearpin.syntax import grammar
from shearpin.syntax.expressions import expression
from shearpin.syntax.grammar import kind, kinds, solid_children
from shearpin.syntax.ir import Attribute, Expr, Literal, Name
from shearpin.syntax.reader import MAX_DEPTH, Reader

_DOTTED = kind("dotted_name")
_IDENTIFIER = kind("identifier")
_CLASS = kind("class_pattern")
_KEYWORD = kind("keyword_pattern")
_SPLAT = kind("splat_pattern")
_AS = kinds("as_pattern")
_DICT = kind("dict_pattern")
_LITERALS = kinds("string", "concatenated_string", "integer", "float", "true", "false", "none")
_KEY = grammar.field("key")


@dataclass(slots=True)
class Pattern:
    """What the patterns of one case bind and test."""

    names: list[str] = field(default_factory=list)
    values: list[Expr] = field(default_factory=list)
    is_wildcard: bool = False


def read_patterns(reader: Reader, patterns: list[Node]) -> Pattern:
    """Read the patterns of one case; several stand for a sequence. A wildcard is `_` or a bare name."""
    found = Pattern()
    for pattern in patterns:
        _read(reader, pattern, found, 0)
    if len(patterns) == 1:
        text = reader.text[patterns[0].start_byte : patterns[0].end_byte]
        found.is_wildcard = text == b"_" or found.names == [text.decode("utf-8", "replace")]
    return found


def dotted(reader: Reader, node: Node) -> Expr | None:
    """Read `a.b.c` as a Name with Attributes."""
    result: Expr | None = None
    start = node.start_byte
    for part in node.named_children:
        if part.kind_id != _IDENTIFIER:
            continue
        name = reader.mention(reader.text[part.start_byte : part.end_byte])
        if result is None:
            result = Name(name, reader.span(part))
        else:
            result = Attribute(result, name, (start - reader.base) << 24 | (part.end_byte - start), reader.span(part))
    return result


def _read(reader: Reader, node: Node, found: Pattern, depth: int) -> None:
    if depth > MAX_DEPTH:
        return
    number = node.kind_id
    children = solid_children(node)
    if number == _DOTTED:
        _read_name(reader, node, children, found)
    elif number in _LITERALS:
        found.values.append(_signed(reader, node))
    elif number == _CLASS and children:
        if (name := dotted(reader, children[0])) is not None:
            found.values.append(name)
        _read_all(reader, children[1:], found, depth)
    elif number == _KEYWORD and children:
        reader.mention(reader.text[children[0].start_byte : children[0].end_byte])
        _read_all(reader, children[1:], found, depth)
    elif number == _SPLAT:
        _bind(reader, children, found)
    elif number in _AS and children:
        _read(reader, children[0], found, depth + 1)
        _bind(reader, children[1:], found)
    elif number == _DICT:
        keys = {key.start_byte for key in node.children_by_field_id(_KEY)}
        for key in children:
            if key.start_byte in keys and key.kind_id == _DOTTED:
                dotted(reader, key)
        _read_all(reader, [child for child in children if child.start_byte not in keys], found, depth)
    else:
        _read_all(reader, children, found, depth)


def _read_all(reader: Reader, nodes: list[Node], found: Pattern, depth: int) -> None:
    for node in nodes:
        _read(reader, node, found, depth + 1)


def _read_name(reader: Reader, node: Node, children: list[Node], found: Pattern) -> None:
    if len(children) == 1:
        found.names.append(reader.plain(children[0]))
    elif (value := dotted(reader, node)) is not None:
        found.values.append(value)


def _bind(reader: Reader, nodes: list[Node], found: Pattern) -> None:
    found.names.extend(reader.plain(node) for node in nodes if node.kind_id == _IDENTIFIER)


def _signed(reader: Reader, node: Node) -> Expr:
    """The minus of a negative number is a token beside it."""
    value = expression(reader, node)
    before = node.prev_sibling
    if before is None or before.type != "-":
        return value
    if not isinstance(value, Literal) or not isinstance(value.value, int | float):
        return value
    start = before.start_byte
    return Literal(-value.value, (start - reader.base) << 24 | (node.end_byte - start))
