"""The contracts between layers hold, and each of them can fail."""

from __future__ import annotations

import ast
import tomllib

import pytest

from .sources import ENGINE, ROOT, relative, shipped_modules


def _contracts():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return {contract["id"]: contract for contract in tomllib.loads(text)["tool"]["importlinter"]["contracts"]}


def test_every_package_has_a_layer():
    """import-linter says so too; this names the missing one without building a graph."""
    layers = {name.strip("() ") for line in _contracts()["layers"]["layers"] for name in line.split("|")}
    packages = {path.name for path in ENGINE.iterdir() if (path / "__init__.py").is_file()}
    packages |= {path.stem for path in ENGINE.glob("*.py") if path.stem != "__init__"}
    assert packages <= layers


def test_layers_stay_exhaustive():
    assert _contracts()["layers"]["exhaustive"] is True


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("tree_sitter", "syntax"),
        ("tree_sitter_python", "syntax"),
        ("pygls", "lsp"),
        ("lsprotocol", "lsp"),
        ("mcp", "mcp"),
    ],
)
def test_a_library_stays_at_home(library, home):
    """Also for libraries that nobody imports yet, which import-linter cannot guard."""
    strangers = [
        relative(path)
        for path in shipped_modules()
        if not path.is_relative_to(ENGINE / home)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if library in _imported(node)
    ]
    assert strangers == []


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return {(node.module or "").split(".")[0]}
    return set()
