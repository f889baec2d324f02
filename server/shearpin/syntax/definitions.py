"""Functions and classes, with their decorators."""

from __future__ import annotations

from collections.abc import Iterable

from tree_sitter import Node

from shearpin.syntax.compound import head_of
from shearpin.syntax.expressions import arguments, expression, expression_of
from shearpin.syntax.grammar import ERROR, by_kind, field, kind
from shearpin.syntax.ir import Attribute, Call, ClassDef, Expr, FunctionDef, Keyword, Name, Stmt, Subscript
from shearpin.syntax.parameters import parameters
from shearpin.syntax.reader import Reader
from shearpin.syntax.statements import STATEMENTS, block, broken, errors
from shearpin.syntax.walk import bound_names

FUNCTION = kind("function_definition")
CLASS = kind("class_definition")
DECORATED = kind("decorated_definition")
_DECORATOR = kind("decorator")
_ASYNC = kind("token async")
_NAME, _BODY, _PARAMETERS = field("name"), field("body"), field("parameters")
_DEFINITION, _RETURN_TYPE, _SUPERCLASSES = field("definition"), field("return_type"), field("superclasses")


def definition_in(node: Node) -> Node | None:
    """Return the function or class that a node is or decorates, else None."""
    if node.kind_id == DECORATED:
        return node.child_by_field_id(_DEFINITION)
    return node if node.kind_id in (FUNCTION, CLASS) else None


def name_of(reader: Reader, definition: Node) -> str:
    """Return the name of a definition; empty when it is not written yet."""
    name = definition.child_by_field_id(_NAME)
    return reader.plain(name) if name is not None else ""


def read_function(reader: Reader, node: Node, definition: Node) -> FunctionDef:
    """Read a function; `node` is the definition or what decorates it."""
    decorators = _decorators(reader, node)
    given = parameters(reader, definition.child_by_field_id(_PARAMETERS))
    returned = definition.child_by_field_id(_RETURN_TYPE)
    returns = expression(reader, returned) if returned is not None else None
    outside = reader.yields, reader.declared, reader.declared_global
    reader.yields, reader.declared, reader.declared_global = False, set(), set()
    body = errors(reader, definition) + block(reader, definition.child_by_field_id(_BODY))
    is_generator, outer_names = reader.yields, _outer_names(reader, body)
    reader.yields, reader.declared, reader.declared_global = outside
    name = definition.child_by_field_id(_NAME)
    return FunctionDef(
        name_of(reader, definition),
        given,
        decorators,
        body,
        reader.span(node),
        head_of(reader, definition),
        reader.span(name if name is not None else definition),
        returns,
        definition.children[0].kind_id == _ASYNC,
        is_generator,
        outer_names,
    )


def read_class(reader: Reader, node: Node, definition: Node, body: tuple[Stmt, ...] | None = None) -> ClassDef:
    """Read a class, or only its head around a body that was read already; `span` is that of the whole source."""
    decorators = _decorators(reader, node)
    given = definition.child_by_field_id(_SUPERCLASSES)
    bases: tuple[Expr, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    if given is not None:
        bases, keywords = arguments(reader, given)
    reader.base_names.update(last_segments(bases))
    if body is None:
        body = errors(reader, definition) + block(reader, definition.child_by_field_id(_BODY))
    name = definition.child_by_field_id(_NAME)
    return ClassDef(
        name_of(reader, definition),
        bases,
        keywords,
        decorators,
        body,
        reader.span(node),
        head_of(reader, definition),
        reader.span(name if name is not None else definition),
    )


def class_members(definition: Node) -> list[Node]:
    """Return the nodes of a class body in order, with what stands broken between head and body."""
    body = definition.child_by_field_id(_BODY)
    members = body.named_children if body is not None else []
    if not definition.has_error:
        return members
    return [*(child for child in definition.named_children if child.kind_id == ERROR), *members]


def last_segments(bases: Iterable[Expr]) -> list[str]:
    """Return the last segment of each base: `Base` of `pkg.Base[T]` and of `Base(...)`."""
    names: list[str] = []
    for base in bases:
        while isinstance(base, Subscript | Call):
            base = base.value if isinstance(base, Subscript) else base.func  # noqa: PLW2901
        if isinstance(base, Name):
            names.append(base.id)
        elif isinstance(base, Attribute):
            names.append(base.attr)
    return names


def _decorators(reader: Reader, node: Node) -> tuple[Expr, ...]:
    if node.kind_id != DECORATED:
        return ()
    given = (child for child in node.named_children if child.kind_id == _DECORATOR)
    read = [expression_of(reader, child.named_children) for child in given]
    return tuple([decorator for decorator in read if decorator is not None])


def _outer_names(reader: Reader, body: tuple[Stmt, ...]) -> tuple[str, ...]:
    if not reader.declared:
        return ()
    assigned = bound_names(body)
    reader.global_names |= reader.declared_global & assigned
    return tuple(sorted(reader.declared & assigned))


def _function(reader: Reader, node: Node) -> Stmt:
    return read_function(reader, node, node)


def _class(reader: Reader, node: Node) -> Stmt:
    return read_class(reader, node, node)


def _decorated(reader: Reader, node: Node) -> Stmt:
    definition = definition_in(node)
    if definition is None:
        return broken(reader, node)
    if definition.kind_id == CLASS:
        return read_class(reader, node, definition)
    return read_function(reader, node, definition)


STATEMENTS.update(
    by_kind({"function_definition": _function, "class_definition": _class, "decorated_definition": _decorated})
)
