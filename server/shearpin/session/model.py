"""What a session hands out besides findings and the graph."""

from __future__ import annotations

import msgspec

from shearpin.engine.finding import Finding
from shearpin.engine.findings import Counts
from shearpin.rulekit.edits import FileEdit


class Report(msgspec.Struct, frozen=True):
    """Findings of a workspace in order of path and position.

    `files` counts all files that were analysed, `skipped` are (path, reason), `suppressed` counts findings that
    comments allow; `practices` counts examined sites.
    """

    findings: tuple[Finding, ...]
    files: int
    skipped: tuple[tuple[str, str], ...]
    suppressed: int
    practices: dict[str, Counts]


class Refused(msgspec.Struct, frozen=True):
    """A fix that was not taken, and why."""

    finding: Finding
    title: str
    reason: str


class Attempt(msgspec.Struct, frozen=True):
    """One fix that was tried: what identifies its finding, and the files after it by path, empty if it was refused."""

    finding: tuple[str, str]
    texts: dict[str, bytes]


class FixOutcome(msgspec.Struct, frozen=True):
    """Verified edits over all files, what they fix, and the fixes that were dropped."""

    edits: tuple[FileEdit, ...]
    applied: tuple[tuple[Finding, str], ...]
    dropped: tuple[Refused, ...]
