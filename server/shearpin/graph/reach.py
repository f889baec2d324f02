"""Which files run in which service: from its entry along imports; its whole folder when the entry is unknown."""

from __future__ import annotations

from shearpin.facts.service import Service
from shearpin.graph.by_hand import is_by_hand
from shearpin.graph.imported import imports_of, loads_by_name
from shearpin.query import Database, keys, query
from shearpin.services.layout import service_of_folder
from shearpin.services.roots import entry_file
from shearpin.services.system import system


@query()
def service(db: Database, service_id: str) -> Service | None:
    """One service by id."""
    return next((found for found in system(db).services if found.id == service_id), None)


@query()
def is_celery_worker(db: Database, service_id: str) -> bool:
    """True when a start command of the service runs Celery tasks."""
    found = service(db, service_id)
    return found is not None and any(entry.startswith("celery:") for entry in found.entries)


@query()
def runs_no_function(db: Database, service_id: str) -> bool:
    """True for a scheduler or monitor of Celery: it imports the application, but runs no task and serves no route."""
    found = service(db, service_id)
    entries = () if found is None else found.entries
    return bool(entries) and all(entry.startswith(("celery-beat:", "celery-flower:")) for entry in entries)


@query()
def started_files(db: Database, service_id: str) -> frozenset[str] | None:
    """Files that the service's entries are or import, directly or not; None when an entry is not known or not found."""
    found = service(db, service_id)
    if found is None or not found.entries:
        return None
    files: set[str] = set()
    for entry in found.entries:
        start = next(
            (path for root in (found.root, *found.source_roots) if (path := entry_file(db, root, entry))), None
        )
        if start is None:
            return None
        files.add(start)
    pending = list(files)
    while pending:
        for target in imports_of(db, pending.pop()):
            if target not in files:
                files.add(target)
                pending.append(target)
    return frozenset(files)


@query()
def running_files(db: Database, service_id: str) -> frozenset[str] | None:
    """Files that run in a service; None when some are loaded by names that imports do not show."""
    files = started_files(db, service_id)
    return None if files is None or any(loads_by_name(db, path) for path in files) else files


@query()
def services_running(db: Database, path: str) -> tuple[str, ...]:
    """Services in whose processes a file's code runs, or may run.

    That is all of a folder but what people start by hand, and what one process of the folder loads and another one,
    whose files are known, does not.
    """
    candidates = {service_id: running_files(db, service_id) for service_id in service_of_folder(db, path)}
    is_loaded = any(files is not None and path in files for files in candidates.values())
    found: list[str] = []
    for service_id, files in candidates.items():
        mine = service(db, service_id)
        if (files is not None and path in files) or mine is None:
            found.append(service_id)
        elif files is not None and is_loaded:
            continue
        elif not is_by_hand(db, mine, path, started_files(db, service_id), files):
            found.append(service_id)
    return tuple(found)


@query()
def is_deployed(db: Database, path: str) -> bool:
    """False for a script in a service's folder that none of its processes is."""
    return not service_of_folder(db, path) or bool(services_running(db, path))


@query()
def files_of(db: Database, service_id: str) -> tuple[str, ...]:
    """All Python files that belong to a service, whether they run or not."""
    return files_by_service(db).get(service_id, ())


@query()
def files_by_service(db: Database) -> dict[str, tuple[str, ...]]:
    """The Python files of all services, sorted."""
    found: dict[str, list[str]] = {}
    paths = db.get(keys.python_paths())
    for path in paths if isinstance(paths, tuple) else ():
        for service_id in service_of_folder(db, path):
            found.setdefault(service_id, []).append(path)
    return {service_id: tuple(files) for service_id, files in found.items()}
