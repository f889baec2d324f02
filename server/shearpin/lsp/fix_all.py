"""All safe fixes of one file, one after the other, each tried on the result of those before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shearpin.engine.finding import Finding
from shearpin.rulekit.edits import file_edits
from shearpin.rulekit.source import FileEdit
from shearpin.rulekit.verdict import Grade
from shearpin.text.edits import Edit, apply, difference

if TYPE_CHECKING:
    from shearpin.session import Session

#: a fix that brings back what another one took away must not go on for ever
_MOST = 500


def safe_fixes(session: Session, path: str, buffer: bytes) -> tuple[FileEdit, ...]:
    """Edits of all of them together. `buffer` is the client's text of the file, which counts again afterwards."""
    before = text = session.source(path) or b""
    refused: set[str] = set()
    try:
        for _ in range(_MOST):
            edits = _next(session, path, refused)
            if not edits:
                break
            text = apply(text, (Edit(edit.start, edit.end, edit.new_text.encode()) for edit in edits))
            session.set_overlay(path, text)
    finally:
        if text is not before:
            session.set_overlay(path, buffer)
    return file_edits(path, before, difference(before, text))


def _next(session: Session, path: str, refused: set[str]) -> tuple[FileEdit, ...]:
    """Edits of the first fix that applies; those that do not, and those that reach into other files, are refused."""
    for finding in session.findings(path):
        if finding.fingerprint in refused:
            continue
        edits = _edits(session, finding)
        if edits and all(edit.path == path for edit in edits):
            return edits
        refused.add(finding.fingerprint)
    return ()


def _edits(session: Session, finding: Finding) -> tuple[FileEdit, ...]:
    plan = next((plan for plan in finding.fixes if plan.grade is Grade.SAFE), None)
    return () if plan is None else session.edits(finding, plan)
