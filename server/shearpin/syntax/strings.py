"""String literals: prefixes, escapes, implicit concatenation and the holes of f-strings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from tree_sitter import Node

from shearpin.syntax.grammar import field, kind
from shearpin.syntax.ir import Expr, Joined, Literal, Opaque
from shearpin.syntax.reader import Reader

_CONTENT = kind("string_content")
_INTERPOLATION = kind("interpolation")
_STRING = kind("string")
_EXPRESSION = field("expression")
_PREFIX = re.compile(rb"([A-Za-z]{0,3})(\"\"\"|'''|\"|'|`)")
_ESCAPE = re.compile(r"\\(\r\n|N\{[^}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|.)", re.DOTALL)
_SIMPLE = {
    "\n": "", "\r\n": "", "\r": "", "\\": "\\", "'": "'", '"': '"',
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip
_BIGGEST = 0x10FFFF
#: brace, expression, brace: no conversion, no format, no `=`
_BARE_HOLE = 3
_REPLACEMENT = "\ufffd"


def string(reader: Reader, node: Node, expression: Callable[[Reader, Node], Expr]) -> Expr:
    """Read one string token: a Literal, or a Joined when an f-string has holes."""
    start, end = node.start_byte, node.end_byte
    raw = reader.text[start:end]
    span = (start - reader.base) << 24 | (end - start)
    if raw[:1] in b"\"'" and b"\\" not in raw:
        return Literal(_inner(raw).decode("utf-8", "replace"), span)
    pieces: list[Expr] = []
    _pieces(reader, node, expression, pieces)
    return _joined(pieces, span)


def concatenated(reader: Reader, node: Node, expression: Callable[[Reader, Node], Expr]) -> Expr:
    """Read adjacent string tokens as the one string they make."""
    pieces: list[Expr] = []
    for child in node.named_children:
        if child.kind_id == _STRING:
            _pieces(reader, child, expression, pieces)
    return _joined(pieces, reader.span(node))


def unescape(text: str) -> str:
    """Replace the escapes of a str literal as Python does; lone surrogates, which no file can hold, by U+FFFD."""
    return _ESCAPE.sub(_unescape_one, text) if "\\" in text else text


def _unescape_one(match: re.Match[str]) -> str:
    body = match[1]
    simple = _SIMPLE.get(body)
    if simple is not None:
        return simple
    if body[0] in "01234567":
        return chr(int(body, 8))
    if len(body) > 1 and body[0] in "xuU":
        return _character(int(body[1:], 16), match[0])
    if len(body) > 1:
        try:
            return unicodedata.lookup(body[2:-1])
        except KeyError:
            return match[0]
    return match[0]


def _character(code: int, otherwise: str) -> str:
    if code > _BIGGEST:
        return otherwise
    return _REPLACEMENT if 0xD800 <= code <= 0xDFFF else chr(code)


def _inner(raw: bytes) -> bytes:
    """Return what stands between the quotes, also when the closing one is missing."""
    quote = raw[:3] if raw[:3] in (b'"""', b"'''") else raw[:1]
    size = len(quote)
    if len(raw) >= 2 * size and raw.endswith(quote):
        return raw[size:-size]
    return raw[size:]


def _pieces(reader: Reader, node: Node, expression: Callable[[Reader, Node], Expr], into: list[Expr]) -> None:
    start = node.start_byte
    raw = reader.text[start : node.end_byte]
    opening = _PREFIX.match(raw)
    if opening is None:
        into.append(Opaque((), reader.span(node)))
        return
    prefix = opening[1].lower()
    if b"f" in prefix or b"t" in prefix:
        _holes(reader, node, expression, prefix, into)
        return
    inner = _inner(raw[len(prefix) :])
    if b"b" in prefix:
        value = inner.decode("latin-1") if b"r" in prefix else _bytes_value(inner)
        into.append(Literal(value, reader.span(node), "bytes"))
        return
    text = inner.decode("utf-8", "replace")
    into.append(Literal(text if b"r" in prefix else unescape(text), reader.span(node)))


def _holes(
    reader: Reader, node: Node, expression: Callable[[Reader, Node], Expr], prefix: bytes, into: list[Expr]
) -> None:
    is_raw = b"r" in prefix
    for child in node.named_children:
        number = child.kind_id
        if number == _CONTENT:
            text = reader.text[child.start_byte : child.end_byte].decode("utf-8", "replace")
            text = text.replace("{{", "{").replace("}}", "}")
            into.append(Literal(text if is_raw else unescape(text), reader.span(child)))
        elif number == _INTERPOLATION:
            hole = child.child_by_field_id(_EXPRESSION)
            value = expression(reader, hole) if hole is not None else Opaque((), reader.span(child))
            into.append(_hole(value, child, reader))


def _hole(value: Expr, node: Node, reader: Reader) -> Expr:
    """A bare `{'text'}` is text; any other literal is wrapped, since a Literal among the parts is text."""
    if not isinstance(value, Literal):
        return value
    is_bare = node.child_count == _BARE_HOLE
    return value if is_bare and isinstance(value.value, str) and not value.kind else Opaque((value,), reader.span(node))


def _bytes_value(inner: bytes) -> str:
    text = inner.decode("latin-1")
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_unescape_byte, text)


def _unescape_byte(match: re.Match[str]) -> str:
    body = match[1]
    if body[0] in "01234567":
        return chr(int(body, 8) & 0xFF)
    if len(body) == 3 and body[0] == "x":
        return chr(int(body[1:], 16))
    return _SIMPLE.get(body, match[0])


def _joined(pieces: list[Expr], span: int) -> Expr:
    """Fold neighbouring literals; all text is a Literal again."""
    folded: list[Expr] = []
    for piece in pieces:
        last = folded[-1] if folded else None
        if isinstance(last, Literal) and isinstance(piece, Literal):
            end = (piece.span >> 24) + (piece.span & 0xFFFFFF)
            start = last.span >> 24
            folded[-1] = Literal(f"{last.value}{piece.value}", start << 24 | (end - start), last.kind)
        else:
            folded.append(piece)
    if not folded:
        return Literal("", span)
    if len(folded) == 1 and isinstance(folded[0], Literal):
        return Literal(folded[0].value, span, folded[0].kind)
    return Joined(tuple(folded), span)
