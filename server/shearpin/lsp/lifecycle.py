"""Ends the process when the editor is gone without a word."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shearpin.lsp.state import Server

_LOG = logging.getLogger(__name__)
_INTERVAL = 5.0


async def watch_parent(server: Server) -> None:
    """Finish when the process that started us, by its own account, has ended.

    Nothing is watched if the process was never seen alive: it lives in another container.
    """
    process_id = server.client.process_id
    if process_id is None or process_id <= 0 or sys.platform == "win32" or not _is_alive(process_id):
        return
    # A parent that ended stays visible until somebody waits for it, but it is our parent no longer.
    is_parent = os.getppid() == process_id
    while os.getppid() == process_id if is_parent else _is_alive(process_id):  # noqa: ASYNC110 - nobody tells us
        await asyncio.sleep(_INTERVAL)
    _LOG.warning("the editor (process %s) is gone", process_id)
    server.finish(1)


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
