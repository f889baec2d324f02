"""An editor over a folder: buffers, undo, and what it tells the server about each of them and about the disk."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from soaking.wire import Wire

Encoding: TypeAlias = str

_UNIT = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
_LINE_END = re.compile("\r\n|\r|\n")
_CREATED, _CHANGED, _DELETED = 1, 2, 3
_UNDO = 50


@dataclass
class Buffer:
    """One open file."""

    text: str
    version: int = 1
    past: list[str] = field(default_factory=list)


class Editor:
    """Everything is told to the server at once, as editors do. Paths are relative to the root."""

    def __init__(self, wire: Wire, root: Path, encoding: Encoding, *, watches: bool) -> None:
        self.wire = wire
        self.root = root
        self.buffers: dict[str, Buffer] = {}
        self._encoding = encoding
        self._watches = watches
        self.is_rescan_due = False

    def uri(self, path: str) -> str:
        return f"{self.root.as_uri()}/{path}"

    def files(self) -> list[str]:
        """All files on disk, sorted."""
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file())

    def text(self, path: str) -> str:
        """The buffer, else the disk."""
        if path in self.buffers:
            return self.buffers[path].text
        with (self.root / path).open(encoding="utf-8", newline="") as stream:
            return stream.read()

    # -------------------------------------------------------------- buffers

    def open(self, path: str) -> None:
        if path in self.buffers:
            return
        self.buffers[path] = Buffer(self.text(path))
        language = "python" if path.endswith(".py") else "yaml"
        item = {"uri": self.uri(path), "languageId": language, "version": 1, "text": self.buffers[path].text}
        self.wire.notify("textDocument/didOpen", {"textDocument": item})

    def close(self, path: str) -> None:
        """Without saving."""
        if self.buffers.pop(path, None) is not None:
            self.wire.notify("textDocument/didClose", {"textDocument": {"uri": self.uri(path)}})

    def put(self, path: str, new: str, *, whole: bool = False) -> None:
        """Make this the text of an open file: as the smallest change, or as the whole text."""
        buffer = self.buffers[path]
        if new == buffer.text:
            return
        buffer.past = [*buffer.past[-_UNDO:], buffer.text]
        self._change(path, new, [{"text": new}] if whole else [self._smallest(buffer.text, new)])

    def replace_each(self, path: str, spans: list[tuple[int, int]], new: str) -> None:
        """Type over several places in one message, the last place first."""
        buffer = self.buffers[path]
        buffer.past = [*buffer.past[-_UNDO:], buffer.text]
        text, changes = buffer.text, []
        for start, end in sorted(spans, reverse=True):
            after = text[:start] + new + text[end:]
            if after != text:
                changes.append(self._smallest(text, after))
            text = after
        if changes:
            self._change(path, text, changes)

    def undo(self, path: str) -> None:
        buffer = self.buffers[path]
        if buffer.past:
            new = buffer.past.pop()
            self._change(path, new, [self._smallest(buffer.text, new)])

    def save(self, path: str) -> None:
        existed = (self.root / path).exists()
        self._write(path, self.buffers[path].text)
        self.wire.notify("textDocument/didSave", {"textDocument": {"uri": self.uri(path)}})
        self._tell({path: _CHANGED if existed else _CREATED})
        self.is_rescan_due = False

    # ----------------------------------------------------------------- disk

    def write(self, files: dict[str, str]) -> None:
        """Somebody else writes files, as a checkout does; buffers stay what they are."""
        kinds = {path: _CHANGED if (self.root / path).exists() else _CREATED for path in files}
        for path, text in files.items():
            self._write(path, text)
        self._tell(kinds)
        self.is_rescan_due = True

    def delete(self, path: str) -> None:
        """A file or a folder; buffers stay open."""
        target = self.root / path
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
        # As some editors do: of a folder, its own name only.
        self._tell({path: _DELETED})
        self.is_rescan_due = True

    def move(self, old: str, new: str) -> None:
        """Rename a file or a folder; buffers of it move along with what is not saved."""
        files = [path for path in self.files() if path == old or path.startswith(f"{old}/")]
        moved = {path: new + path[len(old) :] for path in files}
        unsaved = {path: self.buffers[path].text for path in moved if path in self.buffers}
        for path in unsaved:
            self.close(path)
        (self.root / new).parent.mkdir(parents=True, exist_ok=True)
        (self.root / old).rename(self.root / new)
        self._tell({old: _DELETED} | dict.fromkeys(moved.values(), _CREATED))
        self.is_rescan_due = True
        for path, text in unsaved.items():
            self.open(moved[path])
            self.put(moved[path], text)

    def _write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())

    def _tell(self, kinds: dict[str, int]) -> None:
        if self._watches:
            changes = [{"uri": self.uri(path), "type": kind} for path, kind in kinds.items()]
            self.wire.notify("workspace/didChangeWatchedFiles", {"changes": changes})

    # ------------------------------------------------------------ positions

    def position(self, text: str, index: int) -> dict[str, int]:
        """Line and units of an index."""
        ends = [match.end() for match in _LINE_END.finditer(text, 0, index)]
        if ends and ends[-1] == index and text[index - 1 : index + 1] == "\r\n":
            raise AssertionError("no position lies inside a line end")
        row = text[ends[-1] if ends else 0 : index]
        name = self._encoding if self._encoding == "utf-8" else f"{self._encoding}-le"
        return {"line": len(ends), "character": len(row.encode(name)) // _UNIT[self._encoding]}

    def index(self, text: str, position: dict[str, int]) -> int:
        """The index of a position."""
        start = 0
        for _ in range(position["line"]):
            match = _LINE_END.search(text, start)
            assert match is not None, f"line {position['line']} lies beyond the text"
            start = match.end()
        units = position["character"]
        index = start
        name = self._encoding if self._encoding == "utf-8" else f"{self._encoding}-le"
        while units > 0:
            units -= len(text[index].encode(name)) // _UNIT[self._encoding]
            index += 1
        assert units == 0, f"{position} lies inside a character"
        return index

    def _smallest(self, old: str, new: str) -> dict[str, object]:
        start = 0
        while start < min(len(old), len(new)) and old[start] == new[start]:
            start += 1
        behind = 0
        while behind < min(len(old), len(new)) - start and old[-1 - behind] == new[-1 - behind]:
            behind += 1
        # No position lies between \r and \n.
        while start and (old[start - 1 : start + 1] == "\r\n" or new[start - 1 : start + 1] == "\r\n"):
            start -= 1
        while behind and (
            old[len(old) - behind - 1 : len(old) - behind + 1] == "\r\n"
            or new[len(new) - behind - 1 : len(new) - behind + 1] == "\r\n"
        ):
            behind -= 1
        span = {"start": self.position(old, start), "end": self.position(old, len(old) - behind)}
        return {"range": span, "text": new[start : len(new) - behind]}

    def _change(self, path: str, new: str, changes: list[dict[str, object]]) -> None:
        buffer = self.buffers[path]
        buffer.text = new
        buffer.version += 1
        identifier = {"uri": self.uri(path), "version": buffer.version}
        self.wire.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})
