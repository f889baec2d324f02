"""Questions about an open file, answered in the worker's thread for the text that the client has now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from shearpin.lsp.state import Server
from shearpin.lsp.view import View
from shearpin.lsp.worker import StaleError, UnavailableError

T = TypeVar("T")


async def asked(server: Server, uri: str, look: Callable[[View, str], T], *, is_near: bool = False) -> T | None:
    """What `look` finds, given the path of the file; None when the file is not ours or its text moved on meanwhile.

    `is_near`: the service around a Python file says enough, so nobody waits until the whole folder is read.
    """
    document = server.document(uri)
    place = None if document is None else server.place(document.path)
    if document is None or place is None or not document.in_sync:
        return None
    root, path = place
    is_near = is_near and path.endswith(".py")
    question = server.worker.ask(root, partial(_looked, look, path), path=path, digest=document.digest, is_near=is_near)
    try:
        return await asyncio.wrap_future(question)
    except (StaleError, UnavailableError):
        return None


def _looked(look: Callable[[View, str], T], path: str, view: View) -> T:
    return look(view, path)
