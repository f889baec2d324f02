"""`textDocument/didSave`."""

from __future__ import annotations

from lsprotocol.types import DidSaveTextDocumentParams

from shearpin.lsp.state import Server
from shearpin.lsp.uris import path_of


def did_save(server: Server, params: DidSaveTextDocumentParams) -> None:
    """Take up what is not followed at each keystroke: large texts, and the disk if the client does not watch it."""
    path = path_of(params.text_document.uri)
    if path is None:
        return
    document = server.documents.get(path)
    if document is not None and document.in_sync and not document.is_live:
        server.take_text(document)
    if place := server.place(path):
        server.take_disk_changes((place,), 0.0)
    server.rescan()
    server.renewal.ask()
