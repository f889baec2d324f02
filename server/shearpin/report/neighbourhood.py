"""The part of a service graph around one service."""

from __future__ import annotations

from shearpin.graph.model import Edge, ServiceGraph


def neighbourhood(graph: ServiceGraph, service: str, depth: int) -> ServiceGraph:
    """Keep what is at most `depth` edges away from the service, in either direction.

    An unknown target is at the end of its own edge and leads nowhere. Depth 0 keeps the service alone.
    """
    reached = {service}
    for _ in range(depth):
        reached |= {other for edge in graph.edges for other in _across(edge, reached)}
    edges = tuple(edge for edge in graph.edges if depth > 0 and _is_inside(edge, reached))
    return ServiceGraph(
        services=tuple(item for item in graph.services if item.id in reached),
        infra=tuple(item for item in graph.infra if item.id in reached),
        endpoints=tuple(item for item in graph.endpoints if item.service in reached),
        edges=edges,
    )


def _across(edge: Edge, reached: set[str]) -> tuple[str, ...]:
    if edge.target_kind == "unknown":
        return ()
    if edge.source in reached:
        return (edge.target,)
    return (edge.source,) if edge.target in reached else ()


def _is_inside(edge: Edge, reached: set[str]) -> bool:
    return edge.source in reached and (edge.target_kind == "unknown" or edge.target in reached)
