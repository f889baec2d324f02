"""One open workspace: keeps the database's inputs equal to the files on disk and in the editor."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TypeAlias, TypeVar, cast

import msgspec

from shearpin.manifests import read as read_manifest
from shearpin.query import Database
from shearpin.syntax.ir import ModuleSummary, Placement
from shearpin.syntax.python import Summariser
from shearpin.syntax.source import decode_source
from shearpin.workspace.cache import content_key
from shearpin.workspace.dependencies import declared
from shearpin.workspace.discovery import Discovery, Kind, discover, kind_of, reason_to_skip
from shearpin.workspace.files import FileSystem, OverlaidFiles
from shearpin.workspace.ignoring import RULE_FILES, Ignoring
from shearpin.workspace.inputs import Inputs
from shearpin.workspace.near import near
from shearpin.workspace.summaries import Summaries

T = TypeVar("T")
Progress: TypeAlias = Callable[[int, int, str], None]
#: what a comment that speaks to us contains
_MARK = b"shearpin:"
#: more Python files than this are read like a cold start: through the cache, by several processes
_MANY = 50
_TYPICAL_BYTES = 8_000


class Change(msgspec.Struct, frozen=True):
    """What one update did: files read again or gone, parts that were read anew, keys of the database that changed."""

    files: tuple[str, ...] = ()
    parts_summarised: int = 0
    keys_changed: int = 0


class Workspace:
    """Tracks files; every method that returns a Change has already updated the database."""

    def __init__(self, files: FileSystem, db: Database, summaries: Summaries) -> None:
        self.files = OverlaidFiles(files)
        self.inputs = Inputs()
        self.skipped: dict[str, str] = {}
        self._db = db
        self._summaries = summaries
        self._kinds: dict[str, Kind] = {}
        self._contents: dict[str, bytes] = {}
        self._exclude: tuple[str, ...] = ()
        self._ignoring = Ignoring(self.files.read_if_any, ())
        #: file -> manifests whose reading depends on it
        self._read_by: dict[str, set[str]] = {}
        #: readers of the files that are open in the editor
        self._summarisers: dict[str, Summariser] = {}
        #: manifests with a comment that speaks to us
        self._marked: set[str] = set()

    def load(self, exclude: tuple[str, ...], progress: Progress | None = None) -> Change:
        """Read everything."""
        return _finished(self.loading(exclude, progress))

    def loading(self, exclude: tuple[str, ...], progress: Progress | None = None) -> Generator[None, None, Change]:
        """Read everything bit by bit. Between two bits files may be asked for and changed."""
        self._exclude = exclude
        found = self._rediscovered()
        yield
        return (yield from self._rereading(self._differing(found), found, progress))

    def load_near(self, exclude: tuple[str, ...], path: str) -> Change:
        """Read the folder of the service around a file."""
        self._exclude = exclude
        self._ignoring = Ignoring(self.files.read_if_any, exclude)
        found = near(self.files, self._ignoring, path)
        return self._reread(found.files.keys() - self._kinds.keys(), found)

    def set_exclude(self, exclude: tuple[str, ...]) -> Change:
        """The settings exclude other paths now."""
        if exclude == self._exclude:
            return Change()
        self._exclude = exclude
        found = self._rediscovered()
        return self._reread(self._differing(found), found)

    def set_overlay(self, path: str, text: bytes | None) -> Change:
        """An unsaved buffer, None to go back to the disk."""
        if text is None:
            self.files.overlays.pop(path, None)
            self._summarisers.pop(path, None)
        else:
            self.files.overlays[path] = text
        return self.refresh((path,))

    def refresh(self, paths: Iterable[str]) -> Change:
        """These files or folders may have been changed, created or deleted."""
        asked = set(paths)
        if any(path.rpartition("/")[2] in RULE_FILES for path in asked):
            asked |= self._differing(self._rediscovered())
        return self._reread({file for path in asked for file in self._files_at(path)})

    def raw(self, path: str) -> bytes | None:
        """Bytes of a file as they are in the editor or on disk."""
        return self.files.read_if_any(path)

    def source(self, path: str) -> bytes | None:
        """The text that all offsets of a file refer to: UTF-8, for Python files without byte order mark."""
        raw = self.raw(path)
        return decode_source(raw)[0] if raw is not None and path.endswith(".py") else raw

    def summary(self, path: str) -> ModuleSummary | None:
        """The summary of a Python file."""
        return self.inputs.summaries.get(path)

    def is_tracked(self, path: str) -> bool:
        """Whether a file matters."""
        return path in self._kinds

    def files_of(self, kind: Kind) -> tuple[str, ...]:
        """All files of a kind, sorted."""
        return tuple(sorted(path for path, found in self._kinds.items() if kind in found))

    def placement(self, path: str, part_id: str) -> Placement | None:
        """Where a part stands."""
        return self.inputs.placements(path).get(part_id)

    def is_marked(self, path: str) -> bool:
        """Whether a file other than a Python one holds a comment for us."""
        return path in self._marked

    def dependency_files(self, path: str) -> tuple[str, ...]:
        """Files that declare dependencies in the folders around a file, nearest first; lock files are none."""
        found: list[str] = []
        folder = path.rpartition("/")[0]
        while True:
            here = sorted(
                file
                for file, kind in self._kinds.items()
                if Kind.DEPENDENCIES in kind and file.rpartition("/")[0] == folder and not file.endswith(".lock")
            )
            found.extend(here)
            if not folder:
                return tuple(found)
            folder = folder.rpartition("/")[0]

    def marked_files(self) -> tuple[str, ...]:
        """Files other than Python ones that hold comments for us, sorted."""
        return tuple(sorted(self._marked))

    # ------------------------------------------------------------- updating

    def _rediscovered(self) -> Discovery:
        """Look for files anew."""
        self._ignoring = Ignoring(self.files.read_if_any, self._exclude)
        found = discover(self.files, self._ignoring)
        self.skipped = found.skipped
        return found

    def _differing(self, found: Discovery) -> set[str]:
        """Files that came or went."""
        return found.files.keys() ^ self._kinds.keys()

    def _files_at(self, path: str) -> Iterable[str]:
        entry = self.files.entry(path)
        known = self.inputs.tree.files_under(path) if self.inputs.tree.has_folder(path) else []
        if entry is not None and entry.is_folder:
            found = discover(self.files, self._ignoring, path)
            self.skipped.update(found.skipped)
            # A file may have been there before.
            return {*known, *found.files, *({path} & self._kinds.keys())}
        return {path, *known}

    def _reread(self, paths: set[str], found: Discovery | None = None, progress: Progress | None = None) -> Change:
        """Read files again; those that a discovery has just `found` are known to count."""
        return _finished(self._rereading(paths, found, progress))

    def _rereading(
        self, paths: set[str], found: Discovery | None, progress: Progress | None
    ) -> Generator[None, None, Change]:
        read: list[str] = []
        ordered = sorted(paths)
        python = [path for path in ordered if path.endswith(".py")]
        others = [path for path in ordered if not path.endswith(".py")]
        for path, source in self._changed(others, found, read):
            self._take(path, source)
            yield
        sources = self._changed(python, found, read)
        if found is not None or len(python) > _MANY:
            size = found.python_bytes if found is not None else len(python) * _TYPICAL_BYTES
            parts = yield from self._summarise_all(sources, size, _counting(progress, len(python)))
        else:
            parts = sum(self._summarise_again(path, source) for path, source in sources)
        yield from self._reread_manifests(paths)
        changed = self._db.update(self.inputs.flush())
        return Change(tuple(read), parts, len(changed))

    def _summarise_all(
        self, sources: Iterable[tuple[str, bytes]], size: int, tell: Callable[[str], None]
    ) -> Generator[None, None, int]:
        parts = 0
        for path, summary in self._summaries.read_all(sources, size, tell):
            self._summarisers.pop(path, None)
            self.inputs.set_summary(path, summary)
            parts += len(summary.parts)
            yield
        return parts

    def _summarise_again(self, path: str, source: bytes) -> int:
        """Read what is new in a file; for an open one the reader is kept from one keystroke to the next."""
        reader = self._summarisers.get(path)
        if reader is None:
            reader = Summariser()
            if (before := self.inputs.summaries.get(path)) is not None:
                reader.adopt(before)
        result = reader.update(source)
        if path in self.files.overlays:
            self._summarisers[path] = reader
        self.inputs.set_summary(path, result.summary)
        return result.extracted

    def _changed(self, paths: list[str], found: Discovery | None, read: list[str]) -> Iterator[tuple[str, bytes]]:
        """Files that have other bytes than before; the tree of files is brought up to date on the way."""
        for path in paths:
            is_known = found is not None and path in found.files
            was_tracked = path in self._kinds
            source = self._admitted(path, is_known=is_known)
            if source is None:
                if was_tracked:
                    read.append(path)
                continue
            key = content_key(source)
            if self._contents.get(path) != key:
                self._contents[path] = key
                read.append(path)
                yield path, source

    def _admitted(self, path: str, *, is_known: bool) -> bytes | None:
        """Content of a file that matters; enters or drops it in the tree of files."""
        kind = kind_of(path)
        source, reason = self._read(path, kind, is_known=is_known)
        if reason:
            self.skipped[path] = reason
        else:
            self.skipped.pop(path, None)
        if source is None:
            self._drop(path)
        elif path not in self._kinds:
            self._kinds[path] = kind
            self.inputs.add_file(path, is_python=Kind.PYTHON in kind)
        return source

    def _read(self, path: str, kind: Kind, *, is_known: bool) -> tuple[bytes | None, str]:
        """Content, or None and the reason why it cannot be taken ("" when it does not count at all)."""
        if not is_known:
            entry = self.files.entry(path) if kind and self._ignoring.admits(path) else None
            if entry is None or entry.is_folder:
                return None, ""
            if reason := reason_to_skip(entry):
                return None, reason
        try:
            return self.files.read(path), ""
        except OSError as error:
            return None, f"cannot be read: {error.strerror or error}"

    def _take(self, path: str, source: bytes) -> None:
        if _MARK in source:
            self._marked.add(path)
        else:
            self._marked.discard(path)
        if Kind.DEPENDENCIES in self._kinds[path]:
            self.inputs.set_dependencies(path, declared(path, source))

    def _drop(self, path: str) -> None:
        kind = self._kinds.pop(path, Kind.NONE)
        if not kind:
            return
        self._contents.pop(path, None)
        self._marked.discard(path)
        self._summarisers.pop(path, None)
        self.inputs.remove_file(path, is_python=Kind.PYTHON in kind)
        if Kind.PYTHON in kind:
            self.inputs.set_summary(path, None)
        if Kind.DEPENDENCIES in kind:
            self.inputs.set_dependencies(path, None)

    def _beside(self, path: str) -> bytes | None:
        """What a manifest says stands at a path: nothing behind linked folders, and nothing that is too large."""
        entry = self.files.entry(path)
        if entry is None or entry.is_folder:
            return None
        if reason := reason_to_skip(entry):
            self.skipped[path] = reason
            return None
        return self.raw(path)

    def _reread_manifests(self, changed: set[str]) -> Generator[None]:
        again = {path for path in changed if Kind.MANIFEST in kind_of(path)}
        for path in changed:
            again |= self._read_by.get(path, set())
        for path in sorted(again):
            before = self.inputs.manifests.get(path)
            for other in before.reads if before is not None else ():
                self._read_by[other].discard(path)
            source = self.raw(path) if path in self._kinds else None
            facts = None if source is None else read_manifest(path, source, self._beside)
            self.inputs.set_manifest(path, facts)
            for other in facts.reads if facts is not None and facts.kind else ():
                self._read_by.setdefault(other, set()).add(path)
            yield


def _finished(steps: Generator[None, None, T]) -> T:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast("T", end.value)


def _counting(progress: Progress | None, total: int) -> Callable[[str], None]:
    done = 0

    def tell(path: str) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total, path)

    return tell
