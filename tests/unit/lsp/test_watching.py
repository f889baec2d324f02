"""Which files the client is asked to watch, and which events matter."""

from __future__ import annotations

import re
from itertools import product

import pytest
from lsprotocol.types import FileChangeType

from shearpin.lsp.watching import PATTERNS, counts, matters
from shearpin.workspace.discovery import _MARKER_ENDS, _MARKERS

NAMES = (
    "app.py",
    "compose.yaml",
    "docker-compose.yml",
    "shearpin.toml",
    "pyproject.toml",
    ".gitignore",
    "pyvenv.cfg",
    ".env",
    ".env.local",
    "prod.env",
    "Dockerfile",
    "Dockerfile.dev",
    "api.Dockerfile",
    "Containerfile",
    "Procfile",
    "Procfile.dev",
    "Tiltfile",
    "nginx.conf",
    "nginx.conf.template",
    "site.vhost",
    "requirements.txt",
    "requirements-dev.txt",
    "requirements.in",
    "Pipfile",
    "setup.cfg",
    "setup.py",
    "orders.proto",
    "openapi.json",
    "schema.sql",
)


def expanded(pattern):
    """Braces spelled out: LSP's globs to those that a regular expression is easily made of."""
    parts = re.split(r"\{([^}]*)\}", pattern)
    choices = [part.split(",") if number % 2 else [part] for number, part in enumerate(parts)]
    return ["".join(chosen) for chosen in product(*choices)]


def is_watched(path):
    for pattern in (each for whole in PATTERNS for each in expanded(whole)):
        name = re.escape(pattern.removeprefix("**/")).replace(r"\*", "[^/]*")
        if re.fullmatch(f"(.*/)?{name}", path):
            return True
    return False


@pytest.mark.parametrize("name", [*NAMES, *sorted(_MARKERS), *(f"x{end}" for end in _MARKER_ENDS)])
def test_every_name_that_counts_is_watched(name):
    for path in (name, f"orders/{name}"):
        assert is_watched(path) or not counts(path), path


@pytest.mark.parametrize("name", ["app.py", "compose.yaml", ".gitignore", "Procfile", "requirements.txt", "go.mod"])
def test_names_that_count(name):
    assert counts(f"orders/{name}")


@pytest.mark.parametrize(
    ("path", "change", "answer"),
    [
        ("orders/app.py", FileChangeType.Changed, True),
        (".git/refs/heads/main", FileChangeType.Created, False),
        (".git/index.lock", FileChangeType.Deleted, False),
        ("node_modules/x/setup.py", FileChangeType.Changed, False),
        ("picture.png", FileChangeType.Changed, False),
        ("picture.png", FileChangeType.Created, False),
        ("orders", FileChangeType.Changed, False),
        ("orders", FileChangeType.Created, True),
        ("orders.v2", FileChangeType.Deleted, True),
    ],
)
def test_events_that_matter(path, change, answer):
    assert matters(path, change) is answer
