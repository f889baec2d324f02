"""What several commands take: folders, and how a session is opened for them."""

from __future__ import annotations

from pathlib import Path

import click

from shearpin.cli.exits import RefusedError

ROOT = click.argument("root", default=".", metavar="[ROOT]")
JOBS = click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Worker processes; default: by number of cores."
)
NO_CACHE = click.option("--no-cache", is_flag=True, help="Read everything anew and store nothing.")


def folder(text: str) -> Path:
    """The folder that an argument names.

    Raises:
        RefusedError: it does not exist or is a file.
    """
    path = Path(text)
    if not path.exists():
        raise RefusedError(f"{text}: no such file or folder")
    if not path.is_dir():
        raise RefusedError(f"{text}: is a file; give the folder that holds the whole system")
    return path.resolve()


def names(values: tuple[str, ...]) -> tuple[str, ...]:
    """Flatten `--select a,b --select c`."""
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())
