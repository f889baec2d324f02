"""The whole graph, assembled from what each file and service adds."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.facts.manifest import GatewayRoute
from shearpin.facts.service import Service
from shearpin.graph.declared import catalogue_edges, described_edges
from shearpin.graph.edges import edges_of
from shearpin.graph.model import Attribute, Edge, Endpoint, ServiceGraph
from shearpin.graph.reach import files_of, runs_no_function, services_running
from shearpin.graph.routing import endpoints, file_routing
from shearpin.graph.rpc import file_procedures, procedures
from shearpin.graph.serving import Served
from shearpin.meaning.scopes import get_part
from shearpin.query import Database, query
from shearpin.services.addresses import environment, gateway_routes, host_owner
from shearpin.services.classify import PathClass, path_class
from shearpin.services.system import system
from shearpin.syntax.interpolation import interpolate

#: code whose calls are edges; load generators are services of their own
GRAPHED = frozenset((PathClass.APPLICATION, PathClass.LOAD_GENERATOR))

#: methods that a framework serves beside the ones that a route names
_IMPLIED = ("HEAD", "OPTIONS")


@query()
def service_graph(db: Database) -> ServiceGraph:
    """Services, endpoints and edges of the workspace, sorted."""
    known = system(db)
    found: list[Edge] = []
    served: list[Endpoint] = []
    services: list[Service] = []
    for service in known.services:
        services.append(_with_framework(db, service))
        found.extend(service_edges(db, service.id))
    found.extend(_gateway_edges(db))
    found.extend(described_edges(db))
    found.extend(catalogue_edges(db, list(found)))
    called = frozenset((edge.target, edge.op_norm) for edge in found)
    for service in known.services:
        served.extend(_listed(endpoints(db, service.id).served, called))
        served.extend(procedures(db, service.id))
    return ServiceGraph(
        tuple(services),
        known.infra,
        tuple(sorted(served, key=lambda e: (e.service, e.site, e.op))),
        tuple(sorted(found, key=lambda e: (e.source, e.site, e.target, e.op))),
    )


def _listed(served: tuple[Served, ...], called: frozenset[tuple[str, str]]) -> Iterator[Endpoint]:
    """Endpoints worth listing: routes, and what the framework adds by itself where something in the system calls it.

    One registration that names several methods is one endpoint, its methods joined: "GET|POST /orders".
    """
    registrations: dict[tuple[object, ...], list[Served]] = {}
    for item in served:
        endpoint = item.endpoint
        if endpoint.kind == "extra":
            if (endpoint.service, endpoint.op_norm) in called:
                yield msgspec.structs.replace(endpoint, kind="http")
            continue
        path = endpoint.op.partition(" ")[2]
        key = (endpoint.site, endpoint.kind, path, endpoint.registered, item.handler)
        registrations.setdefault(key, []).append(item)
    for items in registrations.values():
        methods = [item.method for item in items if item.method not in _IMPLIED] or [item.method for item in items]
        first = items[0].endpoint
        joined = "|".join(dict.fromkeys(methods))
        paths = first.op.partition(" ")[2], first.op_norm.partition(" ")[2]
        if " " in first.op:
            yield msgspec.structs.replace(first, op=f"{joined} {paths[0]}", op_norm=f"{joined} {paths[1]}")
        else:
            yield first


@query()
def service_edges(db: Database, service_id: str) -> tuple[Edge, ...]:
    """All edges that start at a service, from its Python code."""
    found: list[Edge] = []
    for path in files_of(db, service_id):
        if service_id in services_running(db, path) and path_class(db, path) in GRAPHED:
            found.extend(edges_of(db, service_id, path))
    if runs_no_function(db, service_id):
        found = [edge for edge in found if _is_at_import(db, edge)]
    return tuple(dict.fromkeys(found))


def _is_at_import(db: Database, edge: Edge) -> bool:
    part = get_part(db, edge.site.path, edge.site.part)
    return part is None or part.kind == "statement"


def _with_framework(db: Database, service: Service) -> Service:
    if service.framework is not None or service.language != "python":
        return service
    for path in files_of(db, service.id):
        for application in file_routing(db, path).applications:
            if not application.is_router:
                return msgspec.structs.replace(service, framework=application.framework)
        for procedure in file_procedures(db, path):
            return msgspec.structs.replace(service, framework=procedure.framework)
    return service


def _gateway_edges(db: Database) -> list[Edge]:
    found: list[Edge] = []
    for service in system(db).services:
        for route in gateway_routes(db, service.id):
            edge = _gateway_edge(db, service.id, route)
            if edge is not None:
                found.append(edge)
    return found


def _gateway_edge(db: Database, source: str, route: GatewayRoute) -> Edge | None:
    address = _in_environment(db, route.target, source).split("://", 1)[-1].split("/", 1)[0]
    host, _, port = address.partition(":")
    kind, target = host_owner(db, host.lower(), int(port) if port.isdigit() else None, source)
    if kind != "service":
        return None
    methods = ",".join(route.methods) or "ANY"
    return Edge(
        source=source,
        target=target,
        target_kind="service",
        protocol="http",
        op=f"{methods} {route.prefix}*",
        op_norm=f"{methods} {route.prefix}*",
        site=route.site,
        mode="sync",
        style="blocking",
        confidence="certain",
        resolved_via=("gateway-route",),
        timeout=None if route.timeout is None else Attribute(f"{route.timeout:g} s", route.gateway),
        attempts=None if route.attempts is None else Attribute(str(route.attempts), route.gateway),
    )


def _in_environment(db: Database, target: str, service_id: str) -> str:
    """A target with the variables of the gateway put in, as the start scripts of images do with templates."""

    def value(name: str) -> str | None:
        answers = (answer.entry for answer in environment(db, service_id, name))
        return next((entry.value for entry in answers if entry is not None and entry.value is not None), None)

    found = interpolate(target, value) if "$" in target else None
    return target if found is None or found.missing or found.value is None else found.value
