"""The folder around a file that is read before everything else: its service, or what comes close to one."""

from __future__ import annotations

from shearpin.workspace.dependencies import is_dependency_file
from shearpin.workspace.discovery import Discovery, Kind, discover
from shearpin.workspace.files import Entry, FileSystem
from shearpin.workspace.ignoring import Ignoring

#: Python files that are read in a few tenths of a second
_MOST_FILES = 250


def near(files: FileSystem, ignoring: Ignoring, path: str) -> Discovery:
    """What matters in the service's folder around a file, and directly in the root."""
    folders = _above(path)
    start = next((n for n, folder in enumerate(folders) if _holds_project(files, folder)), len(folders) - 1)
    found = Discovery({}, {})
    for folder in reversed(folders[: start + 1]):
        found = discover(files, ignoring, folder)
        if sum(Kind.PYTHON in kind for kind in found.files.values()) <= _MOST_FILES:
            break
    top = discover(files, ignoring, is_deep=False)
    return Discovery({**top.files, **found.files}, {**top.skipped, **found.skipped}, found.python_bytes)


def _above(path: str) -> list[str]:
    """The folders above a file, the nearest first, without the root unless there is no other."""
    found: list[str] = []
    folder = path.rpartition("/")[0]
    while folder:
        found.append(folder)
        folder = folder.rpartition("/")[0]
    return found or [""]


def _holds_project(files: FileSystem, folder: str) -> bool:
    try:
        return any(_marks_project(entry) for entry in files.entries(folder))
    except OSError:
        return False


def _marks_project(entry: Entry) -> bool:
    return not entry.is_folder and (is_dependency_file(entry.name) or entry.name.startswith("Dockerfile"))
