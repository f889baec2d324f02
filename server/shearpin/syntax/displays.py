"""Lists, tuples, sets, dicts and comprehensions."""

from __future__ import annotations

from tree_sitter import Node

from shearpin.syntax.expressions import (
    DOUBLE_SPLAT,
    EXPRESSIONS,
    ExpressionReader,
    display,
    expression,
    field_expression,
    inner,
)
from shearpin.syntax.grammar import EXTRAS, by_kind, field, kind
from shearpin.syntax.ir import Comprehension, Entry, Expr, Generator, Mapping, Opaque
from shearpin.syntax.reader import Reader

_PAIR = kind("pair")
_FOR = kind("for_in_clause")
_IF = kind("if_clause")
_ASYNC = kind("token async")
_LEFT, _RIGHT, _BODY, _KEY, _VALUE = (field(name) for name in ("left", "right", "body", "key", "value"))


def _dictionary(reader: Reader, node: Node) -> Expr:
    entries: list[Entry] = []
    for child in node.named_children:
        number = child.kind_id
        if number == _PAIR:
            key = field_expression(reader, child, _KEY)
            entries.append(Entry(key, field_expression(reader, child, _VALUE), reader.span(child)))
        elif number not in EXTRAS:
            value = inner(reader, child) if number in DOUBLE_SPLAT else expression(reader, child)
            entries.append(Entry(None, value, reader.span(child)))
    return Mapping(tuple(entries), reader.span(node))


def _comprehension(sort: str) -> ExpressionReader:
    def read(reader: Reader, node: Node) -> Expr:
        body = node.child_by_field_id(_BODY)
        key: Expr | None = None
        if body is not None and body.kind_id == _PAIR:
            key = field_expression(reader, body, _KEY)
            element = field_expression(reader, body, _VALUE)
        else:
            element = expression(reader, body) if body is not None else Opaque((), reader.span(node))
        return Comprehension(sort, element, _generators(reader, node), reader.span(node), key)

    return read


def _generators(reader: Reader, node: Node) -> tuple[Generator, ...]:
    found: list[Generator] = []
    for child in node.named_children:
        number = child.kind_id
        if number == _FOR:
            target = field_expression(reader, child, _LEFT)
            sources = [expression(reader, one) for one in child.children_by_field_id(_RIGHT)]
            source = sources[0] if len(sources) == 1 else Opaque(tuple(sources), reader.span(child))
            found.append(Generator(target, source, (), child.children[0].kind_id == _ASYNC))
        elif number == _IF and found:
            last = found[-1]
            condition = inner(reader, child)
            found[-1] = Generator(last.target, last.iter, (*last.ifs, condition), last.is_async)
    return tuple(found)


def _sequence(sort: str) -> ExpressionReader:
    def read(reader: Reader, node: Node) -> Expr:
        return display(reader, node, sort)

    return read


EXPRESSIONS.update(
    by_kind(
        {
            "dictionary": _dictionary,
            "list list_pattern": _sequence("list"),
            "tuple tuple_pattern expression_list pattern_list": _sequence("tuple"),
            "set": _sequence("set"),
            "list_comprehension": _comprehension("list"),
            "set_comprehension": _comprehension("set"),
            "dictionary_comprehension": _comprehension("dict"),
            "generator_expression": _comprehension("generator"),
        }
    )
)
