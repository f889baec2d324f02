"""`workspace/diagnostic`: findings of files that are not open, for clients that ask for them."""

from __future__ import annotations

from lsprotocol.types import (
    WorkspaceDiagnosticParams,
    WorkspaceDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport,
    WorkspaceUnchangedDocumentDiagnosticReport,
)

from shearpin.lsp.features.diagnostic import result_id_of
from shearpin.lsp.options import Scope
from shearpin.lsp.publish import problems_of
from shearpin.lsp.state import Server

Item = WorkspaceFullDocumentDiagnosticReport | WorkspaceUnchangedDocumentDiagnosticReport


async def workspace_diagnostic(server: Server, params: WorkspaceDiagnosticParams) -> WorkspaceDiagnosticReport:
    """What is known now; the client is told to ask again when that changes."""
    known = {item.uri: item.value for item in params.previous_result_ids}
    uris: set[str] = set()
    if server.options.scope is Scope.WORKSPACE:
        uris.update(uri for uri in server.shown if server.document(uri) is None)
        uris.update(uri for found in server.settings_problems.values() for uri in found if not server.document(uri))
    gone = {uri for uri in known if uri not in uris and server.document(uri) is None}
    return WorkspaceDiagnosticReport([_item(server, uri, known.get(uri)) for uri in sorted(uris | gone)])


def _item(server: Server, uri: str, previous: str | None) -> Item:
    shown = server.shown.get(uri)
    found = [*(() if shown is None or server.options.scope is Scope.OPEN else shown.diagnostics)]
    found += problems_of(server, uri) if server.options.scope is Scope.WORKSPACE else []
    result_id = result_id_of(found)
    if result_id == previous:
        return WorkspaceUnchangedDocumentDiagnosticReport(uri, result_id)
    return WorkspaceFullDocumentDiagnosticReport(uri, found, result_id=result_id)
