"""Annotations that are written as text."""

from __future__ import annotations

import ast
import re

from shearpin.syntax import ir

#: what an annotation is made of; numbers and escapes, of which the parser may warn, name no class
_ANNOTATION = re.compile(r"""(?!.*\b\d)[\w\s.,|\[\]'"]+""", re.DOTALL)


def quoted(text: str, span: int) -> ir.Expr | None:
    """`"app.Client | None"` as an expression that stands at a span; None when it names no class."""
    if not _ANNOTATION.fullmatch(text):
        return None
    try:
        parsed = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _expression(parsed.body, span)


def _expression(node: ast.expr, span: int) -> ir.Expr | None:
    match node:
        case ast.Name(id=name):
            return ir.Name(name, span)
        case ast.Attribute(value=value, attr=attr):
            base = _expression(value, span)
            return None if base is None else ir.Attribute(base, attr, span, span)
        case ast.Subscript(value=value, slice=index):
            base, inner = _expression(value, span), _expression(index, span)
            return None if base is None or inner is None else ir.Subscript(base, inner, span)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            first, second = _expression(left, span), _expression(right, span)
            return second if first is None else first if second is None else ir.Binary(first, "|", second, span)
        case ast.Tuple(elts=items):
            found = [expr for item in items if (expr := _expression(item, span)) is not None]
            return ir.Sequence("tuple", tuple(found), span)
        case ast.Constant(value=value) if value is None or isinstance(value, str):
            return ir.Literal(value, span)
        case _:
            return None
