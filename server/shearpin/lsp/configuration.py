"""Options from the client's configuration."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lsprotocol.types import ConfigurationItem, ConfigurationParams
from pygls.exceptions import JsonRpcException

from shearpin.lsp.options import Options, Scope, options_of
from shearpin.lsp.publish import clear

if TYPE_CHECKING:
    from shearpin.lsp.state import Server

_LOG = logging.getLogger(__name__)
#: seconds a client gets to answer; some never do
_PATIENCE = 2.0


async def pull_options(server: Server) -> None:
    """Ask the client for the section `shearpin`; what it does not say stays as it is."""
    if not server.client.has_configuration:
        return
    request = server.workspace_configuration_async(ConfigurationParams([ConfigurationItem(section="shearpin")]))
    try:
        answer = await asyncio.wait_for(request, _PATIENCE)
    except (JsonRpcException, TimeoutError) as error:
        _LOG.warning("the client does not tell its configuration: %r", error)
        return
    if answer:
        use_options(server, options_of(answer[0], server.options))


def use_options(server: Server, options: Options) -> None:
    """Behave so from now on."""
    if options == server.options:
        return
    server.options = options
    if options.scope is Scope.OPEN:
        for uri in list(server.shown):
            if server.document(uri) is None:
                clear(server, uri)
    server.show()
    server.renewal.ask()
