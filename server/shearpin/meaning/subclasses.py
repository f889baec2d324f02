"""Classes that derive from a class: those that may meet its code in one process."""

from __future__ import annotations

import re

from shearpin.facts.value import ClassRef
from shearpin.meaning.world import World
from shearpin.query import Database, keys, query
from shearpin.services.layout import service_of_folder


def subclasses(world: World, cls: ClassRef) -> tuple[ClassRef, ...]:
    """Classes of the workspace that have a class as a base, directly or not."""
    found: list[ClassRef] = []
    pending = [cls]
    while pending:
        current = pending.pop()
        for path, part in _named_as_base(world.db, re.split(r"[.:]", current.name)[-1], current.path):
            sub = ClassRef(path, part)
            if sub not in found and current in world.bases(sub):
                found.append(sub)
                pending.append(sub)
    return tuple(found)


def _named_as_base(db: Database, name: str, path: str) -> tuple[tuple[str, str], ...]:
    """Parts with a base of that name that may meet the code of a file in one process: of its services, or of none."""
    groups = _named_as_base_by_service(db, name)
    owners = service_of_folder(db, path)
    wanted = dict.fromkeys((*owners, "")) if owners else groups
    return tuple(sorted({place for service in wanted for place in groups.get(service, ())}))


@query()
def _named_as_base_by_service(db: Database, name: str) -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, list[tuple[str, str]]] = {}
    places = db.get(keys.subclasses(name))
    for path, part in places if isinstance(places, tuple) else ():
        for service in service_of_folder(db, path) or ("",):
            found.setdefault(service, []).append((path, part))
    return {service: tuple(parts) for service, parts in found.items()}
