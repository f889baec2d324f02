from __future__ import annotations

from inline_snapshot import snapshot

from shearpin.report.graph_text import graph_text
from shearpin.report.neighbourhood import neighbourhood
from shearpin.report.styled import plain_text

from .graphs import shop


def test_each_service_shows_what_it_serves_and_uses(desk):
    graph = shop(desk)
    assert plain_text(graph_text(graph, desk.places)) == snapshot("""\
orders  python, fastapi, web  in orders/  port 8000
  uses
    -> payments
       http POST /charge    orders/main.py:3  timeout 5.0 (httpx default)
    -> topic:amqp/orders
       amqp publish orders  orders/main.py:4
    -> unknown
       http GET {url}       orders/main.py:5  url is a parameter nobody passes

payments  python, fastapi, web  in payments/  port 8000
  serves
    POST /charge  payments/main.py:1
    task send     payments/main.py:2  not registered on an application
  uses
    -> db
       sql  payments/main.py:2
  used by orders

infrastructure
    db  postgres  used by payments

2 services, 1 piece of infrastructure, 2 endpoints, 4 edges (1 to an unknown target)
""")


def test_a_neighbourhood_follows_edges_both_ways(desk):
    graph = shop(desk)
    around = neighbourhood(graph, "payments", 1)
    assert [item.id for item in around.services] == ["orders", "payments"]
    assert [item.id for item in around.infra] == ["db"]
    assert {item.target for item in around.edges} == {"payments", "db", ""}


def test_depth_zero_is_the_service_alone(desk):
    alone = neighbourhood(shop(desk), "orders", 0)
    assert [item.id for item in alone.services] == ["orders"]
    assert alone.edges == ()
    assert alone.infra == ()
