"""The part of a service graph around one service."""

from __future__ import annotations

from enum import Enum

from shearpin.graph.model import Edge, ServiceGraph


class Direction(Enum):
    """Which way edges are followed: from what is used to its users, from a user to what it uses, or both."""

    IN = "in"
    OUT = "out"
    BOTH = "both"


def neighbourhood(graph: ServiceGraph, service: str, depth: int, direction: Direction = Direction.BOTH) -> ServiceGraph:
    """Keep what is at most `depth` edges away from the service, and the edges on the way.

    An unknown target is at the end of its own edge and leads nowhere. Depth 0 keeps the service alone. A message goes
    from who publishes to who consumes: those downstream of a service are reached through its topics.
    """
    reached = {service}
    kept: dict[Edge, None] = {}
    for _ in range(depth):
        crossed = [edge for edge in graph.edges if _crosses(edge, reached, direction)]
        kept |= dict.fromkeys(crossed)
        reached |= {end for edge in crossed for end in (edge.source, edge.target) if end != _nowhere(edge)}
    inside = direction is Direction.BOTH
    edges = tuple(edge for edge in graph.edges if edge in kept or (inside and depth > 0 and _is_inside(edge, reached)))
    return ServiceGraph(
        services=tuple(item for item in graph.services if item.id in reached),
        infra=tuple(item for item in graph.infra if item.id in reached),
        endpoints=tuple(item for item in graph.endpoints if item.service in reached),
        edges=edges,
    )


def _crosses(edge: Edge, reached: set[str], direction: Direction) -> bool:
    """The edge leads on from what was reached."""
    tail, head = (edge.target, edge.source) if _is_consumed(edge) else (edge.source, edge.target)
    is_lost = edge.target_kind == "unknown"
    leaves = tail in reached and not (is_lost and tail == edge.target)
    arrives = head in reached and not (is_lost and head == edge.target)
    return (direction is not Direction.IN and leaves) or (direction is not Direction.OUT and arrives)


def _is_consumed(edge: Edge) -> bool:
    return edge.target_kind == "topic" and edge.op.partition(" ")[0] == "consume"


def _nowhere(edge: Edge) -> str | None:
    return edge.target if edge.target_kind == "unknown" else None


def _is_inside(edge: Edge, reached: set[str]) -> bool:
    return edge.source in reached and (edge.target_kind == "unknown" or edge.target in reached)
