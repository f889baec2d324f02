"""Findings as code actions. Runs in the worker's thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lsprotocol.types import CodeAction, CodeActionKind, Diagnostic, Range

from shearpin.engine.finding import Finding
from shearpin.engine.selection import SUPPRESSION_PACK
from shearpin.lsp.allow import allow_edit
from shearpin.lsp.diagnostics import diagnostic_of
from shearpin.lsp.fix_all import safe_fixes
from shearpin.lsp.view import View
from shearpin.lsp.workspace_edit import workspace_edit
from shearpin.rulekit.source import FileEdit
from shearpin.rulekit.verdict import FixPlan, Grade

FIX_ALL = f"{CodeActionKind.SourceFixAll.value}.shearpin"
_ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What identifies an action until it is resolved. `choice` is the number of the fix, or "allow"."""

    uri: str
    version: int
    fingerprint: str
    choice: str


def quick_fixes(view: View, path: str, span: Range, shown: Iterable[Diagnostic]) -> Iterator[CodeAction]:
    """Fixes for the findings in a range, the preferred one of each finding first, then ways to allow them."""
    first, last = view.offset(path, span.start), view.offset(path, span.end)
    touched = [finding for finding in view.findings(path) if _touches(view, finding, first, last)]
    known = {_key(diagnostic): diagnostic for diagnostic in shown}
    for finding in touched:
        own = diagnostic_of(view, finding)
        diagnostic = known.get(_key(own), own)
        for number, plan in enumerate(finding.fixes):
            action = CodeAction(
                title=_title(plan),
                kind=CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                is_preferred=number == 0,
            )
            if (ready := _completed(view, path, finding, str(number), action)) is not None:
                yield ready
    for finding in touched:
        if finding.pack == SUPPRESSION_PACK:
            continue
        action = CodeAction(
            title=f"Allow {finding.rule} here, with a reason",
            kind=CodeActionKind.QuickFix,
            diagnostics=[diagnostic_of(view, finding)],
        )
        if (ready := _completed(view, path, finding, _ALLOW, action)) is not None:
            yield ready


def fix_all(view: View, path: str, buffer: bytes, kind: str) -> CodeAction | None:
    """All safe fixes of a file in one action of that kind, or None when there is nothing to do."""
    edits = safe_fixes(view.session, path, buffer)
    if not edits:
        return None
    edit = workspace_edit(view, edits)
    return CodeAction(title="Fix all that is safe to fix in this file", kind=kind, edit=edit)


def resolved(view: View, path: str, ticket: Ticket, action: CodeAction) -> CodeAction | None:
    """The action with its edit; None when the finding is gone or the fix does not apply."""
    for finding in view.findings(path):
        if finding.fingerprint == ticket.fingerprint:
            edits = _edits(view, finding, ticket.choice)
            if edits:
                action.edit = workspace_edit(view, edits)
                return action
    return None


def ticket_of(data: object) -> Ticket | None:
    """Read the `data` of an action that came back."""
    if not isinstance(data, dict):
        return None
    uri, version, fingerprint, choice = (data.get(name) for name in ("uri", "version", "fingerprint", "choice"))
    if isinstance(uri, str) and isinstance(version, int) and isinstance(fingerprint, str) and isinstance(choice, str):
        return Ticket(uri, version, fingerprint, choice)
    return None


def _completed(view: View, path: str, finding: Finding, choice: str, action: CodeAction) -> CodeAction | None:
    version = view.version(path)
    if view.client.resolves_edits and version is not None:
        action.data = {
            "uri": view.uri(path),
            "version": version,
            "fingerprint": finding.fingerprint,
            "choice": choice,
        }
        return action
    edits = _edits(view, finding, choice)
    if not edits:
        return None
    action.edit = workspace_edit(view, edits)
    return action


def _edits(view: View, finding: Finding, choice: str) -> tuple[FileEdit, ...]:
    if choice == _ALLOW:
        return allow_edit(view.session, finding)
    if choice.isdecimal() and int(choice) < len(finding.fixes):
        return view.session.edits(finding, finding.fixes[int(choice)])
    return ()


def _touches(view: View, finding: Finding, first: int, last: int) -> bool:
    start, end = view.session.locate(finding.site)
    return start <= last and first <= end


def _title(plan: FixPlan) -> str:
    return plan.title if plan.grade is Grade.SAFE else f"{plan.title} ({plan.grade.value})"


def _key(diagnostic: Diagnostic) -> tuple[object, ...]:
    span = diagnostic.range
    return (diagnostic.code, span.start.line, span.start.character, span.end.line, span.end.character)
