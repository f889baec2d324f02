"""All safe fixes of one file, or of one block of it, one after the other, each tried on the result of those before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from shearpin.engine.finding import Finding
from shearpin.lsp.blocks import Block, moved_by
from shearpin.rulekit.edits import file_edits
from shearpin.rulekit.source import FileEdit
from shearpin.rulekit.verdict import FixPlan, Grade
from shearpin.text.edits import Edit, apply, difference

if TYPE_CHECKING:
    from shearpin.session import Session

#: a fix that brings back what another one took away must not go on for ever
_MOST = 500


def safe_fixes(session: Session, path: str, buffer: bytes, block: Block | None = None) -> tuple[FileEdit, ...]:
    """Edits of all of them together. `buffer` is the client's text of the file, which counts again afterwards."""
    before = text = session.source(path) or b""
    refused: set[str] = set()

    def admits(finding: Finding) -> bool:
        return finding.fingerprint not in refused and (block is None or block.holds(session.locate(finding.site)[0]))

    try:
        for _ in range(_MOST):
            edits = _next(session, path, admits, refused)
            if not edits:
                break
            for edit in sorted(edits, reverse=True):
                block = None if block is None else moved_by(edit, block, text) or Block(0, 0, block.number)
            text = apply(text, edits)
            session.set_overlay(path, text)
    finally:
        if text is not before:
            session.set_overlay(path, buffer)
    return file_edits(path, before, difference(before, text))


def _next(session: Session, path: str, admits: Callable[[Finding], bool], refused: set[str]) -> tuple[Edit, ...]:
    """Edits of the first fix that applies; those that do not, and those that reach into other files, are refused."""
    found = [
        (finding, plan)
        for finding in session.findings(path)
        if admits(finding) and (plan := _safe_plan(finding)) is not None
    ]
    for finding, plan in sorted(found, key=lambda item: item[1].moves_call):
        edits = session.edits(finding, plan)
        if edits and all(edit.path == path for edit in edits):
            return tuple(Edit(edit.start, edit.end, edit.new_text.encode()) for edit in edits)
        refused.add(finding.fingerprint)
    return ()


def _safe_plan(finding: Finding) -> FixPlan | None:
    return next((plan for plan in finding.fixes if plan.grade is Grade.SAFE), None)
