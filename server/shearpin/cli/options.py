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


def targets(arguments: tuple[str, ...]) -> tuple[Path, tuple[str, ...] | None]:
    """The workspace that paths on the command line mean, and the paths in it to report on (None: all).

    Raises:
        RefusedError: a path does not exist or lies outside the workspace.
    """
    for text in arguments:
        if not Path(text).exists():
            raise RefusedError(f"{text}: no such file or folder")
    if not arguments:
        return _here(), None
    if len(arguments) == 1 and Path(arguments[0]).is_dir():
        return folder(arguments[0]), None
    root = _here()
    return root, tuple(_inside(root, text) for text in arguments)


def shown_prefix(root: Path) -> str:
    """What stands before a path of the workspace so that it is a path from the current folder, or an absolute one."""
    try:
        here = Path.cwd()
    except OSError:
        return root.as_posix().rstrip("/") + "/"
    if root == here:
        return ""
    return (root.relative_to(here) if root.is_relative_to(here) else root).as_posix().rstrip("/") + "/"


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise RefusedError("the current folder is gone; go to one that exists, or name one") from error


def _inside(root: Path, text: str) -> str:
    path = Path(text).resolve()
    if not path.is_relative_to(root):
        raise RefusedError(
            f"{text}: lies outside the current folder, which is the workspace when files are named; go to the folder "
            "that holds the whole system"
        )
    return path.relative_to(root).as_posix()
