"""Finds what changed on disk, for clients that do not watch files: when a file is saved, by size and time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from shearpin.lsp.uris import Root
from shearpin.lsp.view import View
from shearpin.lsp.worker import StaleError, UnavailableError
from shearpin.workspace.discovery import discover
from shearpin.workspace.files import DiskFiles
from shearpin.workspace.ignoring import Ignoring

if TYPE_CHECKING:
    from shearpin.lsp.state import Server

#: path -> (time of the last change in nanoseconds, size in bytes)
Stamps: TypeAlias = "dict[str, tuple[int, int]]"


async def rescan(server: Server, root: Root) -> None:
    """Compare with the last time; the first time only remembers."""
    try:
        after = await asyncio.wrap_future(server.worker.ask(root, stamps_of))
    except (StaleError, UnavailableError):
        return
    before = server.stamps.get(root)
    server.stamps[root] = after
    if before is not None:
        changed = {path for path, _ in before.items() ^ after.items()}
        server.take_disk_changes([(root, path) for path in sorted(changed)], 0.0)


def stamps_of(view: View) -> Stamps:
    """Every file that matters, as it is now. Files that go away meanwhile are left out."""
    files = DiskFiles(view.root.path)
    ignoring = Ignoring(_reader(files), view.session.settings.exclude)
    stamps: Stamps = {}
    for path in discover(files, ignoring).files:
        try:
            found = (view.root.path / path).stat()
        except OSError:
            continue
        stamps[path] = (found.st_mtime_ns, found.st_size)
    return stamps


def _reader(files: DiskFiles) -> Callable[[str], bytes | None]:
    def read(path: str) -> bytes | None:
        try:
            return files.read(path)
        except OSError:
            return None

    return read
