"""`textDocument/codeLens`."""

from __future__ import annotations

from lsprotocol.types import CodeLens, CodeLensParams

from shearpin.lsp.asking import asked
from shearpin.lsp.lenses import lenses
from shearpin.lsp.options import Summary
from shearpin.lsp.state import Server
from shearpin.lsp.view import View


async def code_lens(server: Server, params: CodeLensParams) -> list[CodeLens] | None:
    """Users of routes and consumers, limits of clients, inserted blocks; routes only once the graph is known."""
    uri, options = params.text_document.uri, server.options
    is_warm = server.knows_graph(uri)
    if not (options.code_lens and is_warm) and options.summary is not Summary.LENS:
        return None

    def look(view: View, path: str) -> list[CodeLens]:
        return list(lenses(view, path, options, knows_graph=is_warm))

    return await asked(server, uri, look)
