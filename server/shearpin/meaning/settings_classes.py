"""Classes whose fields are read from the environment, by the rules that a model names."""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.facts.value import Choice, ClassRef, Const, Env, Extern, Instance, MappingValue, Value
from shearpin.meaning.modules import models
from shearpin.meaning.world import World


def settings_field(world: World, line: Iterable[ClassRef | Extern], name: str) -> Value | None:
    """The environment variable behind a field of a settings class; None when the class is none or lacks the field."""
    classes = tuple(line)
    known = models(world.db).classes
    if not any(isinstance(c, Extern) and c.name in known and known[c.name].settings_rules for c in classes):
        return None
    own = [c for c in classes if isinstance(c, ClassRef)]
    for cls in own:
        if name not in world.fields(cls):
            continue
        declared = world.class_level(cls, name)
        alias, default = _field_arguments(declared)
        variable = alias or f"{_prefix(world, own)}{name}"
        return Env(variable.upper(), default, None)
    return None


def _field_arguments(declared: Value | None) -> tuple[str, Value | None]:
    """(alias, default) of what stands on the right of a field: a plain default or a call of Field."""
    if not (
        isinstance(declared, Instance) and isinstance(declared.cls, Extern) and declared.cls.name == "pydantic.Field"
    ):
        return "", declared
    named = {bound.name: bound.value for bound in declared.args}
    default = named.get("default", named.get(""))
    for key in ("validation_alias", "alias", "env"):
        found = named.get(key)
        if isinstance(found, Const) and isinstance(found.value, str):
            return found.value, default
        if isinstance(found, Choice) and found.options and isinstance(found.options[0], Const):
            return str(found.options[0].value), default
    return "", default


def _prefix(world: World, classes: list[ClassRef]) -> str:
    for cls in classes:
        config = world.class_level(cls, "model_config")
        if isinstance(config, Instance):
            for bound in config.args:
                if bound.name == "env_prefix" and isinstance(bound.value, Const):
                    return str(bound.value.value)
        if isinstance(config, MappingValue):
            for key, value, _ in config.entries:
                if key == Const("env_prefix") and isinstance(value, Const):
                    return str(value.value)
        inner = world.class_level(cls, "Config")
        if isinstance(inner, ClassRef):
            prefix = world.class_level(inner, "env_prefix")
            if isinstance(prefix, Const) and isinstance(prefix.value, str):
                return prefix.value
    return ""
