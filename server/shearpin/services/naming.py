"""What names say: which paths are copies for tests and examples, which deployments are not production."""

from __future__ import annotations

import re

_SPLIT = re.compile(r"[^a-z0-9]+")
_NOT_PRODUCTION = {
    "dev", "devel", "development", "local", "localhost", "test", "tests", "testing", "override", "example", "examples",
    "sample", "samples", "e2e", "ci", "debug", "sandbox",
}  # fmt: skip
_SECONDARY = {
    "test", "tests", "testing", "e2e", "example", "examples", "sample", "samples", "extra", "extras", "hack", "docs",
    "doc", "vendor", "contrib", "benchmark", "benchmarks", "fixtures", "testdata", "playground", "node_modules",
}  # fmt: skip
_SECONDARY_FILE = {"test", "tests", "testing", "e2e", "example", "examples", "sample", "ci"}
_NO_SERVICE_CODE = _SECONDARY | {"migrations", "alembic", "scripts", "notebooks", "tools", "site", "tutorials"}


def words(text: str) -> set[str]:
    """Return the lower-case words of a name or path."""
    return set(_SPLIT.split(text.lower()))


def is_production(deployment: str) -> bool:
    """Say whether a deployment counts as production: no part of its name says otherwise."""
    return not words(deployment) & _NOT_PRODUCTION


def is_secondary(path: str) -> bool:
    """Say whether a manifest is a variant for tests, examples or the like, which adds no service of its own."""
    *folders, name = path.lower().split("/")
    return any(_is_named(folder, _SECONDARY) for folder in folders) or bool(words(name) & _SECONDARY_FILE)


def may_hold_service(path: str) -> bool:
    """Say whether code at a path may be a service when no manifest says so."""
    *folders, name = path.lower().split("/")
    if name.startswith("test_") or name.endswith("_test.py") or name in {"conftest.py", "setup.py", "noxfile.py"}:
        return False
    return not any(_is_named(folder, _NO_SERVICE_CODE) for folder in folders)


def normalised(name: str) -> str:
    """Return a name in the form in which manifests of the same service agree."""
    return _SPLIT.sub("-", name.lower()).strip("-")


def parents(path: str) -> tuple[str, ...]:
    """Return all folders above a path, the deepest first, the root "" last."""
    found = []
    while path:
        path = path.rpartition("/")[0]
        found.append(path)
    return tuple(found)


def is_inside(path: str, folder: str) -> bool:
    """Say whether a path is a folder or lies in it; everything lies in ""."""
    return not folder or path == folder or path.startswith(folder + "/")


def _is_named(folder: str, names: set[str]) -> bool:
    return (
        folder.startswith(".") or folder in names or folder.endswith(("-tests", "_tests", "-examples", "third_party"))
    )
