"""Endpoints of a service: routes under the prefixes of the routers and applications that mount them."""

from __future__ import annotations

import msgspec

from shearpin.facts.fact import Accepts, Application, ContractServed, Mount, Route
from shearpin.facts.site import FunctionId
from shearpin.facts.value import Instance
from shearpin.flow.settled import settled
from shearpin.graph.contracts import contracts
from shearpin.graph.inherited import inherited
from shearpin.graph.linking import Linker
from shearpin.graph.reach import files_of, running_files, runs_no_function, service, started_files
from shearpin.graph.serving import Endpoints, joined, operation_served
from shearpin.meaning.scopes import part_ids
from shearpin.query import Database, query
from shearpin.services.classify import PathClass, path_class

#: kinds of routes that answer to no URL
_PROCEDURES = ("rpc", "grpc", "graphql", "resolver")


class Routing(msgspec.Struct, frozen=True):
    """What one file says about routing."""

    applications: tuple[Application, ...]
    mounts: tuple[Mount, ...]
    routes: tuple[Route, ...]
    accepts: tuple[Accepts, ...] = ()
    contracts: tuple[ContractServed, ...] = ()


@query()
def file_routing(db: Database, path: str) -> Routing:
    """Applications, mounts and routes of one file."""
    applications: list[Application] = []
    mounts: list[Mount] = []
    routes: list[Route] = []
    accepts: list[Accepts] = []
    contracts: list[ContractServed] = []
    for part in part_ids(db, path):
        found = part_routing(db, path, part)
        applications.extend(found.applications)
        mounts.extend(found.mounts)
        routes.extend(found.routes)
        accepts.extend(found.accepts)
        contracts.extend(found.contracts)
    return Routing(tuple(applications), tuple(mounts), tuple(routes), tuple(accepts), tuple(contracts))


@query()
def part_routing(db: Database, path: str, part: str) -> Routing:
    """Applications, mounts and routes of one part: an equal answer spares the rest of the file."""
    applications: list[Application] = []
    mounts: list[Mount] = []
    routes: list[Route] = []
    accepts: list[Accepts] = []
    contracts: list[ContractServed] = []
    for item in settled(db, path, part):
        match item.fact:
            case Application() as application:
                applications.append(application)
            case Mount() as mount:
                mounts.append(mount)
            case Route() as route if route.kind not in _PROCEDURES:
                routes.append(route)
            case Accepts() as limit:
                accepts.append(limit)
            case ContractServed() as served:
                contracts.append(served)
            case _:
                continue
    return Routing(tuple(applications), tuple(mounts), tuple(routes), tuple(accepts), tuple(contracts))


@query()
def endpoints(db: Database, service_id: str) -> Endpoints:
    """All endpoints of a service, unregistered ones marked."""
    running = running_files(db, service_id)
    applications: list[Application] = []
    mounts: list[Mount] = []
    routes: list[tuple[Route, bool]] = []
    accepts: dict[FunctionId, tuple[str, ...]] = {}
    described: list[ContractServed] = []
    for path in files_of(db, service_id):
        if path_class(db, path) is PathClass.TEST and (running is None or path not in running):
            continue
        routing = file_routing(db, path)
        runs = running is None or path in running
        applications.extend(routing.applications)
        accepts.update({limit.function: limit.methods for limit in routing.accepts})
        if runs:
            mounts.extend(routing.mounts)
            described.extend(routing.contracts)
        routes.extend((route, runs) for route in routing.routes)
    if runs_no_function(db, service_id) or _serves_nothing(db, service_id, applications):
        return Endpoints((), is_complete=True, gaps=(), has_application=False)
    owners = [*(route.app for route, _ in routes), *(value for one in mounts for value in (one.parent, one.child))]
    sites = [app.app.site for app in applications if isinstance(app.app, Instance) and app.app.site is not None]
    for fact in inherited(db, owners, sites):
        if isinstance(fact, Application):
            applications.append(fact)
        else:
            mounts.append(fact)
    linker = Linker(db, service_id, applications, mounts, accepts)
    found = linker.link(routes, described)
    return found if found.served or found.has_application else _described(db, service_id, found)


def _serves_nothing(db: Database, service_id: str, applications: list[Application]) -> bool:
    """A worker beside a web process: their folder has an application that the worker does not start."""
    found, started = service(db, service_id), started_files(db, service_id)
    if found is None or found.kind != "worker" or started is None:
        return False
    roots = [app for app in applications if not app.is_router]
    # `manage.py` starts any command; it serves only with `runserver`, which makes the service no worker.
    return bool(roots) and all(app.site.path not in started or app.framework == "django" for app in roots)


def _described(db: Database, service_id: str, found: Endpoints) -> Endpoints:
    """A service whose code says nothing: what descriptions in its folder say, which may be of others too."""
    known = contracts(db, service_id)
    served = [
        operation_served(service_id, operation, joined(contract.base, operation.path), None)
        for contract in known
        for operation in contract.operations
    ]
    if not served:
        return found
    unique = tuple({item.endpoint.op: item for item in served}.values())
    gaps = (*found.gaps, "only its description is known")
    return Endpoints(unique, is_complete=False, gaps=gaps, has_application=True)
