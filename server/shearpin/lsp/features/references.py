"""`textDocument/references`: who in other services uses what stands here."""

from __future__ import annotations

from lsprotocol.types import Location, ReferenceParams

from shearpin.lsp.asking import asked
from shearpin.lsp.state import Server
from shearpin.lsp.view import View


async def references(server: Server, params: ReferenceParams) -> list[Location] | None:
    """Callers of a route, publishers for a consumer, code that reads an entry of a manifest."""

    def look(view: View, path: str) -> list[Location]:
        sites = view.session.navigation.references(path, view.offset(path, params.position))
        return [view.location(site) for site in sites]

    return await asked(server, params.text_document.uri, look) or None
