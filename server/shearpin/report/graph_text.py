"""The service graph for a reader at a terminal: each service with what it serves and what it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from shearpin.facts.service import Infra, Service
from shearpin.graph.model import Edge, Endpoint, ServiceGraph
from shearpin.report.places import Places
from shearpin.report.styled import BLANK, Line, Piece, Tone, faint, frame, line, strong

_WIDEST_COLUMN = 60


def graph_text(graph: ServiceGraph, places: Places) -> Iterator[Line]:
    """Lines for the whole graph; ends with a count. Paths are those of the workspace."""
    for service in graph.services:
        yield from _service(service, graph, places)
        yield BLANK
    known = {service.id for service in graph.services}
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
    folder = f"in {service.root}/" if service.root else "in the root folder"
    yield line(strong(service.id), faint(f"  {', '.join(about)}  {folder}{_ports(service.ports)}"))
    yield from _endpoints([item for item in graph.endpoints if item.service == service.id], places)
    yield from _edges([edge for edge in graph.edges if edge.source == service.id], places)
    callers = sorted({edge.source for edge in graph.edges if edge.target == service.id and edge.source != service.id})
    if callers:
        yield line(frame("  used by "), ", ".join(callers))


def _ports(ports: tuple[int, ...]) -> str:
    return f"  {_plural('port', len(ports))} {', '.join(map(str, ports))}" if ports else ""


def _endpoints(endpoints: list[Endpoint], places: Places) -> Iterator[Line]:
    if not endpoints:
        return
    yield line(frame("  serves"))
    rows: dict[tuple[str, str, str, bool], list[str]] = {}
    for item in endpoints:
        method, _, path = item.op.partition(" ") if item.kind == "http" else (item.kind, "", item.op)
        rows.setdefault((path, item.kind, _address(places, item), item.registered), []).append(method)
    # GET and HEAD of one handler are one row
    named = [(f"{', '.join(sorted(methods))} {key[0]}", key[2], key[3]) for key, methods in sorted(rows.items())]
    width = _column(name for name, _, _ in named)
    for name, address, is_registered in named:
        note = () if is_registered else (Piece("  not registered on an application", Tone.WARNING),)
        yield line(f"    {name:<{width}}  ", faint(address), *note)


def _edges(edges: list[Edge], places: Places) -> Iterator[Line]:
    if not edges:
        return
    yield line(frame("  uses"))
    width = _column(_operation(edge) for edge in edges)
    addresses = _column(f"{edge.site.path}:{places.line_of(edge.site)}" for edge in edges)
    ordered = sorted(edges, key=lambda edge: (edge.target_kind == "unknown", _target(edge)))
    for target, group in groupby(ordered, key=_target):
        tone = Tone.WARNING if target == "unknown" else Tone.PLAIN
        yield line(frame("    -> "), Piece(target, tone))
        rows = sorted((edge.site.path, places.line_of(edge.site), _operation(edge), _details(edge)) for edge in group)
        for path, number, operation, details in dict.fromkeys(rows):
            address = f"{path}:{number}"
            yield line(f"       {operation:<{width}}  ", f"{address:<{addresses}}", faint(f"  {details}"))


def _target(edge: Edge) -> str:
    return "unknown" if edge.target_kind == "unknown" else edge.target


def _operation(edge: Edge) -> str:
    return f"{edge.protocol} {edge.op}".rstrip()


def _details(edge: Edge) -> str:
    words = [edge.unknown_reason] if edge.unknown_reason else []
    for name, attribute in (("timeout", edge.timeout), ("attempts", edge.attempts), ("breaker", edge.breaker)):
        if attribute is not None:
            words.append(f"{name} {attribute.value}" + (f" ({attribute.origin})" if attribute.origin else ""))
    if edge.confidence != "certain" and edge.target_kind != "unknown":
        words.append(edge.confidence)
    return "; ".join(words)


def _address(places: Places, item: Endpoint) -> str:
    return f"{item.site.path}:{places.line_of(item.site)}"


def _infra(graph: ServiceGraph) -> Iterator[Line]:
    yield line(strong("infrastructure"))
    width = _column(item.id for item in graph.infra)
    kinds = _column(item.kind for item in graph.infra)
    for item in graph.infra:
        users = sorted({edge.source for edge in graph.edges if _is_use(edge, item)})
        used = f"used by {', '.join(users)}" if users else "no use found"
        yield line(f"    {item.id:<{width}}  ", f"{item.kind:<{kinds}}  ", faint(used))


def _is_use(edge: Edge, infra: Infra) -> bool:
    return edge.target == infra.id or edge.target.startswith(f"topic:{infra.id}/")


def _summary(graph: ServiceGraph) -> Line:
    unknown = sum(edge.target_kind == "unknown" for edge in graph.edges)
    counts = [
        _count(len(graph.services), "service"),
        f"{_count(len(graph.infra), 'piece')} of infrastructure",
        _count(len(graph.endpoints), "endpoint"),
        _count(len(graph.edges), "edge"),
    ]
    note = f" ({unknown} to an unknown target)" if unknown else ""
    return line(strong(", ".join(counts)), note)


def _count(number: int, noun: str) -> str:
    return f"{number} {_plural(noun, number)}"


def _plural(noun: str, number: int) -> str:
    return noun if number == 1 else f"{noun}s"


def _column(texts: Iterable[str]) -> int:
    return min(max(map(len, texts), default=0), _WIDEST_COLUMN)
