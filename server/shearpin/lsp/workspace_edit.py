"""Edits of files as the client applies them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from lsprotocol.types import (
    AnnotatedTextEdit,
    ChangeAnnotation,
    OptionalVersionedTextDocumentIdentifier,
    SnippetTextEdit,
    TextDocumentEdit,
    TextEdit,
    WorkspaceEdit,
)

from shearpin.lsp.view import View
from shearpin.rulekit.source import FileEdit

_ANNOTATION = "shearpin"


def workspace_edit(view: View, edits: Iterable[FileEdit], label: str) -> WorkspaceEdit:
    """Edits of any number of files, with versions and a label for each where the client takes them."""
    by_path: defaultdict[str, list[FileEdit]] = defaultdict(list)
    for edit in edits:
        by_path[edit.path].append(edit)
    if not view.client.versions_edits:
        return WorkspaceEdit(changes={view.uri(path): _text_edits(view, own) for path, own in by_path.items()})
    is_annotated = view.client.annotates_edits
    changes: list[TextDocumentEdit] = []
    for path, own in by_path.items():
        identifier = OptionalVersionedTextDocumentIdentifier(view.uri(path), view.version(path))
        listed: list[TextEdit | AnnotatedTextEdit | SnippetTextEdit] = [
            AnnotatedTextEdit(_ANNOTATION, edit.range, edit.new_text) if is_annotated else edit
            for edit in _text_edits(view, own)
        ]
        changes.append(TextDocumentEdit(identifier, listed))
    # No confirmation is asked for: what needs a look is a fix that is chosen one by one.
    annotations = {_ANNOTATION: ChangeAnnotation(label, needs_confirmation=False)} if is_annotated else None
    return WorkspaceEdit(document_changes=[*changes], change_annotations=annotations)


def _text_edits(view: View, edits: Iterable[FileEdit]) -> list[TextEdit]:
    return [TextEdit(view.range(edit.path, edit.start, edit.end), edit.new_text) for edit in edits]
