"""Classes and their bases, of the workspace and of libraries."""

from __future__ import annotations

import re

from shearpin.facts.value import ClassRef, Extern, Value
from shearpin.meaning.modules import models
from shearpin.meaning.world import World
from shearpin.query import Database, keys, query
from shearpin.services.layout import service_of_folder


def linearise(world: World, cls: ClassRef) -> tuple[ClassRef | Extern, ...]:
    """The class and its bases, depth first without repetition; library bases included."""
    found: list[ClassRef | Extern] = []
    pending: list[Value] = [cls]
    while pending:
        current = pending.pop(0)
        if isinstance(current, (ClassRef, Extern)) and current not in found:
            found.append(current)
            if isinstance(current, ClassRef):
                pending = [*world.bases(current), *pending]
            else:
                model = models(world.db).class_model(current.name)
                pending = [*(Extern(base) for base in (model.bases if model else ())), *pending]
    return tuple(found)


def library_bases(world: World, cls: ClassRef | Extern) -> tuple[str, ...]:
    """Canonical names of the library classes that a class is, nearest first."""
    if isinstance(cls, ClassRef):
        return tuple(base.name for base in linearise(world, cls) if isinstance(base, Extern))
    found = [cls.name]
    for name in found:
        model = models(world.db).class_model(name)
        found.extend(base for base in (model.bases if model else ()) if base not in found)
    return tuple(found)


def has_unknown_base(world: World, cls: ClassRef) -> bool:
    """True when a base class cannot be resolved."""
    for base in linearise(world, cls):
        if isinstance(base, ClassRef) and any(not isinstance(b, (ClassRef, Extern)) for b in world.bases(base)):
            return True
    return False


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
