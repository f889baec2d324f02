"""`textDocument/codeAction`."""

from __future__ import annotations

from lsprotocol.types import CodeAction, CodeActionKind, CodeActionParams

from shearpin.lsp.actions import FIX_ALL, FIX_ALL_FILES, fix_all, fix_everything, quick_fixes, wider_fixes
from shearpin.lsp.asking import asked
from shearpin.lsp.state import Server
from shearpin.lsp.view import View

_FIX_ALL_KINDS = (CodeActionKind.SourceFixAll.value, FIX_ALL)


async def code_action(server: Server, params: CodeActionParams) -> list[CodeAction] | None:
    """Quick fixes of the range, or those that fix the whole file or everything if that is what is asked for."""
    document = server.document(params.text_document.uri)
    if document is None or not server.client.takes_action_literals:
        return None
    buffer = document.text
    wanted = None if params.context.only is None else [_name(kind) for kind in params.context.only]

    def collect(view: View, path: str) -> list[CodeAction]:
        actions: list[CodeAction] = []
        if _admits(wanted, CodeActionKind.QuickFix.value):
            actions.extend(quick_fixes(view, path, params.range, params.context.diagnostics))
        if wanted is None:
            actions.extend(wider_fixes(view, path, params.range))
        if (kind := _fix_all_kind(wanted)) and (whole := fix_all(view, path, buffer, kind)):
            actions.append(whole)
        if wanted and _admits(wanted, FIX_ALL_FILES):
            actions.extend(fix_everything(view, path))
        return actions

    return await asked(server, params.text_document.uri, collect, is_near=True)


def _name(kind: CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, CodeActionKind) else kind


def _admits(wanted: list[str] | None, kind: str) -> bool:
    return wanted is None or any(not name or kind == name or kind.startswith(f"{name}.") for name in wanted)


def _fix_all_kind(wanted: list[str] | None) -> str:
    """The kind to answer with: some clients compare it exactly with what they asked for."""
    if wanted is None:
        return ""
    for name in wanted:
        if name in _FIX_ALL_KINDS:
            return name
    return FIX_ALL if _admits(wanted, FIX_ALL) else ""
