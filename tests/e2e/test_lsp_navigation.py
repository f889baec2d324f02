"""From one service into another and back, with the real analysis."""

from __future__ import annotations

import pytest
from lsprotocol import types

COMPOSE = """\
services:
  orders:
    build: ./orders
    environment:
      PAYMENTS_URL: http://payments:8000
      BANNER: welcome
      LEDGER_URL: http://ledger:1
  payments:
    build: ./payments
  worker:
    build: ./worker
  rabbitmq:
    image: rabbitmq:3
"""
ORDERS = """\
import os

import pika
import requests
from fastapi import FastAPI

app = FastAPI()
PAYMENTS = os.environ["PAYMENTS_URL"]


def pay(path, body):
    response = requests.post(f"{PAYMENTS}{path}", json=body, timeout=5)
    response.raise_for_status()


@app.post("/orders")
def create(order: dict):
    pay("/charge", order)
    requests.get(PAYMENTS + "/charges/7", timeout=5)
    connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
    channel = connection.channel()
    channel.basic_publish(exchange="", routing_key="paid", body=b"1")
"""
PAYMENTS = """\
from fastapi import FastAPI

app = FastAPI()


@app.post("/charge")
def charge(order: dict):
    return order


@app.get("/charges/{number}")
def one(number: int):
    return number


@app.get("/unused")
def unused():
    return 1
"""
WORKER = """\
import pika


def on_paid(channel, method, properties, body):
    channel.basic_ack(method.delivery_tag)


connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
channel = connection.channel()
channel.queue_declare("paid")
channel.basic_consume("paid", on_paid)
channel.start_consuming()
"""
SYSTEM = {
    "compose.yaml": COMPOSE,
    "orders/main.py": ORDERS,
    "orders/requirements.txt": "fastapi\nrequests\npika\n",
    "orders/Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["uvicorn", "main:app"]\n',
    "payments/main.py": PAYMENTS,
    "payments/requirements.txt": "fastapi\n",
    "payments/Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["uvicorn", "main:app"]\n',
    "worker/main.py": WORKER,
    "worker/requirements.txt": "pika\n",
    "worker/Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["python", "main.py"]\n',
}


@pytest.fixture
async def system(editor):
    editor.write(SYSTEM)
    await editor.start()
    for path in SYSTEM:
        if path.endswith((".py", ".yaml")):
            editor.open(path)
    return editor


def position(editor, path, text, inside=""):
    """The position of a text that occurs once, or of a text inside it."""
    whole = editor.texts[path]
    assert whole.count(text) == 1
    return editor.position(path, whole.index(text) + text.index(inside))


def shown(editor, found):
    """`path:line` of the answers, lines from 1."""
    prefix = f"{editor.root.as_uri()}/"
    return [f"{item.uri.removeprefix(prefix)}:{item.range.start.line + 1}" for item in found or []]


async def definition(editor, path, text, inside=""):
    place = types.TextDocumentIdentifier(editor.uri(path))
    params = types.DefinitionParams(place, position(editor, path, text, inside))
    return shown(editor, await editor.client.text_document_definition_async(params))


async def references(editor, path, text, inside=""):
    place = types.TextDocumentIdentifier(editor.uri(path))
    params = types.ReferenceParams(types.ReferenceContext(False), place, position(editor, path, text, inside))
    return shown(editor, await editor.client.text_document_references_async(params))


async def test_from_a_call_to_the_route_that_serves_it(system):
    assert await definition(system, "orders/main.py", "requests.get(", "get") == ["payments/main.py:11"]
    assert await definition(system, "orders/main.py", '"/charges/7"', "charges") == ["payments/main.py:11"]
    # a wrapper: the caller names the path
    assert await definition(system, "orders/main.py", 'pay("/charge", order)', "charge") == ["payments/main.py:6"]
    assert await definition(system, "orders/main.py", 'pay("/charge", order)', "order") == []
    assert await definition(system, "orders/main.py", "import pika") == []


async def test_from_a_variable_to_its_entry_in_the_manifest(system):
    assert await definition(system, "orders/main.py", '"PAYMENTS_URL"', "URL") == ["compose.yaml:5"]


async def test_from_a_message_to_its_consumer_and_back(system):
    assert await definition(system, "orders/main.py", "channel.basic_publish", "basic") == ["worker/main.py:4"]
    assert await references(system, "worker/main.py", "def on_paid", "on_paid") == ["orders/main.py:22"]


async def test_from_a_route_to_its_callers_in_other_services(system):
    assert await references(system, "payments/main.py", '@app.post("/charge")', "post") == ["orders/main.py:18"]
    assert await references(system, "payments/main.py", "def one(", "one") == ["orders/main.py:19"]
    assert await references(system, "payments/main.py", "def unused(", "unused") == []
    assert await references(system, "payments/main.py", "return number", "number") == []


async def test_from_an_entry_in_a_manifest_to_its_readers_and_to_whom_it_points(system):
    assert await references(system, "compose.yaml", "http://payments:8000", "payments") == ["orders/main.py:8"]
    assert await references(system, "compose.yaml", "BANNER: welcome", "welcome") == []
    assert await definition(system, "compose.yaml", "http://payments:8000", "payments") == ["compose.yaml:8"]


async def test_hover_on_an_entry_in_a_manifest(system):
    text = await system.hover("compose.yaml", "http://payments:8000")
    assert "**PAYMENTS_URL** of orders" in text
    assert "read at `orders/main.py:8`" in text
    assert "points to service payments (`compose.yaml:8`)" in text
    banner = await system.hover("compose.yaml", "welcome")
    assert "no code that is known reads it" in banner
    assert "points to" not in banner
    assert "nobody that is known: ledger" in await system.hover("compose.yaml", "http://ledger:1")
    assert await system.hover("compose.yaml", "rabbitmq:3") == ""


async def test_answers_follow_unsaved_text(system):
    system.replace("payments/main.py", '@app.get("/unused")', '@app.get("/unused/much")')
    system.replace("payments/main.py", "from fastapi import FastAPI\n", "from fastapi import FastAPI\n\n")
    assert await definition(system, "orders/main.py", '"/charges/7"', "charges") == ["payments/main.py:12"]
    system.replace("compose.yaml", "http://payments:8000", "https://pay.example.com")
    assert await definition(system, "orders/main.py", '"/charges/7"', "charges") == []
    assert "somebody outside: pay.example.com" in await system.hover("compose.yaml", "https://pay.example.com")
