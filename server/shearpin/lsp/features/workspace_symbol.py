"""`workspace/symbol`."""

from __future__ import annotations

import asyncio
from functools import partial

from lsprotocol.types import SymbolInformation, WorkspaceSymbolParams

from shearpin.lsp.state import Server
from shearpin.lsp.symbols import flat, symbols_matching
from shearpin.lsp.view import View
from shearpin.lsp.worker import UnavailableError


async def workspace_symbol(server: Server, params: WorkspaceSymbolParams) -> list[SymbolInformation]:
    """Services, endpoints and topics of all folders whose graph is known."""
    found: list[SymbolInformation] = []
    for root in server.roots:
        if root in server.warm:
            try:
                found += await asyncio.wrap_future(server.worker.ask(root, partial(_look, params.query)))
            except UnavailableError:
                continue
    return found


def _look(query: str, view: View) -> list[SymbolInformation]:
    return flat(view, symbols_matching(view, query))
