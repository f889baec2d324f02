"""Why edges are in the graph: each step of their resolution with its place and what it contributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from shearpin.facts.site import Hop
from shearpin.graph.model import Edge, Endpoint, ServiceGraph
from shearpin.report.places import Places
from shearpin.report.styled import BLANK, Line, Piece, Tone, faint, frame, line, strong

_MEANINGS = {
    "literal": "the address, or a part of it, is written in the code",
    "env-manifest": "a variable has the value that a manifest gives it",
    "env-default": "a variable has the default that the code gives it, as no manifest sets it",
    "url-table": "the address is one entry of a table in the code",
    "call-chain": "callers hand the address on",
    "catalogue": "the catalogue says so, no code does",
    "contract": "a description of the service says so",
    "host-route": "the cluster sends requests for that host there",
    "gateway-route": "the gateway's configuration forwards there",
}

#: the endpoints behind an edge
Answers = Callable[[Edge], Sequence[Endpoint]]


def explained(graph: ServiceGraph, ends: tuple[str, str], places: Places, answers: Answers) -> Iterator[Line]:
    """All edges between two nodes, each operation once with every place that makes it."""
    source, target = ends
    edges = [edge for edge in graph.edges if edge.source == source and edge.target == target]
    yield line(strong(source), frame(" -> "), strong(target), faint(f"  {len(edges)} uses" if len(edges) > 1 else ""))
    ordered = sorted(edges, key=lambda edge: (edge.protocol, edge.op, edge.site))
    for (protocol, op), group in groupby(ordered, key=lambda edge: (edge.protocol, edge.op)):
        for edge in group:
            yield BLANK
            yield line(strong(f"{protocol} {op}".rstrip()), faint(f"  {edge.confidence}"))
            yield from _steps(graph, edge, places, answers)


def _steps(graph: ServiceGraph, edge: Edge, places: Places, answers: Answers) -> Iterator[Line]:
    steps = [*dict.fromkeys(edge.evidence), Hop(edge.site, f"{_verb(edge)} {edge.op or edge.target}")]
    steps += _owner(graph, edge)
    steps += [Hop(endpoint.site, f"{endpoint.service} serves {endpoint.op}") for endpoint in answers(edge)]
    rows: dict[str, list[str]] = {}
    for step in steps:
        # a caller that names the operation is also the place of the use
        rows.setdefault(places.address(step.site), []).append(step.note)
    width = max(map(len, rows))
    for number, (address, notes) in enumerate(rows.items(), 1):
        yield line(f"  {number}. {address:<{width}}  ", "; ".join(notes))
    for word in edge.resolved_via:
        yield line(frame("     known by "), f"{word}: {_MEANINGS.get(word, word)}")
    if edge.unknown_reason:
        yield line(frame("     not known: "), Piece(edge.unknown_reason, Tone.WARNING))


def _verb(edge: Edge) -> str:
    if edge.target_kind == "topic":
        return "does"
    if "catalogue" in edge.resolved_via:
        return "says:"
    return "forwards" if "gateway-route" in edge.resolved_via else "calls"


def _owner(graph: ServiceGraph, edge: Edge) -> list[Hop]:
    """The place that says whose the host name is."""
    for service in graph.services:
        if service.id == edge.target:
            site = service.site or next((item.site for item in service.deployments), None)
            names = ", ".join(dict.fromkeys((*service.hosts, service.id)))
            return [] if site is None else [Hop(site, f"defines {service.id}, which the network knows as {names}")]
    for infra in graph.infra:
        if infra.id == edge.target or edge.target.startswith(f"topic:{infra.id}/"):
            names = ", ".join(dict.fromkeys((*infra.hosts, infra.id)))
            return [Hop(infra.site, f"defines {infra.id} ({infra.kind}), which the network knows as {names}")]
    return []
