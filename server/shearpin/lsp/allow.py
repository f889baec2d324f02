"""A comment that allows a finding where it stands. The reason is left to be written, and is asked for until it is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from shearpin.engine.comments import Allowance, plain_allowances, python_allowances
from shearpin.engine.finding import Finding
from shearpin.rulekit.source import FileEdit
from shearpin.syntax.python import summarise
from shearpin.text.lines import LineIndex

if TYPE_CHECKING:
    from shearpin.session import Session

#: files in which a line that begins with # is no comment
_WITHOUT_COMMENTS = (".json", ".proto", ".sql")
_BLANK = re.compile(rb"[ \t]*")
#: above one of these a comment would allow the rule in all of the definition
_DEFINITION = re.compile(rb"[ \t]*(@|(async[ \t]+)?def[ \t]|class[ \t])")


def allow_edit(session: Session, finding: Finding) -> tuple[FileEdit, ...]:
    """Put the comment above the line, or at its end where that would allow too much or mean something else.

    Empty where neither is a comment that covers the finding, as in the middle of a string.
    """
    path = finding.site.path
    text = session.source(path)
    if text is None or path.endswith(_WITHOUT_COMMENTS):
        return ()
    start, _ = session.locate(finding.site)
    for at, new in _places(session.lines(path), start, f"# shearpin: allow[{finding.rule}]".encode()):
        after = text[:at] + new + text[at:]
        moved = start + len(new) if at <= start else start
        if any(finding.rule in item.rules and _covers(item, moved) for item in _allowances(path, after)):
            return (FileEdit(path, at, at, new.decode(), hashlib.sha256(text).hexdigest()),)
    return ()


def _places(lines: LineIndex, start: int, comment: bytes) -> Iterator[tuple[int, bytes]]:
    number = lines.line_at(start)
    first, last = lines.start(number), lines.end(number)
    row = lines.text[first:last]
    indent = _BLANK.match(row)
    if not _DEFINITION.match(row):
        yield first, (indent[0] if indent else b"") + comment + _line_end(lines, number)
    if b"#" not in row:
        yield last, b"  " + comment


def _line_end(lines: LineIndex, number: int) -> bytes:
    """The line end that this line has; its neighbour's for the last one."""
    number = min(number, max(0, lines.count - 2))
    return lines.text[lines.end(number) : lines.start(number + 1)] or b"\n"


def _allowances(path: str, text: bytes) -> tuple[Allowance, ...]:
    lines = LineIndex(text)
    return python_allowances(summarise(text), lines) if path.endswith(".py") else plain_allowances(text, lines)


def _covers(item: Allowance, offset: int) -> bool:
    return item.covers[0] <= offset <= item.covers[1]
