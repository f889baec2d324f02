"""What a file imports, and whether it loads more by names that imports do not show."""

from __future__ import annotations

from posixpath import dirname

from shearpin.facts.value import ModuleRef
from shearpin.meaning.modules import resolve_module, resolve_relative, submodule
from shearpin.meaning.scopes import blocks, get_part, part_ids
from shearpin.query import Database, keys, query
from shearpin.syntax import ir

#: names whose use means that modules are loaded by strings or by walking folders
_LOADERS = frozenset(
    ("import_module", "__import__", "iter_modules", "walk_packages", "autodiscover_tasks", "INSTALLED_APPS",
     "spec_from_file_location", "run_module", "run_path", "load_plugins", "execute_from_command_line",
     "get_wsgi_application", "get_asgi_application")
)  # fmt: skip


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
