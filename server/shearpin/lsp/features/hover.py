"""`textDocument/hover`."""

from __future__ import annotations

from lsprotocol.types import Hover, HoverParams, MarkupContent, MarkupKind

from shearpin.lsp.asking import asked
from shearpin.lsp.hovers import hover_text
from shearpin.lsp.state import Server
from shearpin.lsp.view import View


async def hover(server: Server, params: HoverParams) -> Hover | None:
    """Verdicts, findings and pages under the cursor; nothing when the text moved on meanwhile."""

    def look(view: View, path: str) -> str:
        return hover_text(view, path, view.offset(path, params.position))

    text = await asked(server, params.text_document.uri, look, is_near=True)
    kind = MarkupKind.Markdown if server.client.reads_markdown else MarkupKind.PlainText
    return Hover(MarkupContent(kind, text)) if text else None
