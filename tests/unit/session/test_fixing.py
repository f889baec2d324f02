"""Fixes of a session: tried before they are handed out, taken whole or not at all, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent

import pytest

from shearpin.facts.fact import HttpCall
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.fixes import parens_of
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Action, FixPlan, Grade, Outcome, Severity, Verdict
from shearpin.session import Session
from shearpin.settings import Settings, Timeouts, Zone

from ...support import edited, fix, open_session

TIMEOUT = Rule("timeout", "Calls without a timeout", Severity.WARNING, "calls")
USELESS = Rule("useless", "Its fix changes nothing that it looks at", Severity.WARNING, "calls")
HARMFUL = Rule("harmful", "Its fix breaks another rule", Severity.WARNING, "calls")
VICTIM = Rule("victim", "Calls with verify=False", Severity.WARNING, "calls")


def violated(call: HttpCall, grade: Grade, *actions: Action) -> Verdict:
    return Verdict(Outcome.VIOLATED, call.head, "bad", fixes=(FixPlan("Repair it", grade, actions),))


@TIMEOUT.for_each(HttpCall)
def check_timeout(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    del ask
    if call.timeout.origin == "default":
        yield violated(call, Grade.SAFE, Action("argument", parens_of(call), "timeout={read}"))


@USELESS.for_each(HttpCall)
def check_useless(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    del ask
    yield violated(call, Grade.SAFE, Action("argument", parens_of(call), "stream=True"))


@HARMFUL.for_each(HttpCall)
def check_harmful(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    del ask
    if call.timeout.origin == "default":
        yield violated(
            call,
            Grade.REVIEW,
            Action("argument", parens_of(call), "timeout=1"),
            Action("statement-after", call.site, "requests.get(url, timeout=1)"),
        )


@VICTIM.for_each(HttpCall)
def check_victim(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    del ask
    if call.timeout.origin == "call":
        yield Verdict(Outcome.VIOLATED, call.head, "bad")


APP = """\
import requests

def f(url):
    requests.get(url)
    return requests.get(url)  # kept
