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
