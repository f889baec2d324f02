"""`textDocument/didClose`."""

from __future__ import annotations

from lsprotocol.types import DidCloseTextDocumentParams

from shearpin.lsp.publish import clear
from shearpin.lsp.state import Server


def did_close(server: Server, params: DidCloseTextDocumentParams) -> None:
    """The disk counts again."""
    document = server.document(params.text_document.uri)
    if document is None:
        return
    del server.documents[document.path]
    server.announced = {(uri, number) for uri, number in server.announced if uri != document.uri}
    clear(server, document.uri)
    server.drop_text(document.path)
    if place := server.place(document.path):
        server.take_disk_changes((place,), 0.0)
        server.show()
