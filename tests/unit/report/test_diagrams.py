from __future__ import annotations

import re

from inline_snapshot import snapshot

from shearpin.graph.model import ServiceGraph
from shearpin.report.dot import dot
from shearpin.report.mermaid import MAX_CHARACTERS, MAX_EDGES, mermaid

from .graphs import edge, service, shop


def test_mermaid(desk):
    assert mermaid(shop(desk)) == snapshot("""\
flowchart LR
  n0["orders (fastapi)"]
  n1["payments (fastapi)"]
  n2[("db (postgres)")]
  n3{{"amqp/orders"}}
  n4(("unknown"))
  n0 -->|"http: POST /charge"| n1
  n0 -.->|"amqp: publish orders"| n3
  n0 -.->|"http: GET {url}"| n4
  n1 -->|"sql"| n2
""")


def test_dot(desk):
    assert dot(shop(desk)) == snapshot("""\
digraph services {
  rankdir=LR;
  node [fontname="sans-serif"];
  "orders" [label="orders (fastapi)", shape=box];
  "payments" [label="payments (fastapi)", shape=box];
  "db" [label="db (postgres)", shape=cylinder];
  "topic:amqp/orders" [label="amqp/orders", shape=hexagon];
  "unknown:orders" [label="unknown", shape=diamond];
  "orders" -> "payments" [label="http: POST /charge"];
  "orders" -> "topic:amqp/orders" [label="amqp: publish orders", style=dashed];
  "orders" -> "unknown:orders" [label="http: GET {url}", style=dotted];
  "payments" -> "db" [label="sql"];
}
""")


def crowd(desk, count: int, operation: str = "GET /") -> ServiceGraph:
    desk.write("a.py", "call()")
    site = desk.site("a.py", "call()")
    services = tuple(service(f"s{index}") for index in range(count + 1))
    edges = tuple(edge(site, f"s{index}", f"s{index + 1}", op=operation) for index in range(count))
    return ServiceGraph(services, (), (), edges)


def test_mermaid_with_too_many_arrows_is_cut_and_says_so(desk):
    text = mermaid(crowd(desk, MAX_EDGES + 20))
    assert text.count("-->") == MAX_EDGES
    assert "20 of 520 arrows are not drawn" in text
    assert "520" not in mermaid(crowd(desk, MAX_EDGES))


def test_mermaid_with_too_much_text_is_cut(desk):
    text = mermaid(crowd(desk, 400, operation="GET /" + "x" * 300))
    assert len(text) <= MAX_CHARACTERS
    drawn = text.count("-->")
    assert drawn > 50
    assert f"{400 - drawn} of 400 arrows are not drawn" in text


def test_labels_cannot_break_the_diagram(desk):
    graph = crowd(desk, 1, operation='GET /"a"|<b>#c\n`d`\\')
    label = next(re.finditer(r'-->\|"(.*?)"\|', mermaid(graph)))[1]
    assert '"' not in label
    assert "<" not in label
    assert '\\"a\\"' in dot(graph)
    assert dot(graph).count("\n") == 7


def test_calls_of_one_kind_share_an_arrow(desk):
    graph = crowd(desk, 1)
    many = tuple(edge(graph.edges[0].site, "s0", "s1", op=f"GET /{index}") for index in range(5))
    text = mermaid(ServiceGraph(graph.services, (), (), many))
    assert text.count("-->") == 1
    assert "GET /2, and 2 more" in text
