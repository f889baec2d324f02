"""The texts of open files as the client has them. pygls' own documents count positions wrongly and are not used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path

from lsprotocol.types import (
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
    TextDocumentItem,
)

from shearpin.lsp.blocks import NO_BLOCKS, Blocks, followed, refined
from shearpin.lsp.positions import MisplacedError, exact_offset_of
from shearpin.text.edits import Edit
from shearpin.text.lines import Encoding, LineIndex

#: bytes above which a text is analysed when it is saved, not at each keystroke
LIVE_LIMIT = 1_000_000


class RejectedError(Exception):
    """A change that cannot be applied; text and version stay what they are."""


@dataclass(frozen=True, slots=True)
class Document:
    """One state of an open file. `in_sync` is False after changes that came in the wrong order.

    `digest` stands for the text: versions are the client's, and there are clients whose version never grows.
    """

    uri: str
    path: Path
    version: int
    lines: LineIndex
    in_sync: bool = True
    blocks: Blocks = NO_BLOCKS
    digest: bytes = field(init=False, default=b"")

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", blake2b(self.lines.text, digest_size=16).digest())

    @property
    def text(self) -> bytes:
        """UTF-8."""
        return self.lines.text

    @property
    def is_live(self) -> bool:
        """Small enough to be analysed at each keystroke."""
        return self.lines.size <= LIVE_LIMIT


def opened(item: TextDocumentItem, path: Path) -> Document:
    """The document of a didOpen."""
    return Document(item.uri, path, item.version, LineIndex(_utf8(item.text)))


def changed(
    document: Document, version: int, changes: Sequence[TextDocumentContentChangeEvent], encoding: Encoding
) -> Document:
    """Apply the changes of one didChange in order, each on the result of the one before.

    A whole text replaces everything and heals a document that is out of sync. An equal version is a client that does
    not count. Raises RejectedError.
    """
    is_late = version < document.version
    starts_whole = bool(changes) and not isinstance(changes[0], TextDocumentContentChangePartial)
    if is_late and starts_whole and document.in_sync:
        raise RejectedError(f"version {version} came after {document.version}")
    if (is_late or not document.in_sync) and not starts_whole:
        return replace(document, in_sync=False)
    lines = document.lines
    edits: list[Edit] = []
    for change in changes:
        edit = _edit(lines, change, encoding)
        edits.extend(refined(lines.text, edit))
        lines = LineIndex(lines.text[: edit.start] + edit.new + lines.text[edit.end :])
    blocks = followed(document.blocks, document.text, edits, lines.text)
    return Document(document.uri, document.path, version, lines, blocks=blocks)


def _edit(lines: LineIndex, change: TextDocumentContentChangeEvent, encoding: Encoding) -> Edit:
    if not isinstance(change, TextDocumentContentChangePartial):
        return Edit(0, lines.size, _utf8(change.text))
    try:
        start = exact_offset_of(lines, change.range.start, encoding)
        end = exact_offset_of(lines, change.range.end, encoding)
    except MisplacedError as error:
        raise RejectedError(str(error)) from error
    if end < start:
        raise RejectedError("the range of a change ends before it starts")
    return Edit(start, end, _utf8(change.text))


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # A lone surrogate: U+FFFD takes as many units in UTF-16 and as many bytes as the client counts.
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text).encode()
