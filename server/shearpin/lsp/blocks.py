"""Blocks of lines that were inserted at once, as an assistant or the clipboard does, followed through later edits.

Only texts are compared, so it works with every client: one that sends whole texts, one whose formatter replaces the
document, one that sends a paste as many small changes. What was there before is not new: text that moves, that is
reformatted, or that comes back by an undo starts no block.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from shearpin.text.edits import Edit, difference

#: lines with something on them from which an insertion counts as a block
FEWEST_LINES = 3
_MOST_BLOCKS = 20
_MOST_REMEMBERED = 1000
#: known lines between new ones that do not end a block
_GAP = 2
#: lines of a changed window up to which old and new are compared line by line
_COMPARED = 1500
_WORD = re.compile(rb"\w+")


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes `start` to `end` of a text; `number` names the block as long as its file is open."""

    start: int
    end: int
    number: int

    def holds(self, offset: int) -> bool:
        """Whether a byte lies in the block."""
        return self.start <= offset < self.end


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of one state of an open file, by position.

    `removed` are lines that were taken out lately, `gone` the texts of blocks that were: both may come back by an undo.
    """

    live: tuple[Block, ...] = ()
    last: int = 0
    removed: tuple[bytes, ...] = ()
    gone: tuple[tuple[int, bytes], ...] = ()

    def at(self, first: int, last: int) -> Block | None:
        """The block that a range of bytes touches."""
        return next((block for block in self.live if block.start <= last and first < block.end), None)

    def numbered(self, number: int) -> Block | None:
        """The block of that number, if it is still there."""
        return next((block for block in self.live if block.number == number), None)

    def without(self, number: int) -> Blocks:
        """Somebody has looked at the block."""
        return replace(self, live=tuple(block for block in self.live if block.number != number))


NO_BLOCKS = Blocks()


def refined(text: bytes, edit: Edit) -> tuple[Edit, ...]:
    """An edit as the smaller ones that it is made of, the last one first; a formatter may replace everything."""
    before = text[edit.start : edit.end]
    if b"\n" not in before:
        return (edit,)
    start = _common(before, edit.new)
    start = before.rfind(b"\n", 0, start) + 1
    room = min(len(before), len(edit.new)) - start
    tail = min(_common(before[::-1], edit.new[::-1]), room)
    old, new = before[start : len(before) - tail], edit.new[start : len(edit.new) - tail]
    base = edit.start + start
    if old.count(b"\n") > _COMPARED or new.count(b"\n") > _COMPARED:
        return (Edit(base, base + len(old), new),)
    return tuple(Edit(base + one.start, base + one.end, one.new) for one in reversed(difference(old, new)))


def followed(blocks: Blocks, before: bytes, edits: Iterable[Edit], after: bytes) -> Blocks:
    """The blocks after one change of the client: edits one after the other, each on the result of the one before."""
    live = list(blocks.live)
    fresh: list[tuple[int, int]] = []
    taken: list[bytes] = []
    removed, gone = list(blocks.removed), list(blocks.gone)
    text = before
    for edit in edits:
        old = text[edit.start : edit.end]
        if rows := _rows(text, edit):
            taken.append(rows)
            if b"\n" in old and not any(_touches(edit, block) for block in live):
                removed.extend(_lines(old))
        gone.extend((block.number, text[block.start : block.end]) for block in live if _swallows(edit, block, text))
        live = [moved for block in live if (moved := moved_by(edit, block, text)) is not None]
        if edit.new or old:
            fresh = _shifted(fresh, edit)
            text = text[: edit.start] + edit.new + text[edit.end :]
    if after.count(b"\n") - before.count(b"\n") < FEWEST_LINES - 1 and not taken and not gone:
        return replace(blocks, live=tuple(live))
    state = _State(live, blocks.last, gone)
    for start, end in fresh:
        state.take(after, start, end, taken, removed)
    return Blocks(
        tuple(sorted(state.live, key=lambda block: block.start))[-_MOST_BLOCKS:],
        state.last,
        tuple(removed[-_MOST_REMEMBERED:]),
        tuple(state.gone[-_MOST_BLOCKS:]),
    )


def moved_by(edit: Edit, block: Block, text: bytes) -> Block | None:
    """A block after an edit; None when nothing of it is left."""
    size = len(edit.new)
    shift = size - (edit.end - edit.start)
    if edit.end <= block.start:
        return replace(block, start=block.start + shift, end=block.end + shift)
    if edit.start >= block.end:
        return block
    if block.start <= edit.start and edit.end <= block.end:
        inside = replace(block, end=block.end + shift)
    elif edit.start <= block.start and edit.end >= block.end:
        if _novelty(edit.new, Counter(_WORD.findall(text[block.start : block.end]))):
            return None
        inside = replace(block, start=edit.start, end=edit.start + size)
    elif edit.start < block.start:
        inside = replace(block, start=edit.start + size, end=block.end + shift)
    else:
        inside = replace(block, end=edit.start)
    return inside if inside.end > inside.start else None


class _State:
    """Blocks while one change is looked at."""

    def __init__(self, live: list[Block], last: int, gone: list[tuple[int, bytes]]) -> None:
        self.live = live
        self.last = last
        self.gone = gone

    def take(self, text: bytes, start: int, end: int, taken: list[bytes], removed: list[bytes]) -> None:
        """Find out what is new in the bytes that a change put in."""
        if text.count(b"\n", start, end) < FEWEST_LINES - 1:
            return
        if self._revive(text, start, end):
            return
        known = Counter(line for piece in taken for line in _lines(piece))
        words = Counter(word for piece in taken for word in _WORD.findall(piece))
        known.update(removed)
        for run in _runs(text, start, end, known):
            first, last = _trimmed(text, *run, words)
            piece = text[first:last]
            if len(_lines(piece)) >= FEWEST_LINES and _novelty(piece, words):
                self._add(first, last)

    def _revive(self, text: bytes, start: int, end: int) -> bool:
        """What was taken out comes back, as by an undo."""
        found = False
        for number, old in list(self.gone):
            if old and (at := text.find(old, max(0, start - len(old)), end + len(old))) >= 0:
                self.gone.remove((number, old))
                self.live.append(Block(at, at + len(old), number))
                found = True
        return found

    def _add(self, start: int, end: int) -> None:
        for index, block in enumerate(self.live):
            if block.start <= end and start <= block.end:
                self.live[index] = replace(block, start=min(start, block.start), end=max(end, block.end))
                return
        self.last += 1
        self.live.append(Block(start, end, self.last))


def _runs(text: bytes, start: int, end: int, known: Counter[bytes]) -> Iterator[tuple[int, int]]:
    """Ranges of whole lines that were not known before; a few known ones in between do not matter."""
    position = text.rfind(b"\n", 0, start) + 1
    first = last = -1
    gap = 0
    while position < end:
        stop = text.find(b"\n", position) + 1 or len(text)
        line = text[position:stop].strip()
        if line and known[line] > 0:
            known[line] -= 1
            gap += 1
            if first >= 0 and gap > _GAP:
                yield first, last
                first = -1
        elif line:
            first = position if first < 0 else first
            last = stop
            gap = 0
        position = stop
    if first >= 0:
        yield first, last


def _trimmed(text: bytes, start: int, end: int, words: Counter[bytes]) -> tuple[int, int]:
    """A range of lines without those at its ends that are old ones in another form."""
    while start < end:
        stop = text.find(b"\n", start) + 1 or len(text)
        line = text[start:stop]
        if line.strip() and _novelty(line, Counter(words)):
            break
        _novelty(line, words)
        start = stop
    while start < end:
        first = text.rfind(b"\n", start, end - 1) + 1 or start
        line = text[first:end]
        if line.strip() and _novelty(line, Counter(words)):
            break
        _novelty(line, words)
        end = first
    return start, end


def _novelty(piece: bytes, words: Counter[bytes]) -> bool:
    """Whether most words of a piece were not among those, as when code is reformatted; takes out those that were."""
    own = Counter(_WORD.findall(piece))
    new = sum((own - words).values())
    words.subtract(own & words)
    return new * 2 >= sum(own.values()) > 0


def _shifted(ranges: list[tuple[int, int]], edit: Edit) -> list[tuple[int, int]]:
    """Ranges after an edit, with that of its new text; those that touch are one."""
    shift = len(edit.new) - (edit.end - edit.start)
    found = [(edit.start, edit.start + len(edit.new))] if edit.new else []
    for start, end in ranges:
        if end <= edit.start:
            found.append((start, end))
        elif start >= edit.end:
            found.append((start + shift, end + shift))
        else:
            found.append((min(start, edit.start), max(end + shift, edit.start + len(edit.new))))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _rows(text: bytes, edit: Edit) -> bytes:
    """The lines that an edit changes; none for new lines between two."""
    start = text.rfind(b"\n", 0, edit.start) + 1
    if edit.end == start or text[edit.end - 1 : edit.end] == b"\n":
        return text[start : edit.end]
    end = text.find(b"\n", edit.end)
    return text[start : end if end >= 0 else len(text)]


def _touches(edit: Edit, block: Block) -> bool:
    return edit.start < block.end and block.start < edit.end


def _swallows(edit: Edit, block: Block, text: bytes) -> bool:
    return _touches(edit, block) and moved_by(edit, block, text) is None


def _lines(piece: bytes) -> list[bytes]:
    """Lines with something on them, without the space around it."""
    return [line for part in piece.split(b"\n") if (line := part.strip())]


def _common(first: bytes, second: bytes) -> int:
    """Length of the longest common beginning."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
