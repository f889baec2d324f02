"""Replacements in a text: applying, conflicts, and the difference of two texts. Offsets are bytes."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import pairwise

import msgspec


class Edit(msgspec.Struct, frozen=True, order=True):
    """Bytes `start` to `end` become `new`; an insertion has an empty range."""

    start: int
    end: int
    new: bytes


class ConflictError(Exception):
    """Two edits want the same bytes."""


def ordered(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits by position; equal ones are one, insertions at one place keep their order.

    Raises:
        ConflictError: two of them overlap.
    """
    found = sorted(dict.fromkeys(edits), key=lambda edit: (edit.start, edit.end))
    for before, after in pairwise(found):
        if after.start < before.end:
            raise ConflictError
    return tuple(found)


def apply(text: bytes, edits: Iterable[Edit]) -> bytes:
    """The text after all edits.

    Raises:
        ConflictError: two of them overlap.
    """
    pieces: list[bytes] = []
    position = 0
    for edit in ordered(edits):
        pieces += [text[position : edit.start], edit.new]
        position = edit.end
    return b"".join([*pieces, text[position:]])


def difference(before: bytes, after: bytes) -> tuple[Edit, ...]:
    """Edits that turn one text into the other, by lines; everything else stays untouched."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    found: list[Edit] = []
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "replace" and last - first == end - start:
            pairs = zip(range(first, last), new[start:end], strict=True)
            found.extend(_trimmed(starts[line], old[line], text) for line, text in pairs)
        elif kind != "equal":
            found.append(_trimmed(starts[first], before[starts[first] : starts[last]], b"".join(new[start:end])))
    return tuple(found)


def line_end(text: bytes) -> bytes:
    """How lines end in a text: as its first one does."""
    first = text.find(b"\n")
    return b"\r\n" if first > 0 and text[first - 1 : first] == b"\r" else b"\n"


def _trimmed(start: int, old: bytes, new: bytes) -> Edit:
    """The edit without the bytes that both sides begin and end with; never cuts a character in two."""
    shortest = min(len(old), len(new))
    head = 0
    while head < shortest and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shortest - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    while head and (_continues(old, head) or _continues(new, head)):
        head -= 1
    while tail and (_continues(old, len(old) - tail) or _continues(new, len(new) - tail)):
        tail -= 1
    return Edit(start + head, start + len(old) - tail, new[head : len(new) - tail])


def _continues(text: bytes, position: int) -> bool:
    """Whether a byte is not the first of its character, or the second half of a line end."""
    if position >= len(text):
        return False
    return text[position] & 0xC0 == 0x80 or text[position - 1 : position + 1] == b"\r\n"
