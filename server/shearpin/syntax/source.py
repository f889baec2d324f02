"""Bytes of a Python file to the UTF-8 text that all offsets refer to."""

from __future__ import annotations

import codecs
import re

_DECLARATION = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_UTF8_NAMES = frozenset({"utf-8", "utf8", "utf_8", "utf-8-sig", "utf_8_sig", "u8", "utf"})
_SURROGATES = re.compile("[\ud800-\udfff]")


def decode_source(source: bytes) -> tuple[bytes, str]:
    """Return the text as UTF-8 without byte order mark, and the name of the encoding it was written in.

    Every offset of a summary counts bytes of the first result; so do `LineIndex` and every fix. For nearly all
    files it is `source` itself. A declaration (PEP 263) that names another encoding is followed when it works;
    bytes that are not UTF-8 are read as Latin-1, which cannot fail. Encoded surrogates, which an editor may send,
    become U+FFFD of the same length. Never raises.
    """
    if source.startswith(codecs.BOM_UTF8):
        return _as_utf8(source[3:])
    declared = _declared_encoding(source)
    if declared and declared.lower() not in _UTF8_NAMES and (text := _decode(source, declared)) is not None:
        return text.encode("utf-8", "replace"), declared.lower()
    return _as_utf8(source)


def parsing_text(text: bytes) -> bytes:
    r"""Return text of the same length that tree-sitter reads as Python does: a lone \r ends a line, NUL is an error."""
    if b"\r" in text:
        text = re.sub(rb"\r(?!\n)", b"\n", text)
    return text.replace(b"\0", b"\1") if b"\0" in text else text


def _as_utf8(source: bytes) -> tuple[bytes, str]:
    if source.isascii():
        return source, "utf-8"
    try:
        source.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return source, "utf-8"
    try:
        text = source.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return source.decode("latin-1").encode(), "latin-1"
    return _SURROGATES.sub("\ufffd", text).encode(), "utf-8"


def _declared_encoding(source: bytes) -> str:
    head = source[:512]
    if b"coding" not in head:
        return ""
    for number, line in enumerate(head.splitlines()[:2]):
        if found := _DECLARATION.match(line):
            return found[1].decode("ascii", "replace")
        if number == 0 and line.strip() and not line.lstrip().startswith(b"#"):
            return ""
    return ""


def _decode(source: bytes, encoding: str) -> str | None:
    try:
        return source.decode(encoding)
    except (LookupError, ValueError, OSError):
        return None
