"""`textDocument/diagnostic`: for clients that ask for findings instead of getting them."""

from __future__ import annotations

import asyncio
from functools import partial
from hashlib import blake2b

from lsprotocol.types import (
    Diagnostic,
    DiagnosticServerCancellationData,
    DocumentDiagnosticParams,
    LSPErrorCodes,
    RelatedFullDocumentDiagnosticReport,
    RelatedUnchangedDocumentDiagnosticReport,
)
from pygls.exceptions import JsonRpcException

from shearpin.lsp.diagnostics import diagnostic_of
from shearpin.lsp.publish import note_answer, problems_of
from shearpin.lsp.state import Server
from shearpin.lsp.uris import path_of
from shearpin.lsp.view import View
from shearpin.lsp.worker import StaleError, UnavailableError

Report = RelatedFullDocumentDiagnosticReport | RelatedUnchangedDocumentDiagnosticReport


async def diagnostic(server: Server, params: DocumentDiagnosticParams) -> Report:
    """The findings of a file for the text that the client has now, whether it is open or not."""
    uri = params.text_document.uri
    found = [*await _findings(server, uri), *problems_of(server, uri)]
    result_id = result_id_of(found)
    if result_id == params.previous_result_id:
        return RelatedUnchangedDocumentDiagnosticReport(result_id)
    return RelatedFullDocumentDiagnosticReport(found, result_id=result_id)


def result_id_of(found: list[Diagnostic]) -> str:
    """Stands for the content of a report, whatever led to it."""
    return blake2b(repr(found).encode(), digest_size=16).hexdigest()


async def _findings(server: Server, uri: str) -> tuple[Diagnostic, ...]:
    document, file = server.document(uri), path_of(uri)
    place = None if file is None else server.place(file)
    if place is None or (document is not None and not document.in_sync):
        return ()
    root, path = place
    loop = asyncio.get_running_loop()
    digest = None if document is None else document.digest

    def look(view: View) -> tuple[Diagnostic, ...]:
        found = tuple(diagnostic_of(view, finding) for finding in view.findings(path))
        # Before any sweep that comes later tells what it found.
        loop.call_soon_threadsafe(partial(note_answer, server, root, uri, digest, found))
        return found

    try:
        return await asyncio.wrap_future(server.worker.ask(root, look, path=path, digest=digest))
    except UnavailableError:
        return ()
    except StaleError as error:
        again = DiagnosticServerCancellationData(retrigger_request=True)
        raise JsonRpcException("the text has changed", LSPErrorCodes.ServerCancelled.value, again) from error
