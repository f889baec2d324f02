"""Numbers, constants and strings."""

from __future__ import annotations

from tree_sitter import Node

from shearpin.syntax import strings
from shearpin.syntax.expressions import EXPRESSIONS, ExpressionReader, expression
from shearpin.syntax.grammar import by_kind
from shearpin.syntax.ir import Expr, Literal, Opaque
from shearpin.syntax.reader import Reader

#: A summary travels as msgpack, whose integers end at 64 bits; larger ones are Opaque.
SMALLEST_INTEGER, BIGGEST_INTEGER = -(2**63), 2**64 - 1

_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "none": None}


def _string(reader: Reader, node: Node) -> Expr:
    return strings.string(reader, node, expression)


def _concatenated(reader: Reader, node: Node) -> Expr:
    return strings.concatenated(reader, node, expression)


def number(reader: Reader, node: Node) -> Expr:
    """Read an integer or float; complex and huge ones are Opaque."""
    raw = reader.text[node.start_byte : node.end_byte]
    try:
        value = int(raw) if raw.isdigit() else _written_number(raw)
    except ValueError:
        return Opaque((), reader.span(node))
    if isinstance(value, int) and value > BIGGEST_INTEGER:
        return Opaque((), reader.span(node))
    return Literal(value, reader.span(node))


def _written_number(raw: bytes) -> int | float:
    text = raw.decode("ascii", "replace")
    try:
        return int(text, 0)
    except ValueError:
        return float(text)


def _constant(name: str) -> ExpressionReader:
    value = _CONSTANTS[name]

    def read(reader: Reader, node: Node) -> Expr:
        return Literal(value, reader.span(node))

    return read


def _ellipsis(reader: Reader, node: Node) -> Expr:
    return Literal(None, reader.span(node), "...")


EXPRESSIONS.update(
    by_kind(
        {
            "string": _string,
            "concatenated_string": _concatenated,
            "integer float": number,
            "true": _constant("true"),
            "false": _constant("false"),
            "none": _constant("none"),
            "ellipsis": _ellipsis,
        }
    )
)
