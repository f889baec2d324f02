"""Worker processes that make summaries: frames of msgpack over pipes. Whatever goes wrong is done here instead.

Not `multiprocessing`: its children import the main module again, which in an editor or a test is somebody else's.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Self

import msgspec

from shearpin.syntax.python import summarise

#: bytes of source handed over at once
_FRAME = 200_000
_LENGTH = 4
_DECODER = msgspec.msgpack.Decoder(list[bytes])
_ENCODER = msgspec.msgpack.Encoder()
_PACKER = msgspec.msgpack.Encoder()


class Workers:
    """`jobs` processes, started when first needed; with one job everything happens here."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._idle: SimpleQueue[_Worker] | None = None
        self._all: list[_Worker] = []

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all processes."""
        for worker in self._all:
            worker.close()

    def run(self, sources: Sequence[bytes]) -> list[bytes]:
        """Packed summaries in the order of the sources."""
        frames = _frames(sources)
        if self._jobs <= 1 or len(frames) <= 1:
            return [packed for frame in frames for packed in _here(frame)]
        idle = self._started()
        with ThreadPoolExecutor(self._jobs) as threads:
            results = threads.map(partial(_at_next, idle), frames)
            return [packed for result in results for packed in result]

    def _started(self) -> SimpleQueue[_Worker]:
        if self._idle is None:
            self._idle = SimpleQueue()
            self._all = [_Worker() for _ in range(self._jobs)]
            for worker in self._all:
                self._idle.put(worker)
        return self._idle


class _Worker:
    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        # -P: the folder we stand in may be the analysed one, and none of its modules may be imported.
        with suppress(OSError):
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "shearpin.workspace.workers"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )

    def run(self, frame: list[bytes]) -> list[bytes] | None:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return None
        try:
            _write(process.stdin, frame)
            answer = _read(process.stdout)
        except (OSError, ValueError, msgspec.DecodeError):
            answer = None
        if answer is None or len(answer) != len(frame):
            self.close()
            return None
        return answer

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        process.kill()
        process.wait()


def serve(incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    """Answer frames until the pipe closes."""
    while (frame := _read(incoming)) is not None:
        _write(outgoing, _here(frame))


def pack(source: bytes) -> bytes:
    """The packed summary of a source."""
    return _PACKER.encode(summarise(source))


def _at_next(idle: SimpleQueue[_Worker], frame: list[bytes]) -> list[bytes]:
    worker = idle.get()
    try:
        answer = worker.run(frame)
    finally:
        idle.put(worker)
    return _here(frame) if answer is None else answer


def _here(frame: list[bytes]) -> list[bytes]:
    return [pack(source) for source in frame]


def _frames(sources: Sequence[bytes]) -> list[list[bytes]]:
    frames: list[list[bytes]] = []
    size = _FRAME
    for source in sources:
        if size >= _FRAME:
            frames.append([])
            size = 0
        frames[-1].append(source)
        size += len(source)
    return frames


def _write(pipe: IO[bytes], frame: list[bytes]) -> None:
    packed = _ENCODER.encode(frame)
    pipe.write(len(packed).to_bytes(_LENGTH, "big") + packed)
    pipe.flush()


def _read(pipe: IO[bytes]) -> list[bytes] | None:
    head = pipe.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    return _DECODER.decode(pipe.read(int.from_bytes(head, "big")))


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
