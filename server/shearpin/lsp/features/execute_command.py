"""`workspace/executeCommand`: what people ask for by name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TypeAlias

from lsprotocol.types import ApplyWorkspaceEditParams, Location, LSPErrorCodes, Position, WorkspaceEdit
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from shearpin.lsp.actions import MAKE_SAFE, make_safe
from shearpin.lsp.asking import asked
from shearpin.lsp.diagnostics import rule_named
from shearpin.lsp.fix_workspace import fix_workspace
from shearpin.lsp.hovers import rule_page
from shearpin.lsp.lenses import users_at
from shearpin.lsp.showing import show_page, show_place, tell
from shearpin.lsp.state import Server
from shearpin.lsp.uris import Root, path_of
from shearpin.lsp.view import View
from shearpin.lsp.worker import StaleError, UnavailableError
from shearpin.lsp.workspace_edit import workspace_edit

#: what a client sends as an argument
Json: TypeAlias = "str | int | float | bool | list[object] | dict[str, object] | None"

_SHOW = "show"
_GRAPHS = (_SHOW, "json", "mermaid", "html")
_SCORES = (_SHOW, "json", "text")
_CHANGED = "a file has changed meanwhile"


async def graph(server: Server, *arguments: Json) -> object:
    """The service graph of a folder: `[format, uri]`, with any file in the folder.

    The format is "json", "mermaid" or "html"; without one, or with "show", the client is asked to show the picture.
    """
    form = _form(arguments, _GRAPHS)

    def draw(view: View) -> object:
        from shearpin.lsp.drawings import drawn_graph  # noqa: PLC0415 - a start without pictures is quicker

        return drawn_graph(view, form)

    answer = await _ask(server, _uri(arguments), draw)
    if form == _SHOW and isinstance(answer, str):
        return await _shown(server, "graph.html", answer)
    return answer


async def score(server: Server, *arguments: Json) -> object:
    """How far practices hold in a folder: `[format, uri]`; the format is "json" or "text", or it is shown."""
    form = _form(arguments, _SCORES)

    def count(view: View) -> object:
        from shearpin.lsp.drawings import counted_score  # noqa: PLC0415 - a start without pictures is quicker

        return counted_score(view, form)

    answer = await _ask(server, _uri(arguments), count)
    if form == _SHOW and isinstance(answer, str):
        return await _shown(server, "score.txt", answer)
    return answer


async def explain(server: Server, *arguments: Json) -> str:
    """The page of a rule in Markdown: `[rule name]`; with "show" behind it the client is asked to show it."""
    rule = rule_named(str(arguments[0])) if arguments else None
    if rule is None:
        raise JsonRpcInvalidParams("there is no such rule")
    if arguments[1:2] == (_SHOW,) and not await show_page(server, f"{rule.name}.md", rule_page(rule)):
        tell(server, f"{rule.summary}. More: shearpin explain {rule.name}")
    return rule.page


async def restart_index(server: Server, *_arguments: Json) -> None:
    """Analyse all folders from nothing."""
    server.worker.reopen(server.roots)


async def last_edit(server: Server, *_arguments: Json) -> object:
    """What the last edit cost: parts read, queries computed, parts judged by rules, milliseconds; told and returned."""
    cost = server.worker.costs.last
    tell(server, "Nothing was edited yet." if cost is None else str(cost))
    return None if cost is None else asdict(cost)


async def fix_everything(server: Server, *arguments: Json) -> int:
    """Apply all safe fixes of a folder: `[uri]` of any file in it; returns how many findings they fix."""
    root = _root(server, arguments[0] if arguments else None)
    if root is None:
        return 0
    try:
        found = await fix_workspace(server, root)
    except StaleError as error:
        raise JsonRpcException(_CHANGED, LSPErrorCodes.ContentModified.value) from error
    except UnavailableError:
        found = None
    if found is None:
        tell(server, "Nothing here is safe to fix without a look.")
        return 0
    count, edit = found
    await _apply(server, "Fix all that is safe to fix", edit)
    return count


async def make_block_safe(server: Server, *arguments: Json) -> bool:
    """Apply all safe fixes inside an inserted block: `[uri, number of the block]`; whether there were any."""
    uri, number = _block(arguments)
    document = server.document(uri)
    if document is None:
        return False
    buffer = document.text

    def edits(view: View, path: str) -> WorkspaceEdit | None:
        block = view.blocks(path).numbered(number)
        found = () if block is None else make_safe(view, path, block, buffer)
        return workspace_edit(view, found, MAKE_SAFE) if found else None

    edit = await asked(server, uri, edits)
    return edit is not None and await _apply(server, MAKE_SAFE, edit)


async def reviewed(server: Server, *arguments: Json) -> None:
    """Somebody has looked at an inserted block: `[uri, number of the block]`; it is not marked any more."""
    uri, number = _block(arguments)
    document = server.document(uri)
    if document is not None:
        server.take_text(replace(document, blocks=document.blocks.without(number)))
        server.renewal.ask()


async def show_users(server: Server, *arguments: Json) -> object:
    """Who uses the route or consumer at a place: `[uri, line, character]`; shown if it is one place, told otherwise."""
    uri, line, character = (*arguments, None, None, None)[:3]
    if not (isinstance(uri, str) and isinstance(line, int) and isinstance(character, int)):
        raise JsonRpcInvalidParams("the arguments are URI, line and character")

    def look(view: View, path: str) -> list[Location]:
        return users_at(view, path, Position(line, character)) or []

    found = await asked(server, uri, look) or []
    if len(found) != 1 or not await show_place(server, found[0].uri, found[0].range):
        places = [f"{_name(server, place.uri)}:{place.range.start.line + 1}" for place in found]
        tell(server, f"Used at {', '.join(places)}" if places else "No place is known that uses this.")
    return found


async def _apply(server: Server, label: str, edit: WorkspaceEdit) -> bool:
    if not server.client.applies_edits:
        raise JsonRpcException("the client does not apply edits", LSPErrorCodes.RequestFailed.value)
    return (await server.workspace_apply_edit_async(ApplyWorkspaceEditParams(edit, label))).applied


async def _shown(server: Server, name: str, text: str) -> str | None:
    """None when the client shows it, else the text."""
    return None if await show_page(server, name, text) else text


async def _ask(server: Server, uri: Json, look: Callable[[View], object]) -> object:
    root = _root(server, uri)
    if root is None:
        return None
    try:
        return await asyncio.wrap_future(server.worker.ask(root, look))
    except UnavailableError:
        return None


def _form(arguments: tuple[Json, ...], known: tuple[str, ...]) -> str:
    form = arguments[0] if arguments and arguments[0] is not None else _SHOW
    if not isinstance(form, str) or form not in known:
        raise JsonRpcInvalidParams(f"the format is one of {', '.join(known)}")
    return form


def _uri(arguments: tuple[Json, ...]) -> Json:
    return arguments[1] if len(arguments) > 1 else None


def _block(arguments: tuple[Json, ...]) -> tuple[str, int]:
    uri, number = (*arguments, None, None)[:2]
    if not isinstance(uri, str) or not isinstance(number, int):
        raise JsonRpcInvalidParams("the arguments are URI and number of the block")
    return uri, number


def _name(server: Server, uri: str) -> str:
    path = path_of(uri)
    found = None if path is None else server.place(path)
    return uri if found is None else found[1]


def _root(server: Server, uri: Json) -> Root | None:
    path = path_of(uri) if isinstance(uri, str) else None
    if path is not None:
        inside = [root for root in server.roots if path.is_relative_to(root.path)]
        return max(inside, key=lambda root: len(root.path.parts), default=None)
    return server.roots[0] if server.roots else None
