"""Sites as lines and columns. The only place of `report` that counts bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shearpin.facts.site import Site
from shearpin.text.lines import LineIndex


@dataclass(frozen=True, slots=True)
class Sources:
    """Where texts come from: `read` gives a file as UTF-8 or None, `locate` the absolute byte range of a site."""

    read: Callable[[str], bytes | None]
    locate: Callable[[Site], tuple[int, int]]


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file: 0-based line, 0-based column in code points, and the same column in UTF-16 units."""

    line: int
    column: int
    utf16: int


@dataclass(frozen=True, slots=True)
class Range:
    """Half-open."""

    start: Position
    end: Position


class Places:
    """Turns sites into ranges. Reads each file once; a file that is gone has all its sites at its start.

    `prefix` is put before paths that people see, so that a terminal finds them: "" or a folder with a final slash.
    """

    def __init__(self, sources: Sources, prefix: str = "") -> None:
        self.prefix = prefix
        self._sources = sources
        self._files: dict[str, LineIndex] = {}

    def range_of(self, site: Site) -> Range:
        """Range of a site."""
        return self.range_between(site.path, *self._sources.locate(site))

    def range_between(self, path: str, start: int, end: int) -> Range:
        """Range of absolute byte offsets; offsets beyond the end of the file mean its end."""
        return Range(self._position(path, start), self._position(path, end))

    def line_of(self, site: Site) -> int:
        """1-based line on which a site starts."""
        return self.range_of(site).start.line + 1

    def address(self, site: Site) -> str:
        """`path:line`, as editors and terminals make it a link."""
        return f"{self.prefix}{site.path}:{self.line_of(site)}"

    def text_of_line(self, path: str, number: int) -> str | None:
        """A 0-based line without its end, or None beyond the end of the file."""
        lines = self._lines(path)
        if not 0 <= number < lines.count:
            return None
        return lines.text[lines.start(number) : lines.end(number)].decode("utf-8", "replace")

    def _position(self, path: str, offset: int) -> Position:
        lines = self._lines(path)
        offset = max(0, min(offset, lines.size))
        number = lines.line_at(offset)
        before = lines.text[lines.start(number) : offset].decode("utf-8", "replace")
        return Position(number, len(before), len(before.encode("utf-16-le", "replace")) // 2)

    def _lines(self, path: str) -> LineIndex:
        known = self._files.get(path)
        if known is None:
            known = self._files[path] = LineIndex(self._sources.read(path) or b"")
        return known
