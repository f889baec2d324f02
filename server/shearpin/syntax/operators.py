"""Operators, conditions, lambdas and the words that stand before an expression."""

from __future__ import annotations

from tree_sitter import Node

from shearpin.syntax.expressions import EXPRESSIONS, expression, expression_of, field_expression, inner, opaque
from shearpin.syntax.grammar import by_kind, field, kind, kinds, solid_children
from shearpin.syntax.ir import (
    Await,
    Binary,
    Boolean,
    Compare,
    Conditional,
    Expr,
    Lambda,
    Literal,
    Not,
    Opaque,
    Starred,
    Walrus,
    Yield,
)
from shearpin.syntax.literals import SMALLEST_INTEGER, number
from shearpin.syntax.parameters import parameters
from shearpin.syntax.reader import Reader

_BOOLEAN = kind("boolean_operator")
_FROM = kind("token from")
_NUMBERS = kinds("integer", "float")
_LEFT, _RIGHT, _OPERATOR, _OPERATORS = field("left"), field("right"), field("operator"), field("operators")
_NAME, _VALUE, _ARGUMENT = field("name"), field("value"), field("argument")
_BODY, _PARAMETERS = field("body"), field("parameters")
_TWO_WORDS = kinds("token not in", "token is not")
_MINUS = ord("-")


def _binary(reader: Reader, node: Node) -> Expr:
    left = field_expression(reader, node, _LEFT)
    right = field_expression(reader, node, _RIGHT)
    operator = node.child_by_field_id(_OPERATOR)
    return Binary(left, operator.type if operator is not None else "", right, reader.span(node))


def _boolean(reader: Reader, node: Node) -> Expr:
    operator = node.child_by_field_id(_OPERATOR)
    word = operator.type if operator is not None else ""
    rights: list[Node] = []
    left: Node | None = node
    # `a or b or c` nests to the left; flattened here without recursion.
    while left is not None and left.kind_id == _BOOLEAN and _operator(left) == word:
        right = left.child_by_field_id(_RIGHT)
        if right is not None:
            rights.append(right)
        left = left.child_by_field_id(_LEFT)
    operands = [*([left] if left is not None else []), *reversed(rights)]
    return Boolean(word, tuple([expression(reader, operand) for operand in operands]), reader.span(node))


def _operator(node: Node) -> str:
    operator = node.child_by_field_id(_OPERATOR)
    return operator.type if operator is not None else ""


def _compare(reader: Reader, node: Node) -> Expr:
    operands = [expression(reader, child) for child in solid_children(node) if child.kind_id not in _TWO_WORDS]
    operators = tuple([operator.type for operator in node.children_by_field_id(_OPERATORS)])
    if len(operands) != len(operators) + 1:
        return Opaque(tuple(operands), reader.span(node))
    return Compare(operands[0], operators, tuple(operands[1:]), reader.span(node))


def _not(reader: Reader, node: Node) -> Expr:
    return Not(field_expression(reader, node, _ARGUMENT), reader.span(node))


def _unary(reader: Reader, node: Node) -> Expr:
    argument = node.child_by_field_id(_ARGUMENT)
    if argument is not None and argument.kind_id in _NUMBERS:
        found = number(reader, argument)
        sign = reader.text[node.start_byte]
        if isinstance(found, Literal) and isinstance(found.value, (int, float)) and sign in b"+-":
            value = -found.value if sign == _MINUS else found.value
            if isinstance(value, float) or value >= SMALLEST_INTEGER:
                return Literal(value, reader.span(node))
    return opaque(reader, node)


def _conditional(reader: Reader, node: Node) -> Expr:
    children = solid_children(node)
    if len(children) != 3:
        return opaque(reader, node)
    body, test, orelse = [expression(reader, child) for child in children]
    return Conditional(test, body, orelse, reader.span(node))


def _lambda(reader: Reader, node: Node) -> Expr:
    yields = reader.yields
    given = parameters(reader, node.child_by_field_id(_PARAMETERS))
    body = field_expression(reader, node, _BODY)
    reader.yields = yields
    return Lambda(given, body, reader.span(node))


def _yield(reader: Reader, node: Node) -> Expr:
    reader.yields = True
    value = expression_of(reader, node.named_children)
    return Yield(value, reader.span(node), any(child.kind_id == _FROM for child in node.children))


def _await(reader: Reader, node: Node) -> Expr:
    return Await(inner(reader, node), reader.span(node))


def _starred(reader: Reader, node: Node) -> Expr:
    return Starred(inner(reader, node), reader.span(node))


def _walrus(reader: Reader, node: Node) -> Expr:
    name = node.child_by_field_id(_NAME)
    value = field_expression(reader, node, _VALUE)
    raw = reader.text[name.start_byte : name.end_byte] if name is not None else b""
    return Walrus(reader.mention(raw), value, reader.span(node)) if raw else value


EXPRESSIONS.update(
    by_kind(
        {
            "binary_operator": _binary,
            "boolean_operator": _boolean,
            "comparison_operator": _compare,
            "not_operator": _not,
            "unary_operator": _unary,
            "conditional_expression": _conditional,
            "lambda": _lambda,
            "yield": _yield,
            "await": _await,
            "list_splat list_splat_pattern parenthesized_list_splat splat_type": _starred,
            "named_expression": _walrus,
        }
    )
)
