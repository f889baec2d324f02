"""Environment variables: os.environ, environs, envparse, python-decouple, python-dotenv.

Names are exact and case-sensitive. `env.prefixed(...)` of environs puts its text in front of the names inside it.

## Names and defaults
```python
import os

import decouple
import envparse
import requests
from environs import Env

env = Env()

def main() -> None:
    requests.get(os.environ["STOCK_URL"])
    requests.get(os.getenv("ORDERS_URL", "http://orders") + "/open")
    requests.get(env.str("PAYMENTS_URL", default="http://payments"))
    requests.get(decouple.config("MAIL_URL"))
    requests.get(envparse.env("SHIPPING_URL", default="http://shipping"))
```
```facts
11: HttpCall GET $STOCK_URL timeout=None(default) blocking
12: HttpCall GET {$ORDERS_URL|http://orders}/open timeout=None(default) blocking
13: HttpCall GET $PAYMENTS_URL|http://payments timeout=None(default) blocking
14: HttpCall GET $MAIL_URL timeout=None(default) blocking
15: HttpCall GET $SHIPPING_URL|http://shipping timeout=None(default) blocking
```
"""

from __future__ import annotations

from shearpin.adapterkit import Adapter
from shearpin.facts.model import CallModel, ClassModel, EnvRead

ADAPTER = Adapter(
    "environment", version="3.11", distributions=("python", "environs", "envparse", "python-decouple", "python-dotenv")
)

_ENVIRONS = "environs.Env"
_KINDS = (
    *("str", "int", "float", "bool", "list", "tuple", "dict", "json", "decimal", "datetime", "date", "time"),
    *("timedelta", "uuid", "url", "log_level", "path", "enum", "dj_db_url", "dj_email_url", "dj_cache_url", "__call__"),
)
_PARSED = ("str", "bool", "int", "float", "list", "dict", "json", "url", "__call__")

ADAPTER.environment_mapping("os.environ")
ADAPTER.environment_mapping("os.environb")
ADAPTER.alias("environs.environment.Env", _ENVIRONS)
ADAPTER.models(
    EnvRead("os.getenv", name_keyword="key"),
    EnvRead("os.environ.get"),
    EnvRead("os.environ.pop"),
    EnvRead("os.environ.setdefault"),
    ClassModel(_ENVIRONS),
    CallModel(f"{_ENVIRONS}.prefixed", prefixes_environment=True),
    *(EnvRead(f"{_ENVIRONS}.{kind}") for kind in _KINDS),
    ClassModel("envparse.Env"),
    *(EnvRead(f"envparse.{owner}{kind}") for owner in ("Env.", "env.") for kind in _PARSED),
    EnvRead("envparse.env"),
    EnvRead("decouple.config"),
    ClassModel("decouple.Config"),
    ClassModel("decouple.AutoConfig"),
    *(EnvRead(f"decouple.{cls}.{name}") for cls in ("Config", "AutoConfig") for name in ("__call__", "get")),
    CallModel("dotenv.load_dotenv"),
)
