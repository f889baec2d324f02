"""Changed files as a unified diff that `patch -p1` and `git apply` take."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from shearpin.report.styled import Line, Piece, Tone, frame, line, strong


def unified(path: str, before: bytes, after: bytes) -> str:
    """The diff of one file; empty when nothing changed."""
    old, new = _lines(before), _lines(after)
    parts: list[str] = []
    for text in unified_diff(old, new, f"a/{path}", f"b/{path}"):
        parts.append(text)
        if not text.endswith("\n"):
            parts.append("\n\\ No newline at end of file\n")
    return "".join(parts)


def painted(diff: str) -> Iterator[Line]:
    """The same diff with tones."""
    for text in diff.removesuffix("\n").split("\n"):
        if text.startswith(("+++", "---")):
            yield line(strong(text))
        elif text.startswith("@@"):
            yield line(frame(text))
        elif text.startswith("+"):
            yield line(Piece(text, Tone.GOOD))
        elif text.startswith("-"):
            yield line(Piece(text, Tone.ERROR))
        else:
            yield line(text)


def _lines(text: bytes) -> list[str]:
    # str.splitlines would also split at form feeds; only \n ends a line of a diff
    found = text.decode("utf-8", "surrogateescape").split("\n")
    return [f"{part}\n" for part in found[:-1]] + ([found[-1]] if found[-1] else [])
