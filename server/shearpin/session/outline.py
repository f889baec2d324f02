"""What a file contributes to the system: what others use of it, what it uses of others, and the services it defines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from shearpin.facts.fact import ClientCreated
from shearpin.facts.site import Site
from shearpin.flow.settled import settled
from shearpin.graph.attributes import timeout_of
from shearpin.graph.build import service_graph
from shearpin.graph.edges import edges_of
from shearpin.graph.model import Attribute, Edge, Endpoint, ServiceGraph
from shearpin.graph.reach import services_running
from shearpin.meaning.scopes import part_ids
from shearpin.query import Database
from shearpin.session.messages import is_consume, published_to
from shearpin.session.served import served_by


class Offer(msgspec.Struct, frozen=True):
    """A route, a procedure or a consumer. `kind` "consumer", or as in Endpoint; `op` e.g. "GET /orders/{id}".

    `users` are the calls that reach it, or the places that publish what it consumes, of all services.
    """

    kind: str
    op: str
    services: tuple[str, ...]
    site: Site
    users: tuple[Edge, ...]


class Client(msgspec.Struct, frozen=True):
    """Something through which calls are made; `protocol` e.g. "http". `timeout` None when it is not known."""

    protocol: str
    site: Site
    timeout: Attribute | None


class Unit(msgspec.Struct, frozen=True):
    """A service, store or broker; `kind` "service" or as in Infra. `site` is where a manifest defines it."""

    kind: str
    name: str
    site: Site


class Outline:
    """Questions about one file, or about the whole workspace. The graph is computed when it is not yet known."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def offers(self, path: str | None = None) -> tuple[Offer, ...]:
        """What others can use of one file, or of all, by position. The code of several services counts once."""
        graph = service_graph(self._db)
        endpoints = [item for item in graph.endpoints if path is None or item.site.path == path]
        found = [*self._routes(graph, endpoints), *self._consumers(graph, path)]
        return tuple(sorted(found, key=lambda offer: (offer.site, offer.op)))

    def uses(self, path: str) -> tuple[Edge, ...]:
        """What the code of a file uses of other services, stores, topics and hosts, by position; each once.

        It does not ask for the graph: an answer about one file costs one file.
        """
        if not path.endswith(".py"):
            return ()
        found: dict[tuple[Site, str, str], Edge] = {}
        for service in services_running(self._db, path):
            for edge in edges_of(self._db, service, path):
                found.setdefault((edge.site, edge.target, edge.op), edge)
        return tuple(found[key] for key in sorted(found))

    def clients(self, path: str) -> tuple[Client, ...]:
        """The clients, sessions and connections that a file makes, by position."""
        found: dict[Site, Client] = {}
        for part in part_ids(self._db, path):
            for item in settled(self._db, path, part):
                if isinstance(item.fact, ClientCreated):
                    made = Client(item.fact.protocol, item.fact.site, timeout_of(item.fact.timeout))
                    found.setdefault(item.fact.site, made)
        return tuple(found[site] for site in sorted(found))

    def units(self, path: str | None = None) -> tuple[Unit, ...]:
        """Services and infrastructure that a manifest defines, or all."""
        graph = service_graph(self._db)
        found: list[Unit] = []
        for service in graph.services:
            sites = dict.fromkeys((service.site, *(item.site for item in service.deployments)))
            found.extend(Unit("service", service.id, site) for site in sites if site is not None)
        found.extend(Unit(item.kind, item.id, item.site) for item in graph.infra)
        return tuple(unit for unit in dict.fromkeys(found) if path is None or unit.site.path == path)

    def topics(self) -> tuple[tuple[str, Site], ...]:
        """Topics of the workspace with a place that uses each: one that consumes it if there is one."""
        edges = [edge for edge in service_graph(self._db).edges if edge.target_kind == "topic"]
        found = {edge.target: edge.site for edge in edges}
        found.update((edge.target, edge.site) for edge in edges if is_consume(edge))
        return tuple(sorted(found.items()))

    # ------------------------------------------------------------- internal

    def _routes(self, graph: ServiceGraph, endpoints: Iterable[Endpoint]) -> Iterator[Offer]:
        grouped: dict[tuple[Site, str, str], list[Endpoint]] = {}
        for endpoint in endpoints:
            grouped.setdefault((endpoint.site, endpoint.kind, endpoint.op), []).append(endpoint)
        targets = {endpoint.service for items in grouped.values() for endpoint in items}
        users: dict[tuple[str, Site], list[Edge]] = {}
        for edge in graph.edges:
            if edge.target in targets:
                for endpoint in served_by(self._db, edge, graph):
                    users.setdefault((endpoint.service, endpoint.site), []).append(edge)
        for (site, kind, op), items in grouped.items():
            services = tuple(dict.fromkeys(item.service for item in items))
            found = (edge for name in services for edge in users.get((name, site), ()))
            yield Offer(kind, op, services, site, tuple(dict.fromkeys(found)))

    def _consumers(self, graph: ServiceGraph, path: str | None) -> Iterator[Offer]:
        grouped: dict[tuple[Site, str], list[Edge]] = {}
        for edge in graph.edges:
            if is_consume(edge) and (path is None or edge.site.path == path):
                grouped.setdefault((edge.site, edge.op), []).append(edge)
        for (site, op), edges in grouped.items():
            services = tuple(dict.fromkeys(edge.source for edge in edges))
            found = (user for edge in edges for user in published_to(graph, edge))
            yield Offer("consumer", op, services, site, tuple(dict.fromkeys(found)))
