"""The example system: what its marks say is what a session finds, and the same system done right has no finding."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from shearpin.report.mermaid import mermaid
from shearpin.report.places import Places, Sources
from shearpin.rulekit import discover
from shearpin.session import Session

from .sources import ROOT

SHOP = ROOT / "tests" / "workspaces" / "shop"
FIXED = ROOT / "tests" / "workspaces" / "shop-fixed"
MARK = re.compile(r"#\s*expect:\s*([a-z-]+(?:\s*,\s*[a-z-]+)*)")

RULES = {
    "blocking-call-in-async",
    "call-without-circuit-breaker",
    "call-without-timeout",
    "client-per-request",
    "consumer-not-idempotent",
    "retry-of-permanent-error",
    "retry-of-unsafe-call",
    "task-reference-dropped",
    "unbounded-retry",
    "unchecked-response",
    "unknown-endpoint",
}


@pytest.fixture(scope="module")
def shop():
    session = Session.open(SHOP, use_cache=False, jobs=1)
    yield session
    session.close()


@pytest.fixture(scope="module")
def fixed():
    session = Session.open(FIXED, use_cache=False, jobs=1)
    yield session
    session.close()


def marked(root: Path) -> set[tuple[str, int, str]]:
    """(path, 1-based line, rule) of every mark."""
    found = set()
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix in {".py", ".yaml"}:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                for mark in MARK.finditer(line):
                    rules = re.split(r"\s*,\s*", mark[1])
                    found |= {(path.relative_to(root).as_posix(), number, rule) for rule in rules}
    return found


def found(session: Session) -> set[tuple[str, int, str]]:
    places = Places(Sources(session.source, session.locate))
    return {(item.site.path, places.line_of(item.site), item.rule) for item in session.report().findings}


def test_findings_are_the_marks(shop):
    assert sorted(found(shop) - marked(SHOP)) == [], "false alarms"
    assert sorted(marked(SHOP) - found(shop)) == [], "missed alarms"


def test_every_finding_is_reported_once(shop):
    report = shop.report()
    assert len(report.findings) == len(found(shop))
    assert len({item.fingerprint for item in report.findings}) == len(report.findings)


def test_each_rule_is_shown_at_least_twice():
    counts = Counter(rule for _, _, rule in marked(SHOP))
    assert {rule for rule, count in counts.items() if count >= 2} >= RULES
    assert counts.keys() <= {rule.name for rule in discover()}


def test_done_right_there_is_no_finding(fixed):
    assert marked(FIXED) == set()
    assert sorted(found(fixed)) == []


@pytest.mark.parametrize("root", [SHOP, FIXED], ids=lambda root: root.name)
def test_everything_is_read(root, request):
    report = request.getfixturevalue(root.name.removeprefix("shop-")).report()
    assert report.skipped == ()
    assert report.files >= len(list(root.rglob("*.py")))


def test_the_graph_knows_the_services(shop):
    graph = shop.graph()
    services = {service.id for service in graph.services}
    assert services == {"gateway", "orders", "payments", "inventory", "notifications", "notifications-consumer"}
    assert {item.id for item in graph.infra} == {"postgres", "redis", "rabbitmq"}


def test_the_graph_knows_who_calls_whom(shop):
    edges = shop.graph().edges
    assert {(edge.source, edge.target) for edge in edges if edge.target_kind == "service"} == {
        ("gateway", "orders"),
        ("gateway", "inventory"),
        ("orders", "payments"),
        ("orders", "inventory"),
    }
    assert {(edge.source, edge.target) for edge in edges if edge.target_kind == "datastore"} >= {
        ("orders", "postgres"),
        ("payments", "postgres"),
        ("inventory", "redis"),
    }
    assert {(edge.source, edge.target) for edge in edges if edge.target_kind == "external"} >= {
        ("gateway", "external:id.shop.example"),
        ("payments", "external:api.bank.example"),
        ("payments", "external:fraud.shop.example"),
        ("inventory", "external:supplier.example"),
    }
    topics = {edge.source for edge in edges if edge.target_kind == "topic" and "shop.events" in edge.target}
    assert topics >= {"orders", "notifications-consumer"}


def test_the_readme_shows_the_graph(shop):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- graph -->\n```mermaid\n(.*?)```", text, re.DOTALL)
    assert shown is not None
    assert shown[1] == mermaid(shop.graph()), "paste: shearpin graph tests/workspaces/shop --format mermaid"
