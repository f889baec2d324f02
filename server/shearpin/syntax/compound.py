"""Compound statements: branches, loops, try, with and match."""

from __future__ import annotations

from tree_sitter import Node

from shearpin.syntax.expressions import expression, expression_of, field_expression
from shearpin.syntax.grammar import EXTRAS, by_kind, field, kind, kinds, solid_children
from shearpin.syntax.ir import Case, Expr, For, Handler, If, Match, Opaque, Sequence, Stmt, Try, While, With, WithItem
from shearpin.syntax.patterns import read_patterns
from shearpin.syntax.reader import Reader
from shearpin.syntax.statements import STATEMENTS, block, errors, note_writes

_CONDITION, _CONSEQUENCE, _BODY = field("condition"), field("consequence"), field("body")
_LEFT, _RIGHT, _VALUE, _SUBJECT, _GUARD = (field(name) for name in ("left", "right", "value", "subject", "guard"))
_ELIF, _ELSE, _FINALLY = kind("elif_clause"), kind("else_clause"), kind("finally_clause")
_EXCEPT, _CASE, _PATTERN = kind("except_clause"), kind("case_clause"), kind("case_pattern")
_BLOCK = kinds("block")
_AS = kinds("as_pattern")
_TARGET = kind("as_pattern_target")
_ITEM, _CLAUSE = kind("with_item"), kind("with_clause")
_PARENTHESES = kind("parenthesized_expression")
_ASYNC = kind("token async")
#: `elif`s that nest; any further ones stand side by side, to bound the depth of the result
_NESTED_BRANCHES = 40
#: `if`, condition, colon, block
_PLAIN_IF = 4


def head_of(reader: Reader, node: Node) -> int:
    """Return the span of the first line of a compound statement."""
    start = node.start_byte
    end = reader.text.find(b"\n", start, node.end_byte)
    if end < 0:
        end = node.end_byte
    elif reader.text[end - 1] == _RETURN:
        end -= 1
    return (start - reader.base) << 24 | (end - start)


_RETURN = 13


def _if(reader: Reader, node: Node) -> Stmt:
    test = field_expression(reader, node, _CONDITION)
    body = block(reader, node.child_by_field_id(_CONSEQUENCE)) + errors(reader, node)
    if node.child_count == _PLAIN_IF:
        return If(test, body, (), reader.span(node), head_of(reader, node))
    branches = [child for child in node.named_children if child.kind_id == _ELIF]
    read = [
        (
            field_expression(reader, branch, _CONDITION),
            block(reader, branch.child_by_field_id(_CONSEQUENCE)) + errors(reader, branch),
            branch,
        )
        for branch in branches
    ]
    orelse = _orelse(reader, node)
    end = node.end_byte
    for number, (condition, inner, branch) in reversed(list(enumerate(read))):
        start = branch.start_byte
        nests = number < _NESTED_BRANCHES
        span = (start - reader.base) << 24 | ((end if nests else branch.end_byte) - start)
        nested = If(condition, inner, orelse if nests else (), span, head_of(reader, branch))
        orelse = (nested,) if nests else (nested, *orelse)
    return If(test, body, orelse, reader.span(node), head_of(reader, node))


def _orelse(reader: Reader, node: Node) -> tuple[Stmt, ...]:
    for child in reversed(node.named_children):
        if child.kind_id == _ELSE:
            return block(reader, child.child_by_field_id(_BODY)) + errors(reader, child)
    return ()


def _for(reader: Reader, node: Node) -> Stmt:
    target = field_expression(reader, node, _LEFT)
    note_writes(reader, target)
    source = field_expression(reader, node, _RIGHT)
    body = block(reader, node.child_by_field_id(_BODY)) + errors(reader, node)
    is_async = node.children[0].kind_id == _ASYNC
    return For(target, source, body, _orelse(reader, node), reader.span(node), head_of(reader, node), is_async)


def _while(reader: Reader, node: Node) -> Stmt:
    test = field_expression(reader, node, _CONDITION)
    body = block(reader, node.child_by_field_id(_BODY)) + errors(reader, node)
    return While(test, body, _orelse(reader, node), reader.span(node), head_of(reader, node))


