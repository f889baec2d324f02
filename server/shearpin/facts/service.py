"""A service of the system, merged from all manifests and folders that define it."""

from __future__ import annotations

import msgspec

from shearpin.facts.manifest import EnvEntry
from shearpin.facts.site import Site


class Deployment(msgspec.Struct, frozen=True, gc=False):
    """How one deployment (file set, overlay) runs a service. `env` has the resolved values of that deployment.

    `is_production` is False when a part of its name says dev, local, test, override or example.
    """

    name: str
    site: Site
    env: tuple[EnvEntry, ...]
    is_production: bool
    command: tuple[str, ...] | None = None
    replicas: int | None = None


class Service(msgspec.Struct, frozen=True, gc=False):
    """One deployed process group.

    `root` is its folder; `source_roots` the folders from which its Python imports resolve, strongest first (its own,
    then shared ones), empty when its source is not in the workspace. `entries` are module names or paths that its
    start command names, e.g. "app.main:app", "worker.py", "celery:src.tasks"; empty when unknown. `hosts` are all
    names the network knows it by, lower case.
    """

    id: str
    root: str
    language: str
    kind: str
    framework: str | None
    source_roots: tuple[str, ...]
    entries: tuple[str, ...]
    hosts: tuple[str, ...]
    ports: tuple[int, ...]
    manifests: tuple[str, ...]
    aliases: tuple[str, ...]
    deployments: tuple[Deployment, ...]
    site: Site | None = None
    #: published port -> container port, for localhost addresses of other services
    published: tuple[tuple[int, int], ...] = ()
    #: folders outside `root` whose code its image holds as well
    shared: tuple[str, ...] = ()


class Infra(msgspec.Struct, frozen=True, gc=False):
    """A database, broker or cache that the manifests run; `kind` e.g. "postgres", "redis", "rabbitmq", "kafka"."""

    id: str
    kind: str
    hosts: tuple[str, ...]
    ports: tuple[int, ...]
    site: Site
    manifests: tuple[str, ...] = ()
    #: published port -> container port
    published: tuple[tuple[int, int], ...] = ()
    deployments: tuple[Deployment, ...] = ()


class System(msgspec.Struct, frozen=True, gc=False):
    """All services and infrastructure of the workspace."""

    services: tuple[Service, ...]
    infra: tuple[Infra, ...]
