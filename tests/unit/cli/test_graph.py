"""`shearpin graph` as a command: what it takes, what it refuses."""

from __future__ import annotations

import pytest

from shearpin.cli.app import run

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
    "orders/main.py": """\
import os

import requests
from fastapi import FastAPI

app = FastAPI()


@app.post("/orders")
def create(order: dict):
    requests.post(os.environ["PAYMENTS_URL"] + "/charge", json=order)
    requests.get(os.environ["LEDGER_URL"] + "/total", timeout=3)
""",
    "orders/Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["uvicorn", "main:app"]\n',
    "payments/main.py": """\
from fastapi import FastAPI

app = FastAPI()


@app.post("/charge")
def charge(order: dict):
    return order
""",
    "payments/Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["uvicorn", "main:app"]\n',
}


@pytest.fixture
def graph(tmp_path, monkeypatch, capsys):
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def asked(*arguments):
        status = run(["graph", "--no-cache", "--jobs", "1", *arguments])
        return status, *capsys.readouterr()

    return asked


def test_page(graph):
    status, page, _ = graph("--format", "html")
    assert status == 0
    assert page.startswith("<!doctype html>")
    assert "call-without-timeout" in page
    assert page.endswith("</html>\n")


def test_explanation_has_every_step_with_its_place(graph):
    status, text, _ = graph("--explain", "orders", "payments")
    assert status == 0
    assert [row.split()[1] for row in text.splitlines() if row.strip()[:1].isdigit()] == [
        "orders/main.py:11",
        "compose.yaml:5",
        "compose.yaml:6",
        "payments/main.py:6",
    ]
    assert "PAYMENTS_URL=http://payments:8000" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--explain", "payments", "orders"), 'no edge from payments to "orders"; payments uses nothing'),
        (("--explain", "orders", "ledger"), "orders uses payments"),
        (("--explain", "order", "payments"), 'did you mean "orders"'),
        (("--unknown", "--format", "json"), "leave --format away"),
        (("--direction", "up"), "up"),
    ],
)
def test_what_it_refuses(graph, arguments, message):
    status, _, error = graph(*arguments)
    assert status == 2
    assert message in error


def test_unknown_targets_with_advice(graph):
    status, text, _ = graph("--unknown")
    assert status == 0
    assert "environment variable LEDGER_URL is not set in any manifest" in text
    assert "orders/main.py:12" in text
    assert "what would help: set LEDGER_URL" in text


def test_direction(graph):
    _, incoming, _ = graph("--service", "payments", "--direction", "in")
    assert "used by orders" in incoming
    _, outgoing, _ = graph("--service", "payments", "--direction", "out")
    assert "orders" not in outgoing
