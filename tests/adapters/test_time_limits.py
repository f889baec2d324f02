"""How the time limits of HTTP clients are read: given to the call, to the client, hidden, or left to the library."""

from __future__ import annotations

import pytest

from shearpin.facts.fact import HttpCall

from .loading import Loaded
from .notation import text

_HEAD = "import os\nimport aiohttp\nimport httpx\nimport requests\nimport urllib3\n"


def _limit(code: str) -> str:
    loaded = Loaded({"app.py": _HEAD + code})
    found = [fact for fact in loaded.facts("app.py") if isinstance(fact, HttpCall)]
    assert len(found) == 1, found
    return f"{text(found[0].timeout.value, loaded.line)} {found[0].timeout.origin}"


@pytest.mark.parametrize(
    ("call", "limit"),
    [
        ("requests.get('http://a')", "None default"),
        ("requests.get('http://a', timeout=5)", "5 call"),
        ("requests.get('http://a', timeout=None)", "None call"),
        ("requests.get('http://a', timeout=(3.05, None))", "(3.05, None) call"),
        ("requests.get('http://a', timeout=urllib3.Timeout(connect=1, read=2))", "(1, 2) call"),
        ("requests.get('http://a', timeout=urllib3.Timeout(total=7))", "7 call"),
        ("requests.get('http://a', timeout=os.environ['LIMIT'])", "$LIMIT call"),
        ("requests.get('http://a', **options)", "? unknown"),
        ("requests.get('http://a', **{'timeout': 4})", "4 call"),
        ("requests.Session().request('GET', 'http://a', None, None, None, None, None, None, 9)", "9 call"),
        ("httpx.get('http://a')", "5.0 default"),
        ("httpx.get('http://a', timeout=None)", "None call"),
        ("httpx.Client().get('http://a')", "5.0 default"),
        ("httpx.Client(timeout=3).get('http://a')", "3 client"),
        ("httpx.Client(timeout=3).get('http://a', timeout=httpx.USE_CLIENT_DEFAULT)", "3 client"),
        ("httpx.Client(timeout=None).get('http://a', timeout=2)", "2 call"),
        ("httpx.Client(timeout=(1, 2)).get('http://a')", "(1, 2) client"),
        ("httpx.Client(timeout=httpx.Timeout(4)).get('http://a')", "4 client"),
        ("httpx.Client(timeout=httpx.Timeout(None, connect=4)).get('http://a')", "(4, None) client"),
        ("httpx.Client(timeout=httpx.Timeout(connect=4)).get('http://a')", "? client"),
        ("httpx.Client(**options).get('http://a')", "? unknown"),
        ("aiohttp.ClientSession().get('http://a')", "300.0 default"),
        ("aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)).get('http://a')", "2 client"),
        ("aiohttp.ClientSession(timeout=aiohttp.ClientTimeout()).get('http://a')", "None client"),
        ("aiohttp.ClientSession().get('http://a', timeout=3)", "3 call"),
        ("urllib3.request('GET', 'http://a')", "3 default"),
        ("urllib3.PoolManager().request('GET', 'http://a')", "None default"),
        ("urllib3.PoolManager(timeout=2.5).request('GET', 'http://a')", "2.5 client"),
    ],
)
def test_limit_of_a_call(call: str, limit: str):
    assert _limit(f"def load(options):\n    {call}\n") == limit


def test_a_session_of_a_class_of_the_workspace_may_set_its_own_limit():
    code = """
class Patient(requests.Session):
    def request(self, method, url, **kwargs):
        kwargs.setdefault("timeout", 5)
        return super().request(method, url, **kwargs)

def load():
    Patient().get("http://a")
"""
    loaded = Loaded({"app.py": _HEAD + code})
    limits = {fact.timeout.origin for fact in loaded.facts("app.py") if isinstance(fact, HttpCall)}
    assert limits == {"unknown"}


def test_a_client_that_is_received_may_have_any_limit():
    assert _limit("def load(client: httpx.Client):\n    client.get('http://a')\n") == "? unknown"
    assert _limit("def load(session: requests.Session):\n    session.get('http://a')\n") == "? unknown"


def test_none_means_the_default_to_an_aiohttp_session_and_no_limit_to_its_call():
    calls = [
        "aiohttp.ClientSession(timeout=None).get('http://a')",
        "aiohttp.ClientSession().get('http://a', timeout=None)",
    ]
    loaded = Loaded({"app.py": _HEAD + "\n".join(calls)})
    found = [fact.timeout for fact in loaded.facts("app.py") if isinstance(fact, HttpCall)]
    assert [limit.none_is_forever for limit in found] == [False, True]
    assert all(limit.zero_is_forever for limit in found)


def test_one_of_two_clients_gives_both_limits():
    code = """
def load(flag):
    client = httpx.Client(timeout=1) if flag else httpx.Client()
    client.get("http://a")
"""
    assert _limit(code) == "(1 / 5.0) client"
