"""The service graph for a reader at a terminal: each service with what it serves and what it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.facts.service import Service
from shearpin.graph.model import Edge, Endpoint, ServiceGraph
from shearpin.report.places import Places
from shearpin.report.styled import BLANK, Line, Piece, Tone, faint, frame, line, strong

_WIDEST_COLUMN = 52


def graph_text(graph: ServiceGraph, places: Places) -> Iterator[Line]:
    """Lines for the whole graph; ends with a count."""
    known = {service.id for service in graph.services}
    for service in graph.services:
        yield from _service(service, graph, places)
        yield BLANK
    for stray in sorted({edge.source for edge in graph.edges} - known):
        yield line(strong(stray))
        yield from _edges([edge for edge in graph.edges if edge.source == stray], places)
        yield BLANK
    if graph.infra:
        yield from _infra(graph)
        yield BLANK
    yield _summary(graph)


def _service(service: Service, graph: ServiceGraph, places: Places) -> Iterator[Line]:
    about = [word for word in (service.language, service.framework, service.kind) if word]
    folder = service.root or "."
    yield line(strong(service.id), faint(f"  {', '.join(about)}  in {folder}{_ports(service.ports)}"))
    yield from _endpoints([item for item in graph.endpoints if item.service == service.id], places)
    yield from _edges([edge for edge in graph.edges if edge.source == service.id], places)
    callers = sorted({edge.source for edge in graph.edges if edge.target == service.id and edge.source != service.id})
    if callers:
        yield line(frame("  used by "), ", ".join(callers))


def _ports(ports: tuple[int, ...]) -> str:
    if not ports:
        return ""
    return f"  port{'s' if len(ports) > 1 else ''} {', '.join(map(str, ports))}"


def _endpoints(endpoints: list[Endpoint], places: Places) -> Iterator[Line]:
    if not endpoints:
        return
    yield line(frame("  serves"))
    rows = [(_served(item), places.address(item.site), item.registered) for item in endpoints]
    width = _column(first for first, _, _ in rows)
    for name, address, is_registered in rows:
        note = () if is_registered else (Piece("  not registered on an application", Tone.WARNING),)
        yield line(f"    {name:<{width}}  ", faint(address), *note)


def _served(endpoint: Endpoint) -> str:
    return endpoint.op if endpoint.kind == "http" else f"{endpoint.kind} {endpoint.op}"


def _edges(edges: list[Edge], places: Places) -> Iterator[Line]:
    if not edges:
        return
    yield line(frame("  uses"))
    width = _column(_used(edge) for edge in edges)
    for edge in edges:
        tone = Tone.WARNING if edge.target_kind == "unknown" else Tone.PLAIN
        name = _used(edge)
        yield line(Piece(f"    {name:<{width}}", tone), "  ", faint(places.address(edge.site)))
        details = "; ".join(_details(edge))
        if details:
            yield line(faint(f"        {details}"))


def _used(edge: Edge) -> str:
    target = "unknown" if edge.target_kind == "unknown" else edge.target
    operation = f" {edge.op}" if edge.op else ""
    return f"-> {target}  {edge.protocol}{operation}"


def _details(edge: Edge) -> Iterator[str]:
    if edge.unknown_reason:
        yield edge.unknown_reason
    if edge.mode == "async":
        yield "asynchronous"
    for name, attribute in (("timeout", edge.timeout), ("attempts", edge.attempts), ("breaker", edge.breaker)):
        if attribute is not None:
            yield f"{name} {attribute.value} ({attribute.origin})" if attribute.origin else f"{name} {attribute.value}"
    if edge.confidence != "certain" and edge.target_kind != "unknown":
        yield edge.confidence
    if edge.resolved_via:
        yield f"known from {', '.join(edge.resolved_via)}"


def _infra(graph: ServiceGraph) -> Iterator[Line]:
    yield line(strong("infrastructure"))
    width = _column(item.id for item in graph.infra)
    for item in graph.infra:
        users = sorted({edge.source for edge in graph.edges if edge.target == item.id})
        used = f"used by {', '.join(users)}" if users else "no use found"
        yield line(f"    {item.id:<{width}}  ", f"{item.kind:<10}  ", faint(used))


def _summary(graph: ServiceGraph) -> Line:
    unknown = sum(edge.target_kind == "unknown" for edge in graph.edges)
    counts = [
        _count(len(graph.services), "service"),
        f"{len(graph.infra)} infrastructure",
        _count(len(graph.endpoints), "endpoint"),
        _count(len(graph.edges), "edge"),
    ]
    note = f" ({unknown} to an unknown target)" if unknown else ""
    return line(strong(", ".join(counts)), note)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _column(texts: Iterable[str]) -> int:
    return min(max(map(len, texts), default=0), _WIDEST_COLUMN)
