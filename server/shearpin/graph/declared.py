"""Edges that no code shows: what a description or a catalogue says about services.

What an AsyncAPI description says counts as likely, and only for a service whose code cannot be read. What a catalogue
says is kept by hand and may be old: it is possible at most, and left out where code shows that one uses the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.manifest import CatalogComponent, MessageContract, MessageOperation
from shearpin.facts.service import Service
from shearpin.graph.model import Edge
from shearpin.graph.topic_names import topic_name
from shearpin.graph.topics import BROKERS
from shearpin.query import Database, query
from shearpin.services.classify import PathClass, path_class
from shearpin.services.evidence import deployed_manifests
from shearpin.services.naming import is_inside, normalised
from shearpin.services.system import system


@query()
def described_edges(db: Database) -> tuple[Edge, ...]:
    """Edges to topics that descriptions of services in other languages state."""
    found: list[Edge] = []
    for facts in deployed_manifests(db):
        for contract in facts.messages if path_class(db, facts.path) is PathClass.APPLICATION else ():
            service = _owner(db, contract)
            if service is not None and service.language != "python":
                found.extend(_topic(db, service.id, operation) for operation in contract.operations)
    return tuple(dict.fromkeys(found))


def _owner(db: Database, contract: MessageContract) -> Service | None:
    """The service in whose folder the description stands, else the one that its title names."""
    around = [found for found in system(db).services if found.root and is_inside(contract.path, found.root)]
    deepest = max((len(found.root) for found in around), default=0)
    nearest = [found for found in around if len(found.root) == deepest]
    title = normalised(contract.title)
    named = [found for found in system(db).services if title in _names(found)]
    chosen = nearest if len(nearest) == 1 else named
    return chosen[0] if len(chosen) == 1 else None


def _topic(db: Database, service_id: str, operation: MessageOperation) -> Edge:
    protocol = operation.protocol
    kind = BROKERS.get(protocol, protocol)
    brokers = [found.id for found in system(db).infra if found.kind == kind]
    broker = brokers[0] if len(brokers) == 1 else kind
    name = topic_name(protocol, operation.channel)
    if protocol == "amqp" and (operation.exchange or operation.queue):
        name = f"exchange:{operation.exchange}" if operation.exchange else operation.queue
    verb = "publish" if operation.action == "send" else "consume"
    return Edge(
        source=service_id,
        target=f"topic:{broker}/{name}",
        target_kind="topic",
        protocol=protocol,
        op=f"{verb} {name}",
        op_norm=f"{verb} {name}",
        site=operation.site,
        mode="async",
        style="asyncio",
        confidence="likely",
        resolved_via=("contract",),
    )


def catalogue_edges(db: Database, known: list[Edge]) -> Iterator[Edge]:
    """Yield what a catalogue says about services that do not use each other as far as code shows."""
    components = [component for facts in deployed_manifests(db) for component in facts.components]
    providers: dict[str, list[CatalogComponent]] = {}
    for component in components:
        for name, _ in component.provides:
            providers.setdefault(normalised(name), []).append(component)
    used = {(edge.source, edge.target) for edge in known}
    for component in components:
        source = _service_of(db, component.name)
        wanted = [(name, site, f"depends on {name}") for name, site in component.depends_on]
        for name, site in component.consumes:
            offered = providers.get(normalised(name), [])
            wanted += [(offered[0].name, site, f"consumes {name}")] if len(offered) == 1 else []
        for name, site, op in wanted:
            target = _service_of(db, name)
            if source and target and source != target and (source, target) not in used:
                yield Edge(
                    source=source,
                    target=target,
                    target_kind="service",
                    protocol="declared",
                    op=op,
                    op_norm=op,
                    site=site,
                    mode="sync",
                    style="blocking",
                    confidence="possible",
                    resolved_via=("catalogue",),
                )


def _service_of(db: Database, name: str) -> str:
    found = [service.id for service in system(db).services if normalised(name) in _names(service)]
    return found[0] if len(found) == 1 else ""


def _names(service: Service) -> set[str]:
    return {normalised(name) for name in (service.id, *service.aliases)}
