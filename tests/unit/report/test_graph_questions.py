"""Questions about a part of the graph: around a service, between two nodes, what is not known."""

from __future__ import annotations

import msgspec
import pytest
from inline_snapshot import snapshot

from shearpin.facts.site import Hop
from shearpin.graph.model import ServiceGraph
from shearpin.report.graph_explain import explained
from shearpin.report.graph_unknown import advice, unresolved
from shearpin.report.neighbourhood import Direction, neighbourhood
from shearpin.report.styled import plain_text

from .graphs import edge, service, shop


@pytest.fixture
def chain(desk) -> ServiceGraph:
    """a uses b uses c; b publishes to a topic that d consumes; c calls somebody unknown."""
    desk.write("a.py", "call()")
    site = desk.site("a.py", "call()")
    topic = {"target_kind": "topic", "protocol": "kafka", "mode": "async"}
    edges = (
        edge(site, "a", "b"),
        edge(site, "b", "c"),
        edge(site, "b", "topic:kafka/t", op="publish t", **topic),
        edge(site, "d", "topic:kafka/t", op="consume t", **topic),
        edge(site, "c", "unknown", target_kind="unknown"),
        edge(site, "a", "unknown", target_kind="unknown"),
    )
    return ServiceGraph(tuple(map(service, "abcd")), (), (), edges)


@pytest.mark.parametrize(
    ("start", "depth", "direction", "expected"),
    [
        ("b", 1, Direction.IN, "ab"),
        ("b", 1, Direction.OUT, "bc"),
        ("b", 2, Direction.OUT, "bcd"),
        ("b", 1, Direction.BOTH, "abc"),
        ("d", 2, Direction.IN, "bd"),
        ("d", 3, Direction.IN, "abd"),
        ("c", 9, Direction.OUT, "c"),
        ("a", 0, Direction.OUT, "a"),
        ("a", 9, Direction.OUT, "abcd"),
    ],
)
def test_services_within_reach(chain, start, depth, direction, expected):
    found = neighbourhood(chain, start, depth, direction)
    assert "".join(item.id for item in found.services) == expected


def test_one_direction_keeps_only_edges_on_the_way(chain):
    site = chain.edges[0].site
    looped = msgspec.structs.replace(chain, edges=(*chain.edges, edge(site, "c", "a")))
    kept = neighbourhood(looped, "a", 1, Direction.OUT).edges
    assert [(item.source, item.target) for item in kept] == [("a", "b"), ("a", "unknown")]


def test_unknown_targets_lead_nowhere(chain):
    kept = neighbourhood(chain, "c", 5, Direction.IN)
    assert "unknown" not in {item.target for item in kept.edges}
    assert [item.id for item in kept.services] == ["a", "b", "c"]


def test_an_edge_is_explained_step_by_step(desk):
    graph = shop(desk)
    desk.write("orders/config.py", "URL = os.environ['PAY']\n")
    read = Hop(desk.site("orders/config.py", "os"), "reads PAY")
    call = msgspec.structs.replace(
        graph.edges[0], evidence=(read, *graph.edges[0].evidence), resolved_via=("env-manifest", "literal")
    )
    payments = msgspec.structs.replace(graph.services[1], site=desk.site("compose.yaml", "db"))
    known = ServiceGraph((graph.services[0], payments), graph.infra, graph.endpoints, (call,))
    text = plain_text(explained(known, ("orders", "payments"), desk.places, lambda _: graph.endpoints[:1]))
    assert text == snapshot("""\
orders -> payments

http POST /charge  certain
  1. orders/config.py:1  reads PAY
  2. compose.yaml:1      compose names the host
  3. orders/main.py:3    calls POST /charge
  4. compose.yaml:2      defines payments, which the network knows as payments
  5. payments/main.py:1  payments serves POST /charge
     known by env-manifest: a variable has the value that a manifest gives it
     known by literal: the address, or a part of it, is written in the code
""")


def test_what_is_not_known_is_grouped_with_advice(desk):
    graph = shop(desk)
    lost = graph.edges[2]
    other = msgspec.structs.replace(
        lost, target="unknown:ledger", unknown_reason="nobody is called ledger", op="GET /total"
    )
    shown = msgspec.structs.replace(graph, edges=(*graph.edges, other, msgspec.structs.replace(other, op="GET /x")))
    rows = plain_text(unresolved(shown, desk.places)).splitlines()
    helps = [index for index, row in enumerate(rows) if row.startswith("    what would help: ")]
    assert len(helps) == 2
    assert "\n".join(row for index, row in enumerate(rows) if index not in helps) == snapshot("""\
nobody is called ledger  2 uses
    orders  orders/main.py:5  http GET /total at ledger
    orders  orders/main.py:5  http GET /x at ledger

url is a parameter nobody passes
    orders  orders/main.py:5  http GET {url}

3 of 6 uses have a known target\
""")


@pytest.mark.parametrize(
    ("reason", "part"),
    [
        ("environment variable PAY_URL is not set in any manifest", "set PAY_URL where"),
        ("nobody is called ledger", 'hosts = ["ledger"]'),
        ("PAY_URL is a secret", "only the password in PAY_URL"),
        ("parameter url is not known here", "passes url"),
        ("comes from db.fetch()", "made at run time by db.fetch"),
        ("value is computed", "read it from the environment"),
        ("something {else} entirely", "read it from the environment"),
    ],
)
def test_advice(reason, part):
    assert part in advice(reason)


def test_nothing_unknown(desk):
    assert plain_text(unresolved(ServiceGraph((), (), (), ()), desk.places)) == "no uses were found\n"
