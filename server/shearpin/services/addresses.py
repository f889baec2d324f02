"""Whose a host name is, and what an environment variable is in each deployment of a service."""

from __future__ import annotations

import re

import msgspec

from shearpin.facts.manifest import EnvEntry, GatewayRoute, ManifestFacts, Workload
from shearpin.facts.service import Deployment, Infra, Service
from shearpin.query import Database, keys, query
from shearpin.services.images import image_name
from shearpin.services.naming import is_inside
from shearpin.services.system import overrides, system

_LOCAL = re.compile(r"localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[?::1\]?|host\.docker\.internal|(?:.*\.)?localhost")
_CLUSTER = re.compile(r"([a-z0-9-]+)(?:\.([a-z0-9-]+))?(?:\.([a-z0-9-]+))?(?:\.svc(?:\.cluster\.local)?\.?)?")
_ADDRESS = re.compile(r"\d+(?:\.\d+){3}")
_PRIVATE_ENDINGS = (".local", ".internal", ".svc", ".cluster.local", ".lan", ".home", ".corp", ".intranet", ".consul")


class EnvAnswer(msgspec.Struct, frozen=True, gc=False):
    """One variable in one deployment; `entry` is None when the deployment does not set it."""

    deployment: str
    is_production: bool
    entry: EnvEntry | None


class _Address(msgspec.Struct, frozen=True, gc=False):
    kind: str
    id: str
    hosts: tuple[str, ...]
    ports: tuple[int, ...]
    published: tuple[tuple[int, int], ...]
    deployments: tuple[str, ...]


@query()
def service(db: Database, service_id: str) -> Service | None:
    """One service by its id."""
    return next((found for found in system(db).services if found.id == service_id), None)


@query()
def deployments(db: Database, service_id: str) -> tuple[Deployment, ...]:
    """The deployments of a service, production first."""
    found = service(db, service_id)
    return () if found is None else found.deployments


@query()
def environment(db: Database, service_id: str, name: str) -> tuple[EnvAnswer, ...]:
    """What a variable is in each deployment of a service, production first."""
    return tuple(
        EnvAnswer(
            deployment.name,
            deployment.is_production,
            next((entry for entry in reversed(deployment.env) if entry.name == name), None),
        )
        for deployment in deployments(db, service_id)
    )


@query()
def host_owner(db: Database, host: str, port: int | None, service_id: str) -> tuple[str, str]:
    """Whose a host name is, as a service sees it: ("service" | "infra" | "external" | "unknown", id or host)."""
    host = host.lower().rstrip(".")
    table = _addresses(db)
    mine = next((found for found in table if found.kind == "service" and found.id == service_id), None)
    if _LOCAL.fullmatch(host):
        return _local_owner(table, mine, port) or ("unknown", host)
    for name in _spellings(host):
        found = [address for address in table if name in address.hosts]
        if found:
            best = _nearest(found, mine)
            return best.kind, best.id
    if any(host in (name.lower() for name in override.hosts) for override in overrides(db) if override.external):
        return "external", host
    is_public = "." in host and not _ADDRESS.fullmatch(host) and not host.endswith(_PRIVATE_ENDINGS)
    return ("external" if is_public and _is_public(host) else "unknown"), host


@query()
def gateway_routes(db: Database, service_id: str) -> tuple[GatewayRoute, ...]:
    """The routes of a gateway: those in its folder, in files that it mounts, or written beside it for its product."""
    found = service(db, service_id)
    if found is None or found.kind != "gateway":
        return ()
    routes: list[GatewayRoute] = []
    places = _mounted(db, found)
    paths = db.get(keys.manifest_paths())
    for path in paths if isinstance(paths, tuple) else ():
        if any(place and is_inside(path, place) for place in (found.root, *places)):
            facts = db.get(keys.manifest(path))
            routes += facts.routes if isinstance(facts, ManifestFacts) else ()
    for path in found.manifests:
        facts = db.get(keys.manifest(path))
        products = {image_name(workload.image or "") for workload in _workloads(db, path, found)}
        beside = facts.routes if isinstance(facts, ManifestFacts) else ()
        routes += [route for route in beside if route.gateway in products and route not in routes]
    return tuple(dict.fromkeys(routes))


@query()
def _addresses(db: Database) -> tuple[_Address, ...]:
    found = system(db)
    return tuple(
        _Address(
            "service" if isinstance(node, Service) else "infra",
            node.id,
            (*node.hosts, node.id.lower()),
            node.ports,
            node.published,
            tuple(deployment.name for deployment in node.deployments),
        )
        for node in _nodes(found.services, found.infra)
    )


def _nodes(services: tuple[Service, ...], infra: tuple[Infra, ...]) -> tuple[Service | Infra, ...]:
    return (*services, *infra)


def _mounted(db: Database, found: Service) -> tuple[str, ...]:
    return tuple(
        source for path in found.manifests for workload in _workloads(db, path, found) for source, _ in workload.mounts
    )


def _workloads(db: Database, path: str, found: Service) -> list[Workload]:
    facts = db.get(keys.manifest(path))
    workloads = facts.workloads if isinstance(facts, ManifestFacts) else ()
    return [workload for workload in workloads if workload.name.lower() in found.hosts]


def _spellings(host: str) -> tuple[str, ...]:
    """The names under which a host may be known: itself, and the first part of a cluster name (`x.ns.svc...`)."""
    match = _CLUSTER.fullmatch(host)
    if match is None or "." not in host:
        return (host,)
    first, second = match.group(1), match.group(2) or ""
    is_cluster = ".svc" in host or host.count(".") == 1
    if not is_cluster:
        return (host,)
    pod = re.fullmatch(rf"{re.escape(second)}-\d+", first) if second else None  # pod of a stateful set: redis-0.redis
    return (host, second) if pod else (host, first)


def _is_public(host: str) -> bool:
    label = host.rpartition(".")[2]
    return label.isalpha() and len(label) > 1


def _nearest(found: list[_Address], mine: _Address | None) -> _Address:
    if mine is None:
        return found[0]
    shared = set(mine.deployments)
    return max(found, key=lambda address: (len(shared & set(address.deployments)), address.id != mine.id))


def _local_owner(table: tuple[_Address, ...], mine: _Address | None, port: int | None) -> tuple[str, str] | None:
    if port is None:
        return None
    for matches in (_publishes, _listens):
        found = [address for address in table if matches(address, port)]
        others = [address for address in found if mine is None or address.id != mine.id]
        if mine is not None and any(set(mine.deployments) & set(address.deployments) for address in others):
            others = [address for address in others if set(mine.deployments) & set(address.deployments)]
        if len(others) == 1:
            return others[0].kind, others[0].id
        if not others and found:
            return found[0].kind, found[0].id
    return None


def _publishes(address: _Address, port: int) -> bool:
    return any(published == port for published, _ in address.published)


def _listens(address: _Address, port: int) -> bool:
    return port in address.ports
