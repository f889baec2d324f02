"""What the server answers to. The only place where handlers are bound to methods: registering one twice is an error."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from lsprotocol import types

from shearpin.lsp.actions import FIX_ALL
from shearpin.lsp.features import execute_command
from shearpin.lsp.features.code_action import code_action
from shearpin.lsp.features.code_action_resolve import code_action_resolve
from shearpin.lsp.features.definition import definition
from shearpin.lsp.features.did_change import did_change
from shearpin.lsp.features.did_change_configuration import did_change_configuration
from shearpin.lsp.features.did_change_watched_files import did_change_watched_files
from shearpin.lsp.features.did_change_workspace_folders import did_change_workspace_folders
from shearpin.lsp.features.did_close import did_close
from shearpin.lsp.features.did_open import did_open
from shearpin.lsp.features.did_save import did_save
from shearpin.lsp.features.hover import hover
from shearpin.lsp.features.initialize import initialize
from shearpin.lsp.features.initialized import initialized
from shearpin.lsp.features.references import references
from shearpin.lsp.features.shutdown import shutdown
from shearpin.lsp.state import Server

ParamsT = TypeVar("ParamsT")
ResultT = TypeVar("ResultT")

_ACTION_KINDS: list[types.CodeActionKind | str] = [types.CodeActionKind.QuickFix, FIX_ALL]


def register(server: Server) -> None:
    """Bind every feature."""
    _now(server, types.INITIALIZE, initialize)
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
    _command(server, execute_command.GRAPH, execute_command.graph)
    _command(server, execute_command.EXPLAIN, execute_command.explain)
    _command(server, execute_command.RESTART_INDEX, execute_command.restart_index)


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
    async def bound(*arguments: execute_command.Json) -> ResultT:
        return await command(server, *arguments)

    # pygls' own decorator guesses from annotations whether the first argument shall be the server.
    server.protocol.fm.commands[name] = bound
