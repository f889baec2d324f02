"""The one thread in which sessions live. What came last counts: an edit cancels the computation it makes stale.

The loop's side only puts things down under a lock and wakes the thread. The thread takes, in this order: folders to
open or close, changed texts and files, questions, and then one file of the sweep that brings the shown findings up
to date, open files first. A question interrupts the sweep, which goes on afterwards where it was.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from pygls.exceptions import JsonRpcException

from shearpin.lsp.client import Client
from shearpin.lsp.costs import Costs
from shearpin.lsp.garbage import Garbage
from shearpin.lsp.uris import Root
from shearpin.lsp.view import Opened, View
from shearpin.query.kernel import Cancelled

if TYPE_CHECKING:
    # The analysis is imported when the first folder is opened, after `initialize` was answered.
    from shearpin.session import Session

_LOG = logging.getLogger(__name__)
T = TypeVar("T")
#: seconds for which any question waits while a folder is read, small ones to the end
_PATIENCE = 1.0
#: seconds for which a folder is read before anything else may have its turn
_SLICE = 0.02

Place = tuple[Root, str]
#: a file whose findings are shown, or None for all files of the root that are not open
Target = tuple[Root, "str | None"]
Step = Callable[[], None]
#: a session of which nothing is read yet, and what reads it bit by bit, the services around some files first
OpenSession = Callable[[Root, tuple[str, ...]], "tuple[Session, Iterator[None]]"]
Sweep = Callable[[View, "str | None"], None]


class StaleError(Exception):
    """The question was about a text that has changed meanwhile."""


class UnavailableError(Exception):
    """The folder could not be analysed."""


class FailedError(JsonRpcException):
    """The analysis failed; the log says how. Clients get it as an internal error."""

    MESSAGE = "the analysis failed; the server's log says more"


@dataclass(frozen=True, slots=True)
class _Text:
    opened: Opened
    text: bytes


@dataclass(frozen=True, slots=True)
class _Question:
    root: Root
    path: str | None
    digest: bytes | None
    answer: Callable[[View], None]
    refuse: Callable[[Exception], None]
    is_cancelled: Callable[[], bool]
    is_near: bool


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reads a folder bit by bit, and since when."""

    steps: Iterator[None]
    since: float


