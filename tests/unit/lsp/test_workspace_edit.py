"""Edits of code and manifest together, as each client takes them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from lsprotocol.types import AnnotatedTextEdit, Range, TextEdit

from shearpin.lsp.client import Client
from shearpin.lsp.uris import Root
from shearpin.lsp.view import Opened, View
from shearpin.lsp.workspace_edit import workspace_edit
from shearpin.rulekit.source import FileEdit
from shearpin.text.lines import LineIndex

TEXTS = {"orders/main.py": b"import os\nx = 1\n", "orders/requirements.txt": b"flask\n"}
EDITS = (
    FileEdit("orders/main.py", 10, 11, "y", ""),
    FileEdit("orders/requirements.txt", 6, 6, "pybreaker\n", ""),
    FileEdit("orders/main.py", 14, 15, "2", ""),
)


def edited(client):
    session = SimpleNamespace(lines=lambda path: LineIndex(TEXTS[path]))
    root = Root("file:///w", Path("/w"))
    opened = {"orders/main.py": Opened("file:///w/orders/m%61in.py", 7)}
    return workspace_edit(View(session, root, client, opened), EDITS, "Put a breaker around it")


def test_plain_changes_where_the_client_takes_nothing_else():
    edit = edited(Client(annotates_edits=True))
    assert edit.document_changes is None
    assert edit.change_annotations is None
    assert {uri: [one.new_text for one in edits] for uri, edits in edit.changes.items()} == {
        "file:///w/orders/m%61in.py": ["y", "2"],
        "file:///w/orders/requirements.txt": ["pybreaker\n"],
    }


def test_versions_of_open_files_where_the_client_takes_them():
    edit = edited(Client(versions_edits=True))
    assert edit.changes is None
    assert edit.change_annotations is None
    assert [(change.text_document.uri, change.text_document.version) for change in edit.document_changes] == [
        ("file:///w/orders/m%61in.py", 7),
        ("file:///w/orders/requirements.txt", None),
    ]
    assert {type(one) for change in edit.document_changes for one in change.edits} == {TextEdit}


def test_each_edit_says_what_it_is_for_where_the_client_shows_it():
    edit = edited(Client(versions_edits=True, annotates_edits=True))
    (name, annotation), *others = edit.change_annotations.items()
    assert (annotation.label, annotation.needs_confirmation, others) == ("Put a breaker around it", False, [])
    edits = [one for change in edit.document_changes for one in change.edits]
    assert {type(one) for one in edits} == {AnnotatedTextEdit}
    assert {one.annotation_id for one in edits} == {name}
    assert {type(one.range) for one in edits} == {Range}
