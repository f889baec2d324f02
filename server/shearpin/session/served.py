"""Which endpoints an edge reaches: the route, procedure or description behind an operation."""

from __future__ import annotations

from shearpin.facts.site import Site
from shearpin.graph.calls import match_in
from shearpin.graph.model import Edge, Endpoint, ServiceGraph
from shearpin.graph.rpc import declaration
from shearpin.query import Database


def served_by(db: Database, edge: Edge, graph: ServiceGraph) -> tuple[Endpoint, ...]:
    """Endpoints of the target that answer an edge; () when they are not known, or the target is no service."""
    if edge.target_kind != "service":
        return ()
    if edge.protocol != "http":
        return tuple(item for item in graph.endpoints if item.service == edge.target and item.op_norm == edge.op_norm)
    method, _, path = edge.op.partition(" ")
    if path.endswith("*"):
        return ()
    found: dict[Endpoint, None] = {}
    for served in match_in(db, edge.target, method, path).served:
        found[served.endpoint] = None
    return tuple(found)


def declared_by(db: Database, edge: Edge) -> Site | None:
    """The procedure in an interface definition, for a target whose code says nothing: it may be in another language."""
    service, _, name = edge.op.removeprefix("rpc ").partition("/")
    if edge.protocol != "grpc" or not name:
        return None
    found = declaration(db, service.rpartition(".")[2], edge.site.path)
    return None if found is None else next((item.site for item in found.methods if item.name == name), None)
