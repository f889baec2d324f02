"""The server: what it knows about its client, which is read and written in the loop only."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Iterable, Mapping
from functools import partial
from pathlib import Path

from lsprotocol.types import Diagnostic, LSPErrorCodes, TextDocumentSyncKind
from pygls.lsp.server import LanguageServer

from shearpin import __version__
from shearpin.lsp.client import Client
from shearpin.lsp.documents import Document
from shearpin.lsp.options import Options, Scope
from shearpin.lsp.protocol import Protocol
from shearpin.lsp.publish import Shown, clear, publish_problems
from shearpin.lsp.renewal import Renewal
from shearpin.lsp.rescan import Stamps, rescan
from shearpin.lsp.roots import place_of, root_for_lone_file
from shearpin.lsp.sessions import check_settings, open_session
from shearpin.lsp.showing import Pages
from shearpin.lsp.sweep import GRAPH, quick_sweep, sweep
from shearpin.lsp.uris import Root, path_of
from shearpin.lsp.view import Opened
from shearpin.lsp.watching import counts
from shearpin.lsp.worker import Place, Target, Worker
from shearpin.settings.reading import FILES as SETTINGS_FILES

_LOG = logging.getLogger(__name__)
#: answers that are no failure: the text moved on, or a fix turned out to mend nothing
_REFUSALS = {LSPErrorCodes.ContentModified.value, LSPErrorCodes.RequestFailed.value}


class Server(LanguageServer):
    """One client, its folders and its open files. Create it in the running loop."""

    protocol: Protocol  # pyrefly: ignore[bad-override-mutable-attribute]

    def __init__(self) -> None:
        super().__init__(
            "shearpin", __version__, text_document_sync_kind=TextDocumentSyncKind.Incremental, protocol_cls=Protocol
        )
        loop = asyncio.get_running_loop()
        self.client = Client()
        self.options = Options()
        self.roots: tuple[Root, ...] = ()
        self.documents: dict[Path, Document] = {}
        self.shown: dict[str, Shown] = {}
        self.settings_problems: dict[Root, Mapping[str, tuple[Diagnostic, ...]]] = {}
        self.worker = Worker(
            partial(open_session, self, loop), partial(quick_sweep, self, loop), partial(sweep, self, loop)
        )
        self.finished: asyncio.Future[int] = loop.create_future()
        self.initial_roots: tuple[Root, ...] = ()
        self.without_settings: set[Root] = set()
        self.is_pulled = False
        self.renewal = Renewal(self)
        self.pages = Pages()
        #: roots whose graph is known, so that questions about all services are quick
        self.warm: set[Root] = set()
        #: inserted blocks that the user was told about, by the file's URI
        self.announced: set[tuple[str, int]] = set()
        self.stamps: dict[Root, Stamps] = {}
        #: when folders were added, in nanoseconds
        self.added_at: dict[Root, int] = {}
        #: whether the client watches the disk for us
        self.is_told_of_changes = False
        self._has_begun = False
        #: where the text of each open file was put
        self._placed: dict[Path, Place] = {}
        self._recent: dict[Place, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def finish(self, code: int) -> None:
        """End the process with this exit code."""
        if not self.finished.done():
            self.finished.set_result(code)

    # pyrefly: ignore[missing-override-decorator]
    def report_server_error(self, error: Exception, source: type[Exception]) -> None:
        """Log; the base class would show a popup to the user."""
        if getattr(error, "code", None) in _REFUSALS:
            _LOG.info("refused: %s", error)
            return
        data = getattr(error, "data", None)
        steps = data.get("traceback", ()) if isinstance(data, dict) else ()
        _LOG.error("%s: %s\n%s", source.__name__, error, "".join(steps))

    def document(self, uri: str) -> Document | None:
        """The open document of a URI, however it is spelled."""
        path = path_of(uri)
        return None if path is None else self.documents.get(path)

    def place(self, path: Path) -> Place | None:
        """Root of a file and path in it, if it lies in a root and files of that name matter to the analysis."""
        found = place_of(self.roots, path)
        return found if found is not None and counts(found[1]) else None

    def knows_graph(self, uri: str) -> bool:
        """Whether questions about all services can be answered at once for a file."""
        path = path_of(uri)
        found = None if path is None else self.place(path)
        return found is not None and found[0] in self.warm

    def begin(self) -> None:
        """Open the folders that the client named, once."""
        if not self._has_begun:
            self._has_begun = True
            self.worker.start()
            self.add_roots(self.initial_roots)
            self.show()

    def add_roots(self, roots: tuple[Root, ...]) -> None:
        """Analyse more folders."""
        for root in roots:
            if root not in self.roots:
                self.roots = (*self.roots, root)
                self.added_at[root] = time.time_ns()
                self.worker.open_root(root)

    def remove_roots(self, roots: tuple[Root, ...]) -> None:
        """Forget folders, and what is shown for them."""
        self.roots = tuple(root for root in self.roots if root not in roots)
        for root in roots:
            self.worker.close_root(root)
            self.warm.discard(root)
            publish_problems(self, root, {})
        for uri in [uri for uri, shown in self.shown.items() if shown.root in roots]:
            clear(self, uri)

    def take_text(self, document: Document) -> None:
        """Analyse the client's text of a file. The first one opens the project around it if there is no folder."""
        self.documents[document.path] = document
        self.begin()
        if not self.roots and (root := root_for_lone_file(document.path)) is not None:
            self.add_roots((root,))
        place = self.place(document.path)
        if place != self._placed.get(document.path):
            self.drop_text(document.path)
        if place:
            self._placed[document.path] = place
            self.worker.edit(
                place, Opened(document.uri, document.version, document.digest, document.blocks), document.text
            )
            self.show(place)
            self._check_settings((place,))

    def drop_text(self, path: Path) -> None:
        """Analyse the file on disk again."""
        if place := self._placed.pop(path, None):
            self.worker.release(place)

    def take_disk_changes(self, places: Iterable[Place], delay: float) -> None:
        """Read files again after so many seconds."""
        changed = list(places)
        self.worker.disk_changed(changed, delay)
        self._check_settings(changed)

    def rescan(self) -> None:
        """Find out what changed on disk, if the client does not tell."""
        if not self.is_told_of_changes:
            for root in self.roots:
                self.keep(rescan(self, root))

    def keep(self, work: Coroutine[None, None, None]) -> None:
        """Run something in the background until the end."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def show(self, first: Place | None = None) -> None:
        """Bring the shown findings up to date, those of one file first."""
        if first is not None:
            self._recent.pop(first, None)
            self._recent[first] = None
        opened = dict.fromkeys(place for document in self.documents.values() if (place := self.place(document.path)))
        self._recent = {place: None for place in self._recent if place in opened}
        targets: list[Target] = list(dict.fromkeys((*reversed(self._recent), *opened)))
        if self.options.scope is Scope.WORKSPACE:
            targets += [(root, None) for root in self.roots]
        targets += [(root, GRAPH) for root in self.roots if root not in self.warm]
        self.worker.show(targets)

    def _check_settings(self, changed: Iterable[Place]) -> None:
        for root in {root for root, path in changed if path in SETTINGS_FILES}:
            self.keep(check_settings(self, root))

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("background work failed", exc_info=error)
