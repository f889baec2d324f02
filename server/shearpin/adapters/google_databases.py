"""AlloyDB and Cloud SQL: databases of Google Cloud that connectors and engines reach by the name of an instance.

No host is known and none is needed, so the address is the instance: `alloydb://INSTANCE/DATABASE`,
`cloudsql://PROJECT:REGION:INSTANCE`.

## Engines for LangChain
```python
import os

from langchain_google_alloydb_pg import AlloyDBEngine
from langchain_google_cloud_sql_pg import PostgresEngine

engine = AlloyDBEngine.from_instance(
    project_id="shop",
    region="europe-west1",
    cluster="main",
    instance=os.environ["INSTANCE"],
    database="products",
)
other = PostgresEngine.from_instance("shop", "europe-west1", "orders", "orders")
```
```facts
6: ClientCreated sql target=alloydb://{$INSTANCE}/products costly
13: ClientCreated sql target=cloudsql://shop:europe-west1:orders/orders costly
```

## Connectors
```python
from google.cloud.alloydbconnector import Connector
from google.cloud.sql.connector import Connector as SqlConnector

connector, sql = Connector(), SqlConnector()

def connect():
    return connector.connect("projects/shop/locations/x/clusters/main/instances/one", "pg8000", db="products")

async def connect_sql():
    return await sql.connect_async("shop:europe-west1:orders", "asyncpg")
```
```facts
7: StoreCall sql connect target=alloydb://one blocking
10: StoreCall sql connect target=cloudsql://shop:europe-west1:orders awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import text
from shearpin.adapterkit.store import Store, joined
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import ClassModel
from shearpin.facts.value import UNKNOWN, Const, Unknown, Value

ADAPTER = Adapter(
    "google-databases",
    version="1.14.1",
    distributions=(
        "google-cloud-alloydb-connector",
        "cloud-sql-python-connector",
        "langchain-google-alloydb-pg",
        "langchain-google-cloud-sql-pg",
        "langchain-google-cloud-sql-mysql",
    ),
)

_ALLOYDB_ENGINE = "langchain_google_alloydb_pg.AlloyDBEngine"
_SQL_ENGINES = ("langchain_google_cloud_sql_pg.PostgresEngine", "langchain_google_cloud_sql_mysql.MySQLEngine")
_ALLOYDB = ("google.cloud.alloydbconnector.Connector", "google.cloud.alloydbconnector.AsyncConnector")
_SQL = "google.cloud.sql.connector.Connector"
_STORE = Store("google-databases", "sql", lambda _handle: UNKNOWN)

ADAPTER.alias("langchain_google_alloydb_pg.engine.AlloyDBEngine", _ALLOYDB_ENGINE)
ADAPTER.alias("langchain_google_cloud_sql_pg.engine.PostgresEngine", _SQL_ENGINES[0])
ADAPTER.alias("google.cloud.alloydb.connector", "google.cloud.alloydbconnector")
ADAPTER.alias("google.cloud.sql.connector.connector.Connector", _SQL)
ADAPTER.models(*(ClassModel(name) for name in (*_ALLOYDB, _SQL)))


@ADAPTER.methods(_ALLOYDB_ENGINE, "from_instance", "afrom_instance")
def _alloydb_engine(call: ResolvedCall) -> Iterable[Fact]:
    """`AlloyDBEngine.from_instance(project_id=..., instance=..., database=...)`"""
    instance, database = call.value("instance", 3), call.value("database", 4)
    yield _STORE.created(call, target=joined("alloydb://", instance, "/", database))


@ADAPTER.calls(*(f"{engine}.{name}" for engine in _SQL_ENGINES for name in ("from_instance", "afrom_instance")))
def _sql_engine(call: ResolvedCall) -> Iterable[Fact]:
    """`PostgresEngine.from_instance(project_id=..., instance=..., database=...)`"""
    names = (call.value("project_id", 0), call.value("region", 1), call.value("instance", 2))
    database = call.value("database", 3)
    yield _STORE.created(call, target=joined("cloudsql://", names[0], ":", names[1], ":", names[2], "/", database))


@ADAPTER.calls(*(f"{connector}.connect" for connector in _ALLOYDB))
def _alloydb_connect(call: ResolvedCall) -> Iterable[Fact]:
    """`connector.connect("projects/.../instances/orders", "pg8000", db="orders")`"""
    target = joined("alloydb://", _last_piece(call.value("instance_uri", 0)))
    yield _STORE.connect(call, is_blocking=call.name.startswith(_ALLOYDB[0]), target=target)


@ADAPTER.methods(_SQL, "connect", "connect_async")
def _sql_connect(call: ResolvedCall) -> Iterable[Fact]:
    """`connector.connect("project:region:instance", "pg8000", db="orders")`"""
    target = joined("cloudsql://", call.value("instance_connection_string", 0))
    yield _STORE.connect(call, is_blocking=call.name.endswith(".connect"), target=target)


def _last_piece(value: Value) -> Value:
    written = text(value)
    return Const(written.rpartition("/")[2]) if written is not None else Unknown("the name of the instance is computed")
