"""`textDocument/documentSymbol`."""

from __future__ import annotations

from lsprotocol.types import DocumentSymbol, DocumentSymbolParams, SymbolInformation

from shearpin.lsp.asking import asked
from shearpin.lsp.state import Server
from shearpin.lsp.symbols import flat, nested, symbols_of
from shearpin.lsp.view import View

Symbols = list[DocumentSymbol] | list[SymbolInformation]


async def document_symbol(server: Server, params: DocumentSymbolParams) -> Symbols | None:
    """Services, endpoints and topics of a file, once the graph is known."""
    uri = params.text_document.uri
    if not server.knows_graph(uri):
        return None

    def look(view: View, path: str) -> Symbols:
        found = symbols_of(view, path)
        return nested(view, path, found) if view.client.nests_symbols else flat(view, found)

    return await asked(server, uri, look, is_near=True)
