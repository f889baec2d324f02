"""A session for a single look finds what any other finds, with one process or several."""

from __future__ import annotations

from pathlib import Path

import pytest

from shearpin.query import keys
from shearpin.session import Session
from shearpin.workspace.files import MemoryFiles

SHOP = Path(__file__).parents[2] / "workspaces" / "shop"


def _told(session: Session) -> list[tuple[str, str, int, str]]:
    return [
        (found.rule, found.site.path, session.locate(found.site)[0], found.message)
        for found in session.report().findings
    ]


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_processes_together_find_what_one_finds(jobs: int) -> None:
    session = Session.open(SHOP, use_cache=False, jobs=jobs, once=True)
    whole = len(session.python_files()) * 3
    told: list[int] = []
    session.examine_all(lambda done, total, _what: told.append(done * 1000 + total))
    known = Session.open(SHOP, use_cache=False)
    assert _told(session) == _told(known) != []
    assert session.report() == known.report()
    assert session.graph() == known.graph()
    assert told
    assert all(entry % 1000 == whole for entry in told)


def test_a_single_look_does_not_note_who_rests_on_what() -> None:
    files = MemoryFiles({"a/app.py": b"import requests\n\ndef f():\n    requests.get('http://b')\n"})
    session = Session(files, once=True)
    session.read_all()
    first = _told(session)
    assert first
    session.db.reset_counters()
    session.report()
    assert session.db.executions() == 0
    session.set_overlay("a/app.py", b"import requests\n")
    assert _told(session) == []
    session.set_overlay("a/app.py", None)
    assert _told(session) == first
    assert session.db.get(keys.python_file("a/app.py")) is True


@pytest.mark.parametrize("jobs", [1, 2])
def test_processes_together_link_what_one_links(jobs: int) -> None:
    session = Session.open(SHOP, use_cache=False, jobs=jobs, once=True)
    session.link_all()
    known = Session.open(SHOP, use_cache=False)
    known.link_all()
    assert session.graph() == known.graph()
    assert known.graph().edges
