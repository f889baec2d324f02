"""`workspace/didChangeConfiguration`."""

from __future__ import annotations

from lsprotocol.types import DidChangeConfigurationParams

from shearpin.lsp.configuration import pull_options, use_options
from shearpin.lsp.options import options_of
from shearpin.lsp.state import Server


async def did_change_configuration(server: Server, params: DidChangeConfigurationParams) -> None:
    """Ask the client for its configuration if it has one to ask for, else take what came."""
    if server.client.has_configuration:
        await pull_options(server)
    else:
        use_options(server, options_of(params.settings, server.options))
