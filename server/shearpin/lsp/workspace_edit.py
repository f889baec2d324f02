"""Edits of files as the client applies them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from lsprotocol.types import (
    AnnotatedTextEdit,
    OptionalVersionedTextDocumentIdentifier,
    SnippetTextEdit,
    TextDocumentEdit,
    TextEdit,
    WorkspaceEdit,
)

from shearpin.lsp.view import View
from shearpin.rulekit.source import FileEdit


def workspace_edit(view: View, edits: Iterable[FileEdit]) -> WorkspaceEdit:
    """Edits with versions where the client takes them."""
    by_path: defaultdict[str, list[FileEdit]] = defaultdict(list)
    for edit in edits:
        by_path[edit.path].append(edit)
    if not view.client.versions_edits:
        return WorkspaceEdit(changes={view.uri(path): _text_edits(view, own) for path, own in by_path.items()})
    changes: list[TextDocumentEdit] = []
    for path, own in by_path.items():
        identifier = OptionalVersionedTextDocumentIdentifier(view.uri(path), view.version(path))
        listed: list[TextEdit | AnnotatedTextEdit | SnippetTextEdit] = [*_text_edits(view, own)]
        changes.append(TextDocumentEdit(identifier, listed))
    return WorkspaceEdit(document_changes=[*changes])


def _text_edits(view: View, edits: Iterable[FileEdit]) -> list[TextEdit]:
    return [TextEdit(view.range(edit.path, edit.start, edit.end), edit.new_text) for edit in edits]
