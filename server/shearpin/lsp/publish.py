"""What the client has been shown, and the sending of what differs. Runs in the loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol.types import Diagnostic, PublishDiagnosticsParams

from shearpin.lsp.options import Scope
from shearpin.lsp.uris import Root, path_of

if TYPE_CHECKING:
    from shearpin.lsp.state import Server


@dataclass(frozen=True, slots=True)
class Shown:
    """The last diagnostics of a file that were sent, for a version if the file was open."""

    root: Root
    version: int | None
    diagnostics: tuple[Diagnostic, ...]


def publish_open(
    server: Server, root: Root, uri: str, digest: bytes | None, diagnostics: tuple[Diagnostic, ...]
) -> None:
    """Show the findings of an open file unless the client's text has moved on since."""
    document = server.document(uri)
    if document is None or document.digest != digest or not document.in_sync:
        return
    _send(server, uri, Shown(root, document.version, diagnostics))


def publish_others(server: Server, root: Root, found: Mapping[str, tuple[Diagnostic, ...]]) -> None:
    """Show the findings of files that are not open, all of a root at once; files without any are cleared."""
    for uri, diagnostics in found.items():
        if server.document(uri) is None:
            _send(server, uri, Shown(root, None, diagnostics))
    gone = [uri for uri, shown in server.shown.items() if shown.root == root and uri not in found]
    for uri in gone:
        if server.document(uri) is None:
            clear(server, uri)


def note_answer(
    server: Server, root: Root, uri: str, digest: bytes | None, diagnostics: tuple[Diagnostic, ...]
) -> None:
    """Remember what a client got that asked for it."""
    document = server.document(uri)
    if document is not None and document.digest == digest:
        server.shown[document.uri] = Shown(root, document.version, diagnostics)


def publish_problems(server: Server, root: Root, found: Mapping[str, tuple[Diagnostic, ...]]) -> None:
    """Show what is wrong with the settings of a root; an empty mapping clears it."""
    before = server.settings_problems.pop(root, {})
    if found:
        server.settings_problems[root] = found
    for uri in {**before, **found}:
        document = server.document(uri)
        own = uri if document is None else document.uri
        shown = server.shown.get(own, Shown(root, None if document is None else document.version, ()))
        _publish(server, own, shown)


def problems_of(server: Server, uri: str) -> list[Diagnostic]:
    """What is wrong with the settings that a file holds."""
    path = path_of(uri)
    return [
        problem
        for found in server.settings_problems.values()
        for other, diagnostics in found.items()
        if path_of(other) == path
        for problem in diagnostics
    ]


def hand_over_problems(server: Server, uri: str) -> None:
    """From now on the client asks for the problems of a file."""
    if problems_of(server, uri):
        server.text_document_publish_diagnostics(PublishDiagnosticsParams(uri, []))


def clear(server: Server, uri: str) -> None:
    """Take away what is shown for a file."""
    shown = server.shown.pop(uri, None)
    if shown is not None and shown.diagnostics and not server.is_pulled:
        server.text_document_publish_diagnostics(PublishDiagnosticsParams(uri, []))


def _send(server: Server, uri: str, new: Shown) -> None:
    old = server.shown.get(uri)
    if old == new or (old is None and new.version is None and not new.diagnostics):
        return
    server.shown[uri] = new
    _publish(server, uri, new)


def _publish(server: Server, uri: str, shown: Shown) -> None:
    problems = problems_of(server, uri)
    if not server.is_pulled:
        found = [*shown.diagnostics, *problems]
        server.text_document_publish_diagnostics(PublishDiagnosticsParams(uri, found, shown.version))
        return
    # Nobody asks for a file that is not open, unless all of the workspace is asked for; settings concern everybody.
    if server.document(uri) is None and server.options.scope is Scope.OPEN:
        server.text_document_publish_diagnostics(PublishDiagnosticsParams(uri, problems))
    server.renewal.ask()
