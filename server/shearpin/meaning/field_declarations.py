"""Fields that are declared by a call: `_base_url: str = field(alias="base_url", default="http://orders")`."""

from __future__ import annotations

import msgspec

from shearpin.facts.value import ClassRef, Const, Extern, Instance, Value
from shearpin.meaning.modules import models
from shearpin.meaning.world import World
from shearpin.query import Database


class Declared(msgspec.Struct, frozen=True):
    """`parameter` is the constructor's name for the field, "" for none; `default` is None when there is none.

    `factory` makes the default when it is called.
    """

    parameter: str
    default: Value | None
    factory: Value | None = None


def declared(db: Database, name: str, value: Value | None) -> Declared | None:
    """What the right side of a class-level assignment declares; None when it is a plain value."""
    if not (isinstance(value, Instance) and isinstance(value.cls, Extern)):
        return None
    model = models(db).classes.get(value.cls.name)
    if model is None or not model.declares:
        return None
    given = {arg.name: arg.value for arg in value.args}
    default = given.get("default", given.get(""))
    factory = given.get("default_factory", given.get("factory"))
    if given.get("init") == Const(value=False):
        return Declared("", default, factory)
    alias = given.get("alias")
    own = name.lstrip("_") if model.declares == "stripped" else name
    is_named = isinstance(alias, Const) and isinstance(alias.value, str)
    return Declared(str(alias.value) if is_named and isinstance(alias, Const) else own, default, factory)


def constructed(world: World, base: Instance, name: str) -> Value | None:
    """What the construction of an object gave a declared field, else its default; None when nothing says so."""
    if not isinstance(base.cls, ClassRef):
        return None
    found = declared(world.db, name, world.class_level(base.cls, name))
    if found is None or not found.parameter:
        return None
    given = next((arg.value for arg in base.args if arg.name in {name, found.parameter}), None)
    is_known = base.site is not None and all(arg.name not in {"", "**"} for arg in base.args)
    if given is not None or not is_known or base.site is None:
        return given
    if found.default is None and found.factory is not None:
        return world.call(found.factory, (), base.site)
    return found.default
