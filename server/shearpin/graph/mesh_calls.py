"""Protections of calls that a service mesh gives, wherever a call may go."""

from __future__ import annotations

from shearpin.facts.fact import BaseEffect, HttpCall, RemoteCall
from shearpin.flow.protections import ABSENT, Protection
from shearpin.graph.addresses import texts
from shearpin.graph.edges import method_of, targets
from shearpin.graph.mesh import NOTHING, Mesh, mesh_of, policies
from shearpin.graph.remotes import remote_target
from shearpin.query import Database


def meshes(db: Database, effect: BaseEffect, services: tuple[str, ...]) -> tuple[Mesh, ...]:
    """What the mesh does with a call on each way that it can go; () without a mesh, and for what is no request."""
    if not policies(db):
        return ()
    found: list[Mesh] = []
    for service in services:
        if isinstance(effect, HttpCall):
            method = method_of(db, effect, service)
            for target in targets(db, effect, service):
                known = target.kind == "service" and target.id != service
                found.append(mesh_of(db, target.id, method, target.address.path) if known else NOTHING)
        elif isinstance(effect, RemoteCall) and effect.protocol == "grpc":
            for text in texts(db, effect.target, service):
                kind, name, _ = remote_target(db, text, "grpc", service)
                found.append(mesh_of(db, name, "POST", "/{}") if kind == "service" else NOTHING)
    return tuple(found)


def mesh_limit(db: Database, effect: BaseEffect, services: tuple[str, ...]) -> Protection:
    """Does the mesh end a call, wherever it goes?"""
    found = meshes(db, effect, services)
    if any(one.is_open for one in found):
        return Protection("unknown", "the mesh may limit the time")
    if not found or any(one.limit is None for one in found):
        return ABSENT
    first = found[0]
    place = first.timeout.site if first.timeout else first.retry.site if first.retry else None
    return Protection("yes", f"{first.origin} limits the time to {first.limit:g} s", place)


def mesh_breaker(db: Database, effect: BaseEffect, services: tuple[str, ...]) -> Protection:
    """Does the mesh leave out a service that fails, wherever a call goes?"""
    found = meshes(db, effect, services)
    if not found or any(one.breaker is None for one in found):
        return ABSENT
    return Protection("yes", f"{found[0].breaker_origin} leaves out who fails", found[0].breaker)
