"""`textDocument/definition`: from one service into another, where a language server for Python sees only a string."""

from __future__ import annotations

from lsprotocol.types import DefinitionParams, Location

from shearpin.lsp.asking import asked
from shearpin.lsp.state import Server
from shearpin.lsp.view import View


async def definition(server: Server, params: DefinitionParams) -> list[Location] | None:
    """Routes behind a call, entries of manifests behind a variable, consumers of a message."""

    def look(view: View, path: str) -> list[Location]:
        sites = view.session.navigation.definitions(path, view.offset(path, params.position))
        return [view.location(site) for site in sites]

    return await asked(server, params.text_document.uri, look) or None
