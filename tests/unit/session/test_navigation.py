"""Ways between places, where the protocol of an editor adds nothing."""

from __future__ import annotations

import pytest

from shearpin.session.environment import pointed
from shearpin.session.messages import fits

from ...support import open_session

FILES = {
    "compose.yaml": """\
        services:
          web:
            build: ./web
            environment:
              - REDIS_HOST=cache
              - WORD=hello
          cache:
            image: redis:7
          worker:
            build: ./worker
          prices:
            image: prices-in-go
        """,
    "protos/prices.proto": """\
        syntax = "proto3";
        package shop;
        service Prices {
          rpc Quote (Ask) returns (Answer) {}
        }
        """,
    "web/quotes.py": """\
        import grpc
        import prices_pb2_grpc

        stub = prices_pb2_grpc.PricesStub(grpc.insecure_channel("prices:50051"))


        def quote(ask):
            return stub.Quote(ask, timeout=3)
        """,
    "web/Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["python", "main.py"]\n',
    "web/main.py": """\
        import os

        import quotes
        from celery import Celery

        HOST = os.environ["REDIS_HOST"]
        app = Celery("web", broker=f"redis://{HOST}/0")


        def order(number):
            app.send_task("tasks.pack", args=[number])
        """,
    "worker/Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["celery", "-A", "tasks", "worker"]\n',
    "worker/tasks.py": """\
        from celery import Celery

        app = Celery("tasks", broker="redis://cache/0")


        @app.task(name="tasks.pack")
        def pack(number):
            return number


        @app.task(name="tasks.send")
        def send(number):
            return number
        """,
}


@pytest.fixture(scope="module")
def session():
    return open_session(FILES, rules=())


def lines(session, sites) -> list[str]:
    return [f"{site.path}:{session.lines(site.path).line_at(session.locate(site)[0]) + 1}" for site in sites]


def at(session, path, text) -> tuple[str, int]:
    return path, (session.source(path) or b"").index(text.encode())


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("web/main.py", '"tasks.pack"', ["worker/tasks.py:7"]),
        ("web/main.py", '"REDIS_HOST"', ["compose.yaml:5"]),
        ("web/main.py", "Celery(", []),
        ("web/quotes.py", "Quote(ask", ["protos/prices.proto:4"]),
        ("compose.yaml", "cache\n", ["compose.yaml:7"]),
        ("compose.yaml", "hello", []),
        ("compose.yaml", "image", []),
        ("nowhere.py", "", []),
    ],
)
def test_definitions(session, path, text, expected):
    assert lines(session, session.navigation.definitions(*at(session, path, text))) == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("worker/tasks.py", "pack(number)", ["web/main.py:11"]),
        ("worker/tasks.py", '@app.task(name="tasks.pack")', ["web/main.py:11"]),
        ("worker/tasks.py", "send(number)", []),
        ("compose.yaml", "cache\n", ["web/main.py:6"]),
        ("compose.yaml", "hello", []),
    ],
)
def test_references(session, path, text, expected):
    assert lines(session, session.navigation.references(*at(session, path, text))) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("cache", ("infra", "cache", "")),
        ("cache:6379", ("infra", "cache", "")),
        ("redis://cache:6379/0", ("infra", "cache", "/0")),
        ("https://api.example.com/v1", ("external", "api.example.com", "/v1")),
        ("http://ledger:80", ("unknown", "ledger", "")),
        ("hello", None),
        ("/var/cache", None),
        ("two words", None),
        ("", None),
        ("http://", None),
    ],
)
def test_where_a_value_points(session, value, expected):
    found = pointed(session.db, value, "web")
    assert (None if found is None else (found.kind, found.name, found.path)) == expected


@pytest.mark.parametrize(
    ("pattern", "key", "is_fitting"),
    [
        ("order.*", "order.paid", True),
        ("order.*", "order.paid.late", False),
        ("order.#", "order.paid.late", True),
        ("#", "order", True),
        ("order.#", "order", True),
        ("a|order.paid", "order.paid", True),
        ("order.paid", "order.cancelled", False),
        ("", "order", True),
        ("order.{}", "anything", True),
    ],
)
def test_routing_keys(pattern, key, is_fitting):
    assert fits(pattern, key) is is_fitting
