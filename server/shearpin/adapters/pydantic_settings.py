"""pydantic-settings: classes whose fields are read from the environment.

A field `url` of a class with `env_prefix="SHOP_"` is read from `SHOP_URL`; an alias takes the place of prefix and name.
Upper and lower case do not matter unless `case_sensitive` is set. `BaseSettings` of pydantic 1 follows the same rules
with `class Config`. Fields of a nested class are variables of their own where `env_nested_delimiter` is set.

## From field to variable
```python
import requests
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    payments_url: str = "http://payments"
    cards_url: str = Field("http://cards", validation_alias="CARDS")

settings = Settings()

def main() -> None:
    requests.get(f"{settings.payments_url}/open")
    requests.get(settings.cards_url)
```
```facts
13: HttpCall GET {$SHOP_PAYMENTS_URL|http://payments}/open timeout=None(default) blocking
14: HttpCall GET $CARDS|http://cards timeout=None(default) blocking
```
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
    ClassModel("pydantic.Field", declares="named"),
    ClassModel("pydantic_settings.SettingsConfigDict"),
    ClassModel("pydantic.AliasChoices"),
    CallModel("pydantic.SecretStr", returns_argument=0),
    *(CallModel(f"pydantic.{name}", transparent_decorator=True) for name in ("field_validator", "model_validator")),
)
