"""What objects that make other objects give when they are called: `providers.Singleton(Client, url)()`."""

from __future__ import annotations

from shearpin.facts.site import Site
from shearpin.facts.value import UNKNOWN, Bound, Extern, Instance, Value
from shearpin.meaning.modules import models
from shearpin.meaning.world import World

_MAX_DEPTH = 8


def is_provider(world: World, value: Value) -> bool:
    """True for an object of a library class whose calls give what it was told to make."""
    if not (isinstance(value, Instance) and isinstance(value.cls, Extern)):
        return False
    model = models(world.db).classes.get(value.cls.name)
    return model is not None and bool(model.makes)


def provided(world: World, provider: Instance, given: tuple[Bound, ...], site: Site, depth: int = 0) -> Value:
    """What one call of a provider gives: its first argument called with the others, providers among them resolved."""
    model = models(world.db).classes.get(provider.cls.name) if isinstance(provider.cls, Extern) else None
    made = next((arg.value for arg in provider.args if not arg.name), None)
    if model is None or made is None or depth >= _MAX_DEPTH:
        return UNKNOWN
    if model.makes == "itself":
        return made
    rest = list(provider.args)
    rest.remove(Bound("", made))
    named = {arg.name for arg in given if arg.name}
    args = [Bound(arg.name, _resolved(world, arg.value, site, depth)) for arg in rest if arg.name not in named]
    return world.call(made, (*args, *given), provider.site or site)


def _resolved(world: World, value: Value, site: Site, depth: int) -> Value:
    if isinstance(value, Instance) and is_provider(world, value):
        return provided(world, value, (), site, depth + 1)
    return value
