"""The service graph as the HTML page shows it: nodes, merged lines, and all that a reader may ask about them.

Messages run from who publishes to who consumes, so a consumer's line starts at its topic. Targets without any name are
no nodes: the page counts them on the service that uses them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from shearpin.engine.finding import Finding
from shearpin.facts.service import Infra, Service
from shearpin.facts.site import Hop, Site
from shearpin.graph.model import Attribute, Edge, Endpoint, ServiceGraph
from shearpin.report.places import Places


class WebPlace(msgspec.Struct, frozen=True):
    """A place with what it says; lines from 1."""

    file: str
    line: int
    note: str = ""


class WebFinding(msgspec.Struct, frozen=True):
    """A finding."""

    rule: str
    severity: str
    message: str
    file: str
    line: int


class WebEndpoint(msgspec.Struct, frozen=True):
    """Something that a service serves."""

    kind: str
    op: str
    file: str
    line: int
    registered: bool


class WebEdge(msgspec.Struct, frozen=True):
    """One use. `node` and `other` are the nodes at its ends, `other` "" for a target without name.

    `findings` are indexes.
    """

    node: str
    other: str
    kind: str
    protocol: str
    op: str
    file: str
    line: int
    mode: str
    style: str
    confidence: str
    via: tuple[str, ...]
    timeout: Attribute | None
    attempts: Attribute | None
    breaker: Attribute | None
    reason: str
    evidence: tuple[WebPlace, ...]
    findings: tuple[int, ...]


class WebNode(msgspec.Struct, frozen=True):
    """`kind`: "service", "datastore", "topic", "external" or "unknown"; `about` are short facts for people."""

    name: str
    label: str
    note: str
    kind: str
    about: tuple[tuple[str, str], ...] = ()
    endpoints: tuple[WebEndpoint, ...] = ()
    #: indexes of edges whose target has no name
    unknown: tuple[int, ...] = ()
    findings: tuple[int, ...] = ()


class WebLine(msgspec.Struct, frozen=True):
    """All edges between two nodes in one direction."""

    tail: str
    head: str
    edges: tuple[int, ...]


class WebGraph(msgspec.Struct, frozen=True):
    """The whole page as data. `protocols` by how often they are used."""

    title: str
    protocols: tuple[str, ...]
    nodes: tuple[WebNode, ...]
    lines: tuple[WebLine, ...]
    edges: tuple[WebEdge, ...]
    findings: tuple[WebFinding, ...]


def web_graph(graph: ServiceGraph, findings: Sequence[Finding], places: Places, title: str) -> WebGraph:
    """Everything that the page shows."""
    told = tuple(_finding(item, places) for item in findings)
    marks = _Marks(findings, places)
    edges = tuple(_edge(edge, places, marks) for edge in graph.edges)
    lines: dict[tuple[str, str], list[int]] = {}
    for index, edge in enumerate(edges):
        if edge.other:
            ends = (edge.other, edge.node) if _is_consumed(edge) else (edge.node, edge.other)
            lines.setdefault(ends, []).append(index)
    counted = Counter(edge.protocol for edge in edges)
    return WebGraph(
        title=title,
        protocols=tuple(sorted(counted, key=lambda name: (-counted[name], name))),
        nodes=_nodes(graph, edges, findings, places),
        lines=tuple(WebLine(tail, head, tuple(found)) for (tail, head), found in lines.items()),
        edges=edges,
        findings=told,
    )


def _is_consumed(edge: WebEdge) -> bool:
    return edge.kind == "topic" and edge.op.partition(" ")[0] == "consume"


class _Marks:
    """Findings by file, to ask which of them are about a call."""

    def __init__(self, findings: Sequence[Finding], places: Places) -> None:
        self._places = places
        self._by_file: dict[str, list[tuple[int, Site]]] = {}
        for index, finding in enumerate(findings):
            self._by_file.setdefault(finding.site.path, []).append((index, finding.site))

    def at(self, site: Site) -> tuple[int, ...]:
        """Findings whose place overlaps a site's."""
        known = self._by_file.get(site.path)
        if not known:
            return ()
        here = self._places.range_of(site)
        found: list[int] = []
        for index, other in known:
            there = self._places.range_of(other)
            if there.start <= here.end and here.start <= there.end:
                found.append(index)
        return tuple(found)


def _finding(finding: Finding, places: Places) -> WebFinding:
    return WebFinding(
        finding.rule, finding.severity.value, finding.message, finding.site.path, places.line_of(finding.site)
    )


