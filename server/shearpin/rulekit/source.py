"""What fixes need to know of the text: a port that the session supplies."""

from __future__ import annotations

from typing import Protocol

import msgspec

from shearpin.facts.site import Site
from shearpin.syntax.ir import ModuleSummary, Part


class FileEdit(msgspec.Struct, frozen=True):
    """Bytes `start` to `end` of a file's UTF-8 text become `new_text`; `sha256` (hex) is that of the text before."""

    path: str
    start: int
    end: int
    new_text: str
    sha256: str


class Source(Protocol):
    """Texts and summaries as they are now; all of one moment."""

    def text(self, path: str) -> bytes | None:
        """UTF-8 text of a file, None when it is not there."""
        ...

    def summary(self, path: str) -> ModuleSummary | None:
        """Summary of that text, None when the file is no Python file."""
        ...

    def part(self, path: str, part_id: str) -> Part | None:
        """One part of the summary."""
        ...

    def locate(self, site: Site) -> tuple[int, int]:
        """Absolute byte range of a site."""
        ...

    def dependency_files(self, path: str) -> tuple[str, ...]:
        """Files that declare the dependencies of the code in `path`, nearest first."""
        ...
