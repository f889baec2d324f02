"""Statements: tree-sitter nodes to the intermediate representation."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tree_sitter import Node

from shearpin.syntax.expressions import (
    display,
    expression,
    expression_of,
    field_expression,
    folded,
    is_expression,
)
from shearpin.syntax.grammar import ERROR, by_kind, field, kind, kinds, solid_children
from shearpin.syntax.ir import (
    Assert,
    Assign,
    Attribute,
    AugAssign,
    Broken,
    Delete,
    Expr,
    ExprStmt,
    Flow,
    Literal,
    Raise,
    Return,
    Sequence,
    Starred,
    Stmt,
)
from shearpin.syntax.reader import MAX_DEPTH, Reader

StatementReader = Callable[[Reader, Node], Stmt | None]

_ASSIGNMENT = kind("assignment")
_AUGMENTED = kind("augmented_assignment")
_BLOCK = kinds("block")
_LISTS = kinds("expression_list")
_LEFT, _RIGHT, _TYPE, _OPERATOR, _CAUSE = (field(name) for name in ("left", "right", "type", "operator", "cause"))

#: filled by this module and by `compound`
STATEMENTS: dict[int, StatementReader] = {}


def block(reader: Reader, node: Node | None) -> tuple[Stmt, ...]:
    """Read the statements of a block, or of a module."""
    return statements(reader, node.named_children) if node is not None else ()


def statements(reader: Reader, nodes: Iterable[Node]) -> tuple[Stmt, ...]:
    """Read statements; docstrings, `global` and comments give nothing."""
    found: list[Stmt] = []
    if reader.depth >= MAX_DEPTH:
        return tuple([ExprStmt(folded(reader, node), reader.span(node)) for node in nodes if node.is_named])
    reader.depth += 1
    for node in nodes:
        read = STATEMENTS.get(node.kind_id)
        if read is not None:
            statement = read(reader, node)
            if statement is not None:
                found.append(statement)
        elif node.kind_id in _BLOCK:
            found.extend(block(reader, node))
        elif is_expression(node):
            found.append(ExprStmt(expression(reader, node), reader.span(node)))
    reader.depth -= 1
    return tuple(found)


def broken(reader: Reader, node: Node) -> Broken:
    """Read a stretch that does not parse: whatever in it looks like a statement or an expression."""
    reader.broken = True
    return Broken(statements(reader, node.named_children), reader.span(node))


def errors(reader: Reader, node: Node) -> tuple[Stmt, ...]:
    """Read the stretches between the head and the body of a compound statement that do not parse."""
    if not node.has_error:
        return ()
    return tuple([broken(reader, child) for child in node.named_children if child.kind_id == ERROR])


def note_writes(reader: Reader, target: Expr | None) -> None:
    """Remember the attributes that an assignment to this target writes."""
    if isinstance(target, Attribute):
        reader.writes.add(target.attr)
    elif isinstance(target, Sequence):
        for item in target.items:
            note_writes(reader, item)
    elif isinstance(target, Starred):
        note_writes(reader, target.value)


def _expression_statement(reader: Reader, node: Node) -> Stmt | None:
    children = solid_children(node)
    if len(children) != 1 or node.child_count != 1:
        if not children:
            return None
        return ExprStmt(display(reader, node, "tuple"), reader.span(node))
    child = children[0]
    number = child.kind_id
    if number == _ASSIGNMENT:
        return _assignment(reader, child)
    if number == _AUGMENTED:
        return _augmented(reader, child)
    value = expression(reader, child)
    if isinstance(value, Literal) and isinstance(value.value, str):
        return None
    return ExprStmt(value, reader.span(node))


def _assignment(reader: Reader, node: Node) -> Stmt:
    targets: list[Expr] = []
    annotation = node.child_by_field_id(_TYPE)
    noted = expression(reader, annotation) if annotation is not None else None
    current: Node | None = node
    while current is not None and current.kind_id == _ASSIGNMENT:
        target = field_expression(reader, current, _LEFT)
        if not isinstance(target, Literal):
            note_writes(reader, target)
        targets.append(target)
        current = current.child_by_field_id(_RIGHT)
    value = expression(reader, current) if current is not None else None
    return Assign(tuple(targets), value, reader.span(node), noted)


def _augmented(reader: Reader, node: Node) -> Stmt:
    target = field_expression(reader, node, _LEFT)
    note_writes(reader, target)
    operator = node.child_by_field_id(_OPERATOR)
    word = operator.type.removesuffix("=") if operator is not None else ""
    return AugAssign(target, word, field_expression(reader, node, _RIGHT), reader.span(node))


def _return(reader: Reader, node: Node) -> Stmt:
    return Return(expression_of(reader, node.named_children), reader.span(node))


def _raise(reader: Reader, node: Node) -> Stmt:
    cause = node.child_by_field_id(_CAUSE)
    values = [child for child in node.named_children if cause is None or child.start_byte < cause.start_byte]
    raised = expression_of(reader, values)
    return Raise(raised, expression(reader, cause) if cause is not None else None, reader.span(node))


def _delete(reader: Reader, node: Node) -> Stmt:
    given = solid_children(node)
    if len(given) == 1 and given[0].kind_id in _LISTS:
        given = solid_children(given[0])
    return Delete(tuple([expression(reader, child) for child in given]), reader.span(node))


def _assert(reader: Reader, node: Node) -> Stmt:
    given = [expression(reader, child) for child in solid_children(node)]
    # The message does not change what is asserted; it is read for the names it mentions.
    return Assert(given[0], reader.span(node)) if given else Flow("pass", reader.span(node))


def _flow(sort: str) -> StatementReader:
    def read(reader: Reader, node: Node) -> Stmt:
        return Flow(sort, reader.span(node))

    return read


def _declaration(reader: Reader, node: Node) -> None:
    names = {reader.mention(reader.text[child.start_byte : child.end_byte]) for child in solid_children(node)}
    reader.declared |= names
    if node.children[0].type == "global":
        reader.declared_global |= names


def _python2(reader: Reader, node: Node) -> Stmt:
    """`print x` and `exec x`, which this grammar still accepts."""
    return broken(reader, node)


STATEMENTS.update(
    by_kind(
        {
            "expression_statement": _expression_statement,
            "assignment": _assignment,
            "augmented_assignment": _augmented,
            "return_statement": _return,
            "raise_statement": _raise,
            "delete_statement": _delete,
            "assert_statement": _assert,
            "pass_statement": _flow("pass"),
            "break_statement": _flow("break"),
            "continue_statement": _flow("continue"),
            "global_statement nonlocal_statement": _declaration,
            "print_statement exec_statement": _python2,
            "ERROR": broken,
        }
    )
)
