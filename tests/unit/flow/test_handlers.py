"""Handlers around effects: what they take, what they do, and what becomes of the failure."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from shearpin.facts.derived import CaughtFailure
from shearpin.flow.derived import derived
from shearpin.session import Session

from ...support import open_session

IMPORTS = """\
import logging
import pika
import requests
from fastapi import FastAPI, HTTPException
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
log = logging.getLogger(__name__)
app = FastAPI()
failed = []
"""
ROUTE = """\
@app.post("/orders")
def handle() -> dict:
    work()
    return {"ok": True}
"""


def facts(text: str, path: str = "app.py") -> list[CaughtFailure]:
    session: Session = open_session({path: text})
    summary = session.summary(path)
    assert summary is not None
    found = (fact for part in summary.parts for fact in derived(session.db, path, part.id))
    return [fact for fact in found if isinstance(fact, CaughtFailure)]


def only(body: str, route: str = ROUTE, head: str = "def work():") -> CaughtFailure:
    """The fact of the one handler in a function `work` that a request runs."""
    found = facts(f"{IMPORTS}\n{head}\n{indent(dedent(body).strip(), '    ')}\n\n{route}")
    assert len(found) == 1
    return found[0]


PUT = 'requests.put("http://stock/1", timeout=1).raise_for_status()'


@pytest.mark.parametrize(
    ("caught", "is_taken"),
    [
        ("except Exception:", True),
        ("except:", True),
        ("except requests.RequestException:", True),
        ("except requests.exceptions.ConnectionError:", True),
        ("except (KeyError, requests.Timeout):", True),
        ("except OSError:", True),
        ("except KeyError:", False),
        ("except (TypeError, ValueError):", False),
        ("except UnheardOf:", False),
    ],
)
def test_a_handler_takes_the_failures_of_its_classes_and_their_bases(caught, is_taken):
    text = f"{IMPORTS}\ndef work():\n    try:\n        {PUT}\n    {caught}\n        pass\n\n{ROUTE}"
    assert bool(facts(text)) is is_taken


def test_what_a_database_answers_is_no_failure_of_it():
    body = "try:\n    session.commit()\nexcept {}:\n    pass"
    head = "def work(session: Session):"
    assert only(body.format("OperationalError"), head=head).library == "sqlalchemy"
    assert facts(f"{IMPORTS}\n{head}\n{indent(body.format('IntegrityError'), '    ')}\n\n{ROUTE}") == []


def test_an_inner_handler_that_takes_everything_leaves_nothing_for_the_outer_one():
    text = f"""
    try:
        try:
            {PUT}
        except Exception:
            log.error("inner")
    except Exception:
        log.error("outer")
    """
    assert only(text).action == "logs"


def test_an_inner_handler_that_raises_passes_the_failure_on():
    inner = f"        try:\n            {PUT}\n        except Exception:\n            raise\n"
    text = f"{IMPORTS}\ndef work():\n    try:\n{inner}"
    text += f"    except Exception:\n        pass\n\n{ROUTE}"
    assert [fact.action for fact in facts(text)] == ["raises", "nothing"]


def test_two_attempts_at_the_same_helper_are_two_handlers():
    attempt = "    try:\n        send()\n    except Exception:\n        log.error('no')\n"
    text = f"{IMPORTS}\ndef send():\n    {PUT}\n\ndef work():\n{attempt}{attempt}\n{ROUTE}"
    assert [len(fact.hops) for fact in facts(text)] == [1, 1]


@pytest.mark.parametrize(
    ("handler", "action", "outcome"),
    [
        ("raise", "raises", "told"),
        ("raise HTTPException(502) from None", "raises", "told"),
        ("if failed: raise ValueError\nelse: raise", "raises", "told"),
        ("pass", "nothing", "lost"),
        ("log.error('it failed: %s', error)", "logs", "lost"),
        ("print(error)\nreturn", "returns", "lost"),
        ("failed.append(error)", "keeps", "told"),
        ("global failed\nfailed = error", "keeps", "told"),
        (PUT, "compensates", "told"),
        ("unheard_of(error)", "unknown", "unknown"),
        ("if failed: raise", "nothing", "unknown"),
        ("raise SystemExit", "raises", "told"),
    ],
)
def test_what_a_handler_does_decides(handler, action, outcome):
    fact = only(f"try:\n    {PUT}\nexcept Exception as error:\n{indent(handler, '    ')}")
    assert (fact.action, fact.outcome) == (action, outcome)


def test_a_function_that_always_raises_counts_as_raising():
    head = "def refuse(error):\n    raise HTTPException(502)\n\ndef work():"
    assert only(f"try:\n    {PUT}\nexcept Exception as error:\n    refuse(error)", head=head).action == "raises"


WRAPPED = f"try:\n    {PUT}\n    return True\nexcept Exception:\n    return False"


@pytest.mark.parametrize(
    ("use", "outcome"),
    [
        ("work()", "lost"),
        ("done = work()", "lost"),
        ("if not work():\n    raise HTTPException(502)", "told"),
        ("done = work()\nif not done:\n    raise HTTPException(502)", "told"),
        ("return {'done': work()}", "told"),
        ("done = work()\nreturn {'done': done}", "told"),
        ("assert work()", "told"),
        ("keep(work())", "unknown"),
    ],
)
def test_a_value_tells_when_every_caller_looks_at_it(use, outcome):
    route = f'@app.post("/orders")\ndef handle() -> dict:\n{indent(use, "    ")}\n'
    assert only(WRAPPED, route=route).outcome == outcome


def test_one_caller_that_does_not_look_is_a_witness():
    route = '@app.post("/a")\ndef a() -> dict:\n    if not work(): raise HTTPException(502)\n'
    route += '@app.post("/b")\ndef b() -> dict:\n    work()\n    return {}\n'
    fact = only(WRAPPED, route=route)
    assert (fact.outcome, fact.use_note) == ("lost", "b goes on without looking at what it answers")


def test_the_value_of_failure_equals_that_of_success():
    assert only(f"try:\n    {PUT}\n    return True\nexcept Exception:\n    return True").outcome == "lost"


@pytest.mark.parametrize(
    "url", ["http://metrics/x", "http://notifications/send", "https://hooks.slack.com/x", "http://mailer/mail"]
)
def test_measurements_and_messages_to_people_may_fail(url):
    attempt = f'    try:\n        requests.post("{url}", timeout=1)\n    except Exception:\n        pass\n'
    text = f"{IMPORTS}\ndef work():\n{attempt}"
    assert facts(f"{text}\n{ROUTE}") == []


def test_a_publish_may_not():
    head = "channel = pika.BlockingConnection().channel()\n\ndef work():"
    fact = only("try:\n    channel.basic_publish('metrics', 'x', b'')\nexcept Exception:\n    pass", head=head)
    assert fact.outcome == "lost"


@pytest.mark.parametrize(
    ("route", "outcome"),
    [
        ('@app.get("/health")\ndef check() -> dict:\n    work()\n    return {}\n', "told"),
        ('@app.on_event("startup")\ndef start() -> None:\n    work()\n', "unknown"),
        ("", "unknown"),
    ],
)
def test_where_it_runs_decides_whether_it_matters(route, outcome):
    assert only(f"try:\n    {PUT}\nexcept Exception:\n    pass", route=route).outcome == outcome


def test_suppress_is_a_handler_that_does_nothing():
    head = "from contextlib import suppress\n\ndef work():"
    fact = only(f"with suppress(requests.RequestException):\n    {PUT}", head=head)
    assert (fact.action, fact.outcome) == ("nothing", "lost")


def test_cleaning_up_and_another_round_are_fine():
    cleaning = f"try:\n    {PUT}\nfinally:\n    try:\n        {PUT}\n    except Exception:\n        pass"
    assert only(cleaning).outcome == "told"
    rounds = f"while True:\n    try:\n        {PUT}\n    except Exception:\n        log.error('again')"
    assert only(rounds).outcome == "told"
