"""Comments that allow findings: what they cover, and what is said about them."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent

import pytest

from shearpin.engine.comments import plain_allowances
from shearpin.facts.fact import HttpCall
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Confidence, Outcome, Severity, Verdict
from shearpin.settings import Settings
from shearpin.text.lines import LineIndex

from ...support import Found, check, open_session

RULE = Rule("http-call", "Every HTTP call", Severity.WARNING, "calls")
OTHER = Rule("other", "Nothing", Severity.WARNING, "calls")


@RULE.for_each(HttpCall)
def mark(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    yield Verdict(Outcome.VIOLATED, call.head, "an HTTP call", services=ask.services)


def lines(body: str, settings: Settings | None = None) -> list[str]:
    """`line rule` of all findings."""
    files = {"app.py": "import requests\n" + dedent(body)}
    return [f"{line} {rule}" for _, line, rule in check(files, settings=settings, rules=(RULE, OTHER))]


def test_without_a_comment():
    assert lines("requests.get(u)\n") == ["2 http-call"]


@pytest.mark.parametrize(
    "body",
    [
        "requests.get(u)  # shearpin: allow[http-call] known\n",
        "# shearpin: allow[http-call] known\nrequests.get(u)\n",
        "# shearpin: allow[http-call] known\n# and more words\nrequests.get(u)\n",
        "#shearpin:allow[ http-call ] - known\nrequests.get(u)\n",
        "x = requests.get(  # shearpin: allow[http-call] known\n    u)\n",
        "def f():\n    # shearpin: allow[http-call] known\n    requests.get(u)\n",
    ],
)
def test_a_comment_allows_its_line_or_the_next(body: str):
    assert lines(body) == []


def test_a_trailing_comment_is_not_for_the_next_line():
    found = lines("x = 1  # shearpin: allow[http-call] known\nrequests.get(u)\n")
    assert found == ["2 unused-suppression", "3 http-call"]


def test_a_comment_before_a_definition_covers_all_of_it():
    body = """
    # shearpin: allow[http-call] a health check
    @decorated
    def f():
        requests.get(u)
        def g():
            requests.get(u)
        return requests.get(u)

    requests.get(u)
    """
    assert lines(body) == ["11 http-call"]


def test_a_comment_before_a_class_covers_its_methods():
    body = """
    # shearpin: allow[http-call] a health check
    class C:
        def f(self):
            requests.get(u)
    """
    assert lines(body) == []


def test_a_comment_before_a_method_covers_only_that():
    body = """
    class C:
        # shearpin: allow[http-call] a health check
        async def f(self):
            requests.get(u)

        def g(self):
            requests.get(u)
    """
    assert lines(body) == ["9 http-call"]


def test_a_comment_before_a_nested_function():
    body = """
    def f():
        # shearpin: allow[http-call] a health check
        def g():
            requests.get(u)
        requests.get(u)
    """
    assert lines(body) == ["7 http-call"]


def test_a_missing_reason_is_reported_and_allows_all_the_same():
    assert lines("requests.get(u)  # shearpin: allow[http-call]\n") == ["2 suppression-without-reason"]


def test_an_unused_comment_is_reported():
    assert lines("x = 1  # shearpin: allow[http-call] known\n") == ["2 unused-suppression"]


def test_one_of_two_rules_is_unused():
    assert lines("requests.get(u)  # shearpin: allow[http-call, other] known\n") == ["2 unused-suppression"]


def test_a_rule_that_does_not_exist_has_a_near_match():
    session = open_session({"app.py": "x = 1  # shearpin: allow[htp-call] known\n"}, rules=(RULE,))
    (finding,) = session.findings("app.py")
    assert 'no rule "htp-call"; did you mean "http-call"?' in finding.message


def test_a_comment_for_a_rule_that_does_not_run_is_not_unused():
    settings = Settings(ignore=("other",))
    assert lines("x = 1  # shearpin: allow[other] known\n", settings) == []


def test_complaints_can_be_ignored():
    settings = Settings(ignore=("unused-suppression", "suppression-without-reason"))
    assert lines("x = 1  # shearpin: allow[other]\n", settings) == []


def test_a_text_that_looks_like_a_comment():
    assert lines('x = "# shearpin: allow[http-call] known"; requests.get(u)\n') == ["2 http-call"]


def test_a_comment_for_a_hidden_finding_is_not_unused():
    guess = Rule("guess", "Is not sure", Severity.WARNING, "calls")

    @guess.for_each(HttpCall)
    def perhaps(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
        del ask
        yield Verdict(Outcome.VIOLATED, call.head, "perhaps", confidence=Confidence.POSSIBLE)

    text = "import requests\nrequests.get(u)  # shearpin: allow[guess] known\n"
    assert check({"app.py": text}, rules=(guess,)) == []


def test_nothing_is_unused_in_a_file_that_does_not_parse():
    assert lines("x = 1  # shearpin: allow[http-call] known\ndef f(:\n") == []


def test_nothing_is_unused_before_everything_is_examined():
    text = "x = 1  # shearpin: allow[http-call] known\n"
    session = open_session({"app.py": text, "b.py": ""}, rules=(RULE,))
    assert session.local_findings("app.py") == ()
    assert [finding.rule for finding in session.findings("app.py")] == ["unused-suppression"]


def test_suppressed_findings_are_counted():
    session = open_session(
        {"app.py": "import requests\nrequests.get(u)  # shearpin: allow[http-call] x\n"}, rules=(RULE,)
    )
    assert session.report().suppressed == 1


def test_fingerprints_ignore_comments():
    bare = "import requests\ndef f():\n    requests.get(u)\n    requests.get(u)\n"
    allowed = bare.replace("get(u)\n    r", "get(u)  # shearpin: allow[http-call] x\n    r")
    first, second = (open_session({"app.py": text}, rules=(RULE,)).findings("app.py") for text in (bare, allowed))
    assert [finding.fingerprint for finding in second] == [first[1].fingerprint]


# -------------------------------------------------------------- other files


def covered(text: str) -> list[tuple[tuple[str, ...], str, str]]:
    source = text.encode()
    found = plain_allowances(source, LineIndex(source))
    return [(item.rules, item.reason, source[slice(*item.covers)].decode()) for item in found]


def test_comments_in_yaml():
    text = "a: 1 # shearpin: allow[x] why\n# shearpin: allow[y, z] because\nb: 2\n"
    assert covered(text) == [(("x",), "why", "a: 1 # shearpin: allow[x] why"), (("y", "z"), "because", "b: 2")]


def test_an_unused_comment_in_a_manifest():
    files = {
        "compose.yaml": "services:\n  a:\n    image: x  # shearpin: allow[http-call] why\n",
        ".env": "# shearpin: allow[other]\nA=1\n",
    }
    assert check(files, rules=(RULE, OTHER)) == [
        Found(".env", 1, "suppression-without-reason"),
        Found(".env", 1, "unused-suppression"),
        Found("compose.yaml", 3, "unused-suppression"),
    ]
