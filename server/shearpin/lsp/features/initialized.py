"""`initialized`: start the analysis and ask the client to watch the files that matter."""

from __future__ import annotations

import asyncio
import logging

from lsprotocol.types import (
    WORKSPACE_DID_CHANGE_CONFIGURATION,
    WORKSPACE_DID_CHANGE_WATCHED_FILES,
    DidChangeWatchedFilesRegistrationOptions,
    FileSystemWatcher,
    InitializedParams,
    Registration,
    RegistrationParams,
)
from pygls.exceptions import JsonRpcException

from shearpin.lsp.configuration import pull_options
from shearpin.lsp.lifecycle import watch_parent
from shearpin.lsp.state import Server

_LOG = logging.getLogger(__name__)
#: seconds a client gets to answer; some never do
_PATIENCE = 2.0
#: the server decides by path what matters; these keep the client from reporting everything
_WATCHED = (
    "**/*.py",
    "**/*.{yaml,yml}",
    "**/*.{toml,txt}",
    "**/{.env,.env.*,*.env}",
    "**/{Dockerfile,Dockerfile.*,*.Dockerfile,Containerfile}",
    "**/*.{conf,proto,json,sql}",
)


def initialized(server: Server, _params: InitializedParams) -> None:
    """Open the folders at once, since what follows needs them; then register and configure."""
    server.begin()
    server.rescan()
    server.keep(watch_parent(server))
    server.keep(_register(server))
    server.keep(pull_options(server))


async def _register(server: Server) -> None:
    registrations: list[Registration] = []
    if server.client.registers_watchers:
        watchers = [FileSystemWatcher(pattern) for pattern in _WATCHED]
        registrations.append(
            Registration(
                "shearpin-files",
                WORKSPACE_DID_CHANGE_WATCHED_FILES,
                DidChangeWatchedFilesRegistrationOptions(watchers),
            )
        )
    if server.client.registers_configuration:
        registrations.append(
            Registration("shearpin-configuration", WORKSPACE_DID_CHANGE_CONFIGURATION, {"section": "shearpin"})
        )
    if not registrations:
        return
    try:
        request = server.client_register_capability_async(RegistrationParams(registrations))
        await asyncio.wait_for(request, _PATIENCE)
    except (JsonRpcException, TimeoutError) as error:
        _LOG.warning("the client does not watch files for us: %r", error)
