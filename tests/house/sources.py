"""Our own files, for tests about the project."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "server" / "shearpin"
RULES = ROOT / "rules" / "shearpin_rules"


@cache
def tracked() -> tuple[Path, ...]:
    """All files of the repository that exist, relative to its root."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    paths = (Path(name) for name in listed.decode().split("\0") if name)
    return tuple(path for path in paths if (ROOT / path).is_file())


def shipped_modules() -> Iterator[Path]:
    """Python files of both packages, absolute."""
    for package in (ENGINE, RULES):
        yield from sorted(package.rglob("*.py"))


def functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of a file with its qualified name."""
    yield from _functions(ast.parse(path.read_text(encoding="utf-8")), "")


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield f"{prefix}{child.name}", child
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)


def relative(path: Path) -> str:
    """Path as shown in a failure."""
    return path.relative_to(ROOT).as_posix()
