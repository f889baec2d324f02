"""How long functions may last at worst, chains of services, kinds of calls, layers of retries."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from shearpin.facts.fact import HttpCall
from shearpin.facts.site import FunctionId
from shearpin.flow.settled import settled
from shearpin.graph.amplification import layers_of
from shearpin.graph.budgets import budget, limit_of
from shearpin.graph.chains import chain_from
from shearpin.graph.digests import digest
from shearpin.graph.kinds import remote_kind
from shearpin.meaning.scopes import part_ids
from shearpin.query import Database

from ...support import open_session

HEAD = """\
import asyncio
import os
import time
import httpx
import requests
import stamina
import tenacity
client = httpx.AsyncClient(timeout=3)
def one():
    return requests.get("https://one.example.com", timeout=1)
def two():
    return requests.get("https://two.example.com", timeout=2)
def four():
    return requests.get("https://four.example.com", timeout=4)
def endless():
    return requests.get("https://endless.example.com")
async def three():
    return await client.get("https://three.example.com")
"""
ATTEMPTS = "for n in range({}):\n    try:\n        return two()\n    except {}:\n        time.sleep(1)"


def worst(body: str, head: str = "def work(x, limit=None):") -> tuple[float, int]:
    """Seconds, and how many parts have no end."""
    text = f"{HEAD}{head}\n{indent(dedent(body).strip(), '    ')}\n"
    found = budget(open_session({"app.py": text}, rules=()).db, FunctionId("app.py", "work"))
    return found.seconds, len(found.unbounded)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        # in order
        ("one()\ntwo()", 3),
        ("return one(), two()", 3),
        ("y = one().json() + two().json()", 3),
        ("time.sleep(2)\none()", 3),
        ("pass", 0),
        # branches
        ("if x:\n    one()\nelse:\n    four()\ntwo()", 6),
        ("if x:\n    return four()\none()\ntwo()", 4),
        ("if x:\n    return one()\ntwo()\nfour()", 6),
        ("if four().ok:\n    one()", 5),
        ("match x:\n    case 1:\n        one()\n    case _:\n        two()", 2),
        # loops
        ("for y in (1, 2, 3):\n    two()", 6),
        ("for y in x:\n    two()", 2),
        ("for y in (1, 2, 3):\n    if two().ok:\n        break", 2),
        ("while True:\n    two()\n    if x:\n        return", 2),
        ("for y in x:\n    if y:\n        four()\n        continue\n    one()\n    two()", 4),
        # failures
        ("try:\n    one()\nexcept OSError:\n    four()", 5),
        ("try:\n    one()\nexcept OSError:\n    return four()\ntwo()", 5),
        ("try:\n    one()\nexcept OSError:\n    pass\nfinally:\n    two()", 3),
        ("try:\n    one()\nexcept OSError:\n    raise\nelse:\n    two()\nfour()", 7),
        # attempts
        (ATTEMPTS.format("3", "requests.Timeout"), 8),
        (ATTEMPTS.format("3", "requests.ConnectTimeout"), 2),
        (ATTEMPTS.format("x", "requests.Timeout"), 2),
        # what is not known
        ("requests.get(x, timeout=limit)", 0),
        ("x.work()", 0),
    ],
)
def test_plain_functions(body: str, seconds: float):
    assert worst(body) == (seconds, 0)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ("await three()\nawait three()", 6),
        ("await asyncio.gather(three(), three())", 3),
        ("await asyncio.gather(*[three() for _ in x])", 3),
        ("await asyncio.wait_for(three(), 1)", 1),
        ("async with asyncio.timeout(2):\n    await three()\n    await three()", 2),
        ("asyncio.create_task(three())", 0),
        ("y = three()\nawait y", 0),
        ("await asyncio.to_thread(requests.get, 'https://a.example.com', timeout=4)", 4),
    ],
)
def test_coroutines(body: str, seconds: float):
    assert worst(body, "async def work(x):") == (seconds, 0)


def test_what_nothing_ends_counts_nothing_and_is_named():
    assert worst("endless()\none()") == (1, 1)


def test_recursion_counts_once():
    assert worst("one()\nif x:\n    work(x - 1)")[0] <= 12


def test_steps_say_how_it_adds_up():
    text = HEAD + "@stamina.retry(on=requests.Timeout, attempts=3)\ndef work():\n    return two()\n"
    found = budget(open_session({"app.py": text}, rules=()).db, FunctionId("app.py", "work"))
    assert found.seconds == 6
    assert [hop.note for hop in found.steps] == ["waits up to 2 s in two", "3 times: 6 s"]


def test_a_failure_that_is_caught_below_is_not_tried_again():
    text = HEAD + (
        "def quiet():\n    try:\n        return two()\n    except OSError:\n        return None\n"
        "@stamina.retry(on=requests.Timeout, attempts=3)\ndef work():\n    return quiet()\n"
    )
    assert budget(open_session({"app.py": text}, rules=()).db, FunctionId("app.py", "work")).seconds == 2


def calls(db: Database, path: str) -> list[HttpCall]:
    found = (item.fact for part in part_ids(db, path) for item in settled(db, path, part))
    return [fact for fact in found if isinstance(fact, HttpCall)]


@pytest.mark.parametrize(
    ("timeout", "seconds"), [("5", 5), ("(3, 10)", 10), ("None", None), ("os.environ['T']", None), ("x", None)]
)
def test_how_long_a_caller_waits(timeout: str, seconds: float | None):
    text = f"{HEAD}def work(x):\n    requests.get('https://a.b', timeout={timeout})\n"
    session = open_session({"app.py": text}, rules=())
    call = next(call for call in calls(session.db, "app.py") if call.site.part == "work")
    assert limit_of(call.timeout) == seconds


# ------------------------------------------------------------------- services


def services(*names: str) -> str:
    return "services:\n" + "".join(f"  {name}: {{build: {name}}}\n" for name in names)


def passing(path: str, target: str) -> str:
    return dedent(f"""\
        import httpx
        from fastapi import FastAPI
        app = FastAPI()
        @app.get("{path}")
        def handler():
            return httpx.get("{target}").json()
        """)


def test_chains_go_on_until_a_service_comes_again():
    files = {
        "compose.yaml": services("a", "b", "c"),
        "a/main.py": passing("/a", "http://b/b"),
        "b/main.py": passing("/b", "http://c/c"),
        "c/main.py": passing("/c", "http://a/a"),
    }
    db = open_session(files, rules=()).db
    chain = chain_from(db, "a", FunctionId("a/main.py", "handler"))
    assert (chain.services, chain.depth) == (("a", "b", "c"), 2)
    assert [step.op for step in chain.steps] == ["GET /b", "GET /c"]


HANDLERS = """\
from fastapi import FastAPI
import requests
import sqlite3
app = FastAPI()
left = {}
log = []
def add():
    log.append(1)
