"""Asks the client to ask again: for lenses, hints and diagnostics whose answer became another one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from shearpin.lsp.state import Server

_LOG = logging.getLogger(__name__)
#: seconds in which several reasons to ask again become one
_CALM = 0.1
#: seconds a client gets to answer; some never do
_PATIENCE = 5.0


class Renewal:
    """One pending request at a time. Used in the loop."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._is_due = False

    def ask(self) -> None:
        """Let the client ask again soon, for what it can."""
        if not self._is_due and self._requests():
            self._is_due = True
            self._server.keep(self._later())

    async def _later(self) -> None:
        await asyncio.sleep(_CALM)
        self._is_due = False
        for request in self._requests():
            try:
                await asyncio.wait_for(request(None), _PATIENCE)
            except (JsonRpcException, TimeoutError) as error:
                _LOG.info("the client does not ask again: %r", error)

    def _requests(self) -> list[Callable[[None], Awaitable[None]]]:
        server, client = self._server, self._server.client
        found: list[Callable[[None], Awaitable[None]]] = []
        if server.is_pulled and client.refreshes_diagnostics:
            found.append(server.workspace_diagnostic_refresh_async)
        if client.refreshes_lenses:
            found.append(server.workspace_code_lens_refresh_async)
        if client.refreshes_hints and server.options.inlay_hints:
            found.append(server.workspace_inlay_hint_refresh_async)
        return found
