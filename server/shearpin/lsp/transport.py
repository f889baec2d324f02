"""Messages over file descriptors: standard input and output, kept safe from everybody else in the process."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable

_LOG = logging.getLogger(__name__)
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = 65536
#: bytes; no client sends a longer header, so what is longer is not the protocol
_HEADER_LIMIT = 65536


def claim_streams() -> tuple[int, int]:
    """Take standard input and output for the protocol; return their descriptors (read, write).

    Afterwards a stray `print`, also one of a library in C or of a child process, goes to standard error, and reading
    standard input gives nothing.
    """
    sys.stdout.flush()
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return source, sink


def read_messages(source: int, deliver: Callable[[bytes], None]) -> None:
    """Hand over the body of each message until the input ends. Header names are matched in any case."""
    buffer = bytearray()
    while True:
        header = _HEADER_END.search(buffer)
        if header is None:
            if len(buffer) > _HEADER_LIMIT:
                _LOG.error("the input is not the language server protocol")
                return
            if not _fill(source, buffer):
                return
            continue
        length = _LENGTH.search(bytes(buffer[: header.end()]))
        del buffer[: header.end()]
        if length is None:
            _LOG.warning("a header without Content-Length is skipped")
            continue
        size = int(length[1])
        while len(buffer) < size:
            if not _fill(source, buffer):
                return
        body = bytes(buffer[:size])
        del buffer[:size]
        deliver(body)


class Writer:
    """Writes whole messages; calls `on_broken` once when nobody reads any more."""

    def __init__(self, sink: int, on_broken: Callable[[], None]) -> None:
        self._sink = sink
        self._on_broken = on_broken
        self._is_broken = False

    def write(self, data: bytes) -> None:
        """Write all bytes; after the first failure do nothing."""
        view = memoryview(data)
        while view and not self._is_broken:
            try:
                view = view[os.write(self._sink, view) :]
            except OSError:
                self._is_broken = True
                self._on_broken()

    def close(self) -> None:
        """The descriptor ends with the process."""


def _fill(source: int, buffer: bytearray) -> bool:
    try:
        chunk = os.read(source, _CHUNK)
    except OSError:
        return False
    buffer += chunk
    return bool(chunk)
