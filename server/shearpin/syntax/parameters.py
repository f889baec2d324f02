"""Parameters of functions and lambdas."""

from __future__ import annotations

from tree_sitter import Node

from shearpin.syntax.expressions import expression
from shearpin.syntax.grammar import field, kind, kinds, solid_children
from shearpin.syntax.ir import Parameter
from shearpin.syntax.reader import Reader

_IDENTIFIER = kind("identifier")
_POSITIONAL_SEPARATOR = kind("positional_separator")
_KEYWORD_SEPARATOR = kind("keyword_separator")
_STAR = kind("list_splat_pattern")
_DOUBLE = kind("dictionary_splat_pattern")
_PARAMETER_KINDS = kinds(
    "typed_parameter", "default_parameter", "typed_default_parameter", "list_splat_pattern",
    "dictionary_splat_pattern", "tuple_pattern",
)  # fmt: skip
_NAME, _VALUE, _TYPE = field("name"), field("value"), field("type")


def parameters(reader: Reader, node: Node | None) -> tuple[Parameter, ...]:
    """Read the parameters of a function or lambda."""
    found: list[Parameter] = []
    sort = "normal"
    for child in node.named_children if node is not None else ():
        number = child.kind_id
        if number == _IDENTIFIER:
            found.append(Parameter(reader.plain(child), sort, reader.span(child)))
        elif number == _POSITIONAL_SEPARATOR:
            found = [Parameter(p.name, "positional", p.span, p.annotation, p.default) for p in found]
        elif number == _KEYWORD_SEPARATOR:
            sort = "keyword"
        elif number in _PARAMETER_KINDS:
            parameter = _parameter(reader, child, sort)
            if parameter.kind == "star":
                sort = "keyword"
            found.append(parameter)
    return tuple(found)


def _parameter(reader: Reader, node: Node, sort: str) -> Parameter:
    annotation = node.child_by_field_id(_TYPE)
    default = node.child_by_field_id(_VALUE)
    named = node.child_by_field_id(_NAME)
    if named is None and node.kind_id not in (_STAR, _DOUBLE):
        named = next(iter(solid_children(node)), None)
    target = named if named is not None else node
    if target.kind_id in (_STAR, _DOUBLE):
        sort = "star" if target.kind_id == _STAR else "double"
        target = next(iter(solid_children(target)), None)
    return Parameter(
        reader.plain(target) if target is not None and target.kind_id == _IDENTIFIER else "",
        sort,
        reader.span(node),
        expression(reader, annotation) if annotation is not None else None,
        expression(reader, default) if default is not None else None,
    )
