"""Which files run in which service: from its entry along imports; its whole folder when the entry is unknown."""

from __future__ import annotations

from posixpath import dirname

from shearpin.facts.service import Service
from shearpin.facts.value import ModuleRef
from shearpin.meaning.modules import resolve_module, resolve_relative, submodule
from shearpin.meaning.scopes import blocks, get_part, part_ids
from shearpin.query import Database, keys, query
from shearpin.services.classify import is_script
from shearpin.services.layout import service_of_folder
from shearpin.services.roots import entry_file
from shearpin.services.system import system
from shearpin.syntax import ir

#: names whose use means that modules are loaded by strings or by walking folders
_LOADERS = frozenset(
    ("import_module", "__import__", "iter_modules", "walk_packages", "autodiscover_tasks", "INSTALLED_APPS",
     "spec_from_file_location", "run_module", "run_path", "load_plugins", "execute_from_command_line",
     "get_wsgi_application", "get_asgi_application")
)  # fmt: skip


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
def imports_of(db: Database, path: str) -> tuple[str, ...]:
    """Files of the workspace that a file imports anywhere, packages on the way included."""
    found: dict[str, None] = {}
    for part_id in part_ids(db, path):
        for target in _part_imports(db, path, part_id):
            found[target] = None
            folder = dirname(target)
            while folder:
                init = f"{folder}/__init__.py"
                if not db.get(keys.python_file(init)):
                    break
                found[init] = None
                folder = dirname(folder)
    found.pop(path, None)
    return tuple(found)


@query()
def _part_imports(db: Database, path: str, part_id: str) -> tuple[str, ...]:
    part = get_part(db, path, part_id)
    if part is None:
        return ()
    found: dict[str, None] = {}
    pending = list(part.body)
    while pending:
        stmt = pending.pop()
        match stmt:
            case ir.Import(names=names):
                for alias in names:
                    pieces = alias.name.split(".")
                    for count in range(1, len(pieces) + 1):
                        _note(found, resolve_module(db, path, ".".join(pieces[:count])))
            case ir.ImportFrom(module=module, level=level, names=names):
                base = resolve_relative(db, path, level, module) if level else resolve_module(db, path, module)
                _note(found, base)
                for alias in names:
                    if isinstance(base, ModuleRef):
                        _note(found, submodule(db, base.path, alias.name))
                    elif not level:
                        _note(found, resolve_module(db, path, f"{module}.{alias.name}"))
            case ir.FunctionDef(body=body) | ir.ClassDef(body=body):
                pending.extend(body)
            case _:
                for block in blocks(stmt):
                    pending.extend(block)
    return tuple(sorted(found))


def _note(found: dict[str, None], target: object) -> None:
    if isinstance(target, ModuleRef) and target.path.endswith(".py"):
        found[target.path] = None


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
def loads_by_name(db: Database, path: str) -> bool:
    """True when a file loads modules by names that imports do not show."""
    for part_id in part_ids(db, path):
        part = get_part(db, path, part_id)
        if part is None:
            continue
        mentioned = set(part.mentions)
        if mentioned & _LOADERS or {"Celery", "include"} <= mentioned or {"celery", "imports"} <= mentioned:
            return True
    return False


@query()
def services_running(db: Database, path: str) -> tuple[str, ...]:
    """Services in whose processes a file's code runs, or may run: all of its folder but scripts nobody starts."""
    found: list[str] = []
    for service_id in service_of_folder(db, path):
        files = running_files(db, service_id)
        if files is None or path in files or not is_script(db, path):
            found.append(service_id)
    return tuple(found)


@query()
def is_deployed(db: Database, path: str) -> bool:
    """False for a script in a service's folder that none of its processes is."""
    return not service_of_folder(db, path) or bool(services_running(db, path))


@query()
def files_of(db: Database, service_id: str) -> tuple[str, ...]:
    """All Python files that belong to a service, whether they run or not."""
    paths = db.get(keys.python_paths())
    return tuple(
        path for path in (paths if isinstance(paths, tuple) else ()) if service_id in service_of_folder(db, path)
    )
