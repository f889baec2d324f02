"""`shearpin serve`: the language server."""

from __future__ import annotations

import click

from shearpin.cli.exits import RefusedError

_SERVER_LIBRARIES = frozenset({"pygls", "lsprotocol", "attr", "attrs", "cattrs"})


@click.command("serve")
@click.option("--stdio", is_flag=True, help="Talk over standard input and output (the only way, and the default).")
def command(stdio: bool) -> int:  # noqa: FBT001 - click passes options by name
    """Run the language server for an editor."""
    del stdio
    try:
        from shearpin.lsp.server import start
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        if missing not in _SERVER_LIBRARIES:
            raise
        raise RefusedError(
            f"the language server needs {missing}, which is not installed; run: pip install 'pygls>=2.1,<3'"
        ) from error
    return start()
