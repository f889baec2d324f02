"""Retries around a call: who states them, how often, how fast, after which failures; what failures leave open."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import indent

import pytest

from shearpin.facts.fact import HttpCall
from shearpin.flow.failures import outcomes_of, raised
from shearpin.flow.retries import Retry, retries_around, transport_of
from shearpin.flow.settled import settled
from shearpin.meaning.scopes import part_ids
from shearpin.query import Database

from ...support import open_session

HEAD = """\
import time
import httpx
import requests
import stamina
import backoff
import retrying
import retry as again
import tenacity
from celery import Celery
from requests.adapters import HTTPAdapter
from tenacity import AsyncRetrying, Retrying, stop_after_attempt, wait_fixed, retry_if_exception_type
app = Celery("x", broker="amqp://rabbit")
"""
GET = 'requests.get("https://erp.example.com/items", timeout=2)'
WHILE_LESS = f"""\
tries = 0
while tries < 5:
    try:
        return {GET}
    except requests.Timeout:
        tries += 1
"""
WHILE_GUARDED = f"""\
tries = 0
while True:
    try:
        return {GET}
    except requests.Timeout:
        tries += 1
        if tries >= 4:
            raise
"""
ITERATOR = f"""\
for attempt in Retrying(stop=stop_after_attempt(3)):
    with attempt:
        {GET}
