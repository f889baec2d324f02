"""What the server answers to. The only place where handlers are bound to methods: registering one twice is an error."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from lsprotocol import types

from shearpin.lsp import command_names as names
from shearpin.lsp.actions import FIX_ALL, FIX_ALL_FILES
from shearpin.lsp.diagnostics import SOURCE
from shearpin.lsp.features import execute_command as commands
from shearpin.lsp.features.code_action import code_action
from shearpin.lsp.features.code_action_resolve import code_action_resolve
from shearpin.lsp.features.code_lens import code_lens
from shearpin.lsp.features.definition import definition
from shearpin.lsp.features.diagnostic import diagnostic
from shearpin.lsp.features.did_change import did_change
from shearpin.lsp.features.did_change_configuration import did_change_configuration
from shearpin.lsp.features.did_change_watched_files import did_change_watched_files
from shearpin.lsp.features.did_change_workspace_folders import did_change_workspace_folders
from shearpin.lsp.features.did_close import did_close
from shearpin.lsp.features.did_open import did_open
from shearpin.lsp.features.did_save import did_save
from shearpin.lsp.features.document_symbol import document_symbol
from shearpin.lsp.features.hover import hover
from shearpin.lsp.features.initialize import initialize
from shearpin.lsp.features.initialized import initialized
from shearpin.lsp.features.inlay_hint import inlay_hint
from shearpin.lsp.features.references import references
from shearpin.lsp.features.shutdown import shutdown
from shearpin.lsp.features.workspace_diagnostic import workspace_diagnostic
from shearpin.lsp.features.workspace_symbol import workspace_symbol
from shearpin.lsp.state import Server

COMMANDS: dict[str, Callable[..., Awaitable[object]]] = {
    names.GRAPH: commands.graph,
    names.SCORE: commands.score,
    names.EXPLAIN: commands.explain,
    names.RESTART_INDEX: commands.restart_index,
    names.LAST_EDIT: commands.last_edit,
    names.FIX_WORKSPACE: commands.fix_everything,
    names.MAKE_BLOCK_SAFE: commands.make_block_safe,
    names.REVIEWED: commands.reviewed,
    names.USERS: commands.show_users,
}
ParamsT = TypeVar("ParamsT")
ResultT = TypeVar("ResultT")

_ACTION_KINDS: list[types.CodeActionKind | str] = [types.CodeActionKind.QuickFix, FIX_ALL, FIX_ALL_FILES]


def register(server: Server) -> None:
    """Bind every feature."""
    _now(server, types.INITIALIZE, _initialize)
    _now(server, types.INITIALIZED, initialized)
    _later(server, types.SHUTDOWN, shutdown)
    _now(server, types.TEXT_DOCUMENT_DID_OPEN, did_open)
    _now(server, types.TEXT_DOCUMENT_DID_CHANGE, did_change)
    _now(server, types.TEXT_DOCUMENT_DID_SAVE, did_save)
    _now(server, types.TEXT_DOCUMENT_DID_CLOSE, did_close)
    _now(server, types.WORKSPACE_DID_CHANGE_WATCHED_FILES, did_change_watched_files)
    _later(server, types.WORKSPACE_DID_CHANGE_CONFIGURATION, did_change_configuration)
    _now(server, types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, did_change_workspace_folders)
    _later(server, types.TEXT_DOCUMENT_HOVER, hover)
    _later(server, types.TEXT_DOCUMENT_DEFINITION, definition)
    _later(server, types.TEXT_DOCUMENT_REFERENCES, references)
    options = types.CodeActionOptions(code_action_kinds=_ACTION_KINDS, resolve_provider=True)
    _later(server, types.TEXT_DOCUMENT_CODE_ACTION, code_action, options)
    _later(server, types.CODE_ACTION_RESOLVE, code_action_resolve)
    _later(server, types.TEXT_DOCUMENT_CODE_LENS, code_lens, types.CodeLensOptions())
    _later(server, types.TEXT_DOCUMENT_INLAY_HINT, inlay_hint, types.InlayHintOptions())
    _later(server, types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, document_symbol)
    _later(server, types.WORKSPACE_SYMBOL, workspace_symbol, types.WorkspaceSymbolOptions())
    for name, command in COMMANDS.items():
        _command(server, name, command)


def _initialize(server: Server, params: types.InitializeParams) -> None:
    """What is offered depends on the client: one that asks for findings must not get them unasked as well."""
    initialize(server, params)
    if server.is_pulled:
        options = types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=True, identifier=SOURCE)
        _later(server, types.TEXT_DOCUMENT_DIAGNOSTIC, diagnostic, options)
        _later(server, types.WORKSPACE_DIAGNOSTIC, workspace_diagnostic)


def _now(server: Server, method: str, feature: Callable[[Server, ParamsT], None]) -> None:
    def bound(params: ParamsT) -> None:
        feature(server, params)

    server.feature(method)(bound)


def _later(
    server: Server, method: str, feature: Callable[[Server, ParamsT], Awaitable[ResultT]], options: object = None
) -> None:
    async def bound(params: ParamsT) -> ResultT:
        return await feature(server, params)

    server.feature(method, options)(bound)


def _command(server: Server, name: str, command: Callable[..., Awaitable[ResultT]]) -> None:
    async def bound(*arguments: commands.Json) -> ResultT:
        return await command(server, *arguments)

    # pygls' own decorator guesses from annotations whether the first argument shall be the server.
    server.protocol.fm.commands[name] = bound
