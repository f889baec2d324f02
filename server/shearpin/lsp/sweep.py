"""Brings the shown findings up to date: renders in the worker's thread, sends from the loop."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol.types import Diagnostic

from shearpin.engine.finding import Finding
from shearpin.lsp.acceptance import Review, review, summary
from shearpin.lsp.diagnostics import diagnostic_of
from shearpin.lsp.options import Summary
from shearpin.lsp.publish import publish_open, publish_others
from shearpin.lsp.showing import tell
from shearpin.lsp.view import View

if TYPE_CHECKING:
    from shearpin.lsp.state import Server

#: stands for a path: the graph of the root, which questions about all services rest on
GRAPH = ""


def quick_sweep(server: Server, loop: asyncio.AbstractEventLoop, view: View, path: str | None) -> None:
    """Show what an open file's own code tells, when the rest of the workspace will take a while."""
    if path and view.is_filling:
        _show(server, loop, view, path, view.session.local_findings(path))


def sweep(server: Server, loop: asyncio.AbstractEventLoop, view: View, path: str | None) -> None:
    """Show the findings of one open file, or of all files that are not open (`path` is None)."""
    if path == GRAPH:
        view.session.graph()
        loop.call_soon_threadsafe(partial(_note_graph, server, view))
        return
    if path is None:
        loop.call_soon_threadsafe(partial(publish_others, server, view.root, _of_others(view)))
        return
    findings = view.session.findings(path)
    server.worker.costs.end(path, view.session.db)
    _show(server, loop, view, path, findings)
    if server.options.summary is Summary.MESSAGE:
        _announce(server, loop, view, path, findings)


def _show(
    server: Server, loop: asyncio.AbstractEventLoop, view: View, path: str, findings: tuple[Finding, ...]
) -> None:
    found = tuple(diagnostic_of(view, finding) for finding in findings)
    loop.call_soon_threadsafe(partial(publish_open, server, view.root, view.uri(path), view.digest(path), found))


def _announce(
    server: Server, loop: asyncio.AbstractEventLoop, view: View, path: str, findings: tuple[Finding, ...]
) -> None:
    """Tell once about each block that was inserted at once, as soon as its findings are known."""
    for block in view.blocks(path).live:
        if (view.uri(path), block.number) not in server.announced:
            found = review(view, path, block, findings)
            loop.call_soon_threadsafe(partial(_tell, server, view.uri(path), found))


def _tell(server: Server, uri: str, found: Review) -> None:
    key = uri, found.block.number
    if key not in server.announced and server.document(uri) is not None:
        server.announced.add(key)
        if not found.is_empty:
            tell(server, summary(found))


def _note_graph(server: Server, view: View) -> None:
    if view.root in server.roots:
        server.warm.add(view.root)
        server.renewal.ask()


def _of_others(view: View) -> dict[str, tuple[Diagnostic, ...]]:
    found: defaultdict[str, list[Diagnostic]] = defaultdict(list)
    for finding in view.session.report().findings:
        if finding.site.path not in view.opened:
            found[view.uri(finding.site.path)].append(diagnostic_of(view, finding))
    return {uri: tuple(diagnostics) for uri, diagnostics in found.items()}
