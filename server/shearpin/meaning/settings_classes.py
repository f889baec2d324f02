"""Classes whose fields are read from the environment, by the rules that a model names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.facts.value import (
    NONE,
    Bound,
    Choice,
    ClassRef,
    Const,
    Env,
    Extern,
    Instance,
    MappingValue,
    SequenceValue,
    Value,
)
from shearpin.meaning.classes import class_node
from shearpin.meaning.lineage import linearise
from shearpin.meaning.modules import models
from shearpin.meaning.world import World

_FIELD = "pydantic.Field"
_ALIASES = "pydantic.AliasChoices"
_MAX_NESTED = 4


def settings_field(world: World, line: Iterable[ClassRef | Extern], name: str) -> Value | None:
    """The environment variable behind a field of a settings class; None when the class is none or lacks the field.

    A field that is itself a class of fields is an object whose fields are variables, where a delimiter is set.
    """
    classes = tuple(line)
    known = models(world.db).classes
    if not any(isinstance(c, Extern) and c.name in known and known[c.name].settings_rules for c in classes):
        return None
    own = [c for c in classes if isinstance(c, ClassRef)]
    for cls in own:
        if name in world.fields(cls):
            return _field(world, own, cls, name)
    return None


def _field(world: World, own: list[ClassRef], cls: ClassRef, name: str) -> Value:
    aliases, default = _declared(world, cls, name)
    aliases = aliases or _listed(_option(world, own, "fields"), name)
    exact = _option(world, own, "case_sensitive") == Const(value=True)
    names = aliases or (f"{_text(_option(world, own, 'env_prefix'))}{name}",)
    variables = names if exact else tuple(variable.upper() for variable in names)
    inner = world.annotated_class(cls, name)
    delimiter = _text(_option(world, own, "env_nested_delimiter"))
    if delimiter and isinstance(inner, ClassRef):
        given = default if isinstance(default, Instance) else None
        nested = _nested(world, inner, f"{variables[0]}{delimiter}", (delimiter, exact), given, 0)
        if nested is not None:
            return nested
    if isinstance(default, Instance) and isinstance(default.cls, ClassRef):
        # Its variable would hold all of it as one text, which hardly anybody sets.
        return default
    found = default
    for variable in reversed(variables):
        found = Env(variable, found, None)
    return found if found is not None else NONE


def _nested(
    world: World, cls: ClassRef, prefix: str, rules: tuple[str, bool], given: Instance | None, depth: int
) -> Instance | None:
    """An object of a class of fields, each read from a variable; None when the class has no fields."""
    delimiter, exact = rules
    args: list[Bound] = []
    for name in _all_fields(world, cls):
        aliases, default = _declared(world, cls, name)
        own = next((arg.value for arg in given.args if arg.name == name), None) if given is not None else None
        default = default if own is None else own
        inner = world.annotated_class(cls, name)
        variable = f"{prefix}{(aliases or (name,))[0] if exact else (aliases or (name,))[0].upper()}"
        below = None
        if isinstance(inner, ClassRef) and depth < _MAX_NESTED:
            outer = default if isinstance(default, Instance) else None
            below = _nested(world, inner, f"{variable}{delimiter}", rules, outer, depth + 1)
        args.append(Bound(name, Env(variable, default, None) if below is None else below))
    return Instance(cls, tuple(args), None if given is None else given.site) if args else None


def _all_fields(world: World, cls: ClassRef) -> Iterator[str]:
    found = [name for base in linearise(world, cls) if isinstance(base, ClassRef) for name in world.fields(base)]
    yield from dict.fromkeys(name for name in found if name != "model_config")


def _declared(world: World, cls: ClassRef, name: str) -> tuple[tuple[str, ...], Value | None]:
    """(aliases, default) of what stands on the right of a field: a plain default or a call of Field."""
    declared = world.class_level(cls, name)
    if not (isinstance(declared, Instance) and declared.cls == Extern(_FIELD)):
        return (), declared
    named = {bound.name: bound.value for bound in declared.args}
    default = named.get("default", named.get(""))
    factory = named.get("default_factory")
    if default is None and factory is not None and declared.site is not None:
        default = world.call(factory, (), declared.site)
    for key in ("validation_alias", "alias", "env"):
        aliases = tuple(_texts(named.get(key)))
        if aliases:
            return aliases, default
    return (), default if default is None or not _is_required(default) else None


def _is_required(default: Value) -> bool:
    """`Field(...)` has no default."""
    return not isinstance(default, (Const, Instance)) and getattr(default, "reason", "") == "..."


def _texts(value: Value | None) -> Iterator[str]:
    """The names that an alias says, first the one that is looked for first."""
    match value:
        case Const(value=str(name)):
            yield name
        case Instance(cls=Extern(name=cls), args=args) if cls == _ALIASES:
            for arg in args:
                yield from _texts(arg.value)
        case SequenceValue(items=items) | Choice(options=items):
            for item in items:
                yield from _texts(item)
        case _:
            return


def _listed(fields: Value | None, name: str) -> tuple[str, ...]:
    """The variable of a field in `class Config: fields = {"url": {"env": "SHOP_URL"}}`."""
    entries = fields.entries if isinstance(fields, MappingValue) else ()
    told = next((value for key, value, _ in entries if key == Const(name)), None)
    inner = told.entries if isinstance(told, MappingValue) else ()
    return tuple(_texts(next((value for key, value, _ in inner if key == Const("env")), None)))


def _text(value: Value | None) -> str:
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else ""


def _option(world: World, classes: list[ClassRef], name: str) -> Value | None:
    """What `model_config`, `class Config` or a keyword of the class statement says; the nearest class counts."""
    for cls in classes:
        keyword = _keyword(world, cls, name)
        if keyword is not None:
            return keyword
        config = world.class_level(cls, "model_config")
        pairs = config.args if isinstance(config, Instance) else ()
        found = next((bound.value for bound in pairs if bound.name == name), None)
        if isinstance(config, MappingValue):
            found = next((value for key, value, _ in config.entries if key == Const(name)), None)
        inner = world.class_level(cls, "Config")
        if found is None and isinstance(inner, ClassRef):
            found = world.class_level(inner, name)
        if found is not None:
            return found
    return None


def _keyword(world: World, cls: ClassRef, name: str) -> Value | None:
    """`class Settings(BaseSettings, env_prefix="SHOP_")`, where it is written down."""
    node = class_node(world.db, cls)
    for keyword in () if node is None else node[2].keywords:
        value = getattr(keyword.value, "value", None)
        if keyword.name == name and isinstance(value, str | bool):
            return Const(value)
    return None
