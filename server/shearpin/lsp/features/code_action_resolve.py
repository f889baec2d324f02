"""`codeAction/resolve`."""

from __future__ import annotations

import asyncio

from lsprotocol.types import CodeAction, LSPErrorCodes
from pygls.exceptions import JsonRpcException

from shearpin.lsp.actions import resolved, ticket_of
from shearpin.lsp.state import Server
from shearpin.lsp.worker import StaleError, UnavailableError

_GONE = "the text has changed since this was offered"
_USELESS = "this fix does not apply here: it would not remove the finding"


async def code_action_resolve(server: Server, action: CodeAction) -> CodeAction:
    """Compute the edit of an action that was offered."""
    ticket = ticket_of(action.data)
    if ticket is None or action.edit is not None:
        return action
    document = server.document(ticket.uri)
    place = None if document is None else server.place(document.path)
    if document is None or place is None or document.digest.hex() != ticket.digest:
        raise JsonRpcException(_GONE, LSPErrorCodes.ContentModified.value)
    root, path = place
    buffer = document.text
    question = server.worker.ask(
        root, lambda view: resolved(view, path, ticket, action, buffer), path=path, digest=document.digest
    )
    try:
        found = await asyncio.wrap_future(question)
    except (StaleError, UnavailableError) as error:
        raise JsonRpcException(_GONE, LSPErrorCodes.ContentModified.value) from error
    if found is None:
        raise JsonRpcException(_USELESS, LSPErrorCodes.RequestFailed.value)
    return found
