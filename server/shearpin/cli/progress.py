"""A line of progress on standard error: on a terminal only, and only once a scan takes long."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

_SILENT_SECONDS = 1.0
_INTERVAL_SECONDS = 0.1
_WIDTH = 78


class Progress:
    """Draws "reading 120/400 path" over itself and wipes it at the end."""

    def __init__(self) -> None:
        now = time.monotonic()
        self._is_shown = sys.stderr.isatty()
        self._next = now + _SILENT_SECONDS
        self._is_drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_drawn:
            sys.stderr.write("\r" + " " * _WIDTH + "\r")
            sys.stderr.flush()

    def step(self, done: int, total: int, what: str) -> None:
        """Say how far the work is; `total` 0 when nobody knows."""
        now = time.monotonic()
        if not self._is_shown or now < self._next:
            return
        self._next = now + _INTERVAL_SECONDS
        count = f"{done}/{total} " if total else ""
        text = f"{count}{what}"[: _WIDTH - 1]
        sys.stderr.write(f"\r{text:<{_WIDTH - 1}}")
        sys.stderr.flush()
        self._is_drawn = True
