"""The service graph as data: the JSON contract is this, with lines instead of sites."""

from __future__ import annotations

import msgspec

from shearpin.facts.service import Infra, Service
from shearpin.facts.site import Hop, Site


class Endpoint(msgspec.Struct, frozen=True, gc=False):
    """kind: "http", "grpc", "rpc", "graphql", "task", "topic", "ws"; `op` e.g. "GET /a/{id}", `op_norm` "GET /a/{}"."""

    service: str
    kind: str
    op: str
    op_norm: str
    site: Site
    registered: bool


class Attribute(msgspec.Struct, frozen=True, gc=False):
    """A property of an edge and where it comes from, for people: value "5.0", origin "httpx default"."""

    value: str
    origin: str


class Edge(msgspec.Struct, frozen=True, gc=False):
    """`source` uses `target`. `target_kind`: "service", "datastore", "topic", "external" or "unknown".

    `mode` "sync" or "async"; `style` "blocking" or "asyncio"; `confidence` "certain", "likely" or "possible".
    """

    source: str
    target: str
    target_kind: str
    protocol: str
    op: str
    op_norm: str
    site: Site
    mode: str
    style: str
    confidence: str
    resolved_via: tuple[str, ...] = ()
    timeout: Attribute | None = None
    attempts: Attribute | None = None
    breaker: Attribute | None = None
    unknown_reason: str = ""
    evidence: tuple[Hop, ...] = ()


class ServiceGraph(msgspec.Struct, frozen=True):
    """Everything `shearpin graph` prints."""

    services: tuple[Service, ...]
    infra: tuple[Infra, ...]
    endpoints: tuple[Endpoint, ...]
    edges: tuple[Edge, ...]
