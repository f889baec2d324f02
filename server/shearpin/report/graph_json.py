"""The service graph as JSON; `schemas/graph.schema.json` describes it. Lines are 1-based."""

from __future__ import annotations

import msgspec

from shearpin.facts.service import Infra, Service
from shearpin.graph.model import Attribute, Edge, Endpoint, ServiceGraph
from shearpin.report.places import Places

SCHEMA_VERSION = 1


class ServiceJson(msgspec.Struct, frozen=True):
    """A deployed process group."""

    id: str
    root: str
    language: str
    kind: str
    framework: str | None
    manifests: tuple[str, ...]
    aliases: tuple[str, ...]
    ports: tuple[int, ...]


class InfraJson(msgspec.Struct, frozen=True):
    """A database, broker or cache."""

    id: str
    kind: str
    host: str


class EndpointJson(msgspec.Struct, frozen=True):
    """Something a service serves."""

    service: str
    kind: str
    op: str
    op_norm: str
    file: str
    line: int
    registered: bool


class EvidenceJson(msgspec.Struct, frozen=True):
    """One step of how an edge is known."""

    path: str
    line: int
    note: str


class EdgeJson(msgspec.Struct, frozen=True, rename={"source": "from", "target": "to", "target_kind": "to_kind"}):
    """One use of something by a service."""

    source: str
    target: str
    target_kind: str
    protocol: str
    op: str
    op_norm: str
    file: str
    line: int
    mode: str
    style: str
    confidence: str
    resolved_via: tuple[str, ...]
    timeout: Attribute | None
    attempts: Attribute | None
    breaker: Attribute | None
    unknown_reason: str | None
    evidence: tuple[EvidenceJson, ...]


class GraphJson(msgspec.Struct, frozen=True):
    """The whole answer."""

    schema_version: int
    root: str
    services: tuple[ServiceJson, ...]
    infra: tuple[InfraJson, ...]
    endpoints: tuple[EndpointJson, ...]
    edges: tuple[EdgeJson, ...]


def graph_json(graph: ServiceGraph, places: Places, root: str) -> bytes:
    """Indented UTF-8 JSON with a final line feed."""
    answer = GraphJson(
        schema_version=SCHEMA_VERSION,
        root=root,
        services=tuple(_service(item) for item in graph.services),
        infra=tuple(_infra(item) for item in graph.infra),
        endpoints=tuple(_endpoint(item, places) for item in graph.endpoints),
        edges=tuple(_edge(item, places) for item in graph.edges),
    )
    return msgspec.json.format(msgspec.json.encode(answer), indent=2) + b"\n"


def _service(service: Service) -> ServiceJson:
    return ServiceJson(
        id=service.id,
        root=service.root,
        language=service.language,
        kind=service.kind,
        framework=service.framework,
        manifests=service.manifests,
        aliases=service.aliases,
        ports=service.ports,
    )


def _infra(infra: Infra) -> InfraJson:
    return InfraJson(infra.id, infra.kind, infra.hosts[0] if infra.hosts else infra.id)


def _endpoint(endpoint: Endpoint, places: Places) -> EndpointJson:
    return EndpointJson(
        service=endpoint.service,
        kind=endpoint.kind,
        op=endpoint.op,
        op_norm=endpoint.op_norm,
        file=endpoint.site.path,
        line=places.line_of(endpoint.site),
        registered=endpoint.registered,
    )


def _edge(edge: Edge, places: Places) -> EdgeJson:
    return EdgeJson(
        source=edge.source,
        target=edge.target,
        target_kind=edge.target_kind,
        protocol=edge.protocol,
        op=edge.op,
        op_norm=edge.op_norm,
        file=edge.site.path,
        line=places.line_of(edge.site),
        mode=edge.mode,
        style=edge.style,
        confidence=edge.confidence,
        resolved_via=edge.resolved_via,
        timeout=edge.timeout,
        attempts=edge.attempts,
        breaker=edge.breaker,
        unknown_reason=edge.unknown_reason or None,
        evidence=tuple(EvidenceJson(hop.site.path, places.line_of(hop.site), hop.note) for hop in edge.evidence),
    )
