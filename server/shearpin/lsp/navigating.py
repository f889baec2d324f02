"""Questions about a place of an open file whose answer is places."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from lsprotocol.types import Location

from shearpin.lsp.state import Server
from shearpin.lsp.view import View
from shearpin.lsp.worker import StaleError, UnavailableError


async def locations_at(server: Server, uri: str, look: Callable[[View, str], list[Location]]) -> list[Location] | None:
    """What `look` finds in the worker's thread; None when nothing is found or the text moved on meanwhile."""
    document = server.document(uri)
    place = None if document is None else server.place(document.path)
    if document is None or place is None or not document.in_sync:
        return None
    root, path = place
    try:
        asked = server.worker.ask(root, partial(_looked, look, path), path=path, version=document.version)
        return await asyncio.wrap_future(asked) or None
    except (StaleError, UnavailableError):
        return None


def _looked(look: Callable[[View, str], list[Location]], path: str, view: View) -> list[Location]:
    return look(view, path)
