"""A session as the client sees it: its URIs, its versions, its positions. Used in the worker's thread only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lsprotocol.types import Location, Position, Range

from shearpin.engine.finding import Finding
from shearpin.facts.site import Site
from shearpin.lsp.blocks import NO_BLOCKS, Blocks
from shearpin.lsp.client import Client
from shearpin.lsp.positions import offset_of, range_of
from shearpin.lsp.uris import Root, uri_within
from shearpin.text.lines import LineIndex

if TYPE_CHECKING:
    from shearpin.session import Session

#: files still to be examined
_MANY = 20


@dataclass(frozen=True, slots=True)
class Opened:
    """An open file as the session holds it: the URI as sent, the client's version and what stands for the text."""

    uri: str
    version: int
    digest: bytes = b""
    blocks: Blocks = NO_BLOCKS


@dataclass(frozen=True, slots=True)
class View:
    """One root at one moment. Paths are relative to the root."""

    session: Session
    root: Root
    client: Client
    opened: Mapping[str, Opened]
    _lines: dict[str, LineIndex] = field(default_factory=dict, compare=False)

    @property
    def is_filling(self) -> bool:
        """Most of the folder is still to be examined, so that a complete answer would take a while."""
        return self.session.is_partial or self.session.pending > _MANY

    def findings(self, path: str) -> tuple[Finding, ...]:
        """Findings of a file as they can be told without a wait."""
        return self.session.local_findings(path) if self.is_filling else self.session.findings(path)

    def uri(self, path: str) -> str:
        """URI of a file: as the client sent it if the file is open."""
        opened = self.opened.get(path)
        return uri_within(self.root, path) if opened is None else opened.uri

    def version(self, path: str) -> int | None:
        """Version of an open file."""
        opened = self.opened.get(path)
        return None if opened is None else opened.version

    def digest(self, path: str) -> bytes | None:
        """What stands for the text of an open file."""
        opened = self.opened.get(path)
        return None if opened is None else opened.digest

    def blocks(self, path: str) -> Blocks:
        """What was inserted at once in an open file."""
        opened = self.opened.get(path)
        return NO_BLOCKS if opened is None else opened.blocks

    def lines(self, path: str) -> LineIndex:
        """Lines of a file; read once."""
        known = self._lines.get(path)
        if known is None:
            known = self._lines[path] = self.session.lines(path)
        return known

    def range(self, path: str, start: int, end: int) -> Range:
        """Range of bytes of a file."""
        return range_of(self.lines(path), start, end, self.client.encoding)

    def location(self, site: Site) -> Location:
        """URI and range of a site."""
        return Location(self.uri(site.path), self.range(site.path, *self.session.locate(site)))

    def offset(self, path: str, position: Position) -> int:
        """Byte offset of a position in a file."""
        return offset_of(self.lines(path), position, self.client.encoding)