"""


def one(session: Session) -> tuple[str, str]:
    (finding, *_) = session.findings("app.py")
    edits = session.edits(finding, finding.fixes[0])
    return edited(session, "app.py", edits), (edits[0].sha256 if edits else "")


def test_one_fix():
    session = open_session({"app.py": APP}, rules=(TIMEOUT,))
    text, digest = one(session)
    assert text == APP.replace("get(url)\n", "get(url, timeout=10)\n", 1)
    assert len(digest) == 64


def test_the_settings_say_how_long():
    session = open_session({"app.py": APP}, settings=Settings(timeouts=Timeouts(read=2.5)), rules=(TIMEOUT,))
    assert "timeout=2.5" in one(session)[0]


def test_a_trial_leaves_nothing_behind():
    session = open_session({"app.py": APP}, rules=(TIMEOUT,))
    before = session.report()
    one(session)
    assert session.source("app.py") == APP.encode()
    assert session.report() == before


def test_a_trial_on_an_unsaved_buffer():
    session = open_session({"app.py": ""}, rules=(TIMEOUT,))
    session.set_overlay("app.py", APP.encode())
    assert "timeout=10" in one(session)[0]
    assert session.source("app.py") == APP.encode()
    assert len(session.findings("app.py")) == 2


def test_a_fix_that_does_not_help_is_not_offered():
    session = open_session({"app.py": APP}, rules=(USELESS,))
    assert one(session) == (APP, "")


def test_all_fixes_at_once():
    fixed = fix({"app.py": APP, "b.py": APP}, Grade.SAFE, rules=(TIMEOUT,))
    assert fixed == dict.fromkeys(["app.py", "b.py"], APP.replace("get(url)", "get(url, timeout=10)"))
    assert fix(fixed, Grade.SAFE, rules=(TIMEOUT,)) == fixed


def test_what_was_applied_and_what_was_dropped():
    session = open_session({"app.py": APP}, rules=(TIMEOUT, USELESS))
    outcome = session.fix_all(Grade.SAFE)
    assert [(finding.rule, title) for finding, title in outcome.applied] == [("timeout", "Repair it")] * 2
    assert [(item.finding.rule, item.reason) for item in outcome.dropped] == [
        ("useless", "the finding would remain"),
        ("useless", "the finding would remain"),
    ]
    assert session.source("app.py") == APP.encode()


def test_a_fix_that_brings_another_finding_is_dropped():
    session = open_session({"app.py": APP}, rules=(HARMFUL, VICTIM))
    outcome = session.fix_all(Grade.REVIEW)
    assert outcome.edits == ()
    assert {item.reason for item in outcome.dropped} == {"it would bring victim", "it cannot be written here"}


def test_only_fixes_of_the_grade():
    session = open_session({"app.py": APP}, rules=(HARMFUL,))
    assert session.fix_all(Grade.SAFE).edits == ()
    assert session.fix_all(Grade.SAFE).dropped == ()


@pytest.mark.parametrize("member", ["app.py", "orders"])
def test_in_a_critical_zone_every_fix_needs_a_look(member: str):
    compose = "services:\n  orders:\n    build: .\n    command: python app.py\n"
    settings = Settings(zones=(Zone("critical", (member,)),))

    def check_where(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
        plan = FixPlan("Repair it", Grade.SAFE, (Action("argument", parens_of(call), "timeout=1"),))
        yield Verdict(Outcome.VIOLATED, call.head, "bad", fixes=(plan,), services=ask.services)

    rule = Rule("where", "Says in which service", Severity.WARNING, "calls")
    rule.for_each(HttpCall)(check_where)
    session = open_session({"app.py": APP, "compose.yaml": compose}, settings=settings, rules=(rule,))
    assert {plan.grade for finding in session.findings("app.py") for plan in finding.fixes} == {Grade.REVIEW}
    assert session.fix_all(Grade.SAFE).edits == ()


def test_only_some_rules():
    session = open_session({"app.py": APP}, rules=(TIMEOUT,))
    assert session.fix_all(Grade.SAFE, frozenset({"other"})).edits == ()


@pytest.mark.parametrize(
    "text",
    [
        APP.replace("\n", "\r\n"),
        APP.replace("url", "größe"),
        "\n" * 50 + APP + "\n" * 50,
    ],
)
def test_everything_else_stays_byte_for_byte(text: str):
    session = open_session({"app.py": text}, rules=(TIMEOUT,))
    outcome = session.fix_all(Grade.SAFE)
    assert sorted({edit.new_text for edit in outcome.edits}) == [", timeout=10"]
    name = "größe" if "größe" in text else "url"
    assert edited(session, "app.py", outcome.edits) == text.replace(f"get({name})", f"get({name}, timeout=10)")


def test_fixes_of_installed_rules_leave_a_file_that_has_none():
    files = {
        "app.py": dedent(
            """
            import time
            import requests
            from tenacity import retry

            @retry
            def charge(order):
                return requests.post("http://payments.example/charge", json=order).json()

            async def main():
                time.sleep(1)
            """
        )
    }
    fixed = fix(files)
    assert fixed != files
    assert fix(fixed) == fixed


def test_a_call_gets_its_arguments_before_it_is_handed_to_another_one():
    session = open_session({"a.py": "import requests\n\n\nasync def f():\n    requests.get('http://x')\n"})
    text = edited(session, "a.py", session.fix_all(Grade.SAFE).edits)
    assert "asyncio.to_thread(requests.get, 'http://x', timeout=" in text


def test_fixes_step_by_step_are_those_at_once():
    files = {
        "a.py": "import requests\nrequests.get('a')\nrequests.get('b')\n",
        "b.py": "import requests\nrequests.get('c')\n",
    }
    session = open_session(files, rules=(TIMEOUT, USELESS))
    texts: dict[str, bytes] = {}
    refused: set[tuple[str, str]] = set()
    while (tried := session.attempt(texts, refused)) is not None:
        texts.update(tried.texts)
        if not tried.texts:
            refused.add(tried.finding)
        assert {path: session.source(path) for path in files} == {path: text.encode() for path, text in files.items()}
    edits = session.fix_all(Grade.SAFE).edits
    assert {path: text.decode() for path, text in texts.items()} == {
        path: edited(session, path, edits) for path in files
    }
    assert len(refused) == 3
