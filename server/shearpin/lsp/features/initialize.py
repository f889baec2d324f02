"""`initialize`: what the client can do, which folders it opens, how it wants the server to behave."""

from __future__ import annotations

from lsprotocol.types import InitializeParams

from shearpin.lsp.client import client_of
from shearpin.lsp.options import Mode, options_of
from shearpin.lsp.roots import roots_of
from shearpin.lsp.state import Server


def initialize(server: Server, params: InitializeParams) -> None:
    """Remember; nothing is read before `initialized`."""
    server.client = server.worker.client = client_of(params)
    server.options = options_of(params.initialization_options, server.options)
    server.is_pulled = server.options.mode is Mode.PULL and server.client.pulls_diagnostics
    server.initial_roots = roots_of(params)
