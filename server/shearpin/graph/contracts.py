"""What services offer by an OpenAPI description: served by code that is given it, else known for lack of code."""

from __future__ import annotations

import re

from shearpin.facts.manifest import Contract, ManifestFacts
from shearpin.facts.service import Service
from shearpin.facts.site import FunctionId
from shearpin.facts.value import FuncRef, ModuleRef
from shearpin.graph.reach import service
from shearpin.meaning.modules import resolve_module
from shearpin.meaning.queries import module_value
from shearpin.query import Database, keys, query
from shearpin.services.classify import PathClass, path_class
from shearpin.services.naming import is_inside, normalised
from shearpin.services.system import system

#: what a file of a description is called beside the service
_FORMAT = re.compile(r"[._-]?(?:openapi|swagger|api)?\.(?:ya?ml|json)$", re.IGNORECASE)


@query()
def contracts(db: Database, service_id: str) -> tuple[Contract, ...]:
    """Descriptions of a service, by path: those in its folder, and those apart from all services that have its name."""
    own = service(db, service_id)
    if own is None:
        return ()
    found: list[Contract] = []
    paths = db.get(keys.manifest_paths())
    for path in paths if isinstance(paths, tuple) else ():
        if path_class(db, path) is not PathClass.APPLICATION:
            continue
        facts = db.get(keys.manifest(path))
        if isinstance(facts, ManifestFacts) and facts.contracts:
            is_own = is_inside(path, own.root)
            found.extend(contract for contract in facts.contracts if is_own or _is_named_after(db, contract, own))
    return tuple(found)


def _is_named_after(db: Database, contract: Contract, service: Service) -> bool:
    """A description in a folder for descriptions: its title, its file or its folder is called like the service."""
    if any(other.root and is_inside(contract.path, other.root) for other in system(db).services):
        return False
    *folders, name = contract.path.split("/")
    stem = _FORMAT.sub("", name)
    called = {normalised(text) for text in (contract.title, stem, *folders[-1:]) if text}
    return not called.isdisjoint(normalised(text) for text in (service.id, *service.aliases))


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
