"""django-environ and dj-database-url: settings from environment variables, addresses among them.

`env.db()`, `env.cache()` and `dj_database_url.config()` read `DATABASE_URL` and `CACHE_URL` when they are given no
name. What they make of the address is the address here.

## Names and defaults
```python
import dj_database_url
import environ
import psycopg2
import requests

env = environ.Env(DEBUG=(bool, False))

def main() -> None:
    requests.get(env("STOCK_URL", default="http://stock"), timeout=2)
    requests.get(env.str("ORDERS_URL"), timeout=2)
    psycopg2.connect(env.db())
    psycopg2.connect(dj_database_url.config(default="postgres://db/shop"))
```
```facts
9: HttpCall GET $STOCK_URL|http://stock timeout=2(call) blocking
10: HttpCall GET $ORDERS_URL timeout=2(call) blocking
11: ClientCreated sql target=$DATABASE_URL costly
11: StoreCall sql connect target=$DATABASE_URL blocking
12: ClientCreated sql target=$DATABASE_URL|postgres://db/shop costly
12: StoreCall sql connect target=$DATABASE_URL|postgres://db/shop blocking
```
"""

from __future__ import annotations

from shearpin.adapterkit import Adapter
from shearpin.facts.model import CallModel, ClassModel, EnvRead

ADAPTER = Adapter("django-environ", version="0.12.0", distributions=("django-environ", "dj-database-url"))

_ENV = "environ.Env"
_KINDS = (
    *("str", "unicode", "bytes", "bool", "int", "float", "json", "list", "tuple", "dict", "url", "path"),
    *("get_value", "__call__"),
)
_NAMED = {
    "db": "DATABASE_URL",
    "db_url": "DATABASE_URL",
    "cache": "CACHE_URL",
    "cache_url": "CACHE_URL",
    "search_url": "SEARCH_URL",
    "channels": "CHANNELS_URL",
    "channels_url": "CHANNELS_URL",
}

ADAPTER.alias("environ.environ.Env", _ENV)
ADAPTER.alias("environ.FileAwareEnv", _ENV)
ADAPTER.models(
    ClassModel(_ENV),
    *(EnvRead(f"{_ENV}.{kind}", default_position=2 if kind == "__call__" else 1) for kind in _KINDS),
    *(EnvRead(f"{_ENV}.{kind}", default_name=name) for kind, name in _NAMED.items()),
    EnvRead("dj_database_url.config", default_name="DATABASE_URL", name_keyword="env"),
    CallModel("dj_database_url.parse", returns_argument=0),
)
