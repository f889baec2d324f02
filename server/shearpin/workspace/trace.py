"""What a program saw of the disk, so that a later one knows whether it would see the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from shearpin.workspace.files import Entry, FileSystem

T = TypeVar("T")
_ENCODER = msgspec.msgpack.Encoder()


class Trace(msgspec.Struct):
    """Digests of all files that were read, folders that were listed and paths that were looked at; None: not there."""

    files: dict[str, bytes | None]
    folders: dict[str, bytes | None]
    places: dict[str, bytes | None]

    def holds(self, files: FileSystem) -> bool:
        """Whether everything still looks as it did."""
        return (
            all(known == _listing(files, path)[0] for path, known in self.folders.items())
            and all(known == _digest_if(files.entry, path)[0] for path, known in self.places.items())
            and all(known == _content(files, path)[0] for path, known in self.files.items())
        )


class TracedFiles:
    """A file system that notes what is asked of it."""

    def __init__(self, below: FileSystem) -> None:
        self._below = below
        self.trace = Trace({}, {}, {})

    def entries(self, folder: str) -> Iterator[Entry]:
        """See `FileSystem`."""
        self.trace.folders[folder], found = _listing(self._below, folder)
        if isinstance(found, OSError):
            raise found
        return iter(found)

    def entry(self, path: str) -> Entry | None:
        """See `FileSystem`."""
        self.trace.places[path], found = _digest_if(self._below.entry, path)
        return found

    def read(self, path: str) -> bytes:
        """See `FileSystem`."""
        self.trace.files[path], found = _content(self._below, path)
        if isinstance(found, OSError):
            raise found
        return found


def _content(files: FileSystem, path: str) -> tuple[bytes | None, bytes | OSError]:
    try:
        found = files.read(path)
    except OSError as error:
        return None, error
    return _digest(found), found


def _listing(files: FileSystem, folder: str) -> tuple[bytes | None, list[Entry] | OSError]:
    try:
        found = list(files.entries(folder))
    except OSError as error:
        return None, error
    names = sorted((entry.name, entry.is_folder, entry.size) for entry in found)
    return _digest(_ENCODER.encode(names)), found


def _digest_if(look: Callable[[str], T | None], path: str) -> tuple[bytes | None, T | None]:
    found = look(path)
    return (None if found is None else _digest(_ENCODER.encode(found))), found


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
