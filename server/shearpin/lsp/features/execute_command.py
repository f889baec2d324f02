"""`workspace/executeCommand`."""

from __future__ import annotations

import asyncio
from typing import TypeAlias

import msgspec
from pygls.exceptions import JsonRpcInvalidParams

from shearpin.lsp.diagnostics import rule_named
from shearpin.lsp.state import Server
from shearpin.lsp.uris import Root, path_of
from shearpin.lsp.view import View
from shearpin.lsp.worker import UnavailableError
from shearpin.report.graph_json import graph_json
from shearpin.report.mermaid import mermaid
from shearpin.report.places import Places, Sources

#: what a client sends as an argument
Json: TypeAlias = "str | int | float | bool | list[object] | dict[str, object] | None"

GRAPH = "shearpin.graph"
EXPLAIN = "shearpin.explain"
RESTART_INDEX = "shearpin.restartIndex"


async def graph(server: Server, *arguments: Json) -> object:
    """The service graph of a folder: `[format, uri]`: "json" (the default) or "mermaid", and any file in the folder."""
    form = arguments[0] if arguments else "json"
    if form not in {"json", "mermaid"}:
        raise JsonRpcInvalidParams('the format is "json" or "mermaid"')
    root = _root(server, arguments[1] if len(arguments) > 1 else None)
    if root is None:
        return None

    def draw(view: View) -> object:
        places = Places(Sources(view.session.source, view.session.locate))
        if form == "mermaid":
            return mermaid(view.session.graph())
        return msgspec.json.decode(graph_json(view.session.graph(), places, str(root.path)))

    try:
        return await asyncio.wrap_future(server.worker.ask(root, draw))
    except UnavailableError:
        return None


async def explain(_server: Server, *arguments: Json) -> str:
    """The page of a rule in Markdown: `[rule name]`."""
    rule = rule_named(str(arguments[0])) if arguments else None
    if rule is None:
        raise JsonRpcInvalidParams("there is no such rule")
    return rule.page


async def restart_index(server: Server, *_arguments: Json) -> None:
    """Analyse all folders from nothing."""
    server.worker.reopen(server.roots)


def _root(server: Server, uri: Json) -> Root | None:
    path = path_of(uri) if isinstance(uri, str) else None
    if path is not None:
        inside = [root for root in server.roots if path.is_relative_to(root.path)]
        return max(inside, key=lambda root: len(root.path.parts), default=None)
    return server.roots[0] if server.roots else None