def _edge(edge: Edge, places: Places, marks: _Marks) -> WebEdge:
    return WebEdge(
        node=edge.source,
        other="" if edge.target in ("", "unknown") else edge.target,
        kind=edge.target_kind,
        protocol=edge.protocol,
        op=edge.op,
        file=edge.site.path,
        line=places.line_of(edge.site),
        mode=edge.mode,
        style=edge.style,
        confidence=edge.confidence,
        via=edge.resolved_via,
        timeout=edge.timeout,
        attempts=edge.attempts,
        breaker=edge.breaker,
        reason=edge.unknown_reason,
        evidence=tuple(_place(hop, places) for hop in edge.evidence),
        findings=marks.at(edge.site),
    )


def _place(hop: Hop, places: Places) -> WebPlace:
    return WebPlace(hop.site.path, places.line_of(hop.site), hop.note)


def _nodes(
    graph: ServiceGraph, edges: Sequence[WebEdge], findings: Sequence[Finding], places: Places
) -> tuple[WebNode, ...]:
    served: dict[str, list[WebEndpoint]] = {}
    for item in graph.endpoints:
        served.setdefault(item.service, []).append(_endpoint(item, places))
    lost: dict[str, list[int]] = {}
    for index, edge in enumerate(edges):
        if not edge.other:
            lost.setdefault(edge.node, []).append(index)
    found: dict[str, WebNode] = {}
    for service in graph.services:
        name = service.id
        found[name] = WebNode(
            name=name,
            label=name,
            note=service.framework or (service.kind if service.kind != "web" else "") or service.language,
            kind="service",
            about=tuple(_about_service(service)),
            endpoints=tuple(served.get(name, ())),
            unknown=tuple(lost.get(name, ())),
            findings=tuple(index for index, finding in enumerate(findings) if name in finding.services),
        )
    stores = {infra.id: _store(infra, places) for infra in graph.infra}
    used = {edge.other for edge in edges}
    brokers = {_topic(edge.other)[0] for edge in edges if edge.kind == "topic"}
    # a broker that nobody uses but for its topics is named on them and needs no node of its own
    found |= {name: store for name, store in stores.items() if name in used or name not in brokers}
    for edge in edges:
        if edge.node not in found:
            found[edge.node] = WebNode(edge.node, edge.node, "", "service", unknown=tuple(lost.get(edge.node, ())))
        if edge.other and edge.other not in found:
            found[edge.other] = _named(edge, stores)
    return tuple(found.values())


def _about_service(service: Service) -> list[tuple[str, str]]:
    facts = [
        ("written in", service.language),
        ("framework", service.framework or ""),
        ("kind", service.kind),
        ("folder", f"{service.root}/" if service.root else "the root folder"),
        ("ports", ", ".join(map(str, service.ports))),
        ("known as", ", ".join(dict.fromkeys((*service.hosts, *service.aliases)))),
        ("defined in", ", ".join(service.manifests)),
        ("starts", ", ".join(service.entries)),
    ]
    return [(name, value) for name, value in facts if value]


def _store(infra: Infra, places: Places) -> WebNode:
    facts = [
        ("kind", infra.kind),
        ("known as", ", ".join(infra.hosts)),
        ("ports", ", ".join(map(str, infra.ports))),
        ("defined at", f"{infra.site.path}:{places.line_of(infra.site)}"),
    ]
    note = infra.kind if infra.kind not in infra.id else ""
    return WebNode(infra.id, infra.id, note, "datastore", tuple((name, value) for name, value in facts if value))


def _topic(name: str) -> tuple[str, str]:
    """Broker and topic of a node's name."""
    broker, _, topic = name.removeprefix("topic:").partition("/")
    return broker, topic


def _named(edge: WebEdge, stores: Mapping[str, WebNode]) -> WebNode:
    """A node that only edges know: a topic, somebody outside, a host that nobody has."""
    name = edge.other
    if edge.kind == "topic":
        broker, topic = _topic(name)
        about = stores[broker].about if broker in stores else ()
        return WebNode(name, topic or broker, broker if topic else "", "topic", (("broker", broker), *about))
    label = name.split(":", 1)[-1] if edge.kind in ("external", "unknown") else name
    note = {"external": "outside", "unknown": "unknown host"}.get(edge.kind, "")
    return WebNode(name, label, note, edge.kind)


def _endpoint(item: Endpoint, places: Places) -> WebEndpoint:
    return WebEndpoint(item.kind, item.op, item.site.path, places.line_of(item.site), item.registered)
