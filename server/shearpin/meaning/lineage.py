"""Classes and their bases, of the workspace and of libraries."""

from __future__ import annotations

from shearpin.facts.value import ClassRef, Extern, Value
from shearpin.meaning.modules import models
from shearpin.meaning.world import World


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
