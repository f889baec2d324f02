"""`textDocument/inlayHint`."""

from __future__ import annotations

from lsprotocol.types import InlayHint, InlayHintParams

from shearpin.lsp.asking import asked
from shearpin.lsp.hints import hints
from shearpin.lsp.state import Server
from shearpin.lsp.view import View


async def inlay_hint(server: Server, params: InlayHintParams) -> list[InlayHint] | None:
    """Effective timeouts and attempts behind calls, if that is wanted."""
    if not server.options.inlay_hints:
        return None

    def look(view: View, path: str) -> list[InlayHint]:
        return list(hints(view, path, params.range))

    return await asked(server, params.text_document.uri, look, is_near=True)
