"""One door for every check: `nox -l` lists them, `nox` runs those that a change must pass."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "contracts", "tests"]

ROOT = Path(__file__).parent
#: The tools stand beside the interpreter that runs nox, whether or not its environment is activated.
TOOLS = Path(sys.executable).parent


@nox.session
def lint(session: nox.Session) -> None:
    """Style and common mistakes; `nox -s lint -- --fix` mends what it can."""
    session.run(str(TOOLS / "ruff"), "check", *session.posargs, external=True)


@nox.session
def types(session: nox.Session) -> None:
    """Types: no error is tolerated."""
    session.run(str(TOOLS / "pyrefly"), "check", *session.posargs, external=True)


@nox.session
def contracts(session: nox.Session) -> None:
    """Imports between layers."""
    session.run(str(TOOLS / "lint-imports"), "--no-logo", *session.posargs, external=True)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the whole test suite on two cores."""
    session.run(str(TOOLS / "pytest"), "-n", "2", *session.posargs, external=True)


@nox.session
def bundle(session: nox.Session) -> None:
    """Type check and bundle the extension for VS Code."""
    session.run("npm", "ci", external=True)
    session.run("npm", "run", "check", external=True)
    session.run("npm", "run", "build", external=True)


@nox.session(venv_backend="venv")
def lowest(session: nox.Session) -> None:
    """Test against the oldest versions that the project says it supports."""
    session.install("uv")
    session.run("uv", "pip", "install", "--resolution", "lowest-direct", "-e", ".", "--group", "test")
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Resolve again and write uv.lock without the address of any registry."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            (project / name).write_bytes((ROOT / name).read_bytes())
        session.run(str(TOOLS / "uv"), "lock", "--project", folder, *session.posargs, external=True)
        (ROOT / "uv.lock").write_text(without_registry((project / "uv.lock").read_text()))


def without_registry(text: str) -> str:
    """Name files and hashes only: who installs chooses where the files come from.

    The folder `wheels` stands for that place: `uv export --frozen` gives pip the versions and hashes, and
    `uv sync --frozen` takes the files from `wheels/` when somebody has filled it.
    """
    text = re.sub(r'registry = "[^"]+"', 'registry = "wheels"', text)
    return re.sub(r'url = "[a-z+]+://[^"]+/([^"/]+)"', r'path = "\1"', text)
