"""Verdicts to findings: one per cause, yielding, settings, identity; a broken rule; counts of practices."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from textwrap import dedent

import pytest

from shearpin.facts.fact import HttpCall
from shearpin.facts.site import Site
from shearpin.facts.value import Const
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Confidence, Outcome, Severity, Verdict
from shearpin.session import Counts, Session
from shearpin.settings import PerPath, Settings, SettingsError
from shearpin.workspace.files import MemoryFiles

from ...support import Found, check, open_session

CALL = Rule("call", "Every call", Severity.WARNING, "calls")
CLIENT = Rule("client", "The client of a call", Severity.WARNING, "clients")
SHY = Rule("shy", "Yields to `call`", Severity.ERROR, "calls", yields_to=("call",))
GUESS = Rule("guess", "Is not sure", Severity.WARNING, "guesses")
BROKEN = Rule("broken", "Fails on POST", Severity.WARNING, "calls")


@CALL.for_each(HttpCall)
def each_call(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    del ask
    outcome = {"GET": Outcome.VIOLATED, "PUT": Outcome.UNKNOWN}.get(method(call), Outcome.OK)
    yield Verdict(outcome, call.head, "a call")


@CLIENT.for_each(HttpCall)
def each_client(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    del ask
    site = getattr(call.client, "site", None)
    if isinstance(site, Site):
        yield Verdict(Outcome.VIOLATED, site, "a client", examined=call.site)


@SHY.for_each(HttpCall)
def each_shy(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    del ask
    yield Verdict(Outcome.VIOLATED, call.head, "also a call")


@GUESS.for_each(HttpCall)
def each_guess(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    del ask
    yield Verdict(Outcome.VIOLATED, call.head, "perhaps", confidence=Confidence.POSSIBLE)


@BROKEN.for_each(HttpCall)
def each_broken(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    del ask
    if method(call) == "POST":
        raise ValueError("cannot")
    yield Verdict(Outcome.VIOLATED, call.head, "fine")


def method(call: HttpCall) -> str:
    return str(call.method.value) if isinstance(call.method, Const) else ""


GET = "import requests\nrequests.get('http://x')\n"
CLIENTS = {
    "clients.py": "import httpx\nclient = httpx.Client()\n",
    "a.py": "from clients import client\nclient.get('http://x')\nclient.post('http://x')\n",
    "b.py": "from clients import client\n\ndef f():\n    client.get('http://y')\n",
}


def names(files: dict[str, str], settings: Settings | None = None, *rules: Rule) -> list[Found]:
    return check(files, settings=settings, rules=rules or (CALL,))


# ---------------------------------------------------------------- merging


def test_one_cause_is_one_finding_where_the_cause_stands():
    session = open_session(CLIENTS, rules=(CLIENT,))
    (finding,) = session.findings("clients.py")
    assert finding.message == "a client (3 calls)"
    assert [hop.site.path for hop in finding.related] == ["a.py", "b.py"]
    assert session.findings("a.py") == ()


def test_the_finding_goes_when_its_last_call_goes():
    tree = MemoryFiles({path: text.encode() for path, text in CLIENTS.items()})
    session = Session(tree, rules=(CLIENT,), strict=True)
    session.read_all()
    assert len(session.findings("clients.py")) == 1
    session.set_overlay("a.py", b"")
    (finding,) = session.findings("clients.py")
    assert finding.message == "a client"
    session.set_overlay("b.py", b"")
    assert session.findings("clients.py") == ()


def test_a_rule_yields_to_another_about_the_same_site():
    assert names({"a.py": GET}, None, CALL, SHY) == [Found("a.py", 2, "call")]
    assert names({"a.py": GET.replace("get", "post")}, None, CALL, SHY) == [Found("a.py", 2, "shy")]


def test_a_rule_does_not_yield_to_one_that_is_ignored():
    assert names({"a.py": GET}, Settings(ignore=("call",)), CALL, SHY) == [Found("a.py", 2, "shy")]


# --------------------------------------------------------------- settings


def test_select_and_ignore():
    assert names({"a.py": GET}, Settings(select=("shy",)), CALL, SHY) == [Found("a.py", 2, "shy")]
    assert names({"a.py": GET}, Settings(select=()), CALL, SHY) == []


def test_per_path():
    files = {"scripts/a.py": GET, "app/a.py": GET}
    ignoring = Settings(per_path=(PerPath(("scripts/",), ignore=("call",)),))
    assert names(files, ignoring) == [Found("app/a.py", 2, "call")]
    selecting = Settings(select=(), per_path=(PerPath(("app/**",), select=("call",)),))
    assert names(files, selecting) == [Found("app/a.py", 2, "call")]


def test_severities():
    files = {"a.py": GET, "b/a.py": GET}
    per_path = PerPath(("b/",), severity=(("call", "information"),))
    session = open_session(files, settings=Settings(severity=(("call", "error"),), per_path=(per_path,)), rules=(CALL,))
    found = {finding.site.path: finding.severity for finding in session.report().findings}
    assert found == {"a.py": Severity.ERROR, "b/a.py": Severity.INFORMATION}


def test_possible_findings_are_shown_on_demand():
    assert names({"a.py": GET}, None, GUESS) == []
    assert names({"a.py": GET}, Settings(min_confidence="possible"), GUESS) == [Found("a.py", 2, "guess")]


def test_test_code_is_silent_unless_asked():
    files = {"tests/a.py": GET, "test_b.py": GET, "c.py": "import pytest\n" + GET, "d.py": GET}
    assert names(files) == [Found("d.py", 2, "call")]
    assert len(names(files, Settings(include_tests=True))) == 4


def test_calls_in_tests_do_not_mark_a_client():
    files = {"clients.py": CLIENTS["clients.py"], "tests/a.py": CLIENTS["a.py"]}
    assert names(files, None, CLIENT) == []


def test_unknown_names_in_settings_are_errors_with_their_lines():
    tree = MemoryFiles({"shearpin.toml": b"ignore = [\n  'cal',\n  'call',\n]\nselect = ['all', 'nothing']\n"})
    with pytest.raises(SettingsError) as caught:
        Session(tree, rules=(CALL,))
    assert [str(problem) for problem in caught.value.problems] == [
        'shearpin.toml:2: there is no rule "cal"; did you mean "call"?',
        'shearpin.toml:5: there is no rule "nothing"',
    ]


# ------------------------------------------------------------ broken rules


def test_a_broken_rule_is_silent_in_its_file_only(caplog: pytest.LogCaptureFixture):
    files = {"a.py": GET + "def f():\n    requests.post('http://x')\n", "b.py": GET}
    tree = MemoryFiles({path: text.encode() for path, text in files.items()})
    session = Session(tree, rules=(CALL, BROKEN))
    session.read_all()
    with caplog.at_level(logging.WARNING):
        found = [(finding.site.path, finding.rule) for finding in session.report().findings]
        session.report()
    assert found == [("a.py", "call"), ("b.py", "broken"), ("b.py", "call")]
    assert [record.getMessage() for record in caplog.records] == [
        "a.py: rule broken failed and is silent in this file: ValueError: cannot"
    ]


def test_what_a_rule_raises_is_raised_in_tests():
    with pytest.raises(ValueError, match="cannot"):
        names({"a.py": GET.replace("get", "post")}, None, BROKEN)


# ---------------------------------------------------------------- identity


def fingerprints(text: str) -> list[str]:
    return [finding.fingerprint for finding in open_session({"a.py": dedent(text)}, rules=(CALL,)).findings("a.py")]


BEFORE = """
import requests

