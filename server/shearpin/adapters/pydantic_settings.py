"""pydantic-settings: classes whose fields are read from the environment.

A field `url` of a class with `env_prefix="SHOP_"` is read from `SHOP_URL`; an alias takes the place of prefix and name.
Upper and lower case do not matter. `BaseSettings` of pydantic 1 follows the same rules with `class Config`.
"""

from __future__ import annotations

from shearpin.adapterkit import Adapter
from shearpin.facts.model import CallModel, ClassModel

ADAPTER = Adapter("pydantic-settings", version="2.16.3", distributions=("pydantic-settings", "pydantic"))

_SETTINGS = "pydantic_settings.BaseSettings"

ADAPTER.alias("pydantic_settings.main.BaseSettings", _SETTINGS)
ADAPTER.alias("pydantic.BaseSettings", _SETTINGS)
ADAPTER.alias("pydantic.v1.BaseSettings", _SETTINGS)
ADAPTER.alias("pydantic.fields.Field", "pydantic.Field")
ADAPTER.alias("pydantic.v1.Field", "pydantic.Field")
ADAPTER.alias("pydantic_settings.main.SettingsConfigDict", "pydantic_settings.SettingsConfigDict")
ADAPTER.models(
    ClassModel(_SETTINGS, settings_rules="pydantic-settings"),
    ClassModel("pydantic.BaseModel"),
    ClassModel("pydantic.Field"),
    ClassModel("pydantic_settings.SettingsConfigDict"),
    ClassModel("pydantic.AliasChoices"),
    CallModel("pydantic.SecretStr", returns_argument=0),
    *(CallModel(f"pydantic.{name}", transparent_decorator=True) for name in ("field_validator", "model_validator")),
)
