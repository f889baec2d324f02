"""Language server sessions with a real process on small systems that the test writes."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

PATIENCE = 30.0
SERVER = [sys.executable, "-m", "shearpin", "serve"]


RULES = (
    "blocking-call-in-async",
    "call-without-timeout",
    "client-per-request",
    "suppression-without-reason",
    "task-reference-dropped",
    "unbounded-retry",
    "unchecked-response",
    "unknown-endpoint",
)


@dataclass
class Editor:
    """An editor with open buffers over a folder."""

    client: LanguageClient
    root: Path
    texts: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    def uri(self, path):
        return f"{self.root.as_uri()}/{path}"

    def write(self, files):
        for path, text in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())

    def select(self, *rules):
        """Let only these rules speak, so that a test says what it is about and stays true when rules are added."""
        self.write({"shearpin.toml": f"select = {list(rules)!r}\n".replace("'", '"')})

    async def start(self, *encodings, options=None, shows_related=True, watches_files=False):
        if not (self.root / "shearpin.toml").exists():
            self.select(*RULES)
        if watches_files:
            self.client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda _params: None)
        kinds = types.ClientCodeActionKindOptions([types.CodeActionKind.QuickFix])
        return await self.client.initialize_session(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(
                    general=types.GeneralClientCapabilities(position_encodings=list(encodings) or None),
                    text_document=types.TextDocumentClientCapabilities(
                        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
                            related_information=shows_related
                        ),
                        code_action=types.CodeActionClientCapabilities(
                            code_action_literal_support=types.ClientCodeActionLiteralOptions(kinds),
                            data_support=True,
                            resolve_support=types.ClientCodeActionResolveOptions(["edit"]),
                        ),
                        hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
                    ),
                    workspace=types.WorkspaceClientCapabilities(
                        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
                        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(watches_files),
                    ),
                ),
                workspace_folders=[types.WorkspaceFolder(self.root.as_uri(), "system")],
                initialization_options=options,
            )
        )

    def open(self, path, text=None):
        text = (self.root / path).read_bytes().decode() if text is None else text
        self.texts[path] = text
        self.versions[path] = 1
        language = "python" if path.endswith(".py") else "yaml"
        item = types.TextDocumentItem(self.uri(path), language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def save(self, path):
        """Write the buffer to disk and tell the server."""
        self.write({path: self.texts[path]})
        identifier = types.TextDocumentIdentifier(self.uri(path))
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(identifier))

    def replace(self, path, old, new):
        """Type over the only occurrence of a text, as an incremental change in UTF-16."""
        text = self.texts[path]
        assert text.count(old) == 1
        index = text.index(old)
        span = types.Range(self.position(path, index), self.position(path, index + len(old)))
        self.texts[path] = text.replace(old, new)
        self.versions[path] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[path], self.uri(path)),
                [types.TextDocumentContentChangePartial(span, new)],
            )
        )

    def position(self, path, index):
        before = self.texts[path][:index].replace("\r\n", "\n").split("\n")
        return types.Position(len(before) - 1, len(before[-1].encode("utf-16-le")) // 2)

    def index(self, path, position):
        lines = self.texts[path].splitlines(keepends=True)
        line = lines[position.line] if position.line < len(lines) else ""
        inside = line.encode("utf-16-le")[: 2 * position.character].decode("utf-16-le")
        return sum(map(len, lines[: position.line])) + len(inside)

    def marked(self, path, diagnostic):
        """The text under a diagnostic."""
        span = diagnostic.range
        return self.texts[path][self.index(path, span.start) : self.index(path, span.end)]

    async def until(self, path, fits):
        """The diagnostics of a file as soon as they fit."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            found = self.client.diagnostics.get(self.uri(path))
            if found is not None and fits(found):
                return list(found)
            assert asyncio.get_running_loop().time() < deadline, f"{path}: {found}"
            await asyncio.sleep(0.02)

    async def until_rules(self, path, *rules):
        """The diagnostics of a file as soon as they are of these rules, in order of position."""
        return await self.until(path, lambda found: [item.code for item in found] == list(rules))

    async def actions(self, path, diagnostic, only=None):
        return (
            await self.client.text_document_code_action_async(
                types.CodeActionParams(
                    types.TextDocumentIdentifier(self.uri(path)),
                    diagnostic.range,
                    types.CodeActionContext([diagnostic], None if only is None else [only]),
                )
            )
            or []
        )

    async def apply(self, action):
        """Resolve an action and apply its edits to the open buffers, as an editor does."""
        if action.edit is None:
            action = await self.client.code_action_resolve_async(action)
        for change in action.edit.document_changes:
            path = change.text_document.uri.removeprefix(f"{self.root.as_uri()}/")
            text = self.texts[path]
            # Of several texts for one place the first one comes first.
            for edit in sorted(change.edits, key=lambda edit: self.index(path, edit.range.start))[::-1]:
                first, last = self.index(path, edit.range.start), self.index(path, edit.range.end)
                text = text[:first] + edit.new_text + text[last:]
            self.texts[path] = text
            self.versions[path] += 1
            self.client.text_document_did_change(
                types.DidChangeTextDocumentParams(
                    types.VersionedTextDocumentIdentifier(self.versions[path], self.uri(path)),
                    [types.TextDocumentContentChangeWholeDocument(text)],
                )
            )

    async def hover(self, path, text):
        """What is shown over the only occurrence of a text."""
        params = types.HoverParams(
            types.TextDocumentIdentifier(self.uri(path)), self.position(path, self.texts[path].index(text))
        )
        found = await self.client.text_document_hover_async(params)
        return "" if found is None else found.contents.value


@pytest_lsp.fixture(config=ClientServerConfig(server_command=SERVER))
async def lsp_client(lsp_client: LanguageClient):
    yield
    await lsp_client.shutdown_session()


@pytest.fixture
def editor(lsp_client, tmp_path):
    return Editor(lsp_client, tmp_path.resolve())
