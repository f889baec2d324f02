"""What a dotted module name means in one file: a module of the workspace, else a third-party name."""

from __future__ import annotations

from posixpath import dirname, join, normpath

from shearpin.facts.model import Models
from shearpin.facts.value import Extern, ModuleRef
from shearpin.query import Database, keys, query
from shearpin.services.layout import source_roots

_NO_MODELS = Models()


def models(db: Database) -> Models:
    """The models in force."""
    found = db.constant(keys.models())
    return found if isinstance(found, Models) else _NO_MODELS


def canonical(db: Database, name: str) -> str:
    """The canonical spelling of a library name; the longest aliased prefix counts."""
    aliases = models(db).aliases
    head, tail = name, ""
    while head:
        target = aliases.get(head)
        if target is not None and target != head:
            return canonical(db, target + tail)
        head, dot, last = head.rpartition(".")
        tail = dot + last + tail
    return name


@query()
def resolve_module(db: Database, path: str, dotted: str) -> ModuleRef | Extern:
    """An absolute module name as the file `path` sees it; a generated module is always a library's."""
    if models(db).is_generated(dotted):
        return Extern(canonical(db, dotted))
    parts = dotted.split(".")
    for root in source_roots(db, path):
        found = _find(db, root, parts)
        if found is not None:
            return ModuleRef(found)
    return Extern(canonical(db, dotted))


def first_package(db: Database, path: str, dotted: str) -> ModuleRef | Extern:
    """What `import a.b.c` binds to `a`; a folder without `__init__.py` counts when the module is found below it."""
    first, *rest = dotted.split(".")
    found = resolve_module(db, path, first)
    module = resolve_module(db, path, dotted) if rest and isinstance(found, Extern) else found
    if module == found or isinstance(module, Extern):
        return found
    folder = module.path.removesuffix(".py").removesuffix("/__init__")
    for _ in rest:
        folder = dirname(folder)
    return _package(db, folder)


def resolve_relative(db: Database, path: str, level: int, dotted: str) -> ModuleRef | Extern | None:
    """`from ..dotted import`: purely by folders; None when the module does not exist."""
    if models(db).is_generated(dotted):
        return Extern(dotted)
    folder = dirname(path)
    for _ in range(level - 1):
        folder = dirname(folder)
    if not dotted:
        return _package(db, folder)
    found = _find(db, folder, dotted.split("."), namespaces=True)
    return None if found is None else ModuleRef(found)


def submodule(db: Database, module_path: str, name: str) -> ModuleRef | Extern | None:
    """Module `name` inside the package that `module_path` (an `__init__.py` or a folder) stands for."""
    if models(db).is_generated(name):
        return Extern(name)
    folder = dirname(module_path) if module_path.endswith(".py") else module_path
    if module_path.endswith(".py") and not module_path.endswith("__init__.py"):
        return None
    found = _find(db, folder, [name], namespaces=True)
    return None if found is None else ModuleRef(found)


def _package(db: Database, folder: str) -> ModuleRef:
    init = join(folder, "__init__.py")
    return ModuleRef(init if db.get(keys.python_file(init)) else folder)


def _find(db: Database, root: str, parts: list[str], *, namespaces: bool = False) -> str | None:
    folder = root
    for index, name in enumerate(parts):
        last = index == len(parts) - 1
        base = normpath(join(folder, name)) if folder else name
        if db.get(keys.python_file(f"{base}/__init__.py")):
            if last:
                return f"{base}/__init__.py"
        elif last and db.get(keys.python_file(f"{base}.py")):
            return f"{base}.py"
        elif not db.get(keys.folder(base)):
            return None
        elif last:
            # A bare folder loses against an installed package of the same name, so it counts only where relative.
            return base if namespaces else None
        folder = base
    return None
