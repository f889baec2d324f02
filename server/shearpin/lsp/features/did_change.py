"""`textDocument/didChange`."""

from __future__ import annotations

import logging

from lsprotocol.types import DidChangeTextDocumentParams

from shearpin.lsp.documents import RejectedError, changed
from shearpin.lsp.publish import clear
from shearpin.lsp.state import Server

_LOG = logging.getLogger(__name__)


def did_change(server: Server, params: DidChangeTextDocumentParams) -> None:
    """Apply the changes; what cannot be applied is logged and leaves the text as it was."""
    identifier = params.text_document
    document = server.document(identifier.uri)
    if document is None:
        _LOG.warning("a change of a file that is not open is ignored")
        return
    try:
        new = changed(document, identifier.version, params.content_changes, server.client.encoding)
    except RejectedError as error:
        _LOG.warning("a change is ignored: %s", error)
        return
    server.documents[document.path] = new
    if not new.in_sync:
        _LOG.warning("changes came in the wrong order; waiting for the whole text")
        clear(server, new.uri)
    elif new.is_live:
        server.take_text(new)
