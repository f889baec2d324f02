"""The system: all services and infrastructure of the workspace."""

from __future__ import annotations

import posixpath

import msgspec

from shearpin.facts.service import Service, System
from shearpin.manifests import folder_of, join
from shearpin.query import Database, keys, query
from shearpin.services.building import build_infra, build_service, identifiers
from shearpin.services.commands import Start, starts
from shearpin.services.evidence import Evidence, collect
from shearpin.services.folders import CodeEntry, code_entries, service_folder
from shearpin.services.merging import Group, merge
from shearpin.services.naming import is_inside
from shearpin.services.roots import Roots, entry_file, locate
from shearpin.services.units import Unit, units
from shearpin.settings.model import ServiceOverride

_PLAIN_NAMES = {"main", "app", "server", "application", "api", "wsgi", "asgi", "run", "manage", "__main__", "__init__"}
_CODE_TIER = 5


@query()
def system(db: Database) -> System:
    """All services and infrastructure, by id."""
    evidence = collect(db)
    groups = merge(units(db, evidence))
    services = [group for group in groups if not group.is_infra]
    services += _from_code(db, evidence, services)
    built = [build_service(db, evidence, group, identifier) for group, identifier in identifiers(services)]
    infra = [build_infra(evidence, group) for group in groups if group.is_infra]
    return System(
        services=tuple(sorted(_with_overrides(db, built), key=lambda service: service.id)),
        infra=tuple(sorted(infra, key=lambda found: found.id)),
    )


def overrides(db: Database) -> tuple[ServiceOverride, ...]:
    """Return what settings say about services."""
    found = db.get(keys.setting("services"))
    return tuple(item for item in found if isinstance(item, ServiceOverride)) if isinstance(found, tuple) else ()


def _from_code(db: Database, evidence: Evidence, known: list[Group]) -> list[Group]:
    """Return the folders whose code starts a process and that no manifest knows."""
    folders = {group.folder for group in known if group.folder is not None}
    found: dict[str, list[CodeEntry]] = {}
    for entry in code_entries(db, tuple(sorted(folders))):
        found.setdefault(service_folder(db, entry.path), []).append(entry)
    told = _told(db, evidence) if found else {}
    return [Group([_code_unit(db, folder, entries, told)]) for folder, entries in sorted(found.items())]


def _told(db: Database, evidence: Evidence) -> dict[str, Start]:
    """What start scripts say about the files that they start."""
    found: dict[str, Start] = {}
    for script in evidence.scripts:
        variables = {entry.name: entry.value or "" for entry in script.env}
        for start in starts(script.command, variables):
            folder = join(script.build or "", start.folder or ".")
            paths = (entry_file(db, place, start.entry) for place in (folder, ""))
            path = next((known for known in paths if known is not None), None)
            if start.entry and path is not None:
                found.setdefault(path, start)
    return found


def _code_unit(db: Database, folder: str, entries: list[CodeEntry], told: dict[str, Start]) -> Unit:
    found = locate(db, None, None, folder, ())
    # Nobody says from where it is started: the folder of the file that starts is as likely as the service's.
    beside = (folder_of(entry.path) for entry in entries)
    loose = [place for place in beside if not db.get(keys.python_file(join(place, "__init__.py")))]
    roots = found._replace(source_roots=tuple(dict.fromkeys((*found.source_roots, *loose))))
    # A script that hands the application of another file to a server is the same process as that application.
    chosen = [entry for entry in entries if entry.attribute] or entries
    begun = tuple(dict.fromkeys(_with_options(_start(entry, roots), told.get(entry.path)) for entry in chosen))
    name = posixpath.basename(folder) or _name_at_root(chosen[0].path)
    return Unit(name, _CODE_TIER, chosen[0].site, "", roots, starts=begun)


def _start(entry: CodeEntry, roots: Roots) -> Start:
    root = next(root for root in (*roots.source_roots, "") if is_inside(entry.path, root))
    relative = entry.path[len(root) :].lstrip("/")
    if not entry.attribute:
        return Start("python", relative, entry.kind, port=entry.port)
    module = relative.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    if entry.kind == "worker":
        return Start("celery", f"celery:{module}", "worker")
    return Start("python", f"{module}:{entry.attribute}", entry.kind, port=entry.port)


def _with_options(start: Start, told: Start | None) -> Start:
    if told is None:
        return start
    return msgspec.structs.replace(
        start, program=told.program, port=told.port or start.port, options=told.options, settings=told.settings
    )


def _name_at_root(path: str) -> str:
    stem = posixpath.basename(path).removesuffix(".py")
    return (
        path.split("/", maxsplit=1)[0].removesuffix(".py") if "/" in path else "app" if stem in _PLAIN_NAMES else stem
    )


def _with_overrides(db: Database, services: list[Service]) -> list[Service]:
    result = {service.id: service for service in services}
    for override in overrides(db):
        if override.external:
            continue
        service = result.get(override.name)
        if service is None:
            if override.root is None:
                continue
            roots = locate(db, None, None, override.root, ())
            service = Service(
                override.name, override.root, "python", "http", None, roots.source_roots, (), (), (), (), (), ()
            )
        root = service.root if override.root is None else override.root
        result[override.name] = msgspec.structs.replace(
            service,
            root=root,
            source_roots=tuple(dict.fromkeys((*([root] if root != service.root else []), *service.source_roots))),
            hosts=tuple(dict.fromkeys((*service.hosts, *(host.lower() for host in override.hosts)))),
            ports=tuple(dict.fromkeys((*service.ports, *override.ports))),
        )
    return list(result.values())
