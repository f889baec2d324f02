"""Finds the files that matter: Python, manifests and files that declare dependencies."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from enum import Flag, auto

import msgspec

from shearpin.manifests import reader_for
from shearpin.workspace.dependencies import is_dependency_file
from shearpin.workspace.files import Entry, FileSystem
from shearpin.workspace.ignoring import RULE_FILES, Ignoring

#: bytes; a larger file is data, or generated
SIZE_LIMIT = 5_000_000


class Kind(Flag):
    """Why a file matters; it may matter for several reasons."""

    NONE = 0
    PYTHON = auto()
    MANIFEST = auto()
    DEPENDENCIES = auto()
    #: only its name matters: it tells the language of a folder
    MARKER = auto()


_MARKERS = frozenset(
    {
        "package.json", "go.mod", "pom.xml", "build.gradle", "build.gradle.kts", "Cargo.toml", "composer.json",
        "Gemfile", "mix.exs", "build.sbt",
    }
)  # fmt: skip
_MARKER_ENDS = (".csproj", ".fsproj")


class Discovery(msgspec.Struct):
    """`files` in no particular order; `skipped` gives the reason; `python_bytes` is the size of all Python files.

    `rule_files` are those on the way that say what counts.
    """

    files: dict[str, Kind]
    skipped: dict[str, str]
    python_bytes: int = 0
    rule_files: list[str] = msgspec.field(default_factory=list)


def kind_of(path: str) -> Kind:
    """Why a file of that name matters."""
    if path.endswith(".py"):
        return Kind.PYTHON
    kind = Kind.MANIFEST if reader_for(path) is not None else Kind.NONE
    if is_dependency_file(path):
        kind |= Kind.DEPENDENCIES
    is_marker = path.rpartition("/")[2] in _MARKERS or path.endswith(_MARKER_ENDS)
    return kind | Kind.MARKER if is_marker else kind


def reason_to_skip(entry: Entry) -> str:
    """Why a file that matters cannot be taken, or ""."""
    if entry.size > SIZE_LIMIT:
        return f"larger than {SIZE_LIMIT // 1_000_000} MB ({entry.size / 1_000_000:.1f} MB)"
    return ""


def discover(files: FileSystem, ignoring: Ignoring, folder: str = "", *, is_deep: bool = True) -> Discovery:
    """All files that matter in a folder, at any depth or directly in it."""
    found = Discovery({}, {})
    if not ignoring.admits_folder(folder):
        return found
    pending = [folder]
    while pending:
        current = pending.pop()
        for path, entry in _listed(files, current, found.skipped):
            if entry.is_folder:
                if is_deep and ignoring.admits_folder(path):
                    pending.append(path)
                continue
            if entry.name in RULE_FILES:
                found.rule_files.append(path)
            kind = kind_of(path)
            if kind and ignoring.admits(path):
                _take(found, path, kind, entry)
    return found


def _take(found: Discovery, path: str, kind: Kind, entry: Entry) -> None:
    if reason := reason_to_skip(entry):
        found.skipped[path] = reason
        return
    found.files[path] = kind
    if Kind.PYTHON in kind:
        found.python_bytes += entry.size


def _listed(files: FileSystem, folder: str, skipped: dict[str, str]) -> Iterator[tuple[str, Entry]]:
    try:
        for entry in files.entries(folder):
            path = posixpath.join(folder, entry.name)
            if _is_text(entry.name):
                yield path, entry
            else:
                skipped[path.encode("utf-8", "backslashreplace").decode()] = "its name is not UTF-8"
    except OSError as error:
        skipped[folder or "."] = f"cannot be read: {error.strerror or error}"


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
