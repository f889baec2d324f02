"""How long a call waits, how often it is made, and what that means for the request around it."""

from __future__ import annotations

from ...support import open_session

COMPOSE = "services: {shop: {build: shop}, stock: {build: stock}}\n"
SHOP = """\
import requests
import tenacity
from fastapi import FastAPI

app = FastAPI()


@tenacity.retry(stop=tenacity.stop_after_attempt(3))
def ask(sku, limit):
    return requests.get(f"http://stock/items/{sku}", timeout=limit)


@app.get("/items/{sku}")
def item(sku: str):
    return ask(sku, 5).json()
"""
STOCK = """\
import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.Client(timeout=4)


@app.get("/items/{sku}")
def item(sku: str):
    client.get("https://erp.example.com/lock")
    return client.get("https://erp.example.com/items").json()
"""
SYSTEM = {"compose.yaml": COMPOSE, "shop/main.py": SHOP, "stock/main.py": STOCK}


def limits(session, path):
    """Limits of the calls of a file as text: value, origin and line from 1."""

    def line(site):
        return None if site is None else (session.lines(site.path).line_at(session.locate(site)[0]) + 1)

    return [
        {limit.subject: (limit.value, limit.origin, line(limit.site)) for limit in found.limits}
        for found in session.limits(path)
    ]


def test_each_limit_says_where_it_comes_from():
    session = open_session(SYSTEM)
    assert limits(session, "shop/main.py") == [
        {"timeout": ("5 s", "given at the call", 10), "attempts": ("3", "tenacity", 8), "breaker": ("none", "", None)}
    ]
    lock, item = limits(session, "stock/main.py")
    assert lock == item
    assert lock["timeout"] == ("4 s", "given to the client", 5)


def test_several_callers_give_several_limits():
    text = SHOP + '\n\n@app.get("/all")\ndef everything():\n    return ask("all", 30).json()\n'
    session = open_session({**SYSTEM, "shop/main.py": text})
    (found,) = session.limits("shop/main.py")
    assert sorted(limit.value for limit in found.of("timeout")) == ["30 s", "5 s"]


def test_attempts_of_a_client_that_is_not_known_are_unknown():
    text = "import requests\nfrom elsewhere import session_of\n\nsession = session_of()\nretries = session.retries\n"
    mounted = "import requests\nfrom requests.adapters import HTTPAdapter\nimport os\n\ns = requests.Session()\n"
    mounted += (
        's.mount("https://", HTTPAdapter(max_retries=int(os.environ["N"])))\ns.get("https://a.example", timeout=3)\n'
    )
    session = open_session({"a.py": text, "b.py": mounted})
    assert session.limits("a.py") == ()
    assert [found.get("attempts") for found in limits(session, "b.py")] == [("unknown", "", None)]


def test_budget_of_the_request_and_of_the_service_behind_the_call():
    session = open_session(SYSTEM)
    (call,) = session.limits("shop/main.py")
    shares = {share.who: (share.seconds, share.waits) for share in session.shares(call.site)}
    assert shares["stock"] == (8.0, 5.0)
    assert shares["item"][1] is None
    assert shares["item"][0] >= 5.0


def test_files_that_are_no_python_have_no_limits():
    assert open_session(SYSTEM).limits("compose.yaml") == ()
