"""Remote procedures: which service offers them and under which names, for gRPC, nameko and GraphQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from shearpin.facts.fact import Route
from shearpin.facts.manifest import ManifestFacts, RpcService
from shearpin.facts.service import Service
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import ClassRef, Const
from shearpin.flow.settled import settled
from shearpin.graph.model import Endpoint
from shearpin.graph.reach import files_of, services_running
from shearpin.meaning.objects import attribute, find_method
from shearpin.meaning.queries import Meaning, function_info
from shearpin.meaning.scopes import get_part, part_ids
from shearpin.query import Database, keys, query
from shearpin.services.classify import PathClass, path_class
from shearpin.services.system import system
from shearpin.syntax import ir
from shearpin.syntax.walk import walk

_KINDS = ("rpc", "grpc", "graphql", "resolver")


@query()
def file_procedures(db: Database, path: str) -> tuple[Route, ...]:
    """Procedures and RPC services that a file registers."""
    return tuple(
        item.fact
        for part in part_ids(db, path)
        for item in settled(db, path, part)
        if isinstance(item.fact, Route) and item.fact.kind in _KINDS
    )


@query()
def procedures(db: Database, service_id: str) -> tuple[Endpoint, ...]:
    """All remote procedures that a service offers."""
    found: list[Endpoint] = []
    for path in files_of(db, service_id):
        if path_class(db, path) is PathClass.TEST:
            # A test starts servers of its own, also those of other services.
            continue
        runs = service_id in services_running(db, path)
        for route in file_procedures(db, path):
            for name, site in _offered(db, route):
                op = f"graphql {name}" if route.kind == "graphql" else f"rpc {name}"
                found.append(Endpoint(service_id, route.kind, op, op, site, runs))
    return tuple(dict.fromkeys(found))


def _offered(db: Database, route: Route) -> Iterator[tuple[str, Site]]:
    name = route.path.value if isinstance(route.path, Const) else None
    if not isinstance(name, str):
        return
    if route.kind == "graphql":
        yield from _operations(db, route, name)
        return
    if route.kind == "rpc":
        yield name, route.site
        return
    if route.kind == "resolver":
        return
    declared = declaration(db, name, route.site.path)
    if declared is not None:
        for method in declared.methods:
            yield f"{declared.name}/{method.name}", _method_site(db, route.handler, method.name) or route.site


def _operations(db: Database, route: Route, name: str) -> Iterator[tuple[str, Site]]:
    """The operations of a root type: those whose resolvers stand in its class, or the one that is named."""
    if "." in name or route.handler is None:
        yield name, route.site
        return
    owner = route.handler
    for field in file_procedures(db, owner.path):
        place = field.function if field.handler is None else field.handler
        is_ours = field.function.part == owner.part or place.part.rpartition(".")[0] == owner.part
        if field.kind == "resolver" and is_ours and isinstance(field.path, Const):
            yield f"{name}.{field.path.value}", field.site


def _method_site(db: Database, handler: FunctionId | None, name: str) -> Site | None:
    """Where the class that serves procedures defines one."""
    method = None if handler is None else find_method(Meaning(db), ClassRef(handler.path, handler.part), name)
    info = None if method is None else function_info(db, method)
    return None if info is None else info.name_site


# -------------------------------------------------------------------- names


@query()
def declarations(db: Database) -> tuple[RpcService, ...]:
    """All RPC services that interface definitions of the workspace declare."""
    paths = db.get(keys.manifest_paths())
    found = [db.get(keys.manifest(path)) for path in paths] if isinstance(paths, tuple) else []
    return tuple(rpc for facts in found if isinstance(facts, ManifestFacts) for rpc in facts.rpcs)


@query()
def declaration(db: Database, name: str, path: str) -> RpcService | None:
    """The RPC service that a generated class is named after: of several the one nearest to a file."""
    found = [rpc for rpc in declarations(db) if rpc.name.rpartition(".")[2] == name]
    return max(found, key=lambda rpc: _shared_folders(rpc.site.path, path), default=None)


def _shared_folders(first: str, second: str) -> int:
    pairs = zip(first.split("/")[:-1], second.split("/")[:-1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


@query()
def qualified(db: Database, operation: str, path: str) -> str:
    """`shop.Orders/Total` for `Orders/Total`: by the interface definition, else by generated code, else as it is."""
    service, _, method = operation.partition("/")
    declared = declaration(db, service, path)
    if declared is not None:
        return f"{declared.name}/{method}"
    paths = db.get(keys.python_paths())
    for other in paths if isinstance(paths, tuple) else ():
        part = get_part(db, other, f"{service}Stub.__init__") if other.endswith("_pb2_grpc.py") else None
        for node in walk(part) if part is not None else ():
            if isinstance(node, ir.Literal) and isinstance(node.value, str) and node.value.endswith(f"/{method}"):
                return node.value.removeprefix("/")
    return operation


# ------------------------------------------------------------------ targets


@query()
def named_services(db: Database) -> dict[str, tuple[str, ...]]:
    """Services by the names under which the code of their nameko classes answers."""
    found: dict[str, list[str]] = {}
    for service in system(db).services:
        for name in _answers_to(db, service):
            found.setdefault(name, []).append(service.id)
    return {name: tuple(dict.fromkeys(ids)) for name, ids in found.items()}


def _answers_to(db: Database, service: Service) -> Iterator[str]:
    world = Meaning(db)
    for path in files_of(db, service.id):
        if service.id not in services_running(db, path):
            continue
        for route in file_procedures(db, path):
            if isinstance(route.app, ClassRef):
                name = attribute(world, route.app, "name")
                if isinstance(name, Const) and isinstance(name.value, str):
                    yield name.value
