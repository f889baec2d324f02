"""Files and functions stay small enough to be read at once."""

from __future__ import annotations

import ast

from .sources import ROOT, functions, relative, shipped_modules, tracked

FILE_LINES = 500
RULE_LINES = 200
FUNCTION_LINES = 60

#: Functions that read better in one piece, each with the reason.
LONG_FUNCTIONS: dict[str, str] = {}


def test_no_python_file_is_too_long():
    python = [path for path in tracked() if path.suffix == ".py" and "workspaces" not in path.parts]
    lengths = {path.as_posix(): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in python}
    assert len(lengths) > 50
    assert {path: lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_no_function_is_too_long():
    found = {
        f"{relative(path)}:{name}": _lines(function)
        for path in shipped_modules()
        for name, function in functions(path)
        if _lines(function) > FUNCTION_LINES
    }
    assert {where: lines for where, lines in found.items() if where not in LONG_FUNCTIONS} == {}
    assert LONG_FUNCTIONS.keys() <= found.keys(), "an exception is no longer needed: take it out"


def test_nothing_prints():
    """Standard output belongs to the protocol or to the report."""
    found = [
        f"{relative(path)}:{node.lineno}"
        for path in shipped_modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert found == []


def test_only_one_place_catches_everything():
    """A broken rule silences itself; everywhere else an unexpected exception must be seen."""
    found = {
        relative(path)
        for path in shipped_modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node)
    }
    places = {path for path in found if path.startswith("server/shearpin/engine/")}
    assert len(places) <= 1, places
    # The ends of the program turn what nobody expected into one line and an exit code.
    # A query that fails while nobody asks is forgotten; whoever asks again gets its error.
    edges = ("server/shearpin/lsp/", "server/shearpin/cli/", "server/shearpin/mcp/", "server/shearpin/query/kernel.py")
    assert [path for path in sorted(found - places) if not path.startswith(edges)] == []


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    """Cleaning up and raising again is no catch."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    kind = handler.type
    return kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"})
