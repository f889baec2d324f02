"""Opening a session for a folder: progress for the client, settings that are wrong as diagnostics in their file."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol.types import Diagnostic, DiagnosticSeverity, Position, Range

from shearpin.engine.selection import Selection
from shearpin.lsp.diagnostics import SOURCE
from shearpin.lsp.progress import Indexing
from shearpin.lsp.publish import publish_problems
from shearpin.lsp.uris import Root, uri_within
from shearpin.lsp.view import View
from shearpin.lsp.worker import UnavailableError
from shearpin.rulekit.rule import discover
from shearpin.settings import Problem, SettingsError, load
from shearpin.settings.model import DEFAULTS
from shearpin.workspace.ignoring import matcher

if TYPE_CHECKING:
    from shearpin.lsp.state import Server
    from shearpin.session import Session

_LOG = logging.getLogger(__name__)
#: units of a line that surely reach its end; clients clamp
_LINE_END = 1000


def open_session(
    server: Server, loop: asyncio.AbstractEventLoop, root: Root, first: tuple[str, ...]
) -> tuple[Session, Iterator[None]]:
    """A session on a folder, and what reads it bit by bit, the services around the files `first` before others.

    With settings that cannot be used, the defaults count. Runs in the worker's thread.
    """
    from shearpin.session import Session  # noqa: PLC0415 - the analysis is imported after `initialize`

    _LOG.info("opening %s", root.path)
    loop.call_soon_threadsafe(partial(server.warm.discard, root))
    problems: tuple[Problem, ...] = ()
    try:
        session = Session.prepared(root.path)
    except SettingsError as error:
        problems = error.problems
        session = Session.prepared(root.path, settings=DEFAULTS)
    loop.call_soon_threadsafe(partial(_note_settings, server, root, problems))
    indexing = Indexing(server, loop, root)
    return session, _reading(session.reading(first, indexing.report), indexing)


def _reading(steps: Iterator[None], indexing: Indexing) -> Iterator[None]:
    try:
        yield from steps
    finally:
        indexing.end()


async def check_settings(server: Server, root: Root) -> None:
    """Show what is wrong with settings that changed. A session that had to do without them is opened again."""
    try:
        shown, on_disk = await asyncio.wrap_future(server.worker.ask(root, _problems))
    except UnavailableError:
        return
    publish_problems(server, root, problem_diagnostics(root, shown))
    if root in server.without_settings and not on_disk:
        server.worker.reopen((root,))


def settings_problems(read: Callable[[str], bytes | None]) -> tuple[Problem, ...]:
    """What is wrong with the settings of a folder; `read` gives a file of it."""
    try:
        settings = load(read)
    except SettingsError as error:
        return error.problems
    return Selection(settings, discover(), matcher).problems()


def problem_diagnostics(root: Root, problems: tuple[Problem, ...]) -> dict[str, tuple[Diagnostic, ...]]:
    """Problems with settings as diagnostics, by URI."""
    found: dict[str, tuple[Diagnostic, ...]] = {}
    for problem in problems:
        line = max(0, problem.line - 1)
        diagnostic = Diagnostic(
            Range(Position(line, 0), Position(line, _LINE_END)),
            f"{problem.message}; the default settings are used",
            severity=DiagnosticSeverity.Error,
            code="settings",
            source=SOURCE,
        )
        uri = uri_within(root, problem.path)
        found[uri] = (*found.get(uri, ()), diagnostic)
    return found


def _problems(view: View) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Problems of the settings with unsaved changes, and as they are on disk."""

    def read(path: str) -> bytes | None:
        try:
            return (view.root.path / path).read_bytes()
        except OSError:
            return None

    return settings_problems(view.session.source), settings_problems(read)


def _note_settings(server: Server, root: Root, problems: tuple[Problem, ...]) -> None:
    if problems:
        server.without_settings.add(root)
    else:
        server.without_settings.discard(root)
    publish_problems(server, root, problem_diagnostics(root, problems))
