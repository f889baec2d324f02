"""Which root a file belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lsprotocol.types import InitializeParams

from shearpin.lsp.uris import Root, path_within, root_of

_MARKERS = (
    "shearpin.toml",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    ".git",
    "pyproject.toml",
)


def roots_of(params: InitializeParams) -> tuple[Root, ...]:
    """The folders a client opens: workspace folders, else the root URI, else the root path, else none."""
    uris = [folder.uri for folder in params.workspace_folders or ()]
    if not uris and params.root_uri:
        uris = [params.root_uri]
    if not uris and params.root_path:
        uris = [Path(params.root_path).absolute().as_uri()]
    return tuple(dict.fromkeys(root for uri in uris if (root := root_of(uri)) is not None))


def place_of(roots: Iterable[Root], path: Path) -> tuple[Root, str] | None:
    """The deepest root that holds a file, and the file's path in it."""
    best: tuple[Root, str] | None = None
    for root in roots:
        inside = path_within(root, path)
        if inside is not None and (best is None or len(inside) < len(best[1])):
            best = (root, inside)
    return best


def root_for_lone_file(path: Path) -> Root | None:
    """The project around a file that was opened without a folder: the outermost folder with a marker, up to home."""
    home = Path.home()
    found: Path | None = None
    for folder in path.parents:
        if folder in {home, Path(folder.anchor)}:
            break
        if any((folder / marker).exists() for marker in _MARKERS):
            found = folder
    if found is None and path.parent not in {home, Path(path.anchor)}:
        found = path.parent
    return None if found is None else Root(found.as_uri(), found)
