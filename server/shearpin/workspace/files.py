"""Where files come from: a folder on disk or a dict in memory. The only place that reads the analysed workspace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import msgspec


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One name in a folder. `size` is in bytes, 0 for folders."""

    name: str
    is_folder: bool
    size: int


class FileSystem(Protocol):
    """Paths are relative to the workspace root, with forward slashes; "" is the root."""

    def entries(self, folder: str) -> Iterator[Entry]:
        """Files and folders directly in a folder; links to folders, sockets and the like are left out.

        Raises:
            OSError: the folder cannot be read.
        """
        ...

    def entry(self, path: str) -> Entry | None:
        """What stands at a path, or None."""
        ...

    def read(self, path: str) -> bytes:
        """Content of a file.

        Raises:
            OSError: it is not there or cannot be read.
        """
        ...


class DiskFiles:
    """A folder on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._base = str(root)
        self._real = Path(os.path.realpath(root))

    def entries(self, folder: str) -> Iterator[Entry]:
        """Entries as the operating system gives them. A link to a folder may be a loop, so none is followed."""
        with os.scandir(self._absolute(folder)) as found:
            for item in found:
                if item.is_dir(follow_symlinks=False):
                    yield Entry(item.name, is_folder=True, size=0)
                elif _is_file(item):
                    yield Entry(item.name, is_folder=False, size=_size(item))

    def entry(self, path: str) -> Entry | None:
        """What stands at a path; nothing behind a linked folder does, as `entries` would not lead there."""
        place = Path(self._absolute(path))
        try:
            is_folder = place.is_dir()
            folder = place if is_folder else place.parent
            if Path(os.path.realpath(folder)) != self._real / folder.relative_to(self.root):
                return None
            if is_folder:
                return Entry(place.name, is_folder=True, size=0)
            return Entry(place.name, is_folder=False, size=place.stat().st_size) if place.is_file() else None
        except (OSError, ValueError):
            return None

    def read(self, path: str) -> bytes:
        """Content of a file."""
        try:
            with open(self._absolute(path), "rb") as stream:  # noqa: PTH123 - twice as fast as Path for small files
                return stream.read()
        except ValueError as error:
            # A path out of a manifest may hold a NUL character.
            raise OSError(str(error)) from error

    def _absolute(self, path: str) -> str:
        return f"{self._base}/{path}" if path else self._base


class MemoryFiles:
    """A tree in memory; change `files` and tell the workspace which paths changed."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def entries(self, folder: str) -> Iterator[Entry]:
        """Entries in no particular order."""
        prefix = f"{folder}/" if folder else ""
        folders: set[str] = set()
        for path, source in self.files.items():
            if not path.startswith(prefix):
                continue
            name, slash, _ = path[len(prefix) :].partition("/")
            if not slash:
                yield Entry(name, is_folder=False, size=len(source))
            elif name not in folders:
                folders.add(name)
                yield Entry(name, is_folder=True, size=0)

    def entry(self, path: str) -> Entry | None:
        """What stands at a path."""
        source = self.files.get(path)
        name = path.rpartition("/")[2]
        if source is not None:
            return Entry(name, is_folder=False, size=len(source))
        is_folder = any(other.startswith(f"{path}/") for other in self.files)
        return Entry(name, is_folder=True, size=0) if is_folder else None

    def read(self, path: str) -> bytes:
        """Content of a file."""
        source = self.files.get(path)
        if source is None:
            raise FileNotFoundError(path)
        return source


class OverlaidFiles:
    """Unsaved buffers on top of other files."""

    def __init__(self, below: FileSystem) -> None:
        self._below = below
        self.overlays: dict[str, bytes] = {}

    def entries(self, folder: str) -> Iterator[Entry]:
        """Entries below, with the sizes of buffers, and files that exist as buffers only."""
        above = {entry.name: entry for entry in MemoryFiles(self.overlays).entries(folder)} if self.overlays else {}
        try:
            for entry in self._below.entries(folder):
                yield above.pop(entry.name, entry)
        except FileNotFoundError:
            if not above:
                raise
        yield from above.values()

    def entry(self, path: str) -> Entry | None:
        """What stands at a path."""
        above = MemoryFiles(self.overlays).entry(path) if self.overlays else None
        return above if above is not None else self._below.entry(path)

    def read(self, path: str) -> bytes:
        """The buffer, else the file."""
        source = self.overlays.get(path)
        return self._below.read(path) if source is None else source

    def read_if_any(self, path: str) -> bytes | None:
        """The buffer, else the file, else None."""
        try:
            return self.read(path)
        except OSError:
            return None


def _is_file(item: os.DirEntry[str]) -> bool:
    try:
        return item.is_file()
    except OSError:
        return False


def _size(item: os.DirEntry[str]) -> int:
    try:
        return item.stat().st_size
    except OSError:
        return 0
