"""Changed files: computed from edits, and written only over the text they were computed from."""

from __future__ import annotations

import codecs
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shearpin.syntax.source import decode_source
from shearpin.text.edits import Edit, apply

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
        after = apply(before, (Edit(edit.start, edit.end, edit.new_text.encode()) for edit in ours))
        if after != before:
            changes.append(Change(path, before, after))
    return tuple(changes)


def write(root: Path, change: Change) -> str:
    """Replace the file in one step; its mode, encoding and byte order mark stay.

    Returns the reason why not, or "" when it is written.
    """
    # a link is written through, not replaced
    target = (root / change.path).resolve()
    if not target.is_relative_to(root.resolve()):
        return "is a link that leaves the workspace"
    try:
        raw = target.read_bytes()
        content = _encoded(raw, change, is_python=target.suffix == ".py")
        if content is None:
            return "changed meanwhile, or holds bytes that are no text"
        _replace(target, content)
    except OSError as error:
        return error.strerror or "cannot be written"
    except UnicodeEncodeError as error:
        return f"cannot be written as {error.encoding}"
    return ""


def _encoded(raw: bytes, change: Change, *, is_python: bool) -> bytes | None:
    """The changed text as the file on disk spells it, or None when that is not the text of `change.before`."""
    text, encoding = decode_source(raw) if is_python else (raw, "utf-8")
    has_mark = is_python and raw.startswith(codecs.BOM_UTF8)
    mark = codecs.BOM_UTF8 if has_mark else b""
    if text != change.before or mark + text.decode().encode(encoding) != raw:
        return None
    return mark + change.after.decode().encode(encoding)


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