@app.post("/same")
def same(sku: str):
    return {"left": left.get(sku)}
@app.post("/delta")
def delta(sku: str):
    left[sku] -= 1
@app.post("/deep")
def deep():
    add()
@app.post("/known")
def known(key: str):
    if key in left:
        return left[key]
    left[key] -= 1
@app.post("/set")
def put(key: str):
    left[key] = 1
@app.post("/forward")
def forward():
    return requests.post("https://a.example.com", timeout=1)
@app.post("/ask")
def ask():
    return requests.get("https://a.example.com", timeout=1)
@app.post("/open")
def opened(x):
    x.work()
"""


@pytest.mark.parametrize(
    ("handler", "repeat"),
    [
        ("same", "same"),
        ("delta", "changes"),
        ("deep", "changes"),
        ("known", "unknown"),
        ("put", "unknown"),
        ("forward", "changes"),
        ("ask", "same"),
        ("opened", "unknown"),
    ],
)
def test_what_a_repeat_does(handler: str, repeat: str):
    db = open_session({"app.py": HANDLERS}, rules=()).db
    assert digest(db, FunctionId("app.py", handler)).repeat == repeat


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ('requests.get("http://stock/x")', "safe"),
        ('requests.put("http://stock/x")', "idempotent"),
        ('requests.delete("http://stock/x")', "idempotent"),
        ('requests.post("http://stock/same")', "safe"),
        ('requests.post("http://stock/delta")', "unsafe"),
        ('requests.post("http://stock/known")', "unknown"),
        ('requests.post("https://pay.example.com/charges")', "unsafe"),
        ('requests.patch("https://pay.example.com/charges/1")', "unsafe"),
        ('requests.post("https://pay.example.com/charges/search")', "unknown"),
        ('requests.post("https://pay.example.com/c", headers={"Idempotency-Key": x})', "idempotent"),
        ('requests.post("https://pay.example.com/c", json={"idempotency_key": x})', "idempotent"),
        ('requests.post("https://pay.example.com/c", headers={"Accept": "*/*"})', "unsafe"),
        ('requests.post("https://pay.example.com/c", headers=x)', "unknown"),
        ('requests.post("https://pay.example.com/c", **x)', "unknown"),
        ('requests.request(x, "https://pay.example.com/c")', "unknown"),
    ],
)
def test_kinds_of_calls(call: str, kind: str):
    files = {
        "compose.yaml": services("shop", "stock"),
        "shop/main.py": f"import requests\ndef work(x):\n    {call}\n",
        "stock/main.py": HANDLERS,
    }
    db = open_session(files, rules=()).db
    assert remote_kind(db, calls(db, "shop/main.py")[0], ("shop",)).kind == kind


def test_layers_multiply_over_services():
    again = "@stamina.retry(on=httpx.TransportError, attempts={})\ndef ask():\n    return httpx.get('{}')\n"
    head = "import httpx\nimport stamina\nfrom fastapi import FastAPI\napp = FastAPI()\n"
    route = "@app.get('{}')\ndef handler():\n    return ask().json()\n"
    files = {
        "compose.yaml": services("a", "b", "c"),
        "a/main.py": head + again.format(3, "http://b/b"),
        "b/main.py": head + again.format(4, "http://c/c") + route.format("/b"),
        "c/main.py": head + again.format(2, "https://d.example.com") + route.format("/c"),
    }
    db = open_session(files, rules=()).db
    layers = layers_of(db, calls(db, "a/main.py")[0], ("a",))
    assert [layer.attempts for layer in layers.all] == [3, 4, 2]
    assert (len(layers.local), layers.requests) == (1, 24)
