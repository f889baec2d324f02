"""The parts of one chunk: cut along the top level of its tree, read, or taken over from an earlier version.

A class part is read as if its methods had no bytes: its spans, its content and its digest stay the same while a
method is edited. `placement` maps its offsets back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import msgspec
from tree_sitter import Node

from shearpin.syntax import ir
from shearpin.syntax.definitions import (
    CLASS,
    FUNCTION,
    class_members,
    definition_in,
    name_of,
    read_class,
    read_function,
)
from shearpin.syntax.grammar import ERROR, EXTRAS
from shearpin.syntax.imports import IMPORTS
from shearpin.syntax.ir import Part, Stmt
from shearpin.syntax.reader import Reader
from shearpin.syntax.repair import BrokenMethod
from shearpin.syntax.statements import broken, statements
from shearpin.syntax.tables import STATEMENTS
from shearpin.syntax.walk import bound_names, target_names

#: parts without errors, by kind and digest
Known = Mapping[tuple[str, str], Part]

_DIGEST_BYTES = 12
_KEYWORDS: dict[type[msgspec.Struct], str] = {
    ir.If: "if", ir.For: "for", ir.While: "while", ir.Try: "try", ir.With: "with", ir.Match: "match", ir.Delete: "del",
    ir.Assert: "assert", ir.Raise: "raise", ir.Return: "return", ir.Broken: "broken", ir.Flow: "pass",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadPart:
    """A part and its bytes in the text it was read from. Its id is not yet unique in the file."""

    part: Part
    start: int
    end: int
    digest: str
    is_new: bool


def read_parts(text: bytes, root: Node, known: Known, source: bytes | None = None) -> list[ReadPart]:
    """Read all parts below the root of a tree; those that `known` holds are taken from there.

    `source` is the text before some of it was blanked out: what digests are made of.
    """
    found: list[ReadPart] = []
    for sort, nodes in _groups(text, root):
        if sort == "class":
            found.extend(_class(text, nodes[0], known, source if source is not None else text))
        else:
            part = _simple(text, sort, nodes, known)
            if part is not None:
                found.append(part)
    return found


def read_broken_method(broken_one: BrokenMethod, owner: str) -> ReadPart:
    """Read a method that its class was read without."""
    text, start = broken_one.text, broken_one.shift
    reader = Reader(text, start)
    first = broken_one.nodes[0] if broken_one.nodes else None
    definition = definition_in(first) if first is not None else None
    if first is not None and definition is not None:
        body: tuple[Stmt, ...] = (read_function(reader, first, definition),)
    else:
        body = (_half_typed(reader, _broken(reader, broken_one.nodes), len(text)),)
    digest = blake2b(text[start:], digest_size=_DIGEST_BYTES).hexdigest()
    part = _part(reader, "method", body, owner, has_error=True)
    return ReadPart(part, broken_one.start, broken_one.end, digest, is_new=True)


def _groups(text: bytes, root: Node) -> Iterator[tuple[str, list[Node]]]:
    """Yield the nodes of each part: runs of imports and of what does not parse belong together."""
    run: list[Node] = []
    run_sort = ""
    for sort, node in _top_level(text, root):
        if sort != run_sort and run:
            yield run_sort, run
            run = []
        run_sort = sort
        if sort in ("imports", "broken"):
            run.append(node)
        else:
            yield sort, [node]
    if run:
        yield run_sort, run


def _top_level(text: bytes, root: Node) -> Iterator[tuple[str, Node]]:
    waiting = list(reversed(root.children))
    while waiting:
        node = waiting.pop()
        number = node.kind_id
        if number in EXTRAS or not (node.is_named or root.is_error):
            continue
        if number == ERROR and any(_starts_line(text, child) for child in node.named_children[1:]):
            # Definitions and statements behind the mistake are as good as outside it.
            waiting.extend(reversed(node.named_children))
            continue
        yield _sort_of(text, node), node


def _sort_of(text: bytes, node: Node) -> str:
    number = node.kind_id
    if number in IMPORTS:
        return "imports"
    definition = definition_in(node)
    if definition is not None and _starts_line(text, node):
        return "class" if definition.kind_id == CLASS else "function"
    return "statement" if number in STATEMENTS and number != ERROR else "broken"


def _starts_line(text: bytes, node: Node) -> bool:
    start = node.start_byte
    return node.kind_id in STATEMENTS and (start == 0 or text[start - 1] == _NEWLINE)


_NEWLINE = 10


def _simple(text: bytes, sort: str, nodes: list[Node], known: Known, owner: str = "") -> ReadPart | None:
    """Read a part that is one stretch of text: anything but a class."""
    # A tree may go on behind the text: a string that was closed for it.
    start, end = nodes[0].start_byte, min(nodes[-1].end_byte, len(text))
    if start >= end:
        return None
    digest = blake2b(text[start:end], digest_size=_DIGEST_BYTES).hexdigest()
    has_error = sort == "broken" or any(node.has_error for node in nodes)
    kind = sort
    if sort == "broken":
        kind = "function" if _DEF.match(text, start) else "statement"
    if not has_error and (part := known.get((kind, digest))) is not None:
        return ReadPart(part, start, end, digest, is_new=False)
    reader = Reader(text, start)
    body = _body(reader, sort, nodes)
    if not body:
        return None
    return ReadPart(_part(reader, kind, body, owner, has_error=has_error), start, end, digest, is_new=True)


def _body(reader: Reader, sort: str, nodes: list[Node]) -> tuple[Stmt, ...]:
    if sort in ("function", "method"):
        definition = definition_in(nodes[0])
        return (read_function(reader, nodes[0], definition),) if definition is not None else ()
    if sort == "broken":
        read = _broken(reader, nodes)
        return (_half_typed(reader, read, nodes[-1].end_byte) if _DEF.match(reader.text, reader.base) else read,)
    return statements(reader, nodes)


#: `def name` behind decorators that may be broken too
_DEF = re.compile(rb"(?:@(?s:.)*?\n[ \t]*)?(async[ \t]+)?def[ \t]+(\w+)")


def _half_typed(reader: Reader, read: ir.Broken, end: int) -> ir.FunctionDef:
    """Make a function of what starts like one, so that its name stays bound while it is typed."""
    base = reader.base
    found = _DEF.match(reader.text, base)
    if found is None:
        return ir.FunctionDef("", (), (), (read,), end - base, 0, 0)
    start, stop = found.span(2)
    name = found[2].decode("utf-8", "replace")
    span = (start - base) << 24 | (stop - start)
    return ir.FunctionDef(name, (), (), (read,), end - base, stop - base, span, None, found[1] is not None)


def _broken(reader: Reader, nodes: Iterable[Node]) -> ir.Broken:
    """Read nodes that make no statement together."""
    reader.broken = True
    body: list[Stmt] = []
    start = end = reader.base
    for node in nodes:
        end = node.end_byte
        body.extend(broken(reader, node).body if node.kind_id == ERROR else statements(reader, [node]))
    return ir.Broken(tuple(body), end - start)


def _class(text: bytes, node: Node, known: Known, source: bytes) -> Iterator[ReadPart]:
    """Read a class without its methods, then each method."""
    definition = definition_in(node)
    if definition is None:
        return
    start, end = node.start_byte, min(node.end_byte, len(text))
    members = class_members(definition)
    methods = [member for member in members if _is_method(member)]
    digest = _class_digest(source, start, end, methods)
    has_error = node.has_error and (
        any(member.has_error for member in members if not _is_method(member)) or _head_has_error(node, definition)
    )
    name = name_of(Reader(text, start), definition)
    part = None if has_error else known.get(("class", digest))
    if part is not None:
        yield ReadPart(part, start, end, digest, is_new=False)
    else:
        reader = Reader(text, start)
        body = (_class_body(reader, node, definition, members),)
        yield ReadPart(_part(reader, "class", body, "", has_error=has_error), start, end, digest, is_new=True)
    for method in methods:
        read = _simple(text, "method", [method], known, name)
        if read is not None:
            yield read


def _class_body(reader: Reader, node: Node, definition: Node, members: list[Node]) -> ir.ClassDef:
    start = reader.base
    body: list[Stmt] = []
    for member in members:
        if _is_method(member):
            reader.base += member.end_byte - member.start_byte
        else:
            body.extend(statements(reader, [member]))
    removed, reader.base = reader.base - start, start
    read = read_class(reader, node, definition, tuple(body))
    return msgspec.structs.replace(read, span=node.end_byte - start - removed)


def _is_method(node: Node) -> bool:
    definition = definition_in(node)
    return definition is not None and definition.kind_id == FUNCTION


def _head_has_error(node: Node, definition: Node) -> bool:
    """Tell whether decorators, name or bases do not parse; the body block is asked member by member."""
    body = definition.child_by_field_name("body")
    outside = [*(node.children if node.kind_id != CLASS else []), *definition.children]
    return any(
        (child.has_error or child.is_missing) for child in outside if child.id not in (definition.id, body and body.id)
    ) or any(child.is_missing for child in (body.children if body is not None else []))


def _class_digest(text: bytes, start: int, end: int, methods: list[Node]) -> str:
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for method in methods:
        digest.update(text[start : method.start_byte])
        digest.update(b"\0method\0")
        start = method.end_byte
    digest.update(text[start:end])
    return digest.hexdigest()


def _part(reader: Reader, kind: str, body: tuple[Stmt, ...], owner: str, *, has_error: bool) -> Part:
    name = _identity(kind, body)
    return Part(
        f"{owner}.{name}" if owner else name,
        kind,
        body,
        owner,
        has_error or reader.broken,
        tuple(sorted(reader.names.values())),
        tuple(sorted(reader.writes)),
        tuple(sorted(reader.base_names)),
        _binds(reader, kind, body),
    )


def _binds(reader: Reader, kind: str, body: tuple[Stmt, ...]) -> tuple[str, ...]:
    first = body[0]
    names = set(reader.global_names)
    if isinstance(first, ir.FunctionDef | ir.ClassDef) and kind in ("function", "class"):
        names.add(first.name)
    elif kind != "method":
        is_plain = len(body) == 1 and isinstance(first, ir.Assign | ir.ExprStmt) and not _holds_walrus(reader, first)
        if not is_plain:
            names |= bound_names(body)
        elif isinstance(first, ir.Assign):
            names.update(name for target in first.targets for name in target_names(target))
    return tuple(sorted(names))


def _holds_walrus(reader: Reader, statement: ir.Assign | ir.ExprStmt) -> bool:
    start = reader.base + (statement.span >> 24)
    return reader.text.find(b":=", start, start + (statement.span & 0xFFFFFF)) >= 0


def _identity(kind: str, body: tuple[Stmt, ...]) -> str:
    """Return what a part is called, before repeated ids are told apart."""
    first = body[0]
    if isinstance(first, ir.FunctionDef | ir.ClassDef):
        return first.name
    if kind == "imports":
        return "~imports"
    if isinstance(first, ir.Assign):
        if len(first.targets) == 1 and isinstance(first.targets[0], ir.Name):
            return first.targets[0].id
        return _labelled("~assign", first.targets[0] if first.targets else None)
    if isinstance(first, ir.AugAssign):
        return _labelled("~augassign", first.target)
    if isinstance(first, ir.ExprStmt):
        return _labelled("~expr", first.value)
    return "~" + _KEYWORDS.get(type(first), "statement")


def _labelled(prefix: str, value: ir.Expr | None) -> str:
    """Add the dotted name that an expression starts from: `~expr:app.include_router`."""
    segments: list[str] = []
    while value is not None and not isinstance(value, ir.Name):
        if isinstance(value, ir.Attribute):
            segments.append(value.attr)
            value = value.value
        elif isinstance(value, ir.Call):
            value = value.func
        elif isinstance(value, ir.Await | ir.Subscript):
            value = value.value
        else:
            return prefix
    if value is None:
        return prefix
    return f"{prefix}:{'.'.join([value.id, *reversed(segments)])}"
