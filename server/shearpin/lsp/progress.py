"""A progress bar in the client while a folder is read, if it takes long enough to be worth one."""

from __future__ import annotations

import asyncio
import time
import uuid
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol.types import (
    ProgressParams,
    WorkDoneProgressBegin,
    WorkDoneProgressCreateParams,
    WorkDoneProgressEnd,
    WorkDoneProgressReport,
)

from shearpin.lsp.uris import Root

if TYPE_CHECKING:
    from shearpin.lsp.state import Server

_PATIENCE = 0.5
_INTERVAL = 0.1


class Indexing:
    """Called from the worker's thread; sends from the loop."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop, root: Root) -> None:
        self._server = server
        self._loop = loop
        self._name = root.path.name
        self._token = str(uuid.uuid4())
        self._next = time.monotonic() + _PATIENCE
        self._is_shown = False

    def report(self, done: int, total: int, text: str) -> None:
        """So many of so many files are read."""
        now = time.monotonic()
        if not self._server.client.shows_progress or now < self._next:
            return
        self._next = now + _INTERVAL
        if not self._is_shown:
            self._is_shown = True
            self._call(WorkDoneProgressBegin(f"Reading {self._name}", percentage=0))
        self._call(WorkDoneProgressReport(message=text, percentage=min(100, 100 * done // max(1, total))))

    def end(self) -> None:
        """The folder is read, or cannot be."""
        if self._is_shown:
            self._call(WorkDoneProgressEnd())

    def _call(self, value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd) -> None:
        self._loop.call_soon_threadsafe(partial(self._send, value))

    def _send(self, value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd) -> None:
        if isinstance(value, WorkDoneProgressBegin):
            self._server.window_work_done_progress_create(WorkDoneProgressCreateParams(self._token))
        self._server.progress(ProgressParams(self._token, value))
