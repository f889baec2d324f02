"""Opening a session for a folder: progress for the client, settings that are wrong as diagnostics in their file."""

from __future__ import annotations

import asyncio
import logging
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


def open_session(server: Server, loop: asyncio.AbstractEventLoop, root: Root) -> Session:
    """Open a folder; with settings that cannot be used, the defaults count. Runs in the worker's thread."""
    from shearpin.session import Session  # noqa: PLC0415 - the analysis is imported after `initialize`

    _LOG.info("opening %s", root.path)
    indexing = Indexing(server, loop, root)
    problems: tuple[Problem, ...] = ()
    try:
        session = Session.open(root.path, progress=indexing.report)
    except SettingsError as error:
        problems = error.problems
        session = Session.open(root.path, settings=DEFAULTS, progress=indexing.report)
    finally:
        indexing.end()
    loop.call_soon_threadsafe(partial(publish_problems, server, root, problem_diagnostics(root, problems)))
    return session


async def check_settings(server: Server, root: Root) -> None:
    """Show what is wrong with settings that changed. A session that had to do without them is opened again."""
    try:
        problems = await asyncio.wrap_future(server.worker.ask(root, settings_problems))
    except UnavailableError:
        return
    was_broken = root in server.settings_problems
    publish_problems(server, root, problem_diagnostics(root, problems))
    if was_broken and not problems:
        server.worker.reopen((root,))


def settings_problems(view: View) -> tuple[Problem, ...]:
    """What is wrong with the settings as they are now, unsaved ones included."""
    try:
        settings = load(view.session.source)
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
