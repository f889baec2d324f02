"""What one edit of the example system costs, counted in parts read and queries run: never in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from shearpin.session import Session
from shearpin.workspace.files import MemoryFiles

ROUTES = "orders/app/routes.py"
PARTS_PER_EDIT = 1
#: queries that run again for an edit in a body; the whole system takes thousands
QUERIES_PER_EDIT = 150


@pytest.fixture
def shop(workspaces: Path) -> Session:
    root = workspaces / "shop"
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    session = Session(MemoryFiles(files), strict=True)
    session.read_all()
    session.report()
    return session


def edited(session: Session, path: str, old: str, new: str) -> tuple[int, int]:
    """(parts read, queries run) for one change of a buffer and the findings of its file."""
    text = (session.source(path) or b"").decode()
    assert text.count(old) >= 1
    session.db.reset_counters()
    change = session.set_overlay(path, text.replace(old, new, 1).encode())
    session.findings(path)
    return change.parts_summarised, session.db.executions()


def test_the_first_report_runs_thousands_of_queries(shop: Session) -> None:
    assert shop.db.executions() > 20 * QUERIES_PER_EDIT


def test_an_edit_in_a_body_reads_one_part_and_runs_few_queries(shop: Session) -> None:
    parts, queries = edited(shop, ROUTES, "order = ", "order  = ")

    assert parts == PARTS_PER_EDIT
    assert queries <= QUERIES_PER_EDIT


def test_a_change_of_meaning_in_a_body_stays_small(shop: Session) -> None:
    text = (shop.source(ROUTES) or b"").decode()
    line = next(line for line in text.splitlines() if line.startswith("    return "))
    parts, queries = edited(shop, ROUTES, line, f"    unrelated = 1\n{line}")

    assert parts == PARTS_PER_EDIT
    assert queries <= QUERIES_PER_EDIT


def test_a_comment_between_definitions_runs_nothing(shop: Session) -> None:
    text = (shop.source(ROUTES) or b"").decode()
    at = text.index("\n\n\n")
    shop.db.reset_counters()
    change = shop.set_overlay(ROUTES, f"{text[:at]}\n\n# a comment{text[at:]}".encode())
    shop.findings(ROUTES)

    assert (change.parts_summarised, shop.db.executions()) == (0, 0)


#: what every service of the grown system is made of; all of them say `get` and `post`
CLIENT = """\
import requests


class Client:
    def __init__(self, base):
        self.base = base

    def get(self, path):
        return requests.get(f"{self.base}{path}", timeout=2)

    def post(self, path, body):
        return requests.post(f"{self.base}{path}", json=body, timeout=2)
"""
MAIN = """\
from fastapi import FastAPI
from client import Client

app = FastAPI()
client = Client("http://other")


@app.get("/items")
def items():
    return client.get("/items")
"""
ADDED = [
    "\n\ndef added(x):\n    return x + 1\n",
    "\n\ndef added(x):\n    return x.get(x.post)\n",
    "\n\nLIMIT = 3\n",
    "\n\nclass Added:\n    def get(self):\n        return self\n",
]


def grown(services: int) -> Session:
    """A system of equal services."""
    files: dict[str, bytes] = {}
    for number in range(services):
        folder = f"service{number}"
        files[f"{folder}/Dockerfile"] = b"FROM python\nWORKDIR /srv\nCOPY . /srv\nCMD uvicorn main:app\n"
        files[f"{folder}/client.py"] = CLIENT.encode()
        files[f"{folder}/main.py"] = MAIN.encode()
    session = Session(MemoryFiles(files), strict=True)
    session.read_all()
    session.report()
    return session


def executed(session: Session, added: str) -> dict[str, int]:
    """Queries that run again, by name, when a definition is added to a file and the findings of that file are asked."""
    path = "service0/main.py"
    session.db.reset_counters()
    session.set_overlay(path, f"{MAIN}{added}".encode())
    session.findings(path)
    return dict(session.db.counters)


@pytest.mark.parametrize("added", ADDED)
def test_what_a_new_definition_costs_does_not_grow_with_the_workspace(added: str) -> None:
    small, large = executed(grown(3), added), executed(grown(12), added)

    # A name that is said everywhere is sorted by service: one step for each service and name that is asked about.
    sorted_anew = [found.pop("meaning.callers.mentions_of_service", 0) for found in (small, large)]
    assert sorted_anew[1] - sorted_anew[0] <= 2 * (12 - 3)
    assert large == small
    assert sum(large.values()) <= QUERIES_PER_EDIT