def f():
    requests.get(u)
    requests.get(u)

def g():
    requests.get(u)
"""


def test_fingerprints_differ_within_a_file():
    assert len(set(fingerprints(BEFORE))) == 3


@pytest.mark.parametrize(
    "after",
    [
        "x = 1\n" + BEFORE,
        BEFORE.replace("def g", "def h():\n    requests.post(u)\n\ndef g"),
        BEFORE.replace("    requests.get(u)\n\n", "    if x:\n        requests.get(u)\n\n"),
    ],
)
def test_fingerprints_survive(after: str):
    assert fingerprints(after) == fingerprints(BEFORE)


def test_fingerprints_survive_a_move_within_the_file():
    head, f, g = BEFORE.partition("def f")[0], "def f():\n    requests.get(u)\n", "def g():\n    requests.get(v)\n"
    assert sorted(fingerprints(head + f + g)) == sorted(fingerprints(head + g + f))


# ------------------------------------------------------------------- counts


def test_practices_count_each_site_once_by_its_worst_verdict():
    calls = "".join(f"requests.{verb}('http://x')\n" for verb in ("get", "put", "post", "delete"))
    session = open_session({"a.py": "import requests\n" + calls}, rules=(CALL,))
    assert session.report().practices == {"calls": Counts(examined=4, hold=2, violated=1, unknown=1)}


def test_the_report_can_be_restricted():
    session = open_session({"a/x.py": GET, "b/x.py": GET}, rules=(CALL,))
    assert [finding.site.path for finding in session.report(["b/"]).findings] == ["b/x.py"]
    assert len(session.report(["."]).findings) == 2
    assert session.report(["a/x.py", "c"]).files == 2
