"""Prints summaries so that a test can say in one line what it expects. A test module's neighbour, not a test."""

from __future__ import annotations

import msgspec

from shearpin.syntax import ir
from shearpin.syntax.python import summarise

_WORDS = ("span", "head", "name_span", "args_span")


def outline(source: str) -> list[str]:
    """One line per part: id, kind and `!` when broken."""
    return [f"{part.id} {part.kind}{' !' * part.has_error}" for part in summarise(source.encode()).parts]


def part(source: str, name: str) -> ir.Part:
    return next(part for part in summarise(source.encode()).parts if part.id == name)


def show(node: object) -> str:
    """Print a node without its spans and without fields at their defaults."""
    if isinstance(node, ir.Name):
        return node.id
    if isinstance(node, ir.Literal):
        return "..." if node.kind == "..." else node.kind[:1] + repr(node.value)
    if isinstance(node, ir.Attribute):
        return f"{show(node.value)}.{node.attr}"
    if isinstance(node, ir.Keyword):
        return f"{node.name or '**'}={show(node.value)}"
    if isinstance(node, tuple):
        return f"[{', '.join(show(item) for item in node)}]"
    if isinstance(node, msgspec.Struct):
        shown = [show(getattr(node, name)) for name in _changed_fields(node)]
        return f"{type(node).__name__}({', '.join(shown)})"
    return str(node)


def expression(text: str) -> str:
    (statement,) = summarise(f"_ = {text}\n".encode()).parts[0].body
    assert isinstance(statement, ir.Assign)
    return show(statement.value)


def statement(text: str) -> str:
    """Print the statements of a function body."""
    body = "\n".join("    " + line for line in text.splitlines())
    (function,) = summarise(f"async def _():\n{body}\n".encode()).parts[0].body
    assert isinstance(function, ir.FunctionDef)
    return "; ".join(show(one) for one in function.body)


def _changed_fields(node: msgspec.Struct) -> list[str]:
    fields = msgspec.structs.fields(node)
    return [
        field.name
        for field in fields
        if field.name not in _WORDS and (field.required or getattr(node, field.name) != field.default)
    ]
