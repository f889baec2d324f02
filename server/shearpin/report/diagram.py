"""What Mermaid and DOT draw: nodes, and edges between the same two nodes merged into one arrow."""

from __future__ import annotations

from dataclasses import dataclass

from shearpin.graph.model import Edge, ServiceGraph

_OPERATIONS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Node:
    """kind: "service", "datastore", "topic", "external" or "unknown"."""

    name: str
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """All edges of one protocol and mode between two nodes. `is_weak`: none of them is certain or likely."""

    source: str
    target: str
    label: str
    is_async: bool
    is_weak: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """Nodes in order of first use; `left_out` counts arrows that were cut."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    left_out: int = 0

    def cut(self, arrows: int) -> Diagram:
        """The first so many arrows, and all services."""
        kept = self.arrows[:arrows]
        named = {name for arrow in kept for name in (arrow.source, arrow.target)}
        nodes = tuple(node for node in self.nodes if node.kind == "service" or node.name in named)
        return Diagram(nodes, kept, self.left_out + len(self.arrows) - len(kept))


def diagram(graph: ServiceGraph) -> Diagram:
    """Merge a graph into what can be drawn."""
    nodes = {
        service.id: Node(service.id, _service_label(service.id, service.framework), "service")
        for service in graph.services
    }
    for infra in graph.infra:
        nodes[infra.id] = Node(
            infra.id, infra.id if infra.kind in infra.id else f"{infra.id} ({infra.kind})", "datastore"
        )
    groups: dict[tuple[str, str, str, bool], list[Edge]] = {}
    for edge in graph.edges:
        target = edge.target or "unknown"
        kind = edge.target_kind
        if kind == "unknown":
            target = f"unknown:{edge.source}"
        nodes.setdefault(edge.source, Node(edge.source, edge.source, "service"))
        nodes.setdefault(target, Node(target, "unknown" if kind == "unknown" else target.split(":", 1)[-1], kind))
        groups.setdefault((edge.source, target, edge.protocol, edge.mode == "async"), []).append(edge)
    return Diagram(tuple(nodes.values()), tuple(_arrow(key, edges) for key, edges in groups.items()))


def _service_label(name: str, framework: str | None) -> str:
    return f"{name} ({framework})" if framework else name


def _arrow(key: tuple[str, str, str, bool], edges: list[Edge]) -> Arrow:
    source, target, protocol, is_async = key
    operations = list(dict.fromkeys(edge.op for edge in edges if edge.op))
    shown = operations[:_OPERATIONS_SHOWN]
    if len(operations) > len(shown):
        shown.append(f"and {len(operations) - len(shown)} more")
    is_weak = all(edge.confidence == "possible" for edge in edges)
    label = f"{protocol}: {', '.join(shown)}" if shown else protocol
    return Arrow(source, target, label, is_async, is_weak)