"""


def mounted(prefix: str, method: str) -> str:
    """A session with a transport, and a call of it."""
    made = f's = requests.Session()\ns.mount("{prefix}", HTTPAdapter(max_retries=2))'
    return f'{made}\ndef f():\n    s.{method}("https://a/b")\n'


CONNECTING = 'c = httpx.Client(transport=httpx.HTTPTransport(retries=2))\ndef f():\n    c.get("https://a/b")\n'


def calls_of(db: Database, path: str = "app.py") -> list[HttpCall]:
    found = (item.fact for part in part_ids(db, path) for item in settled(db, path, part))
    return [fact for fact in found if isinstance(fact, HttpCall)]


def around(code: str | Mapping[str, str]) -> list[tuple[Retry, ...]]:
    """The ways to the first call of `app.py`."""
    session = open_session({"app.py": HEAD + code} if isinstance(code, str) else code, rules=())
    call = calls_of(session.db)[0]
    return list(retries_around(session.db, call.function, call.site))


def shown(retry: Retry) -> str:
    pause = "" if retry.wait_seconds is None else f" {retry.wait_seconds:g}"
    failures = "?" if retry.failures is None else ",".join(retry.failures)
    return f"{retry.form} {retry.attempts} {retry.wait}{pause} {failures}"


@pytest.mark.parametrize(
    ("decorator", "expected"),
    [
        ("tenacity.retry(stop=stop_after_attempt(3), wait=wait_fixed(2))", "decorator 3 fixed 2 Exception"),
        ("tenacity.retry", "decorator None none Exception"),
        ("tenacity.retry(retry=retry_if_exception_type(OSError))", "decorator None none OSError"),
        ("stamina.retry(on=requests.Timeout, attempts=4)", "decorator 4 jitter requests.Timeout"),
        ("backoff.on_exception(backoff.constant, OSError, max_tries=5, jitter=None, interval=0.5)",
         "decorator 5 fixed 0.5 OSError"),
        ("retrying.retry(stop_max_attempt_number=3, wait_fixed=250)", "decorator 3 fixed 0.25 Exception"),
        ("again.retry(OSError, tries=3, delay=2)", "decorator 3 fixed 2 OSError"),
        ("app.task(autoretry_for=(OSError,), max_retries=2)", "decorator 3 fixed 180 builtins.OSError"),
    ],
)  # fmt: skip
def test_decorators(decorator: str, expected: str):
    assert [[shown(retry) for retry in way] for way in around(f"@{decorator}\ndef f():\n    {GET}\n")] == [[expected]]


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        (
            f"for _ in range(3):\n    try:\n        return {GET}\n    except OSError:\n        time.sleep(0.5)",
            "loop 3 fixed 0.5 OSError",
        ),
        (
            f"for n in range(1, 4):\n    try:\n        return {GET}\n    except Exception:\n        time.sleep(2**n)",
            "loop 3 growing Exception",
        ),
        (WHILE_LESS, "loop 5 none requests.Timeout"),
        (WHILE_GUARDED, "loop 4 none requests.Timeout"),
        (f"while True:\n    try:\n        return {GET}\n    except:\n        pass", "loop None none BaseException"),
        (ITERATOR, "iterator 3 none Exception"),
    ],
)
def test_loops_and_iterators(loop: str, expected: str):
    assert [[shown(retry) for retry in way] for way in around(f"def f():\n{indent(loop, '    ')}\n")] == [[expected]]


def test_a_task_that_asks_for_its_own_repetition():
    code = (
        "@app.task(bind=True, max_retries=2)\ndef f(self):\n    try:\n"
        f"        {GET}\n    except OSError as error:\n        raise self.retry(exc=error, countdown=5)\n"
    )
    assert [[shown(retry) for retry in way] for way in around(code)] == [["task 3 fixed 5 ?"]]


def test_a_call_through_a_retry_object():
    code = f"def work():\n    {GET}\ndef f():\n    Retrying(stop=stop_after_attempt(4))(work)\n"
    assert [[shown(retry) for retry in way] for way in around(code)] == [["call 4 none Exception"]]


def test_a_library_function_that_is_called_through_a_retry_object():
    code = 'def f():\n    Retrying(stop=stop_after_attempt(4))(requests.get, "https://erp.example.com", timeout=2)\n'
    assert [[shown(retry) for retry in way] for way in around(code)] == [["call 4 none Exception"]]


def test_what_stands_beside_the_tried_block_is_not_tried_again():
    code = (
        "def f():\n    for _ in range(3):\n"
        f"        try:\n            requests.put('https://a.example.com', timeout=1)\n            return\n"
        f"        except OSError:\n            pass\n    {GET}\n"
    )
    session = open_session({"app.py": HEAD + code}, rules=())
    first, second = calls_of(session.db)
    assert [len(way) for way in retries_around(session.db, first.function, first.site)] == [1]
    assert [len(way) for way in retries_around(session.db, second.function, second.site)] == [0]


def test_each_way_of_being_called_has_its_own_retries():
    code = (
        f"def fetch():\n    {GET}\n"
        "@stamina.retry(on=OSError, attempts=2)\ndef a():\n    fetch()\n"
        "@stamina.retry(on=OSError, attempts=5)\ndef b():\n    a()\n"
        "def c():\n    fetch()\n"
    )
    assert sorted([[retry.attempts for retry in way] for way in around(code)]) == [[], [2, 5]]


def test_recursion_ends():
    code = f"@stamina.retry(on=OSError, attempts=2)\ndef f(n):\n    {GET}\n    f(n - 1)\n"
    assert all(len(way) <= 1 for way in around(code))


@pytest.mark.parametrize(
    ("names", "library", "expected"),
    [
        (("Exception",), "requests", "answered,not-sent,unknown"),
        (("OSError",), "requests", "answered,not-sent,unknown"),
        (("requests.ConnectionError",), "requests", "not-sent,unknown"),
        (("requests.ConnectTimeout",), "requests", "not-sent"),
        (("requests.ReadTimeout",), "requests", "unknown"),
        (("requests.HTTPError",), "requests", "answered"),
        (("KeyError",), "requests", ""),
        (("httpx.ConnectError",), "httpx", "not-sent"),
        (("httpx.TransportError",), "httpx", "not-sent,unknown"),
        (("httpx.HTTPStatusError",), "httpx", "answered"),
        (("OSError",), "httpx", ""),
        (("aiohttp.ClientConnectorError",), "aiohttp", "not-sent"),
        (("asyncio.TimeoutError",), "aiohttp", "not-sent,unknown"),
        (("urllib.error.HTTPError",), "urllib", "answered"),
        (("app.py:Busy",), "requests", None),
        (("app.py:Busy", "requests.ReadTimeout"), "requests", "unknown"),
        (("httpx.ReadTimeout",), "somebody", None),
        (None, "requests", None),
    ],
)
def test_outcomes(names: tuple[str, ...] | None, library: str, expected: str | None):
    found = outcomes_of(open_session({}, rules=()).db, names, library)
    assert (None if found is None else ",".join(sorted(found))) == expected


@pytest.mark.parametrize(
    ("library", "outcomes", "expected"),
    [
        ("requests", {"not-sent"}, ("requests.ConnectTimeout",)),
        ("requests", {"not-sent", "unknown"}, ("requests.ConnectionError", "requests.Timeout")),
        ("httpx", {"not-sent", "unknown"}, ("httpx.TransportError",)),
        ("somebody", {"not-sent"}, ()),
    ],
)
def test_exceptions_for_outcomes(library: str, outcomes: set[str], expected: tuple[str, ...]):
    assert raised(open_session({}, rules=()).db, library, frozenset(outcomes)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (mounted("https://", "get"), (3, True)),
        (mounted("https://", "post"), (3, False)),
        (mounted("http://", "get"), None),
        (CONNECTING, (3, False)),
        ('def f():\n    requests.get("https://a/b")\n', (1, False)),
    ],
)
def test_transports(code: str, expected: tuple[int, bool] | None):
    session = open_session({"app.py": HEAD + code}, rules=())
    found = transport_of(session.db, calls_of(session.db)[0])
    assert (None if found is None else (found.attempts, found.resends)) == expected