class Worker:
    """Owns the sessions. Every public method is called from the loop and returns at once."""

    def __init__(self, open_session: OpenSession, quick_sweep: Sweep, sweep: Sweep) -> None:
        """`quick_sweep` shows what can be told at once of an open file, `sweep` everything."""
        self.client = Client()
        self.costs = Costs()
        self._open_session = open_session
        self._quick_sweep = quick_sweep
        self._full_sweep = sweep
        self._wake = threading.Condition()
        self._is_stopping = False
        self._wanted: dict[Root, None] = {}
        self._reopening: set[Root] = set()
        self._texts: dict[Place, _Text] = {}
        self._edits: dict[Place, _Text | None] = {}
        self._stale: dict[Place, float] = {}
        self._questions: deque[_Question] = deque()
        self._targets: tuple[Target, ...] = ()
        self._sweep: deque[tuple[Sweep, Target]] = deque()
        self._swept: Root | None = None
        # Written by the thread only; the loop reaches for the cancel events of the sessions.
        self._sessions: dict[Root, Session | None] = {}
        self._held: dict[Place, Opened] = {}
        self._garbage = Garbage()
        #: what reads the folders that are not read to the end
        self._reading: dict[Root, _Reading] = {}
        self._thread = threading.Thread(target=self._run, name="shearpin-analysis", daemon=True)

    # --------------------------------------------------------- the loop's side

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Give up what runs, close the sessions, wait at most so many seconds."""
        with self._wake:
            self._is_stopping = True
            for root in list(self._sessions):
                self._interrupt(root)
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def open_root(self, root: Root) -> None:
        """Analyse a folder from now on."""
        with self._wake:
            self._wanted[root] = None
            self._wake.notify()

    def close_root(self, root: Root) -> None:
        """Forget a folder."""
        with self._wake:
            self._wanted.pop(root, None)
            self._interrupt(root)

    def reopen(self, roots: Iterable[Root]) -> None:
        """Analyse folders from nothing."""
        with self._wake:
            self._reopening.update(root for root in roots if root in self._sessions)
            for root in self._reopening:
                self._interrupt(root)

    def edit(self, place: Place, opened: Opened, text: bytes) -> None:
        """Use the client's text of a file from now on."""
        with self._wake:
            self._texts[place] = self._edits[place] = _Text(opened, text)
            self._interrupt(place[0])

    def release(self, place: Place) -> None:
        """Use the file on disk again."""
        with self._wake:
            if self._texts.pop(place, None) is not None:
                self._edits[place] = None
                self._interrupt(place[0])

    def disk_changed(self, places: Iterable[Place], delay: float) -> None:
        """Read files that may have changed on disk, once, after so many seconds."""
        due = time.monotonic() + delay
        with self._wake:
            for place in places:
                self._stale.setdefault(place, due)
            self._wake.notify()

    def show(self, targets: Iterable[Target]) -> None:
        """Say whose findings are shown, most urgent first."""
        with self._wake:
            self._targets = tuple(targets)
            self._restart_sweep()
            self._wake.notify()

    def ask(
        self,
        root: Root,
        ask: Callable[[View], T],
        *,
        path: str | None = None,
        digest: bytes | None = None,
        is_near: bool = False,
    ) -> Future[T]:
        """Compute something about a root, for a text of a file if its digest is given.

        `is_near`: the service around the file says enough, so it need not wait until the whole folder is read.
        The future raises StaleError when the file has another text by then, and UnavailableError.
        """
        future: Future[T] = Future()
        question = _Question(
            root, path, digest, partial(_answered, ask, future), partial(_refused, future), future.cancelled, is_near
        )
        with self._wake:
            self._questions.append(question)
            if self._swept is not None:
                self._interrupt(self._swept)
            self._wake.notify()
        return future

    def _interrupt(self, root: Root) -> None:
        session = self._sessions.get(root)
        if session is not None:
            session.db.cancel.set()
        self._wake.notify()

    # ------------------------------------------------------- the thread's side

    def _run(self) -> None:
        while (step := self._next()) is not None:
            try:
                step()
            except Cancelled:
                continue
            except Exception:  # noqa: BLE001
                # The server outlives whatever one file or one folder does to the analysis.
                _LOG.exception("the analysis failed")
        for root in list(self._sessions):
            self._close(root)

    def _next(self) -> Step | None:
        with self._wake:
            while not self._is_stopping:
                now = time.monotonic()
                if (step := self._choose(now)) is not None:
                    return step
                self._wake.wait(min(self._stale.values()) - now if self._stale else None)
            return None

    def _restart_sweep(self) -> None:
        quick = ((self._quick_sweep, target) for target in self._targets if target[1] is not None)
        self._sweep = deque((*quick, *((self._full_sweep, target) for target in self._targets)))

    def _choose(self, now: float) -> Step | None:
        self._swept = None
        for root, session in self._sessions.items():
            if root not in self._wanted or root in self._reopening:
                return partial(self._close, root)
            if session is not None:
                # Whatever asked for the interruption is taken up below.
                session.db.cancel.clear()
        for root in self._wanted:
            if root not in self._sessions:
                return partial(self._open, root)
        due = {place: None for place, when in self._stale.items() if when <= now}
        if self._edits or due:
            edits = self._edits.copy()
            self._edits.clear()
            for place in due:
                del self._stale[place]
            return partial(self._apply, edits, due)
        for number, question in enumerate(self._questions):
            # What may be answered by the whole folder waits until it is read, the rest only where that takes long.
            reading = self._reading.get(question.root)
            if reading is None or (question.is_near and now > reading.since + _PATIENCE):
                del self._questions[number]
                return partial(self._answer, question)
        for number, (sweep, target) in enumerate(self._sweep):
            if sweep is self._quick_sweep or target[0] not in self._reading:
                del self._sweep[number]
                self._swept = target[0]
                return partial(self._show, sweep, target)
        return next((partial(self._read, root, reading.steps) for root, reading in self._reading.items()), None)

    def _open(self, root: Root) -> None:
        session: Session | None = None
        self._garbage.begin(root)
        since = time.monotonic()
        with self._wake:
            first = tuple(path for owner, path in self._texts if owner == root)
        try:
            opened, steps = self._open_session(root, first)
            # Up to the services of the open files; the rest when there is nothing more urgent.
            for _ in zip(first, steps, strict=False):
                pass
            session, self._reading[root] = opened, _Reading(steps, since)
        finally:
            with self._wake:
                self._sessions[root] = session
                for place, text in self._texts.items():
                    if place[0] == root:
                        self._edits.setdefault(place, text)
                self._restart_sweep()

    def _read(self, root: Root, steps: Iterator[None]) -> None:
        """Read a folder for a little while."""
        end = time.monotonic() + _SLICE
        try:
            for _ in steps:
                if time.monotonic() > end:
                    return
        except Exception:
            with self._wake:
                self._sessions[root] = None
                del self._reading[root]
            raise
        with self._wake:
            del self._reading[root]
            self._restart_sweep()

    def _close(self, root: Root) -> None:
        self._reading.pop(root, None)
        with self._wake:
            session = self._sessions.pop(root)
            self._reopening.discard(root)
        self._garbage.end(root)
        for place in [place for place in self._held if place[0] == root]:
            del self._held[place]
        if session is not None:
            session.db.cancel.clear()
            session.close()

    def _apply(self, edits: dict[Place, _Text | None], stale: dict[Place, None]) -> None:
        try:
            while edits:
                place, text = edits.popitem()
                try:
                    self._set_text(place, text)
                except Cancelled:
                    edits[place] = text
                    raise
            for root in {root for root, _ in stale}:
                if (session := self._sessions.get(root)) is not None:
                    session.refresh([path for owner, path in stale if owner == root])
            stale.clear()
        finally:
            with self._wake:
                for place, text in edits.items():
                    self._edits.setdefault(place, text)
                for place in stale:
                    self._stale.setdefault(place, 0.0)
                self._restart_sweep()

    def _set_text(self, place: Place, text: _Text | None) -> None:
        root, path = place
        if (session := self._sessions.get(root)) is None:
            return
        self.costs.begin(path, session.db)
        change = session.set_overlay(path, None if text is None else text.text)
        self.costs.read(change.parts_summarised)
        if text is None:
            self._held.pop(place, None)
        else:
            self._held[place] = text.opened

    def _answer(self, question: _Question) -> None:
        if question.is_cancelled():
            return
        try:
            question.answer(self._view_for(question))
        except Cancelled:
            with self._wake:
                self._questions.appendleft(question)
            raise
        except Exception as error:  # noqa: BLE001 - it is the answer
            if not isinstance(error, (StaleError, UnavailableError)):
                _LOG.exception("a request failed")
                error = FailedError()
            question.refuse(error)

    def _view_for(self, question: _Question) -> View:
        view = self._view(question.root)
        if view is None:
            raise UnavailableError(f"{question.root.path} is not analysed")
        if question.digest is not None and view.digest(question.path or "") != question.digest:
            raise StaleError(question.path)
        return view

    def _show(self, sweep: Sweep, target: Target) -> None:
        root, path = target
        if (view := self._view(root)) is None:
            return
        try:
            sweep(view, path)
        except Cancelled:
            with self._wake:
                self._sweep.appendleft((sweep, target))
            raise
        if sweep is self._full_sweep:
            self._garbage.settle(root)

    def _view(self, root: Root) -> View | None:
        if (session := self._sessions.get(root)) is None:
            return None
        opened = {path: opened for (owner, path), opened in self._held.items() if owner == root}
        return View(session, root, self.client, opened)


def _answered(ask: Callable[[View], T], future: Future[T], view: View) -> None:
    answer = ask(view)
    _settle(partial(future.set_result, answer))


def _refused(future: Future[T], error: Exception) -> None:
    _settle(partial(future.set_exception, error))


def _settle(settle: Callable[[], None]) -> None:
    try:
        settle()
    except InvalidStateError:
        _LOG.debug("the request was cancelled meanwhile")
