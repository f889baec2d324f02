"""Brings the shown findings up to date: renders in the worker's thread, sends from the loop."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol.types import Diagnostic

from shearpin.engine.finding import Finding
from shearpin.lsp.diagnostics import diagnostic_of
from shearpin.lsp.publish import publish_open, publish_others
from shearpin.lsp.view import View

if TYPE_CHECKING:
    from shearpin.lsp.state import Server


def quick_sweep(server: Server, loop: asyncio.AbstractEventLoop, view: View, path: str | None) -> None:
    """Show what an open file's own code tells, when the rest of the workspace will take a while."""
    if path is not None and view.is_filling:
        _show(server, loop, view, path, view.session.local_findings(path))


def sweep(server: Server, loop: asyncio.AbstractEventLoop, view: View, path: str | None) -> None:
    """Show the findings of one open file, or of all files that are not open (`path` is None)."""
    if path is None:
        loop.call_soon_threadsafe(partial(publish_others, server, view.root, _of_others(view)))
        return
    _show(server, loop, view, path, view.session.findings(path))


def _show(
    server: Server, loop: asyncio.AbstractEventLoop, view: View, path: str, findings: tuple[Finding, ...]
) -> None:
    found = tuple(diagnostic_of(view, finding) for finding in findings)
    loop.call_soon_threadsafe(partial(publish_open, server, view.root, view.uri(path), view.version(path), found))


def _of_others(view: View) -> dict[str, tuple[Diagnostic, ...]]:
    found: defaultdict[str, list[Diagnostic]] = defaultdict(list)
    for finding in view.session.report().findings:
        if finding.site.path not in view.opened:
            found[view.uri(finding.site.path)].append(diagnostic_of(view, finding))
    return {uri: tuple(diagnostics) for uri, diagnostics in found.items()}
