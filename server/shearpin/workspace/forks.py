"""Work shared by copies of this process. What one of them does not deliver is done here; without `fork`, everything is.

A forked copy holds all that was read so far, so only results travel: by pickle, between a process and its own child.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import BinaryIO, TypeAlias

import msgspec

#: results of tasks by number
_Results: TypeAlias = dict[int, object]
#: bytes of a task's number in the queue; a pipe holds at least 64 KiB
_TOKEN = 2
_MOST_TASKS = 30_000
_LENGTH = 8


class Phase(msgspec.Struct, frozen=True):
    """A step of every task. All results of a phase are known in the next one.

    `work` does it for one task; `take` is called with each result that another process made.
    """

    work: Callable[[int], object]
    take: Callable[[object], None]


def run_phases(phases: Sequence[Phase], tasks: int, jobs: int) -> None:
    """Take tasks, numbered from 0, through all phases with `jobs` processes, this one among them.

    In the first phase whoever is idle takes the next task, and keeps it: what was learnt about it helps later on.

    Raises:
        Exception: what a task raises in this process.
    """
    if min(jobs, tasks) <= 1 or not hasattr(os, "fork") or tasks > _MOST_TASKS:
        for phase in phases:
            for number in range(tasks):
                phase.work(number)
        return
    queue = _queue(tasks)
    children: list[_Child] = []
    try:
        for _ in range(min(jobs, tasks) - 1):
            children.append(_fork(phases, queue, children))
        own: Iterable[int] = _taken(queue)
        for phase in phases:
            results = {number: phase.work(number) for number in own}
            own = tuple(_lead(phase, results, tasks, children))
    finally:
        for child in children:
            child.end()
        os.close(queue)


def _lead(phase: Phase, own: _Results, tasks: int, children: Sequence[_Child]) -> _Results:
    """Hand round the results of a phase; returns those of this process and of lost ones, which it took over."""
    theirs = [child.receive() for child in children]
    done = own.keys() | {number for answer in theirs for number in answer}
    own |= {number: phase.work(number) for number in range(tasks) if number not in done}
    for answer in theirs:
        for result in answer.values():
            phase.take(result)
    for child, known in zip(children, theirs, strict=True):
        child.send({n: result for answer in (own, *theirs) for n, result in answer.items() if n not in known})
    return own


def _taken(queue: int) -> Iterator[int]:
    """The tasks that this process gets hold of, until none is left."""
    while len(token := os.read(queue, _TOKEN)) == _TOKEN:
        yield int.from_bytes(token, "big")


def _queue(tasks: int) -> int:
    """A pipe that holds the numbers of all tasks; whoever reads one does it."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(number.to_bytes(_TOKEN, "big") for number in range(tasks)))
    os.close(writing)
    return reading


class _Child:
    """A copy of this process that works, and the pipes to and from it."""

    def __init__(self, pid: int, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._pid = pid
        self._incoming = incoming
        self._outgoing = outgoing
        self._is_lost = False

    def receive(self) -> _Results:
        """Its results of a phase by number; none when it is lost."""
        if not self._is_lost:
            try:
                return _read(self._incoming)
            except (OSError, EOFError, pickle.UnpicklingError):
                self._is_lost = True
        return {}

    def send(self, results: _Results) -> None:
        """Tell it what others found."""
        if not self._is_lost:
            try:
                _write(self._outgoing, results)
            except (OSError, pickle.PicklingError, AttributeError, TypeError):
                self._is_lost = True

    def forget(self) -> None:
        """In another child: close what belongs to this one."""
        self._incoming.close()
        self._outgoing.close()

    def end(self) -> None:
        """It is not needed any more."""
        with suppress(OSError):
            self.forget()
        with suppress(OSError):
            os.kill(self._pid, signal.SIGKILL)
        with suppress(OSError):
            os.waitpid(self._pid, 0)


def _fork(phases: Sequence[Phase], queue: int, others: Sequence[_Child]) -> _Child:
    to_parent, to_child = os.pipe(), os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        os.close(to_parent[0])
        os.close(to_child[1])
        for other in others:
            other.forget()
        _be_child(phases, queue, to_child[0], to_parent[1])
    os.close(to_parent[1])
    os.close(to_child[0])
    return _Child(pid, os.fdopen(to_parent[0], "rb"), os.fdopen(to_child[1], "wb"))


def _be_child(phases: Sequence[Phase], queue: int, incoming: int, outgoing: int) -> None:
    status = 1
    try:
        _follow(phases, queue, os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb"))
        status = 0
    finally:
        # Nothing of the parent's may be run down here: no buffers, no exit handlers, no traceback.
        os._exit(status)


def _follow(phases: Sequence[Phase], queue: int, incoming: BinaryIO, outgoing: BinaryIO) -> None:
    own: Iterable[int] = _taken(queue)
    last = len(phases) - 1
    for place, phase in enumerate(phases):
        results = {number: phase.work(number) for number in own}
        own = tuple(results)
        _write(outgoing, results)
        if place < last:
            for result in _read(incoming).values():
                phase.take(result)


def _write(pipe: BinaryIO, results: _Results) -> None:
    packed = pickle.dumps(results, pickle.HIGHEST_PROTOCOL)
    pipe.write(len(packed).to_bytes(_LENGTH, "big"))
    pipe.write(packed)
    pipe.flush()


def _read(pipe: BinaryIO) -> _Results:
    head = pipe.read(_LENGTH)
    if len(head) < _LENGTH:
        raise EOFError
    packed = pipe.read(int.from_bytes(head, "big"))
    return pickle.loads(packed)  # noqa: S301 - from a copy of this process, over a pipe that nobody else has
