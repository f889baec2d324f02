"""The contracts between layers hold, and each of them can fail."""

from __future__ import annotations

import tomllib

from .sources import ENGINE, ROOT


def _contracts():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return {contract["id"]: contract for contract in tomllib.loads(text)["tool"]["importlinter"]["contracts"]}


def test_every_package_has_a_layer():
    """import-linter says so too; this names the missing one without building a graph."""
    layers = {
        name.strip("() ")
        for line in _contracts()["layers"]["layers"]
        for name in line.split("|")
    }
    packages = {path.name for path in ENGINE.iterdir() if (path / "__init__.py").is_file()}
    packages |= {path.stem for path in ENGINE.glob("*.py") if path.stem != "__init__"}
    assert packages <= layers


def test_layers_stay_exhaustive():
    assert _contracts()["layers"]["exhaustive"] is True
