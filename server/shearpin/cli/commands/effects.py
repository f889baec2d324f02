"""`shearpin effects`: what one function does to the outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shearpin.cli.exits import ExitStatus, RefusedError
from shearpin.cli.options import JOBS, NO_CACHE, targets

if TYPE_CHECKING:
    from shearpin.facts.site import FunctionId
    from shearpin.session import Session


@click.command("effects")
@click.argument("function", metavar="FILE:FUNCTION")
@JOBS
@NO_CACHE
def command(function: str, jobs: int | None, no_cache: bool) -> int:  # noqa: FBT001 - click passes options by name
    """Show what a function does to the outside, in order: calls, stores, messages, with limits and what they depend on.

    FUNCTION is `name`, `Class.method` or `outer.inner`. The current folder is the workspace: go to the one that holds
    the whole system. "uses 2" says that the result of step 2 is passed on, "guarded by 2" that it decides.
    """
    file, _, name = function.rpartition(":")
    if not file or not name:
        raise RefusedError(f'"{function}" is no FILE:FUNCTION')
    root, paths = targets((file,))
    if paths is None or not file.endswith(".py"):
        raise RefusedError(f"{file}: is no Python file")
    from shearpin.cli.opening import opened, places_of
    from shearpin.cli.terminal import show
    from shearpin.report.effects_text import effects_text

    with opened(root, jobs=jobs, use_cache=not no_cache) as session:
        found = _named(session, paths[0], name)
        show(effects_text(session.db, found, places_of(session)))
    return ExitStatus.CLEAN


def _named(session: Session, path: str, name: str) -> FunctionId:
    """The function of that name; a method is also found without its class where only one has it."""
    from shearpin.flow.story import functions_of
    from shearpin.settings.reading import near_match

    functions = functions_of(session.db, path)
    if name in functions:
        return functions[name]
    short = [known for known in functions if known.rpartition(".")[2] == name]
    if len(short) == 1:
        return functions[short[0]]
    if len(short) > 1:
        raise RefusedError(f'{path} has several functions called "{name}": {", ".join(short)}')
    hint = near_match(name, tuple(functions)) or f"; there are {', '.join(functions) or 'none'}"
    raise RefusedError(f'{path} has no function "{name}"{hint}')
