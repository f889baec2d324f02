"""Python source to a module summary. A pure function of the bytes that never raises."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from shearpin.syntax import ir
from shearpin.syntax.chunks import cut
from shearpin.syntax.grammar import new_parser
from shearpin.syntax.ir import Comment, ModuleSummary, Part, Placement
from shearpin.syntax.reading import ReadChunk, read_chunk
from shearpin.syntax.source import decode_source, parsing_text


@dataclass(frozen=True, slots=True)
class SummaryResult:
    """A summary and the work it took: the number of parts that were read anew."""

    summary: ModuleSummary
    extracted: int


def summarise(source: bytes, previous: tuple[bytes, ModuleSummary] | None = None) -> ModuleSummary:
    """Summarise a file. `previous`, an earlier version and its summary, saves work and changes nothing."""
    summariser = Summariser()
    if previous is not None:
        summariser.adopt(previous[1])
    return summariser.update(source).summary


class Summariser:
    """Summarises the versions of one open file; the result always equals that of `summarise` on the same bytes."""

    __slots__ = ("_chunks", "_known", "_parser")

    def __init__(self) -> None:
        self._parser = new_parser()
        self._chunks: dict[bytes, ReadChunk] = {}
        self._known: dict[tuple[str, str], Part] = {}

    def adopt(self, summary: ModuleSummary) -> None:
        """Take over the parts of a summary made elsewhere."""
        for part, placement in zip(summary.parts, summary.placements, strict=True):
            if not part.has_error:
                self._known[part.kind, placement.digest] = part

    def update(self, source: bytes) -> SummaryResult:
        """Summarise the next version of the file."""
        text, encoding = decode_source(source)
        text = parsing_text(text)
        chunks: dict[bytes, ReadChunk] = {}
        extracted = 0
        placed: list[tuple[int, ReadChunk]] = []
        with _no_collection():
            for chunk in cut(text):
                raw = text[chunk.start : chunk.end]
                read = chunks.get(raw) or self._chunks.get(raw)
                if read is None:
                    read = read_chunk(raw, chunk, self._parser, self._known)
                    extracted += sum(part.is_new for part in read.parts)
                chunks[raw] = read
                placed.append((chunk.start, read))
            summary = _assemble(text, placed, encoding)
        self._chunks = chunks
        self._known.clear()
        self.adopt(summary)
        return SummaryResult(summary, extracted)


def _assemble(text: bytes, placed: list[tuple[int, ReadChunk]], encoding: str) -> ModuleSummary:
    """Give all parts their places and their unique ids."""
    parts: list[Part] = []
    placements: list[Placement] = []
    seen: dict[str, int] = {}
    owner = ""
    for offset, chunk in placed:
        for read in chunk.parts:
            part = read.part
            is_method = part.kind == "method"
            name = part.body[0].name if is_method and isinstance(part.body[0], ir.FunctionDef) else ""
            base = f"{owner}.{name}" if is_method else part.id.partition("#")[0]
            count = seen[base] = seen.get(base, 0) + 1
            unique = base if count == 1 else f"{base}#{count}"
            if part.kind == "class":
                owner = unique
            if part.id != unique or (is_method and part.owner != owner):
                part = msgspec.structs.replace(part, id=unique, owner=owner if is_method else "")
            parts.append(part)
            placements.append(Placement(unique, read.start + offset, read.end + offset, read.digest))
    has_error = any(chunk.has_error for _, chunk in placed)
    return ModuleSummary(
        tuple(parts), tuple(placements), _comments(text, placed), has_error, _exported(text, parts), encoding
    )


def _comments(text: bytes, placed: list[tuple[int, ReadChunk]]) -> tuple[Comment, ...]:
    found: list[Comment] = []
    line, counted = 0, 0
    for offset, chunk in placed:
        for relative, raw in chunk.comments:
            start = offset + relative
            line, counted = line + text.count(b"\n", counted, start), start
            before = text[text.rfind(b"\n", 0, start) + 1 : start]
            found.append(Comment(line, start, raw.decode("utf-8", "replace"), bool(before.strip())))
    return tuple(found)


def _exported(text: bytes, parts: list[Part]) -> tuple[str, ...] | None:
    """Return the names in `__all__`; None when it is missing or built in a way that is not read here."""
    if b"__all__" not in text:
        return None
    names: list[str] | None = None
    for part in parts:
        if part.kind != "statement" or "__all__" not in part.mentions:
            continue
        added = _listed(part.body[0]) if len(part.body) == 1 else None
        if added is None:
            return None
        names = [*(names or []), *added] if not isinstance(part.body[0], ir.Assign) else added
    return tuple(names) if names is not None else None


def _listed(statement: ir.Stmt) -> list[str] | None:
    """Return the names of `__all__ = [...]`, `__all__ += [...]`, `__all__.extend([...])`, `__all__.append("x")`."""
    match statement:
        case (
            ir.Assign(targets=(ir.Name(id="__all__"),), value=ir.Sequence(items=items))
            | ir.AugAssign(target=ir.Name(id="__all__"), op="+", value=ir.Sequence(items=items))
            | ir.ExprStmt(
                value=ir.Call(
                    func=ir.Attribute(value=ir.Name(id="__all__"), attr="extend"), args=(ir.Sequence(items=items),)
                )
            )
            | ir.ExprStmt(value=ir.Call(func=ir.Attribute(value=ir.Name(id="__all__"), attr="append"), args=items))
        ):
            names = [item.value for item in items if isinstance(item, ir.Literal) and isinstance(item.value, str)]
            return names if len(names) == len(items) else None
        case _:
            return None


@contextmanager
def _no_collection() -> Generator[None]:
    """Keep the garbage collector from scanning the many short-lived nodes of a tree."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
