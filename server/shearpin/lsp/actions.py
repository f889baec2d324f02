"""Findings as code actions. Runs in the worker's thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lsprotocol.types import CodeAction, CodeActionKind, Command, Diagnostic, Range

from shearpin.engine.finding import Finding
from shearpin.engine.selection import SUPPRESSION_PACK
from shearpin.lsp.acceptance import block_of
from shearpin.lsp.allow import allow_edit
from shearpin.lsp.blocks import Block
from shearpin.lsp.command_names import EXPLAIN, FIX_WORKSPACE, MAKE_BLOCK_SAFE, REVIEWED
from shearpin.lsp.diagnostics import diagnostic_of, rule_named
from shearpin.lsp.fix_all import safe_fixes
from shearpin.lsp.view import View
from shearpin.lsp.workspace_edit import workspace_edit
from shearpin.rulekit.source import FileEdit
from shearpin.rulekit.verdict import FixPlan, Grade

FIX_ALL = f"{CodeActionKind.SourceFixAll.value}.shearpin"
#: no kind below `source.fixAll`: what is asked for when a file is saved must not change other files
FIX_ALL_FILES = f"{CodeActionKind.Source.value}.fixWorkspace.shearpin"
MAKE_SAFE = "Make the inserted block safe"
_FIX_FILE = "Fix all that is safe to fix in this file"
_FIX_FILES = "Fix all that is safe to fix in the workspace"
_ALLOW = "allow"
_FILE = "file"
_BLOCK = "block "


@dataclass(frozen=True, slots=True)
class Ticket:
    """What identifies an action until it is resolved.

    `choice` is the number of the fix, "allow", "file" or "block " and its number.
    """

    uri: str
    digest: str
    fingerprint: str
    choice: str


def quick_fixes(view: View, path: str, span: Range, shown: Iterable[Diagnostic]) -> Iterator[CodeAction]:
    """Fixes for the findings in a range, the preferred one of each first; then ways to allow and to understand them."""
    touched = _touched(view, path, span)
    known = {_key(diagnostic): diagnostic for diagnostic in shown}
    owns = [known.get(_key(own), own) for own in (diagnostic_of(view, finding) for finding in touched)]
    for finding, diagnostic in zip(touched, owns, strict=True):
        for number, plan in enumerate(finding.fixes):
            action = CodeAction(
                title=_title(plan),
                kind=CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                is_preferred=number == 0,
            )
            if (ready := _completed(view, path, finding.fingerprint, str(number), action)) is not None:
                yield ready
    yield from _block_actions(view, path, span)
    for finding, diagnostic in zip(touched, owns, strict=True):
        if finding.pack == SUPPRESSION_PACK:
            continue
        action = CodeAction(
            title=f"Allow {finding.rule} here, with a reason",
            kind=CodeActionKind.QuickFix,
            diagnostics=[diagnostic],
        )
        if (ready := _completed(view, path, finding.fingerprint, _ALLOW, action)) is not None:
            yield ready
    for rule in dict.fromkeys(finding.rule for finding in touched):
        if rule_named(rule) is not None:
            title = f"Explain {rule}"
            yield CodeAction(title, CodeActionKind.QuickFix, command=Command(title, EXPLAIN, arguments=[rule, "show"]))


def fix_all(view: View, path: str, buffer: bytes, kind: str) -> CodeAction | None:
    """All safe fixes of a file in one action of that kind, or None when there is nothing to do."""
    edits = safe_fixes(view.session, path, buffer)
    if not edits:
        return None
    return CodeAction(title=_FIX_FILE, kind=kind, edit=workspace_edit(view, edits, _FIX_FILE))


def wider_fixes(view: View, path: str, span: Range) -> Iterator[CodeAction]:
    """For clients that list everything there is: more than the finding in the range, when that one is safe to fix."""
    if not any(_is_safe(finding) for finding in _touched(view, path, span)):
        return
    if view.client.resolves_edits and sum(map(_is_safe, view.findings(path))) > 1:
        action = CodeAction(title=_FIX_FILE, kind=FIX_ALL)
        if (ready := _completed(view, path, "", _FILE, action)) is not None:
            yield ready
    yield from fix_everything(view, path)


def fix_everything(view: View, path: str) -> Iterator[CodeAction]:
    """The action that fixes the workspace; a command, since it looks at every file."""
    if view.client.applies_edits:
        command = Command(_FIX_FILES, FIX_WORKSPACE, arguments=[view.uri(path)])
        yield CodeAction(title=_FIX_FILES, kind=FIX_ALL_FILES, command=command)


def resolved(view: View, path: str, ticket: Ticket, action: CodeAction, buffer: bytes) -> CodeAction | None:
    """The action with its edit; None when the finding is gone or the fix does not apply."""
    edits = _edits_of(view, path, ticket.fingerprint, ticket.choice, buffer)
    if not edits:
        return None
    action.edit = workspace_edit(view, edits, action.title)
    return action


def ticket_of(data: object) -> Ticket | None:
    """Read the `data` of an action that came back."""
    if not isinstance(data, dict):
        return None
    names = ("uri", "digest", "fingerprint", "choice")
    texts = [value for name in names if isinstance(value := data.get(name), str)]
    return Ticket(*texts) if len(texts) == len(names) else None


def _block_actions(view: View, path: str, span: Range) -> Iterator[CodeAction]:
    block = view.blocks(path).at(view.offset(path, span.start), view.offset(path, span.end))
    if block is None:
        return
    arguments: list[object] = [view.uri(path), block.number]
    inside = [finding for finding in view.findings(path) if block_of(view, finding) == block]
    if any(map(_is_safe, inside)):
        action = CodeAction(
            MAKE_SAFE, CodeActionKind.QuickFix, diagnostics=[diagnostic_of(view, finding) for finding in inside]
        )
        if view.client.applies_edits and not view.client.resolves_edits:
            action.command = Command(MAKE_SAFE, MAKE_BLOCK_SAFE, arguments=arguments)
            yield action
        elif (ready := _completed(view, path, "", f"{_BLOCK}{block.number}", action)) is not None:
            yield ready
    title = "The inserted block is reviewed"
    yield CodeAction(title, CodeActionKind.QuickFix, command=Command(title, REVIEWED, arguments=arguments))


def make_safe(view: View, path: str, block: Block, buffer: bytes) -> tuple[FileEdit, ...]:
    """All safe fixes inside a block."""
    return safe_fixes(view.session, path, buffer, block)


def _completed(view: View, path: str, fingerprint: str, choice: str, action: CodeAction) -> CodeAction | None:
    """The action with its edit, or with what it takes to compute the edit when the client asks for it."""
    digest = view.digest(path)
    if view.client.resolves_edits and digest is not None:
        action.data = {
            "uri": view.uri(path),
            "digest": digest.hex(),
            "fingerprint": fingerprint,
            "choice": choice,
        }
        return action
    edits = _edits_of(view, path, fingerprint, choice, view.session.source(path) or b"")
    if not edits:
        return None
    action.edit = workspace_edit(view, edits, action.title)
    return action


def _edits_of(view: View, path: str, fingerprint: str, choice: str, buffer: bytes) -> tuple[FileEdit, ...]:
    if choice == _FILE:
        return safe_fixes(view.session, path, buffer)
    number = choice.removeprefix(_BLOCK)
    if number != choice:
        block = view.blocks(path).numbered(int(number)) if number.isdecimal() else None
        return () if block is None else make_safe(view, path, block, buffer)
    for finding in view.findings(path):
        if finding.fingerprint == fingerprint:
            if choice == _ALLOW:
                return allow_edit(view.session, finding)
            if choice.isdecimal() and int(choice) < len(finding.fixes):
                return view.session.edits(finding, finding.fixes[int(choice)])
    return ()


def _touched(view: View, path: str, span: Range) -> list[Finding]:
    first, last = view.offset(path, span.start), view.offset(path, span.end)
    return [finding for finding in view.findings(path) if _touches(view, finding, first, last)]


def _touches(view: View, finding: Finding, first: int, last: int) -> bool:
    start, end = view.session.locate(finding.site)
    return start <= last and first <= end


def _is_safe(finding: Finding) -> bool:
    return any(plan.grade is Grade.SAFE for plan in finding.fixes)


def _title(plan: FixPlan) -> str:
    return plan.title if plan.grade is Grade.SAFE else f"{plan.title} ({plan.grade.value})"


def _key(diagnostic: Diagnostic) -> tuple[object, ...]:
    span = diagnostic.range
    return (diagnostic.code, span.start.line, span.start.character, span.end.line, span.end.character)
