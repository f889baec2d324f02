"""Expressions: names, attributes, calls and subscripts, and the table that all kinds of expressions are read by."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tree_sitter import Node

from shearpin.syntax.grammar import EXTRAS, by_kind, field, kind, kinds
from shearpin.syntax.ir import Attribute, Call, Expr, Keyword, Name, Opaque, Sequence, Subscript
from shearpin.syntax.reader import MAX_DEPTH, Reader

ExpressionReader = Callable[[Reader, Node], Expr]

#: readers by kind of node; the modules that read the other kinds add theirs
EXPRESSIONS: dict[int, ExpressionReader] = {}

_IDENTIFIER = kind("identifier")
_KEYWORD = kind("keyword_argument")
DOUBLE_SPLAT = kinds("dictionary_splat", "dictionary_splat_pattern")
_GENERATOR = kind("generator_expression")
_OBJECT, _ATTRIBUTE = field("object"), field("attribute")
_FUNCTION, _ARGUMENTS = field("function"), field("arguments")
_NAME, _VALUE, _SUBSCRIPT = field("name"), field("value"), field("subscript")
#: names looked for in what lies too deep
_FOLDED_NAMES = 500


def expression(reader: Reader, node: Node) -> Expr:
    """Read one expression; below MAX_DEPTH only the names it mentions are kept."""
    number = node.kind_id
    if number == _IDENTIFIER:
        return _name(reader, node)
    if reader.depth >= MAX_DEPTH:
        return folded(reader, node)
    reader.depth += 1
    result = EXPRESSIONS.get(number, opaque)(reader, node)
    reader.depth -= 1
    return result


def is_expression(node: Node) -> bool:
    """Tell whether a node, found where nothing is certain, is an expression."""
    return node.kind_id in EXPRESSIONS


def expression_of(reader: Reader, children: Iterable[Node]) -> Expr | None:
    """Read the first of the nodes that is not a comment; None when there is none."""
    for child in children:
        if child.kind_id not in EXTRAS:
            return expression(reader, child)
    return None


def field_expression(reader: Reader, node: Node, number: int) -> Expr:
    """Read the expression in a field; code that lacks it gives an empty Opaque."""
    child = node.child_by_field_id(number)
    return expression(reader, child) if child is not None else Opaque((), reader.span(node))


def display(reader: Reader, node: Node, sort: str) -> Sequence:
    """Read the named children of a node as a Sequence."""
    items = tuple([expression(reader, child) for child in node.named_children if child.kind_id not in EXTRAS])
    return Sequence(sort, items, reader.span(node))


def arguments(reader: Reader, node: Node) -> tuple[tuple[Expr, ...], tuple[Keyword, ...]]:
    """Read an argument list (or a generator that stands for one) as positional and keyword arguments."""
    if node.kind_id == _GENERATOR:
        return (expression(reader, node),), ()
    positional: list[Expr] = []
    keywords: list[Keyword] = []
    for child in node.named_children:
        number = child.kind_id
        if number == _IDENTIFIER:
            positional.append(_name(reader, child))
        elif number == _KEYWORD:
            keywords.append(_keyword(reader, child))
        elif number in DOUBLE_SPLAT:
            keywords.append(Keyword("", inner(reader, child), reader.span(child)))
        elif number not in EXTRAS:
            positional.append(expression(reader, child))
    return tuple(positional), tuple(keywords)


def inner(reader: Reader, node: Node) -> Expr:
    """Read the only expression inside a wrapper such as parentheses, a type or a splat."""
    for child in node.named_children:
        if child.kind_id not in EXTRAS:
            return expression(reader, child)
    return Opaque((), reader.span(node))


def index_of(reader: Reader, given: list[Node], node: Node) -> Expr:
    """Read the indices between brackets; with a comma they are a tuple."""
    indices = tuple([expression(reader, child) for child in given])
    has_comma = len(given) > 1 or (len(given) == 1 and _trailing_comma(reader, given[0], node))
    if len(indices) == 1 and not has_comma:
        return indices[0]
    if not indices:
        return Opaque((), reader.span(node))
    start = given[0].start_byte
    return Sequence("tuple", indices, (start - reader.base) << 24 | (given[-1].end_byte - start))


def opaque(reader: Reader, node: Node) -> Expr:
    """Keep the sub-expressions of a node only."""
    children = [expression(reader, child) for child in node.named_children if child.kind_id not in EXTRAS]
    return Opaque(tuple(children), reader.span(node))


def folded(reader: Reader, node: Node) -> Opaque:
    """Keep the names in what lies too deep, found without recursion."""
    names: list[Expr] = []
    waiting = [node]
    while waiting and len(names) < _FOLDED_NAMES:
        current = waiting.pop()
        if current.kind_id == _IDENTIFIER:
            names.append(_name(reader, current))
        else:
            waiting.extend(reversed(current.named_children))
    return Opaque(tuple(names), reader.span(node))


def _name(reader: Reader, node: Node) -> Expr:
    start, end = node.start_byte, node.end_byte
    raw = reader.text[start:end]
    span = (start - reader.base) << 24 | (end - start)
    if not raw:
        return Opaque((), span)
    return Name(reader.names.get(raw) or reader.mention(raw), span)


def _attribute(reader: Reader, node: Node) -> Expr:
    value = node.child_by_field_id(_OBJECT)
    attr = node.child_by_field_id(_ATTRIBUTE)
    if value is None or attr is None:
        return opaque(reader, node)
    read = expression(reader, value)
    base = reader.base
    start, end = attr.start_byte, attr.end_byte
    first = node.start_byte
    raw = reader.text[start:end]
    if not raw:
        return Opaque((read,), reader.span(node))
    name = reader.names.get(raw) or reader.mention(raw)
    return Attribute(read, name, (first - base) << 24 | (node.end_byte - first), (start - base) << 24 | (end - start))


def _call(reader: Reader, node: Node) -> Expr:
    function = node.child_by_field_id(_FUNCTION)
    given = node.child_by_field_id(_ARGUMENTS)
    if function is None or given is None:
        return opaque(reader, node)
    called = expression(reader, function)
    positional, keywords = arguments(reader, given)
    return Call(called, positional, keywords, reader.span(node), reader.span(given))


def _keyword(reader: Reader, node: Node) -> Keyword:
    name = node.child_by_field_id(_NAME)
    value = field_expression(reader, node, _VALUE)
    raw = reader.text[name.start_byte : name.end_byte] if name is not None else b""
    return Keyword(reader.mention(raw) if raw else "", value, reader.span(node))


def _subscript(reader: Reader, node: Node) -> Expr:
    value = field_expression(reader, node, _VALUE)
    given = node.children_by_field_id(_SUBSCRIPT)
    return Subscript(value, index_of(reader, given, node), reader.span(node))


def _trailing_comma(reader: Reader, last: Node, node: Node) -> bool:
    return reader.text[last.end_byte : node.end_byte - 1].lstrip().startswith(b",")


EXPRESSIONS.update(
    by_kind(
        {
            "identifier": _name,
            "attribute": _attribute,
            "call": _call,
            "subscript": _subscript,
            "parenthesized_expression type as_pattern_target": inner,
            "slice dictionary_splat keyword_argument constrained_type": opaque,
        }
    )
)
