"""What the client can do, read once from its `initialize` request."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol.types import (
    ClientCapabilities,
    CodeActionClientCapabilities,
    DiagnosticTag,
    InitializeParams,
    MarkupKind,
    PositionEncodingKind,
    ResourceOperationKind,
    TextDocumentClientCapabilities,
    WindowClientCapabilities,
    WorkspaceClientCapabilities,
)

from shearpin.text.lines import Encoding

_ENCODINGS: dict[str, Encoding] = {"utf-8": "utf-8", "utf-16": "utf-16", "utf-32": "utf-32"}


@dataclass(frozen=True, slots=True)
class Client:
    """Capabilities as statements. The defaults are those of a client that declares nothing."""

    encoding: Encoding = "utf-16"
    shows_related: bool = False
    refuses_links: bool = False
    knows_unnecessary: bool = False
    takes_action_literals: bool = False
    resolves_edits: bool = False
    versions_edits: bool = False
    creates_files: bool = False
    annotates_edits: bool = False
    applies_edits: bool = False
    reads_markdown: bool = False
    nests_symbols: bool = False
    pulls_diagnostics: bool = False
    refreshes_diagnostics: bool = False
    refreshes_lenses: bool = False
    refreshes_hints: bool = False
    shows_documents: bool = False
    registers_watchers: bool = False
    registers_configuration: bool = False
    has_configuration: bool = False
    shows_progress: bool = False
    process_id: int | None = None


def client_of(params: InitializeParams) -> Client:
    """Read the capabilities; everything may be absent."""
    all_of = params.capabilities
    text = all_of.text_document or TextDocumentClientCapabilities()
    workspace = all_of.workspace or WorkspaceClientCapabilities()
    window = all_of.window or WindowClientCapabilities()
    actions = text.code_action or CodeActionClientCapabilities()
    published = text.publish_diagnostics
    symbols = text.document_symbol
    tags = published.tag_support.value_set if published and published.tag_support else ()
    edit = workspace.workspace_edit
    watching = workspace.did_change_watched_files
    configuring = workspace.did_change_configuration
    resolves = actions.resolve_support.properties if actions.resolve_support else ()
    formats = (text.hover.content_format or ()) if text.hover else ()
    return Client(
        encoding=encoding_of(all_of),
        shows_related=bool(published and published.related_information),
        refuses_links=bool(published and published.code_description_support is False),
        knows_unnecessary=DiagnosticTag.Unnecessary in tags,
        takes_action_literals=actions.code_action_literal_support is not None,
        resolves_edits="edit" in resolves and bool(actions.data_support),
        versions_edits=bool(edit and edit.document_changes),
        creates_files=bool(edit and ResourceOperationKind.Create in (edit.resource_operations or ())),
        annotates_edits=bool(edit and edit.change_annotation_support and actions.honors_change_annotations),
        applies_edits=bool(workspace.apply_edit),
        nests_symbols=bool(symbols and symbols.hierarchical_document_symbol_support),
        pulls_diagnostics=text.diagnostic is not None,
        refreshes_diagnostics=bool(workspace.diagnostics and workspace.diagnostics.refresh_support),
        refreshes_lenses=bool(workspace.code_lens and workspace.code_lens.refresh_support),
        refreshes_hints=bool(workspace.inlay_hint and workspace.inlay_hint.refresh_support),
        shows_documents=bool(window.show_document and window.show_document.support),
        reads_markdown=MarkupKind.Markdown in formats,
        registers_watchers=bool(watching and watching.dynamic_registration),
        registers_configuration=bool(configuring and configuring.dynamic_registration),
        has_configuration=bool(workspace.configuration),
        shows_progress=bool(window.work_done_progress),
        process_id=params.process_id,
    )


def encoding_of(capabilities: ClientCapabilities) -> Encoding:
    """The first encoding of the client's list that we know; UTF-16 without a list."""
    offered = (capabilities.general.position_encodings or ()) if capabilities.general else ()
    for kind in offered:
        encoding = _ENCODINGS.get(kind.value if isinstance(kind, PositionEncodingKind) else kind)
        if encoding is not None:
            return encoding
    return "utf-16"
