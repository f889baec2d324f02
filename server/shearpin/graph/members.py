"""Methods that a class serves: the members it or its bases have, as far as the framework calls them."""

from __future__ import annotations

from collections.abc import Sequence

from shearpin.facts.site import FunctionId
from shearpin.facts.value import ClassRef, Const, Extern, SequenceValue, Value
from shearpin.meaning.lineage import has_unknown_base, linearise
from shearpin.meaning.modules import models
from shearpin.meaning.queries import Meaning
from shearpin.query import Database, query

_ANY = ("*",)
_VERBS = tuple((verb, verb.upper()) for verb in ("get", "post", "put", "patch", "delete", "trace"))
#: bases that bring no handlers along
_PLAIN = frozenset(("builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"))


@query()
def methods_served(
    db: Database, handler: FunctionId, members: tuple[tuple[str, str], ...], limit: str
) -> tuple[str, ...]:
    """Methods of the members that a class part has; ("*",) when its bases are not known.

    `members` are (name, method), () for the verbs; `limit` names the class attribute that lists what is allowed.
    """
    world, cls = Meaning(db), ClassRef(handler.path, handler.part)
    bases = linearise(world, cls)
    known = models(db)
    if has_unknown_base(world, cls) or any(
        isinstance(base, Extern) and base.name not in _PLAIN and known.class_model(base.name) is None for base in bases
    ):
        return _ANY
    found = tuple(method for name, method in members or _VERBS if _has(world, bases, name))
    if not found and not members:
        return _ANY
    allowed = _allowed(world, bases, limit) if limit else None
    return found if allowed is None else tuple(method for method in found if method in allowed)


def _has(world: Meaning, bases: Sequence[ClassRef | Extern], name: str) -> bool:
    calls = models(world.db).calls
    return any(
        f"{base.name}.{name}" in calls
        if isinstance(base, Extern)
        else world.method(base, name) is not None or world.class_level(base, name) is not None
        for base in bases
    )


def _allowed(world: Meaning, bases: Sequence[ClassRef | Extern], name: str) -> tuple[str, ...] | None:
    for base in bases:
        listed: Value | None = world.class_level(base, name) if isinstance(base, ClassRef) else None
        if listed is None:
            continue
        if not isinstance(listed, SequenceValue):
            return None
        return tuple(
            item.value.upper() for item in listed.items if isinstance(item, Const) and isinstance(item.value, str)
        )
    return None
