"""`shearpin serve`: the language server."""

from __future__ import annotations

import click

from shearpin.cli.exits import ExitStatus, RefusedError


@click.command("serve")
@click.option("--stdio", is_flag=True, help="Talk over standard input and output (the only way, and the default).")
def command(stdio: bool) -> int:  # noqa: FBT001 - click passes options by name
    """Run the language server for an editor."""
    del stdio
    try:
        from shearpin.lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in {"pygls", "lsprotocol", "attrs", "attr", "cattrs"}:
            raise
        raise RefusedError(
            f"the language server needs {error.name}, which is not installed; run: pip install 'pygls>=2.1,<3'"
        ) from error
    serve()
    return ExitStatus.CLEAN
