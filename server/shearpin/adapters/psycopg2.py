"""psycopg2: PostgreSQL over blocking connections.

A connection starts a transaction with its first statement. `with connection:` commits or rolls back and does not
close. There is no limit to a statement unless the server sets one; `connect_timeout` bounds connecting only.

## Connections and cursors
```python
import psycopg2
from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 10, "postgresql://db/shop")

def ship(order_id):
    connection = psycopg2.connect(host="db", dbname="shop")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM orders WHERE id = %s FOR UPDATE", (order_id,))
        cursor.execute("UPDATE orders SET shipped = true WHERE id = %s", (order_id,))
    connection.commit()

def all_orders():
    cursor = pool.getconn().cursor()
    cursor.execute("SELECT * FROM orders")
```
```facts
4: ClientCreated sql target=postgresql://db/shop costly
7: ClientCreated sql target=postgresql://db:5432/shop costly
7: StoreCall sql connect target=postgresql://db:5432/shop blocking
9: StoreCall sql read object=orders target=postgresql://db:5432/shop blocking
10: StoreCall sql write object=orders target=postgresql://db:5432/shop blocking
11: StoreCall sql commit target=postgresql://db:5432/shop blocking
14: StoreCall sql connect target=postgresql://db/shop blocking
15: StoreCall sql read object=orders target=postgresql://db/shop blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.dbapi import Driver
from shearpin.adapterkit.sql import read_sql
from shearpin.adapterkit.store import dsn_url, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import Value

ADAPTER = Adapter("psycopg2", version="2.9.13", distributions=("psycopg2", "psycopg2-binary"))

_CONNECTION = "psycopg2.extensions.connection"
_CURSOR = "psycopg2.extensions.cursor"
_POOL = "psycopg2.pool.AbstractConnectionPool"
_POOLS = tuple(f"psycopg2.pool.{name}" for name in words("SimpleConnectionPool ThreadedConnectionPool"))
_CURSORS = tuple(f"psycopg2.extras.{name}" for name in words("DictCursor RealDictCursor NamedTupleCursor"))


def _by_connect(value: Value) -> Value:
    return dsn_url(value, 0)


def _by_pool(value: Value) -> Value:
    return dsn_url(value, 2)


DRIVER = Driver(
    "psycopg2",
    ("psycopg2.connect",),
    _CONNECTION,
    _CURSOR,
    _by_connect,
    cursors=_CURSORS,
    pools=_POOLS,
    pool_address=_by_pool,
)
STORE = DRIVER.store

DRIVER.teach(ADAPTER)
ADAPTER.models(
    ClassModel(_POOL),
    *(ClassModel(name, bases=(_POOL,)) for name in _POOLS),
    CallModel(f"{_POOL}.getconn", returns=_CONNECTION),
)


@ADAPTER.methods(_POOL, "getconn")
def _take(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.call(call, "connect", is_blocking=True)


@ADAPTER.methods(_CURSOR, "copy_from", "copy_to", "copy_expert")
def _other(call: ResolvedCall) -> Iterable[Fact]:
    kind = {"copy_from": "write", "copy_to": "read"}.get(call.name.rsplit(".", 1)[-1], "unknown")
    yield STORE.call(call, kind, is_blocking=True)


@ADAPTER.calls("psycopg2.extras.execute_values", "psycopg2.extras.execute_batch")
def _batch(call: ResolvedCall) -> Iterable[Fact]:
    kind, table = read_sql(call.value("sql", 1))
    yield STORE.through(call, call.value("cur", 0), kind, is_blocking=True, obj=table)
