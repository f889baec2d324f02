"""Readers of manifests, one module per kind, found by looking. A reader turns text into facts and knows no Python.

A reader module has a constant `READER`. Readers do not know each other.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeAlias

from shearpin.facts.manifest import ManifestFacts, Problem
from shearpin.facts.site import Site

#: bytes; a larger file is data, or meant to keep readers busy
MAX_BYTES = 2_000_000

Sibling: TypeAlias = Callable[[str], bytes | None]


class Files:
    """The other files that a reading looks at; remembers every path that was asked for, absent ones too."""

    def __init__(self, sibling: Sibling) -> None:
        self._sibling = sibling
        self._known: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a workspace file, None for a large one; paths that leave it are never asked for."""
        if not path or path == ".." or path.startswith(("../", "/")):
            return None
        if path not in self._known:
            content = self._sibling(path)
            self._known[path] = content if content is None or len(content) <= MAX_BYTES else None
        return self._known[path]

    @property
    def asked(self) -> tuple[str, ...]:
        """All paths asked for, sorted."""
        return tuple(sorted(self._known))


@dataclass(frozen=True, slots=True)
class Reader:
    """One kind of manifest: which paths may be one, which content is one, and how to read it.

    Of several readers for a path the one with the lowest `rank` that accepts the content reads it.
    """

    kind: str
    matches: Callable[[str], bool]
    read: Callable[[str, bytes, Files], ManifestFacts]
    accepts: Callable[[str, bytes], bool] = field(default=lambda _path, _source: True)
    rank: int = 5


def reader_for(path: str) -> Reader | None:
    """Return the first reader that may be responsible for a path by its name, or None."""
    return next((reader for reader in _readers() if reader.matches(path)), None)


def read(path: str, source: bytes, sibling: Sibling) -> ManifestFacts:
    """Read one file. A file that is no manifest after all gives facts of kind "". Never raises.

    `path` is relative to the workspace root; `sibling` gives the bytes of other files of the workspace.
    """
    files = Files(sibling)
    for reader in _readers():
        if reader.matches(path) and reader.accepts(path, source):
            if len(source) > MAX_BYTES:
                message = f"larger than {MAX_BYTES // 1_000_000} MB: it is not read"
                return ManifestFacts(reader.kind, path, problems=(Problem(Site(path, "", 0, 0), message),))
            return reader.read(path, source, files)
    return ManifestFacts("", path)


def join(folder: str, relative: str) -> str:
    """Join and normalise workspace paths: `join("a/b", "../c")` is "a/c"; the root is ""."""
    path = posixpath.normpath(posixpath.join(folder, relative.replace("\\", "/")))
    return "" if path == "." else path


def folder_of(path: str) -> str:
    """Return the folder of a workspace path; "" is the root."""
    return posixpath.dirname(path)


@cache
def _readers() -> tuple[Reader, ...]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    readers = [reader for module in modules if isinstance(reader := getattr(module, "READER", None), Reader)]
    return tuple(sorted(readers, key=lambda reader: (reader.rank, reader.kind)))
