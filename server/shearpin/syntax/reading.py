"""One chunk of a file to its parts. When it does not parse, the damage is kept as small as its bytes allow."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from tree_sitter import Node, Parser, Tree

from shearpin.syntax import ir
from shearpin.syntax.chunks import Chunk, comments_with, cut_broken
from shearpin.syntax.definitions import definition_in
from shearpin.syntax.ir import Part
from shearpin.syntax.parts import Known, ReadPart, read_broken_method, read_parts
from shearpin.syntax.repair import Repaired, closed, repair_class

_COMMENT_MARKS = (b"shearpin:", b"expect:")
#: spans cannot tell longer stretches apart
_LONGEST_CHUNK = (1 << 24) - 16
#: lines of broken decorators after which the definition is looked for
_JOINTS_TRIED = 8


@dataclass(frozen=True, slots=True)
class ReadChunk:
    """All that follows from the bytes of a chunk; offsets are relative to it."""

    parts: tuple[ReadPart, ...]
    comments: tuple[tuple[int, bytes], ...]
    has_error: bool


def read_chunk(text: bytes, chunk: Chunk, parser: Parser, known: Known) -> ReadChunk:
    """Read a chunk; when it does not parse, cut it further so that the damage stays small."""
    if len(text) > _LONGEST_CHUNK:
        part = Part("~broken", "statement", (ir.Broken((), 0),), has_error=True)
        return ReadChunk((ReadPart(part, 0, len(text), "", is_new=True),), (), has_error=True)
    if not chunk.open_quote:
        tree = parser.parse(text)
        if not tree.root_node.has_error:
            return _read_tree(text, tree, known)
    pieces = cut_broken(text)
    read = [_read_piece(text, piece, parser, known) for piece in pieces]
    if len(read) == 1:
        return read[0]
    return ReadChunk(
        tuple([_moved(part, piece.start) for piece, one in zip(pieces, read, strict=True) for part in one.parts]),
        tuple([(start + p.start, raw) for p, one in zip(pieces, read, strict=True) for start, raw in one.comments]),
        has_error=True,
    )


def _read_piece(text: bytes, piece: Chunk, parser: Parser, known: Known) -> ReadChunk:
    raw = text[piece.start : piece.end]
    tree = parser.parse(closed(raw, piece))
    is_broken = bool(piece.open_quote) or tree.root_node.has_error
    if is_broken and (repaired := repair_class(raw, parser)) is not None:
        read = _read_repaired(raw, repaired, parser, known)
        if read is not None:
            return read
    if piece.open_quote:
        return _with_error(_read_tree(raw, tree, known))
    if tree.root_node.has_error and piece.joints and not _decorates(tree.root_node):
        return _read_apart(raw, piece.joints, parser, known)
    return _read_tree(raw, tree, known)


def _read_repaired(raw: bytes, repaired: Repaired, parser: Parser, known: Known) -> ReadChunk | None:
    """Read a class from its repaired text, and its broken methods from their own; None when it is broken still."""
    broken = {method.start: method for method in repaired.methods}
    parts: list[ReadPart] = []
    for read in read_parts(repaired.text, parser.parse(repaired.text).root_node, known, raw):
        part = read.part
        if part.kind == "method" and read.start in broken:
            parts.append(read_broken_method(broken.pop(read.start), part.owner))
        elif part.kind == "class" and repaired.has_broken_statement:
            marked = msgspec.structs.replace(part, has_error=True)
            parts.append(ReadPart(marked, read.start, read.end, read.digest, is_new=read.is_new))
        else:
            parts.append(read)
    if broken:
        # What was put in place of a method was not read as one: no part may hold it.
        return None
    return ReadChunk(tuple(parts), tuple(comments_with(raw, _COMMENT_MARKS)), has_error=True)


def _decorates(root: Node) -> bool:
    """Tell whether the decorators at the start of a piece found their definition."""
    first = root.children[0] if root.children else None
    return first is not None and definition_in(first) is not None


def _read_apart(raw: bytes, joints: tuple[int, ...], parser: Parser, known: Known) -> ReadChunk:
    """Read broken decorators apart from the definition below, from the first line on that parses."""
    start, tree = joints[-1], parser.parse(raw[joints[-1] :])
    for joint in joints[-_JOINTS_TRIED:-1]:
        attempt = parser.parse(raw[joint:])
        if _decorates(attempt.root_node):
            start, tree = joint, attempt
            break
    head = _read_tree(raw[:start], parser.parse(raw[:start]), known)
    rest = _read_tree(raw[start:], tree, known)
    comments = (*head.comments, *((position + start, comment) for position, comment in rest.comments))
    return ReadChunk((*head.parts, *(_moved(part, start) for part in rest.parts)), comments, has_error=True)


def _read_tree(text: bytes, tree: Tree, known: Known) -> ReadChunk:
    root = tree.root_node
    parts = read_parts(text, root, known)
    has_error = root.has_error or any(read.part.has_error for read in parts)
    return ReadChunk(tuple(parts), tuple(comments_with(text, _COMMENT_MARKS)), has_error)


def _with_error(chunk: ReadChunk) -> ReadChunk:
    """Mark the last part as broken: it is the one that an unterminated string stands in."""
    if not chunk.parts:
        return ReadChunk(chunk.parts, chunk.comments, has_error=True)
    last = chunk.parts[-1]
    part = msgspec.structs.replace(last.part, has_error=True)
    marked = ReadPart(part, last.start, last.end, last.digest, is_new=last.is_new)
    return ReadChunk((*chunk.parts[:-1], marked), chunk.comments, has_error=True)


def _moved(read: ReadPart, by: int) -> ReadPart:
    return ReadPart(read.part, read.start + by, read.end + by, read.digest, is_new=read.is_new)
