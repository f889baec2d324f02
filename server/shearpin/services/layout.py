"""Which service a file belongs to, and from which folders its imports resolve."""

from __future__ import annotations

import msgspec

from shearpin.facts.manifest import ManifestFacts
from shearpin.manifests import folder_of, join
from shearpin.query import Database, keys, query
from shearpin.services.naming import is_inside, may_hold_service
from shearpin.services.system import system


class Place(msgspec.Struct, frozen=True):
    """Where one service's code stands; all that ownership and imports need of it."""

    service: str
    root: str
    source_roots: tuple[str, ...]
    shared: tuple[str, ...]


class Layout(msgspec.Struct, frozen=True):
    """The places of all services, the roots of installed projects of the workspace, and (service, library) pairs."""

    places: tuple[Place, ...]
    libraries: tuple[str, ...]


@query()
def layout(db: Database) -> Layout:
    """The part of the system that a change of an environment variable leaves alone."""
    projects = [project for facts in _manifests(db) for project in facts.projects]
    found = system(db)
    places: list[Place] = []
    for service in found.services:
        if not service.source_roots:
            continue
        used = {folder for project in projects if project.folder == service.root for folder in project.depends_on}
        shared = dict.fromkeys((*service.shared, *sorted(used)))
        places.append(Place(service.id, service.root, service.source_roots, tuple(shared)))
    roots = {service.root for service in found.services if service.source_roots}
    libraries: dict[str, None] = {}
    for project in projects:
        if project.folder and project.folder not in roots and (project.name or project.package_dirs):
            source = join(project.folder, "src")
            candidates = (*project.package_dirs, source, project.folder)
            libraries.update((folder, None) for folder in candidates if db.get(keys.folder(folder)))
    return Layout(tuple(places), tuple(sorted(libraries)))


@query()
def service_of_folder(db: Database, path: str) -> tuple[str, ...]:
    """Ids of the services that a file belongs to: those whose root is nearest above it, those that share its folder."""
    places = layout(db).places
    owners = [place for place in places if is_inside(path, place.root)]
    deepest = max((len(place.root) for place in owners), default=-1)
    found = [place.service for place in owners if len(place.root) == deepest]
    sharing = [
        (len(folder), place.service)
        for place in places
        for folder in place.shared
        if folder and is_inside(path, folder)
    ]
    # A shared folder deeper than any service's root belongs to those that copy it, not to the one around it.
    if sharing and max(depth for depth, _ in sharing) > deepest:
        found = [service for _, service in sharing]
    return tuple(sorted(dict.fromkeys((*found, *(service for depth, service in sharing if depth >= deepest)))))


@query()
def source_roots(db: Database, path: str) -> tuple[str, ...]:
    """Folders from which the imports of a file resolve, strongest first.

    The roots of its own services, its enclosing package's parent, shared libraries, the workspace. Its own folder
    counts only where Python puts it on the path: for a file of no service and for tests.
    """
    found = layout(db)
    owners = set(service_of_folder(db, path))
    mine = [place for place in found.places if place.service in owners]
    inside = [place for place in mine if is_inside(path, place.root)]
    roots: dict[str, None] = {}
    for place in inside:
        roots.update((root, None) for root in place.source_roots)
    enclosing = _package_parent(db, path)
    # `import redis` in app/main.py never means app/redis.py, unless app is where the process starts.
    if not mine or enclosing != folder_of(path) or not may_hold_service(path):
        roots[enclosing] = None
    is_loose = not mine and enclosing == folder_of(path)
    if is_loose or not may_hold_service(path):
        roots[folder_of(path)] = None
    for place in mine:
        for folder in place.shared:
            roots.update((root, None) for root in _library_roots(db, folder))
    if not inside and len(mine) == 1:
        roots.update((root, None) for root in mine[0].source_roots)
    roots.update((root, None) for root in found.libraries)
    roots[""] = None
    return tuple(roots)


def _library_roots(db: Database, folder: str) -> tuple[str, ...]:
    source = join(folder, "src")
    if db.get(keys.folder(source)):
        return (source, folder)
    if db.get(keys.python_file(f"{folder}/__init__.py")):
        return (folder_of(folder),)
    return (folder, folder_of(folder))


def _package_parent(db: Database, path: str) -> str:
    folder = folder_of(path)
    while folder and db.get(keys.python_file(f"{folder}/__init__.py")):
        folder = folder_of(folder)
    return folder


def _manifests(db: Database) -> list[ManifestFacts]:
    paths = db.get(keys.manifest_paths())
    found = [db.get(keys.manifest(path)) for path in paths] if isinstance(paths, tuple) else []
    return [facts for facts in found if isinstance(facts, ManifestFacts)]
