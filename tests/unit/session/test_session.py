"""A session from outside: changes, verdicts under the cursor, the cost of an edit, settings that change."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from shearpin.facts.fact import HttpCall
from shearpin.facts.site import Site
from shearpin.query import Cancelled
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Outcome, Severity, Verdict
from shearpin.session import Session
from shearpin.settings import DEFAULTS
from shearpin.workspace.files import MemoryFiles

from ...support import Found, found_by, open_session

RULE = Rule("call", "Calls without a timeout", Severity.WARNING, "calls")


@RULE.for_each(HttpCall)
def mark(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    del ask
    outcome = Outcome.OK if call.timeout.origin == "call" else Outcome.VIOLATED
    yield Verdict(outcome, call.head, "a call", examined=call.site)


FILES = {
    "orders/app.py": "import requests\n\ndef pay(order):\n    return requests.post('http://x', json=f(order))\n",
    "orders/util.py": "import requests\n\ndef get(u):\n    return requests.get(u, timeout=1)\n\ndef other(): ...\n",
}


@pytest.fixture
def session() -> Session:
    return open_session(FILES, rules=(RULE,))


def rule_runs(session: Session) -> dict[str, int]:
    return {name: count for name, count in session.db.counters.items() if name.startswith("engine.verdicts")}


def test_an_edit_costs_one_part(session: Session):
    session.report()
    session.db.reset_counters()
    text = FILES["orders/app.py"].replace("json=", "timeout=1, json=")
    change = session.set_overlay("orders/app.py", text.encode())
    assert (change.files, change.parts_summarised) == (("orders/app.py",), 1)
    assert session.findings("orders/app.py") == ()
    assert rule_runs(session) == {"engine.verdicts.part_run": 1, "engine.verdicts.file_run": 1}


def test_an_edit_that_changes_no_verdict_ends_at_its_part(session: Session):
    session.report()
    session.db.reset_counters()
    session.set_overlay("orders/app.py", FILES["orders/app.py"].replace("'http://x'", "'http://y'").encode())
    session.report()
    assert rule_runs(session) == {"engine.verdicts.part_run": 1}


def test_a_line_at_the_top_costs_no_query_of_a_rule(session: Session):
    (before,) = session.findings("orders/app.py")
    session.db.reset_counters()
    session.set_overlay("orders/app.py", b"\n\n" + FILES["orders/app.py"].encode())
    (after,) = session.findings("orders/app.py")
    assert after == before
    assert session.locate(after.site)[0] == 2 + FILES["orders/app.py"].index("requests.post")
    assert not any(name.startswith(("meaning", "flow", "engine.verdicts")) for name in session.db.counters)


def test_unsaved_text_counts_until_it_is_taken_back(session: Session):
    session.set_overlay("orders/app.py", b"")
    assert found_by(session) == []
    assert session.source("orders/app.py") == b""
    session.set_overlay("orders/app.py", None)
    assert found_by(session) == [Found("orders/app.py", 4, "call")]


def test_a_deleted_folder_takes_its_findings_along():
    tree = MemoryFiles({"orders/app.py": b"x = 1  # shearpin: allow[call] known\n"})
    session = Session(tree, rules=(RULE,), strict=True)
    session.read_all()
    assert len(session.findings("orders/app.py")) == 1
    tree.files.clear()
    assert session.refresh(["orders"]).files == ("orders/app.py",)
    assert session.findings("orders/app.py") == ()


@pytest.mark.parametrize(
    ("path", "marked", "outcomes"),
    [
        ("orders/app.py", "requests.post", [Outcome.VIOLATED]),
        ("orders/app.py", "json=", [Outcome.VIOLATED]),
        ("orders/app.py", "order))", [Outcome.VIOLATED]),
        ("orders/app.py", "import", []),
        ("orders/util.py", "timeout", [Outcome.OK]),
        ("orders/util.py", "other", []),
        ("nowhere.py", "", []),
    ],
)
def test_verdicts_under_the_cursor(session: Session, path: str, marked: str, outcomes: list[Outcome]):
    offset = FILES.get(path, "").index(marked)
    assert [verdict.outcome for _, verdict in session.verdicts_at(path, offset)] == outcomes


def test_a_part_that_is_gone_is_nowhere(session: Session):
    assert session.locate(Site("orders/app.py", "gone", 3, 5)) == (0, 0)
    assert session.locate(Site("compose.yaml", "", 3, 5)) == (3, 5)


def test_what_is_not_in_the_workspace_has_no_findings(session: Session):
    assert session.findings("nowhere.py") == ()
    assert session.source("nowhere.py") is None
    assert session.lines("nowhere.py").count == 1


def test_local_findings_need_their_own_file_only(session: Session):
    assert session.pending == 2
    assert len(session.local_findings("orders/app.py")) == 1
    assert session.pending == 1
    session.report()
    assert session.pending == 0


def test_a_cancelled_question_is_answered_later(session: Session):
    session.db.cancel.set()
    with pytest.raises(Cancelled):
        session.findings("orders/app.py")
    session.set_overlay("orders/util.py", b"import requests\nrequests.get(u)\n")
    session.db.cancel.clear()
    assert found_by(session) == [Found("orders/app.py", 4, "call"), Found("orders/util.py", 2, "call")]


def test_cancelled_in_between_loses_nothing():
    ticks = 0

    def slow(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
        nonlocal ticks
        ticks += 1
        if ticks == 2:
            ask.db.cancel.set()
        yield Verdict(Outcome.VIOLATED, call.head, "a call")

    rule = Rule("slow", "Sets the flag", Severity.WARNING, "calls")
    rule.for_each(HttpCall)(slow)
    session = open_session(FILES | {"z.py": FILES["orders/app.py"]}, rules=(rule,))
    with pytest.raises(Cancelled):
        session.report()
    session.db.cancel.clear()
    assert found_by(session) == [
        Found("orders/app.py", 4, "slow"),
        Found("orders/util.py", 4, "slow"),
        Found("z.py", 4, "slow"),
    ]


# ---------------------------------------------------------------- settings


def with_settings(text: str) -> tuple[MemoryFiles, Session]:
    tree = MemoryFiles({path: body.encode() for path, body in FILES.items()} | {"shearpin.toml": text.encode()})
    session = Session(tree, rules=(RULE,), strict=True)
    session.read_all()
    return tree, session


def test_settings_that_change_count_at_once():
    tree, session = with_settings("ignore = ['call']")
    assert found_by(session) == []
    tree.files["shearpin.toml"] = b""
    session.refresh(["shearpin.toml"])
    assert len(found_by(session)) == 1
    session.set_overlay("shearpin.toml", b"exclude = ['orders/app.py']")
    assert session.python_files() == ("orders/util.py",)
    assert found_by(session) == []


@pytest.mark.parametrize("text", [b"ignore = [", b"ignor = []", b"ignore = ['nothing']"])
def test_settings_that_break_leave_the_last_good_ones(text: bytes):
    tree, session = with_settings("ignore = ['call']")
    tree.files["shearpin.toml"] = text
    session.refresh(["shearpin.toml"])
    assert session.settings.ignore == ("call",)


def test_given_settings_win_over_the_file():
    tree = MemoryFiles({"shearpin.toml": b"ignor = 1"})
    session = Session(tree, settings=DEFAULTS)
    session.read_all()
    session.refresh(["shearpin.toml"])
    assert session.settings == DEFAULTS


# ------------------------------------------------------------------- on disk


def test_a_folder_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "root"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    told: list[tuple[int, int, str]] = []
    for _ in range(2):
        session = Session.open(root, progress=lambda *step: told.append(step))
        assert session.python_files() == ("orders/app.py", "orders/util.py")
        assert session.root == root
        session.close()
    assert told == [(1, 2, "orders/app.py"), (2, 2, "orders/util.py")] * 2
    (root / "orders" / "app.py").unlink()
    session = Session.open(root, use_cache=False)
    assert session.python_files() == ("orders/util.py",)
    (root / "orders" / "new.py").write_text("x = 1\n")
    session.refresh(["orders/new.py"])
    assert session.python_files() == ("orders/new.py", "orders/util.py")


def test_the_cache_goes_with_the_thread_that_uses_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The language server opens in one thread and may close in another."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "root").mkdir()
    session = Session.open(tmp_path / "root")
    errors: list[Exception] = []

    def close() -> None:
        try:
            session.close()
        except Exception as error:  # noqa: BLE001 - shown below
            errors.append(error)

    thread = threading.Thread(target=close)
    thread.start()
    thread.join()
    assert errors == []
