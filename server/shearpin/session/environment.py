"""Environment variables from both ends: the entry in a manifest, and the code of the services that reads it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.facts.manifest import EnvEntry
from shearpin.facts.service import Infra, Service
from shearpin.facts.site import Site
from shearpin.flow.env_uses import env_uses
from shearpin.graph.addresses import Text, parse
from shearpin.graph.reach import files_of, services_running
from shearpin.query import Database
from shearpin.services.addresses import environment, host_owner
from shearpin.services.classify import PathClass, path_class
from shearpin.services.system import system


class Pointed(msgspec.Struct, frozen=True):
    """Where a value points: kind "service", "infra", "external" or "unknown", with the place that defines it."""

    kind: str
    name: str
    path: str = ""
    site: Site | None = None


class EntryUse(msgspec.Struct, frozen=True):
    """An entry of a manifest as one service has it: who reads it there, and where it points.

    `is_shadowed`: a stronger entry or a deployment for production sets another value for the service.
    """

    entry: EnvEntry
    service: str
    readers: tuple[Site, ...]
    pointed: Pointed | None
    is_shadowed: bool = False


def entries_at(db: Database, path: str, offset: int) -> tuple[EntryUse, ...]:
    """The uses of the entry that stands at a byte of a manifest, one for each service that has it."""
    found: dict[str, EntryUse] = {}
    for service in system(db).services:
        for deployment in service.deployments:
            for entry in deployment.env:
                if _holds(entry.site, path, offset) and service.id not in found:
                    found[service.id] = _use(db, service, entry)
    return tuple(found.values())


def entries_of(db: Database, path: str, name: str) -> tuple[EnvEntry, ...]:
    """The entries that give a variable its value in the services that run a file, production first."""
    found: dict[EnvEntry, None] = {}
    for service in services_running(db, path):
        for answer in environment(db, service, name):
            if answer.entry is not None:
                found[answer.entry] = None
    return tuple(found)


def _holds(site: Site, path: str, offset: int) -> bool:
    return site.path == path and site.start <= offset <= site.end


def _use(db: Database, service: Service, entry: EnvEntry) -> EntryUse:
    strongest = next((answer.entry for answer in environment(db, service.id, entry.name) if answer.entry), None)
    return EntryUse(
        entry,
        service.id,
        tuple(_readers(db, service.id, entry.name)),
        None if entry.value is None else pointed(db, entry.value, service.id),
        strongest is not None and strongest.site != entry.site,
    )


def _readers(db: Database, service: str, name: str) -> Iterator[Site]:
    for path in files_of(db, service):
        if service in services_running(db, path) and path_class(db, path) is not PathClass.TEST:
            yield from (use.site for use in env_uses(db, path) if use.name == name)


def pointed(db: Database, value: str, service: str) -> Pointed | None:
    """Whom a value names as an address; None for what is no address."""
    address = parse(Text(value))
    host, port, path = address.host, address.port, address.path
    if host is None:
        if "://" in value or "/" in value or any(sign.isspace() for sign in value):
            return None
        host, _, number = value.lower().partition(":")
        port, path = (int(number) if number.isdigit() else None), ""
    if not host:
        return None
    kind, name = host_owner(db, host, port, service)
    if address.host is None and kind not in ("service", "infra"):
        # a plain word is an address only if somebody is called so
        return None
    return Pointed(kind, name, "" if path == "/" else path, _site(db, kind, name))


def _site(db: Database, kind: str, name: str) -> Site | None:
    known = system(db)
    nodes: tuple[Service | Infra, ...] = known.services if kind == "service" else known.infra
    node = next((item for item in nodes if item.id == name), None) if kind in ("service", "infra") else None
    if node is None:
        return None
    return node.site or next((deployment.site for deployment in node.deployments), None)
