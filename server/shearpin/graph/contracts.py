"""What services offer by an OpenAPI description: served by code that is given it, else known for lack of code."""

from __future__ import annotations

from shearpin.facts.manifest import Contract, ManifestFacts
from shearpin.facts.site import FunctionId
from shearpin.facts.value import FuncRef, ModuleRef
from shearpin.graph.reach import service
from shearpin.meaning.modules import resolve_module
from shearpin.meaning.queries import module_value
from shearpin.query import Database, keys, query
from shearpin.services.classify import PathClass, path_class


@query()
def contracts(db: Database, service_id: str) -> tuple[Contract, ...]:
    """Descriptions that stand in the folder of a service, by path; those in nested services' folders are theirs."""
    own = service(db, service_id)
    if own is None:
        return ()
    found: list[Contract] = []
    paths = db.get(keys.manifest_paths())
    for path in paths if isinstance(paths, tuple) else ():
        if own.root and not path.startswith(f"{own.root}/"):
            continue
        if path_class(db, path) is not PathClass.APPLICATION:
            continue
        facts = db.get(keys.manifest(path))
        if isinstance(facts, ManifestFacts):
            found.extend(facts.contracts)
    return tuple(found)


def contract_named(db: Database, service_id: str, name: str) -> Contract | None:
    """The description of a service in a file of that name; None when there is none, or several."""
    ending = name.removeprefix("./")
    found = [known for known in contracts(db, service_id) if f"/{known.path}".endswith(f"/{ending}")]
    return found[0] if len(found) == 1 else None


def handler_named(db: Database, path: str, name: str) -> FunctionId | None:
    """The function that a description names, as the file `path` would import it."""
    module, _, function = name.rpartition(".")
    found = resolve_module(db, path, module) if module else None
    value = module_value(db, found.path, function) if isinstance(found, ModuleRef) else None
    return value.function if isinstance(value, FuncRef) else None