def _try(reader: Reader, node: Node) -> Stmt:
    body = block(reader, node.child_by_field_id(_BODY)) + errors(reader, node)
    handlers: list[Handler] = []
    final: tuple[Stmt, ...] = ()
    for child in node.named_children:
        if child.kind_id == _EXCEPT:
            handlers.append(_handler(reader, child))
        elif child.kind_id == _FINALLY:
            final = _blocks(reader, child)
    return Try(body, tuple(handlers), _orelse(reader, node), final, reader.span(node), head_of(reader, node))


def _handler(reader: Reader, node: Node) -> Handler:
    caught: Expr | None = None
    name = ""
    values = node.children_by_field_id(_VALUE)
    if len(values) == 1 and values[0].kind_id in _AS:
        caught, alias = _as(reader, values[0])
        name = reader.plain(alias) if alias is not None else ""
    elif len(values) == 1:
        caught = expression(reader, values[0])
    elif values:
        # `except A, B:` without parentheses means both (PEP 758).
        start = values[0].start_byte
        span = (start - reader.base) << 24 | (values[-1].end_byte - start)
        caught = Sequence("tuple", tuple([expression(reader, value) for value in values]), span)
    is_group = any(child.type == "*" for child in node.children[1:2])
    return Handler(caught, name, _blocks(reader, node), reader.span(node), head_of(reader, node), is_group)


def _blocks(reader: Reader, node: Node) -> tuple[Stmt, ...]:
    found = errors(reader, node)
    for child in node.named_children:
        if child.kind_id in _BLOCK:
            found = block(reader, child) + found
    return found


def _as(reader: Reader, node: Node) -> tuple[Expr, Node | None]:
    """Read `value as target`; the target is returned as the node inside."""
    value: Expr | None = None
    target: Node | None = None
    for child in node.named_children:
        if child.kind_id == _TARGET:
            target = next(iter(solid_children(child)), None)
        elif child.kind_id not in EXTRAS and value is None:
            value = expression(reader, child)
    return value if value is not None else Opaque((), reader.span(node)), target


def _with(reader: Reader, node: Node) -> Stmt:
    items: list[WithItem] = []
    for clause in node.named_children:
        if clause.kind_id == _CLAUSE:
            items.extend(_item(reader, item) for item in clause.named_children if item.kind_id == _ITEM)
    body = block(reader, node.child_by_field_id(_BODY)) + errors(reader, node)
    is_async = node.children[0].kind_id == _ASYNC
    return With(tuple(items), body, reader.span(node), head_of(reader, node), is_async)


def _item(reader: Reader, node: Node) -> WithItem:
    value = node.child_by_field_id(_VALUE)
    while value is not None and value.kind_id == _PARENTHESES and _holds_as(value):
        value = solid_children(value)[0]
    if value is None or value.kind_id not in _AS:
        context = expression(reader, value) if value is not None else Opaque((), reader.span(node))
        return WithItem(context, None, reader.span(node))
    context, target = _as(reader, value)
    read = expression(reader, target) if target is not None else None
    note_writes(reader, read)
    return WithItem(context, read, reader.span(node))


def _holds_as(node: Node) -> bool:
    children = solid_children(node)
    return len(children) == 1 and (children[0].kind_id in _AS or children[0].kind_id == _PARENTHESES)


def _match(reader: Reader, node: Node) -> Stmt:
    subjects = [expression(reader, subject) for subject in node.children_by_field_id(_SUBJECT)]
    subject = subjects[0] if len(subjects) == 1 else Opaque(tuple(subjects), reader.span(node))
    body = node.child_by_field_id(_BODY)
    reader.depth += 1
    cases = [_case(reader, child) for child in (body or node).named_children if child.kind_id == _CASE]
    reader.depth -= 1
    return Match(subject, tuple(cases), reader.span(node), head_of(reader, node))


def _case(reader: Reader, node: Node) -> Case:
    found = read_patterns(reader, [child for child in node.named_children if child.kind_id == _PATTERN])
    guard = node.child_by_field_id(_GUARD)
    condition = expression_of(reader, guard.named_children) if guard is not None else None
    body = block(reader, node.child_by_field_id(_CONSEQUENCE)) + errors(reader, node)
    names = tuple(dict.fromkeys(found.names))
    return Case(names, tuple(found.values), condition, body, reader.span(node), found.is_wildcard)


STATEMENTS.update(
    by_kind(
        {
            "if_statement": _if,
            "for_statement": _for,
            "while_statement": _while,
            "try_statement": _try,
            "with_statement": _with,
            "match_statement": _match,
        }
    )
)
