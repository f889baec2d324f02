"""Starts the language server over standard input and output."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from functools import partial

from shearpin.lsp.protocol import Protocol
from shearpin.lsp.registration import register
from shearpin.lsp.state import Server
from shearpin.lsp.transport import Writer, claim_streams, read_messages

_PATIENCE = 1.0


def start() -> int:
    """Serve one client; returns the exit code: 0 after shutdown and exit, 1 otherwise."""
    source, sink = claim_streams()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # pygls logs the body of each message at INFO and a page for each fault of a client, of which we log one line.
    # An editor that closed standard error must not be noticed.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    logging.raiseExceptions = False
    return asyncio.run(_serve(source, sink))


async def _serve(source: int, sink: int) -> int:
    server = Server()
    register(server)
    loop = asyncio.get_running_loop()
    server.protocol.set_writer(Writer(sink, partial(server.finish, 1)))
    reader = threading.Thread(target=_read, args=(source, server, loop), name="shearpin-reader", daemon=True)
    reader.start()
    code = await server.finished
    server.worker.stop(_PATIENCE)
    return code


def _read(source: int, server: Server, loop: asyncio.AbstractEventLoop) -> None:
    protocol: Protocol = server.protocol
    read_messages(source, lambda body: _hand_over(loop, protocol, body))
    try:
        loop.call_soon_threadsafe(protocol.end)
    except RuntimeError:
        return


def _hand_over(loop: asyncio.AbstractEventLoop, protocol: Protocol, body: bytes) -> None:
    try:
        loop.call_soon_threadsafe(protocol.receive, body)
    except RuntimeError:
        # The loop is closed: the process is about to end.
        return
