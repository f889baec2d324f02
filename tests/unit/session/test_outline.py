"""What files offer to and use of the rest of a system."""

from __future__ import annotations

from ...support import open_session
from .test_limits import SYSTEM

PIKA = """\
import pika


def channel():
    return pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()


def send():
    channel().basic_publish(exchange="", routing_key="paid", body=b"1")


def treat(channel, method, properties, body):
    channel.basic_ack(method.delivery_tag)


def main():
    own = channel()
    own.basic_consume("paid", treat)
    own.start_consuming()
"""


def at(session, site):
    return site.path, session.lines(site.path).line_at(session.locate(site)[0]) + 1


def test_a_route_knows_its_callers():
    session = open_session(SYSTEM)
    (offer,) = session.outline.offers("stock/main.py")
    assert (offer.kind, offer.op, offer.services) == ("http", "GET /items/{sku}", ("stock",))
    assert [at(session, edge.site) for edge in offer.users] == [("shop/main.py", 10)]
    (offer,) = session.outline.offers("shop/main.py")
    assert offer.users == ()


def test_a_consumer_knows_who_feeds_it():
    compose = "services: {a: {build: a}, rabbitmq: {image: rabbitmq}}\n"
    session = open_session({"compose.yaml": compose, "a/main.py": PIKA})
    (offer,) = session.outline.offers("a/main.py")
    assert offer.kind == "consumer"
    assert [at(session, edge.site) for edge in offer.users] == [("a/main.py", 9)]
    assert [name for name, _ in session.outline.topics()] == ["topic:rabbitmq/paid"]


def test_uses_of_a_file():
    session = open_session(SYSTEM)
    assert [(edge.target, edge.op) for edge in session.outline.uses("stock/main.py")] == [
        ("external:erp.example.com", "GET /lock"),
        ("external:erp.example.com", "GET /items"),
    ]
    assert session.outline.uses("compose.yaml") == ()


def test_uses_of_one_file_do_not_ask_for_the_graph():
    session = open_session(SYSTEM)
    session.db.reset_counters()
    session.outline.uses("stock/main.py")
    assert "graph.build.service_graph" not in session.db.counters


def test_clients_with_their_limit():
    (client,) = open_session(SYSTEM).outline.clients("stock/main.py")
    assert (client.protocol, client.timeout.value) == ("http", "4 s")


def test_units_of_a_manifest():
    session = open_session(SYSTEM)
    assert [(unit.kind, unit.name) for unit in session.outline.units("compose.yaml")] == [
        ("service", "shop"),
        ("service", "stock"),
    ]
    assert session.outline.units("shop/main.py") == ()
