"""`shutdown`: everything is closed before it is answered, since some clients kill the process at once."""

from __future__ import annotations

import asyncio
from functools import partial

from shearpin.lsp.state import Server

_PATIENCE = 3.0


async def shutdown(server: Server, _params: None) -> None:
    """Stop the worker, which writes its caches."""
    await asyncio.get_running_loop().run_in_executor(None, partial(server.worker.stop, _PATIENCE))
    server.pages.close()
