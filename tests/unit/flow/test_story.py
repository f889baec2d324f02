"""The effects of a function as a story, and as people read them."""

from __future__ import annotations

import pytest
from inline_snapshot import snapshot

from shearpin.flow.story import functions_of, loop_of
from shearpin.report.effects_text import effects_text
from shearpin.report.places import Places, Sources
from shearpin.report.styled import plain_text

from ...support import open_session

FILES = {
    "compose.yaml": """\
        services:
          orders:
            build: ./orders
            environment:
              PAYMENTS_URL: http://payments:8000
          payments:
            build: ./payments
        """,
    "orders/Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["uvicorn", "main:app"]\n',
    "orders/main.py": """\
        import asyncio
        import os
        import time

        import httpx
        import requests
        from fastapi import FastAPI

        app = FastAPI()
        URL = os.environ["PAYMENTS_URL"]


        def send(path, body):
            return requests.post(URL + path, json=body, timeout=5)


        def wait():
            for _ in range(3):
                time.sleep(2)


        @app.post("/orders")
        async def create(order: dict):
            async with httpx.AsyncClient() as client:
                price = await client.get("https://prices.example.com/v1/" + order["sku"])
                price.raise_for_status()
            charge = send("/charge", price.json())
            if not charge.ok:
                return None
            asyncio.create_task(notify(charge.json()))
            wait()
            return charge


        async def notify(event):
            async with asyncio.timeout(3), httpx.AsyncClient() as client:
                await client.post("https://h.io", json=event)


        def repeat(count):
            send("/again", count)
            if count:
                repeat(count - 1)


        def pure(x):
            return x + 1


        class Client:
            def get(self):
                def later():
                    return 1

                return later
        """,
}


@pytest.fixture(scope="module")
def session():
    return open_session(FILES, rules=())


def told(session, name: str) -> str:
    function = functions_of(session.db, "orders/main.py")[name]
    places = Places(Sources(session.source, session.locate))
    return plain_text(effects_text(session.db, function, places))


def test_a_function_is_told_in_order(session):
    assert told(session, "create") == snapshot("""\
create  orders/main.py:23
  runs in    orders
  as         request
  event loop on the event loop

1. http GET /v1/{} -> external:prices.example.com  orders/main.py:25  timeout 5 s (library default); awaited
2. calls send  orders/main.py:27  uses 1; guarded by 1
  2.1. http POST /charge -> payments  orders/main.py:14  timeout 5 s (given at the call); blocks its thread
3. runs as a task: notify  orders/main.py:30  uses 2; guarded by 1, 2
  3.1. http POST / -> external:h.io  orders/main.py:37  timeout 5 s (library default); asyncio limits the time; awaited
4. starts a task that runs notify, which nobody supervises  orders/main.py:30  uses 3; guarded by 1, 2
5. calls wait  orders/main.py:31  guarded by 1, 2
  5.1. pauses for 2 s  orders/main.py:19  blocks its thread; in a loop
""")


def test_a_recursive_function_ends(session):
    assert told(session, "repeat") == snapshot("""\
repeat  orders/main.py:40
  runs in    orders
  as         nothing is known to call it
  event loop not on one

1. calls send  orders/main.py:41
  1.1. http POST /again -> payments  orders/main.py:14  timeout 5 s (given at the call); blocks its thread
2. calls repeat  orders/main.py:43  in a branch
  ... as told above
""")


def test_a_function_without_effects(session):
    assert told(session, "pure") == snapshot("""\
pure  orders/main.py:46
  runs in    orders
  as         nothing is known to call it
  event loop not on one

no effect on anything outside is known
""")


def test_values_of_several_callers(session):
    text = told(session, "send")
    assert "http POST /charge -> payments" in text
    assert "http POST /again -> payments" in text


def test_names_of_functions(session):
    assert list(functions_of(session.db, "orders/main.py")) == [
        "send", "wait", "create", "notify", "repeat", "pure", "Client.get", "Client.get.later",
    ]  # fmt: skip
    assert functions_of(session.db, "nowhere.py") == {}


@pytest.mark.parametrize(
    ("name", "answer"), [("create", "yes"), ("wait", "yes"), ("send", "sometimes"), ("repeat", "no"), ("notify", "yes")]
)
def test_event_loop(session, name, answer):
    assert loop_of(session.db, functions_of(session.db, "orders/main.py")[name]).answer == answer
