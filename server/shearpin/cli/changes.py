"""Changed files: computed from edits, and written only over the text they were computed from."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shearpin.report.diff import apply_edits

if TYPE_CHECKING:
    from shearpin.session import FileEdit


@dataclass(frozen=True, slots=True)
class Change:
    """One file before and after; `path` is relative to the workspace."""

    path: str
    before: bytes
    after: bytes


def changes_of(edits: Iterable[FileEdit], read: Callable[[str], bytes | None]) -> tuple[Change, ...]:
    """The files that edits change, by path. Edits of a text that is no longer there are dropped."""
    by_path: dict[str, list[FileEdit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, []).append(edit)
    changes: list[Change] = []
    for path, ours in sorted(by_path.items()):
        before = read(path)
        if before is None or any(edit.sha256 != hashlib.sha256(before).hexdigest() for edit in ours):
            continue
        after = apply_edits(before, ours)
        if after != before:
            changes.append(Change(path, before, after))
    return tuple(changes)


def write(root: Path, change: Change) -> str:
    """Replace the file in one step, its mode kept. The reason why not, or "" when it is written."""
    # a link is written through, not replaced
    target = (root / change.path).resolve()
    if not target.is_relative_to(root.resolve()):
        return "is a link that leaves the workspace"
    try:
        if target.read_bytes() != change.before:
            return "changed meanwhile"
        _replace(target, change.after)
    except OSError as error:
        return error.strerror or "cannot be written"
    return ""


def _replace(target: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        fresh.chmod(target.stat().st_mode)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
