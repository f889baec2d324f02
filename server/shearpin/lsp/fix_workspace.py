"""All safe fixes of a folder, in small steps between which other questions are answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol.types import WorkspaceEdit

from shearpin.lsp.uris import Root
from shearpin.lsp.view import View
from shearpin.lsp.worker import StaleError
from shearpin.lsp.workspace_edit import workspace_edit
from shearpin.rulekit.edits import file_edits
from shearpin.text.edits import difference

if TYPE_CHECKING:
    from shearpin.lsp.state import Server

#: a fix that brings back what another one took away must not go on for ever
_MOST = 2000


@dataclass(slots=True)
class Repairs:
    """Files as they were and as they are after the fixes so far; the findings whose fix does not apply."""

    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)
    refused: set[tuple[str, str]] = field(default_factory=set)
    count: int = 0


async def fix_workspace(server: Server, root: Root) -> tuple[int, WorkspaceEdit] | None:
    """How many findings are fixed and the edits that do it; None when nothing can be fixed.

    Raises StaleError when a file was changed meanwhile, and UnavailableError.
    """
    repairs = Repairs()
    for _ in range(_MOST):
        if not await asyncio.wrap_future(server.worker.ask(root, partial(_step, repairs))):
            break
    if not repairs.count:
        return None
    return repairs.count, await asyncio.wrap_future(server.worker.ask(root, partial(_edit, repairs)))


def _step(repairs: Repairs, view: View) -> bool:
    """Try one more fix; False when there is none left."""
    _check(repairs, view)
    tried = view.session.attempt(repairs.after, repairs.refused)
    if tried is None:
        return False
    if tried.texts:
        repairs.count += 1
        for path, text in tried.texts.items():
            repairs.before.setdefault(path, view.session.source(path) or b"")
            repairs.after[path] = text
    else:
        repairs.refused.add(tried.finding)
    return True


def _edit(repairs: Repairs, view: View) -> WorkspaceEdit:
    _check(repairs, view)
    edits = [
        edit
        for path, text in sorted(repairs.after.items())
        for edit in file_edits(path, repairs.before[path], difference(repairs.before[path], text))
    ]
    return workspace_edit(view, edits, "Fix all that is safe to fix")


def _check(repairs: Repairs, view: View) -> None:
    for path, text in repairs.before.items():
        if view.session.source(path) != text:
            raise StaleError(path)
