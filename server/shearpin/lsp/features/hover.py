"""`textDocument/hover`."""

from __future__ import annotations

import asyncio

from lsprotocol.types import Hover, HoverParams, MarkupContent, MarkupKind

from shearpin.lsp.hovers import hover_text
from shearpin.lsp.state import Server
from shearpin.lsp.view import View
from shearpin.lsp.worker import StaleError, UnavailableError


async def hover(server: Server, params: HoverParams) -> Hover | None:
    """Verdicts, findings and pages under the cursor; nothing when the text moved on meanwhile."""
    document = server.document(params.text_document.uri)
    place = None if document is None else server.place(document.path)
    if document is None or place is None or not document.in_sync:
        return None
    root, path = place

    def look(view: View) -> str:
        return hover_text(view, path, view.offset(path, params.position))

    try:
        text = await asyncio.wrap_future(server.worker.ask(root, look, path=path, version=document.version))
    except (StaleError, UnavailableError):
        return None
    kind = MarkupKind.Markdown if server.client.reads_markdown else MarkupKind.PlainText
    return Hover(MarkupContent(kind, text)) if text else None
