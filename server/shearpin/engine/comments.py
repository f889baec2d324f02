"""Comments that allow findings: `# shearpin: allow[rule] reason`. In Python and in everything else that has `#`."""

from __future__ import annotations

import re

import msgspec

from shearpin.syntax import ir
from shearpin.syntax.walk import walk
from shearpin.text.lines import LineIndex
from shearpin.text.spans import end_of, start_of

_ALLOW = re.compile(r"#\s*shearpin:\s*allow\s*\[([^\]]*)\]\s*(?:[-:\u2013\u2014]+\s*)?(.*)", re.DOTALL)
_LINE = re.compile(rb"^([^#\n]*)(#[^\n]*shearpin:[^\r\n]*)", re.MULTILINE)


class Allowance(msgspec.Struct, frozen=True):
    """One comment: the rules it names, the byte range of the comment, and the bytes that it covers."""

    rules: tuple[str, ...]
    reason: str
    start: int
    end: int
    covers: tuple[int, int]


def python_allowances(summary: ir.ModuleSummary, lines: LineIndex) -> tuple[Allowance, ...]:
    """Allowances of a Python file; one alone on the line before a definition covers all of it."""
    blocks: dict[int, int] | None = None
    found: list[Allowance] = []
    for comment in summary.comments:
        if not (match := _ALLOW.match(comment.text)):
            continue
        line = lines.line_at(comment.start)
        covers = (lines.start(line), lines.end(line))
        if not comment.trailing:
            target = _next_code_line(lines, line)
            if blocks is None:
                blocks = _blocks(summary, lines)
            covers = (lines.start(target), max(lines.end(target), blocks.get(target, 0)))
        found.append(_allowance(match, comment.start, comment.start + len(comment.text.encode()), covers))
    return tuple(found)


def plain_allowances(text: bytes, lines: LineIndex) -> tuple[Allowance, ...]:
    """Allowances of a YAML, TOML, env or Dockerfile: for their own line or, alone, for the next."""
    found: list[Allowance] = []
    for item in _LINE.finditer(text):
        match = _ALLOW.match(item[2].decode("utf-8", "replace"))
        if not match:
            continue
        line = lines.line_at(item.start(2))
        target = line if item[1].strip() else _next_code_line(lines, line)
        found.append(_allowance(match, item.start(2), item.end(2), (lines.start(target), lines.end(target))))
    return tuple(found)


def _allowance(match: re.Match[str], start: int, end: int, covers: tuple[int, int]) -> Allowance:
    rules = tuple(name.strip() for name in match[1].split(",") if name.strip())
    return Allowance(rules, match[2].strip(), start, end, covers)


def _next_code_line(lines: LineIndex, line: int) -> int:
    """The line below a comment; further comments in between belong to it."""
    target = line + 1
    while target < lines.count:
        text = lines.text[lines.start(target) : lines.end(target)].strip()
        if not text.startswith(b"#"):
            break
        target += 1
    return target


def _blocks(summary: ir.ModuleSummary, lines: LineIndex) -> dict[int, int]:
    """First line (decorators included) of every definition -> its last byte."""
    found: dict[int, int] = {}
    for part, placement in zip(summary.parts, summary.placements, strict=True):
        if part.kind in {"function", "class", "method"}:
            found[lines.line_at(placement.start)] = placement.end
        for statement in part.body:
            for node in walk(statement):
                if isinstance(node, ir.FunctionDef | ir.ClassDef):
                    first = min([start_of(node.span), *(start_of(item.span) for item in node.decorators)])
                    line = lines.line_at(placement.start + first)
                    found[line] = max(found.get(line, 0), placement.start + end_of(node.span))
    return found
