from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import msgspec

from shearpin.graph.model import ServiceGraph
from shearpin.report.graph_html import graph_html
from shearpin.report.web_model import web_graph
from shearpin.report.web_picture import shortened, text_width

from .findings import two_findings
from .graphs import edge, service, shop

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\u2028{}{0}"
VOID = {"meta", "input", "br", "img", "link"}


class Page(HTMLParser):
    """Elements and their attributes as a browser's parser sees them, and whether tags are balanced."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags = []
        self.open = []
        self.texts = {}
        self.feed(text)

    # pyrefly: ignore[missing-override-decorator]
    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    # pyrefly: ignore[missing-override-decorator]
    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    # pyrefly: ignore[missing-override-decorator]
    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop()[0] == tag

    # pyrefly: ignore[missing-override-decorator]
    def handle_data(self, data):
        if self.open:
            tag, attributes = self.open[-1]
            self.texts.setdefault(attributes.get("id", tag), []).append(data)


def page(desk, graph=None, findings=(), title="shop"):
    return Page(graph_html(shop(desk) if graph is None else graph, findings, desk.places, title))


def data(found):
    return json.loads("".join(found.texts["data"]))


def by_class(found, word):
    return [attrs for _, attrs in found.tags if word in (attrs.get("class") or "").split()]


def test_it_is_well_formed_and_loads_nothing(desk):
    text = graph_html(shop(desk), (), desk.places, "shop")
    found = Page(text)
    assert found.open == []
    assert not [attrs for _, attrs in found.tags if attrs.keys() & {"src", "srcset", "action", "data", "onload"}]
    assert {attrs["href"] for _, attrs in found.tags if "href" in attrs} == {"#table"}
    assert not [tag for tag, _ in found.tags if tag in {"link", "iframe", "object", "embed", "base", "img"}]
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {"http://www.w3.org/2000/svg", "http://payments/charge"}
    assert not re.search(r"@import|url\((?!#)|fetch\(|XMLHttpRequest|innerHTML|outerHTML|insertAdjacent|eval\(", text)
    policy = next(attrs["content"] for _, attrs in found.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy


def test_kinds_of_nodes_have_their_shapes(desk):
    found = page(desk)
    for kind in ("service", "datastore", "topic"):
        assert by_class(found, f"{kind}") != []
    assert [attrs["aria-label"] for attrs in by_class(found, "node")] == [
        "service orders, fastapi",
        "service payments, fastapi",
        "datastore db, postgres",
        "topic orders, amqp",
    ]


def test_every_protocol_has_a_switch_and_every_line_its_colour(desk):
    found = page(desk)
    boxes = [attrs["value"] for tag, attrs in found.tags if tag == "input" and attrs.get("type") == "checkbox"]
    assert sorted(boxes) == ["amqp", "http", "sql"]
    number = data(found)["protocols"].index("amqp")
    (line,) = [attrs for attrs in by_class(found, "line") if "amqp" in attrs["aria-label"]]
    assert "async" in line["class"]
    assert [attrs for attrs in by_class(found, "first") if f"c{number}" in attrs["class"]] != []


def test_uses_between_the_same_two_are_one_line_with_a_count(desk):
    graph = shop(desk)
    many = tuple(edge(graph.edges[0].site, "orders", "payments", op=f"GET /{index}") for index in range(5))
    found = page(desk, ServiceGraph(graph.services, (), (), many))
    (line,) = by_class(found, "line")
    assert line["aria-label"] == "orders to payments: 5 uses, http"
    assert any("GET /0 +4" in text for text in found.texts["text"])


def test_a_crowded_picture_shows_counts_and_not_operations(desk):
    graph = shop(desk)
    names = [f"s{index}" for index in range(60)]
    site = graph.edges[0].site
    edges = tuple(edge(site, "s0", name, op=f"GET /{way}") for name in names[1:] for way in range(3))
    found = page(desk, ServiceGraph(tuple(map(service, names)), (), (), edges))
    texts = set(found.texts["text"])
    assert "3" in texts
    assert not [text for text in texts if text.startswith("GET")]


def test_messages_run_from_publisher_to_consumer(desk):
    graph = shop(desk)
    site = graph.edges[0].site
    more = {"target_kind": "topic", "protocol": "kafka", "mode": "async"}
    edges = (
        edge(site, "orders", "topic:kafka/paid", op="publish paid", **more),
        edge(site, "payments", "topic:kafka/paid", op="consume paid", **more),
    )
    shown = web_graph(ServiceGraph(graph.services, (), (), edges), (), desk.places, "x")
    assert [(line.tail, line.head) for line in shown.lines] == [
        ("orders", "topic:kafka/paid"),
        ("topic:kafka/paid", "payments"),
    ]


def test_unknown_targets_are_counted_on_their_service(desk):
    found = data(page(desk))
    orders = next(node for node in found["nodes"] if node["name"] == "orders")
    assert [found["edges"][index]["reason"] for index in orders["unknown"]] == ["url is a parameter nobody passes"]
    assert "" not in {node["name"] for node in found["nodes"]}


def test_facts_of_uses_and_findings_on_them(desk):
    first, second = two_findings(desk)
    graph = shop(desk)
    call = desk.site("orders/client.py", "requests.post(URL, json=order)")
    graph = msgspec.structs.replace(graph, edges=(*graph.edges, edge(call, "orders", "payments", op="POST /late")))
    found = data(page(desk, graph, (first, second)))
    late = next(item for item in found["edges"] if item["op"] == "POST /late")
    assert [found["findings"][index]["rule"] for index in late["findings"]] == ["call-without-timeout"]
    charge = next(item for item in found["edges"] if item["op"] == "POST /charge")
    assert charge["findings"] == []
    assert charge["timeout"] == {"value": "5.0", "origin": "httpx default"}
    assert charge["evidence"] == [{"file": "compose.yaml", "line": 1, "note": "compose names the host"}]
    assert (charge["file"], charge["line"]) == ("orders/main.py", 3)
    orders = next(node for node in found["nodes"] if node["name"] == "orders")
    assert orders["findings"] == [0]


def test_hostile_names_stay_text(desk):
    graph = shop(desk)
    site = graph.edges[0].site
    edges = (
        edge(site, HOSTILE, "external:" + HOSTILE, target_kind="external", op=HOSTILE, protocol=HOSTILE),
        edge(site, HOSTILE, "unknown", target_kind="unknown", unknown_reason=HOSTILE),
    )
    found = page(desk, ServiceGraph((service(HOSTILE),), (), (), edges), title=HOSTILE)
    assert found.open == []
    assert sum(tag == "script" for tag, _ in found.tags) == 2
    assert not [tag for tag, _ in found.tags if tag == "img"]
    assert not [attrs for _, attrs in found.tags if any(name.startswith("on") for name in attrs)]
    shown = data(found)
    assert shown["title"] == shown["nodes"][0]["name"] == shown["edges"][0]["op"] == HOSTILE
    assert found.texts["h1"] == [HOSTILE]


def test_a_broker_that_only_its_topics_need_is_no_node(desk):
    graph = shop(desk)
    site = graph.edges[0].site
    edges = (edge(site, "orders", "topic:db/x", target_kind="topic", op="publish x"),)
    shown = web_graph(ServiceGraph(graph.services, graph.infra, (), edges), (), desk.places, "x")
    assert [node.name for node in shown.nodes] == ["orders", "payments", "topic:db/x"]
    assert ("kind", "postgres") in shown.nodes[-1].about


def test_empty_graph(desk):
    found = page(desk, ServiceGraph((), (), (), ()))
    assert found.open == []
    assert data(found)["nodes"] == []


def test_same_graph_gives_the_same_page(desk):
    graph = shop(desk)
    assert graph_html(graph, (), desk.places, "x") == graph_html(graph, (), desk.places, "x")


def test_long_names_keep_both_ends():
    assert shortened("a" * 20 + "b" * 20, 15) == "aaaaaaaa…bbbbbb"
    assert shortened("short", 15) == "short"
    assert text_width("漢字", 10) > text_width("ab", 10) > text_width("il", 10)
