"""A workspace is read bit by bit: the service of the open file first, and nothing is missed or made up meanwhile."""

from __future__ import annotations

from shearpin.session import Session
from shearpin.workspace.files import MemoryFiles
from shearpin.workspace.ignoring import Ignoring
from shearpin.workspace.near import near

CALLER = """\
import requests

def pay(order):
    requests.get("http://payments:8000/nowhere", timeout=3)
    return requests.post("http://payments:8000/pay")
"""
ROUTES = """\
from fastapi import FastAPI

app = FastAPI()

@app.post("/pay")
def pay():
    return {}
"""
FILES = {
    "compose.yaml": "services:\n  orders:\n    build: services/orders\n  payments:\n    build: services/payments\n",
    "services/orders/Dockerfile": "FROM python:3.12\nCMD uvicorn app.main:app --port 8000\n",
    "services/orders/app/__init__.py": "",
    "services/orders/app/main.py": CALLER,
    "services/orders/app/other.py": "x = 1\n",
    "services/payments/Dockerfile": "FROM python:3.12\nCMD uvicorn app.main:app --port 8000\n",
    "services/payments/app/main.py": ROUTES,
}
OPEN = "services/orders/app/main.py"


def _session() -> Session:
    return Session(MemoryFiles({path: text.encode() for path, text in FILES.items()}))


def _rules(session: Session) -> set[str]:
    return {finding.rule for finding in session.local_findings(OPEN)}


def test_the_open_file_is_told_about_before_the_rest_is_read() -> None:
    session = _session()
    steps = session.reading([OPEN])
    next(steps)
    assert session.is_partial
    assert set(session.python_files()) == {path for path in FILES if path.endswith(".py") and "orders" in path}
    early = _rules(session)
    assert "call-without-timeout" in early
    # Nobody can say yet what the other service does not serve.
    assert "unknown-endpoint" not in early
    for _ in steps:
        session.local_findings(OPEN)
    assert not session.is_partial
    fresh = _session()
    fresh.read_all()
    assert session.report() == fresh.report()
    assert session.graph() == fresh.graph()
    assert "unknown-endpoint" in _rules(session) >= early


def test_what_is_typed_while_the_workspace_is_read_counts() -> None:
    session = _session()
    steps = session.reading([OPEN])
    next(steps)
    for number, _ in enumerate(steps):
        session.set_overlay(OPEN, CALLER.encode() + f"x = {number}\n".encode())
        session.set_overlay("services/payments/app/main.py", ROUTES.replace("/pay", "/nowhere").encode())
    fresh = _session()
    fresh.read_all()
    for path in (OPEN, "services/payments/app/main.py"):
        fresh.set_overlay(path, session.source(path))
    assert session.report() == fresh.report()
    assert session.db.get(("is-partial",)) is None


def test_a_folder_that_holds_too_much_is_narrowed_down() -> None:
    files = {f"big/pkg{n // 100}/m{n}.py": b"" for n in range(600)} | {"big/pyproject.toml": b"", "top.yaml": b""}
    found = near(MemoryFiles(files), Ignoring(lambda _path: None, ()), "big/pkg1/m100.py")
    assert {path.rpartition("/")[0] for path in found.files if path.endswith(".py")} == {"big/pkg1"}


def test_a_file_in_the_root() -> None:
    found = near(MemoryFiles({"a.py": b"", "b/c.py": b""}), Ignoring(lambda _path: None, ()), "a.py")
    assert set(found.files) == {"a.py", "b/c.py"}
