"""`initialized`: start the analysis and ask the client to watch the files that matter."""

from __future__ import annotations

import asyncio
import logging

from lsprotocol.types import (
    WORKSPACE_DID_CHANGE_CONFIGURATION,
    WORKSPACE_DID_CHANGE_WATCHED_FILES,
    DidChangeWatchedFilesRegistrationOptions,
    InitializedParams,
    Registration,
    RegistrationParams,
)
from pygls.exceptions import JsonRpcException

from shearpin.lsp.configuration import pull_options
from shearpin.lsp.lifecycle import watch_parent
from shearpin.lsp.state import Server
from shearpin.lsp.watching import watchers

_LOG = logging.getLogger(__name__)
#: seconds a client gets to answer; some never do
_PATIENCE = 2.0


def initialized(server: Server, _params: InitializedParams) -> None:
    """Open the folders at once, since what follows needs them; then register and configure."""
    server.begin()
    server.is_told_of_changes = server.client.registers_watchers
    server.rescan()
    server.keep(watch_parent(server))
    server.keep(_register(server))
    server.keep(pull_options(server))


async def _register(server: Server) -> None:
    registrations: list[Registration] = []
    if server.client.registers_watchers:
        registrations.append(
            Registration(
                "shearpin-files",
                WORKSPACE_DID_CHANGE_WATCHED_FILES,
                DidChangeWatchedFilesRegistrationOptions(watchers()),
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
        server.is_told_of_changes = False
        server.rescan()
