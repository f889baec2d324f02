"""How URLs of requests are put together from clients and paths."""

from __future__ import annotations

import pytest

from shearpin.facts.fact import ClientCreated, HttpCall

from .loading import Loaded
from .notation import text

_HEAD = "import os\nimport aiohttp\nimport httpx\nimport urllib3\nURL = os.environ['URL']\n"


def _urls(code: str) -> list[str]:
    loaded = Loaded({"app.py": _HEAD + code})
    return [text(fact.url, loaded.line) for fact in loaded.facts("app.py") if isinstance(fact, HttpCall)]


@pytest.mark.parametrize(
    ("client", "path", "url"),
    [
        ("httpx.Client()", "'http://h/users'", "http://h/users"),
        ("httpx.Client(base_url='http://h/api')", "'users'", "http://h/api/users"),
        ("httpx.Client(base_url='http://h/api/')", "'/users'", "http://h/api/users"),
        ("httpx.Client(base_url='http://h/api')", "'http://other/users'", "http://other/users"),
        ("httpx.Client(base_url='http://h')", "f'/users/{name}/orders'", "http://h/users/{name}/orders"),
        ("httpx.Client(base_url=URL)", "'/users'", "{$URL}/users"),
        ("httpx.Client(base_url=URL + '/v1/')", "'/users'", "{$URL}/v1/users"),
        ("httpx.Client(base_url='http://h')", "'/a' if name else '/b'", "(http://h/a / http://h/b)"),
        ("aiohttp.ClientSession('http://h/api/')", "'users'", "http://h/api/users"),
        ("aiohttp.ClientSession('http://h/api/')", "'/users'", "http://h/users"),
        ("aiohttp.ClientSession(base_url=URL)", "'/users'", "{$URL}/users"),
        ("aiohttp.ClientSession()", "URL + '/users'", "{$URL}/users"),
    ],
)
def test_base_and_path(client: str, path: str, url: str):
    assert _urls(f"def load(name):\n    {client}.get({path})\n") == [url]


def test_connection_pools_know_their_host():
    code = "urllib3.HTTPSConnectionPool('h', port=8443).request('GET', '/users')\n"
    assert _urls(code) == ["https://h:8443/users"]


def test_base_and_path_that_a_wrapper_gets():
    code = """
class Users:
    def __init__(self, base: str) -> None:
        self.base = base

    def load(self, path: str) -> None:
        httpx.get(self.base + path)
"""
    assert _urls(code) == ["{self}.base{path}"]


@pytest.mark.parametrize("transport", ["ASGITransport(app=app)", "WSGITransport(app=app)", "MockTransport(app)"])
def test_a_client_of_an_application_in_the_same_process_sends_nothing(transport: str):
    code = f"""
def load(app):
    client = httpx.Client(transport=httpx.{transport}, base_url="http://test")
    client.get("/users")
"""
    loaded = Loaded({"app.py": _HEAD + code})
    assert [fact for fact in loaded.facts("app.py") if isinstance(fact, (HttpCall, ClientCreated))] == []


def test_the_other_name_of_httpx_is_the_same_library():
    loaded = Loaded({"app.py": "import httpx2\nhttpx2.Client(base_url='http://h').post('/users')\n"})
    found = [fact for fact in loaded.facts("app.py") if isinstance(fact, HttpCall)]
    assert [(fact.library, text(fact.url, loaded.line)) for fact in found] == [("httpx2", "http://h/users")]
    assert "httpx2.Timeout(" in found[0].remedies[0].text
