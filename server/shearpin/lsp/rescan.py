"""Finds what changed on disk, for clients that do not watch files: when a file is saved, by size and time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from shearpin.lsp.uris import Root
from shearpin.lsp.view import View
from shearpin.lsp.worker import StaleError, UnavailableError
from shearpin.settings.reading import FILES as SETTINGS_FILES
from shearpin.workspace.discovery import discover
from shearpin.workspace.files import DiskFiles
from shearpin.workspace.ignoring import Ignoring

if TYPE_CHECKING:
    from shearpin.lsp.state import Server

#: path -> (times of the last change of content and of anything, in nanoseconds, and size in bytes)
Stamps: TypeAlias = "dict[str, tuple[int, int, int]]"


_RULES = ".gitignore"
#: nanoseconds by which times of files may lag behind the clock
_COARSE = 2_000_000_000


async def rescan(server: Server, root: Root) -> None:
    """Compare with the last time; the first time with what may have changed while the folder was read."""
    try:
        after, untrue = await asyncio.wrap_future(server.worker.ask(root, _look))
    except (StaleError, UnavailableError):
        return
    before = server.stamps.get(root)
    server.stamps[root] = after
    if before is None:
        since = server.added_at.get(root, 0) - _COARSE
        changed = {path for path, stamp in after.items() if max(stamp[:2]) >= since} | untrue
    else:
        changed = {path for path, _ in before.items() ^ after.items()}
        if before.keys() != after.keys():
            # Files come and go by rules too, and those may stand where nobody looks any more.
            changed.add(_RULES)
    server.take_disk_changes([(root, path) for path in sorted(changed)], 0.0)


def _look(view: View) -> tuple[Stamps, set[str]]:
    """The stamps, and Python files that either the disk or the session has and the other has not."""
    stamps = stamps_of(view)
    return stamps, {path for path in stamps if path.endswith(".py")} ^ set(view.session.python_files())


def stamps_of(view: View) -> Stamps:
    """Every file that matters, as it is now. Files that go away meanwhile are left out."""
    files = DiskFiles(view.root.path)
    ignoring = Ignoring(_reader(files), view.session.settings.exclude)
    stamps: Stamps = {}
    found = discover(files, ignoring)
    for path in (*found.files, *found.rule_files, *SETTINGS_FILES):
        try:
            stat = (view.root.path / path).stat()
        except OSError:
            continue
        stamps[path] = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size)
    return stamps


def _reader(files: DiskFiles) -> Callable[[str], bytes | None]:
    def read(path: str) -> bytes | None:
        try:
            return files.read(path)
        except OSError:
            return None

    return read
