"""URIs of the protocol to paths and back. Only `file:` has a path; a URI is never rewritten, only read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

_SCHEME = "file://"


@dataclass(frozen=True, slots=True)
class Root:
    """A folder of the workspace: its URI as the client sent it, without a final slash, and its path."""

    uri: str
    path: Path


def path_of(uri: str) -> Path | None:
    """The normalised absolute path of a `file:` URI; None for other schemes and for what is no path here."""
    if uri[: len(_SCHEME)].lower() != _SCHEME:
        return None
    host, slash, rest = uri[len(_SCHEME) :].partition("/")
    if not slash or host.lower() not in {"", "localhost"}:
        return None
    text = unquote("/" + rest)
    if "\0" in text or "\ufffd" in text:
        return None
    if os.name == "nt":
        text = text.lstrip("/")
        text = text[:1].upper() + text[1:]
    return Path(os.path.normpath(text))


def root_of(uri: str) -> Root | None:
    """The root that a folder's URI names, if it is a folder of the file system."""
    path = path_of(uri)
    return None if path is None else Root(uri.rstrip("/"), path)


def uri_within(root: Root, path: str) -> str:
    """URI of a file of a root, spelled like the root's."""
    return f"{root.uri.rstrip('/')}/{quote(path)}"


def path_within(root: Root, path: Path) -> str | None:
    """Path relative to a root with forward slashes, or None when it lies elsewhere."""
    try:
        return path.relative_to(root.path).as_posix()
    except ValueError:
        return None
