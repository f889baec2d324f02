"""`textDocument/didOpen`."""

from __future__ import annotations

from lsprotocol.types import DidOpenTextDocumentParams

from shearpin.lsp.documents import opened
from shearpin.lsp.publish import hand_over_problems
from shearpin.lsp.state import Server
from shearpin.lsp.uris import path_of


def did_open(server: Server, params: DidOpenTextDocumentParams) -> None:
    """Take the text; a second didOpen of the same file replaces the first. Other schemes than `file:` are ignored."""
    path = path_of(params.text_document.uri)
    if path is None:
        return
    document = opened(params.text_document, path)
    if server.is_pulled:
        hand_over_problems(server, document.uri)
    server.take_text(document)
