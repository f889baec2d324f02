"""Pages and places that the client is asked to show. What it cannot show is told in a message."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol.types import MessageType, Range, ShowDocumentParams, ShowMessageParams
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from shearpin.lsp.state import Server

_LOG = logging.getLogger(__name__)
#: seconds a client gets to answer; some never do
_PATIENCE = 5.0


class Pages:
    """A folder of pages for the client, made when the first one is shown and gone with the server."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def write(self, name: str, text: str) -> str:
        """Write a page; its URI."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="shearpin-"))
        target = self._folder / name
        target.write_text(text, encoding="utf-8")
        return target.as_uri()

    def close(self) -> None:
        """Take the folder away."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


async def show_page(server: Server, name: str, text: str) -> bool:
    """Show a text as a file of that name, one for a browser outside of the editor; False where it cannot be shown."""
    if not server.client.shows_documents:
        return False
    try:
        uri = server.pages.write(name, text)
    except OSError as error:
        _LOG.warning("a page cannot be written: %s", error)
        return False
    return await _show(server, ShowDocumentParams(uri, external=name.endswith(".html"), take_focus=True))


async def show_place(server: Server, uri: str, span: Range) -> bool:
    """Show a place of a file; False where it cannot be shown."""
    if not server.client.shows_documents:
        return False
    return await _show(server, ShowDocumentParams(uri, take_focus=True, selection=span))


def tell(server: Server, text: str) -> None:
    """Say something to the user that the user has asked for."""
    server.window_show_message(ShowMessageParams(MessageType.Info, text))


async def _show(server: Server, params: ShowDocumentParams) -> bool:
    try:
        answer = await asyncio.wait_for(server.window_show_document_async(params), _PATIENCE)
    except (JsonRpcException, TimeoutError) as error:
        _LOG.warning("the client does not show %s: %r", params.uri, error)
        return False
    return bool(answer and answer.success)
