"""`textDocument/codeAction`."""

from __future__ import annotations

import asyncio

from lsprotocol.types import CodeAction, CodeActionKind, CodeActionParams

from shearpin.lsp.actions import FIX_ALL, fix_all, quick_fixes
from shearpin.lsp.state import Server
from shearpin.lsp.view import View
from shearpin.lsp.worker import StaleError, UnavailableError

_FIX_ALL_KINDS = (CodeActionKind.SourceFixAll.value, FIX_ALL)


async def code_action(server: Server, params: CodeActionParams) -> list[CodeAction] | None:
    """Quick fixes of the range, or the one that fixes the whole file if that is what is asked for."""
    document = server.document(params.text_document.uri)
    place = None if document is None else server.place(document.path)
    if document is None or place is None or not document.in_sync or not server.client.takes_action_literals:
        return None
    root, path = place
    wanted = None if params.context.only is None else [_name(kind) for kind in params.context.only]

    def collect(view: View) -> list[CodeAction]:
        actions: list[CodeAction] = []
        if _admits(wanted, CodeActionKind.QuickFix.value):
            actions.extend(quick_fixes(view, path, params.range, params.context.diagnostics))
        if (kind := _fix_all_kind(wanted)) and (whole := fix_all(view, path, document.text, kind)):
            actions.append(whole)
        return actions

    try:
        return await asyncio.wrap_future(server.worker.ask(root, collect, path=path, version=document.version))
    except (StaleError, UnavailableError):
        return None


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
