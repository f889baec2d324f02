"""psycopg 3: PostgreSQL over connections and pools, sync and asyncio.

A connection starts a transaction with its first statement; `with connection:` commits or rolls back **and closes**.
`connection.transaction()` is a real transaction only when none is open yet. There is no limit to a statement.

## Connections, cursors and pools
```python
import psycopg
from psycopg_pool import AsyncConnectionPool

def ship(order_id):
    with psycopg.connect("postgresql://db/shop") as connection:
        connection.execute("UPDATE orders SET shipped = true WHERE id = %s", (order_id,))
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO audit VALUES (%s)", (order_id,))

async def all_orders(pool: AsyncConnectionPool):
    async with pool.connection() as connection:
        await connection.execute("SELECT * FROM orders")
```
```facts
5: ClientCreated sql target=postgresql://db/shop costly
5: StoreCall sql connect target=postgresql://db/shop blocking
6: StoreCall sql write object=orders target=postgresql://db/shop blocking
7: StoreCall sql begin target=postgresql://db/shop blocking
8: StoreCall sql write object=audit target=postgresql://db/shop blocking
11: StoreCall sql connect
12: StoreCall sql read object=orders awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.sql import read_sql
from shearpin.adapterkit.store import Store, addresses, dsn_url, made
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import Value

ADAPTER = Adapter("psycopg", version="3.3.9", distributions=("psycopg", "psycopg-pool", "psycopg-binary"))

_SYNC, _ASYNC = "psycopg.Connection", "psycopg.AsyncConnection"
_CURSORS = {_SYNC: "psycopg.Cursor", _ASYNC: "psycopg.AsyncCursor"}
_POOLS = {_SYNC: "psycopg_pool.ConnectionPool", _ASYNC: "psycopg_pool.AsyncConnectionPool"}
_TRANSACTIONS = {_SYNC: "psycopg.Transaction", _ASYNC: "psycopg.AsyncTransaction"}

ADAPTER.models(CallModel("psycopg.connect", returns=_SYNC))
for _class in (_SYNC, _ASYNC):
    ADAPTER.models(
        ClassModel(_class),
        ClassModel(_CURSORS[_class], attributes=(("connection", _class),)),
        ClassModel(_POOLS[_class]),
        ClassModel(_TRANSACTIONS[_class]),
        CallModel(f"{_class}.connect", returns=_class),
        CallModel(f"{_class}.cursor", returns=_CURSORS[_class]),
        CallModel(f"{_class}.execute", returns=_CURSORS[_class]),
        CallModel(f"{_class}.transaction", returns=_TRANSACTIONS[_class]),
        CallModel(f"{_POOLS[_class]}.connection", returns=_class),
        CallModel(f"{_POOLS[_class]}.getconn", returns=_class),
    )


def _by_dsn(value: Value) -> Value:
    return dsn_url(value, 0)


_HOLDERS = dict.fromkeys((_SYNC, _ASYNC, *_POOLS.values()), _by_dsn)
STORE = Store("psycopg", "sql", lambda handle: addresses(handle, _HOLDERS))


def _is_blocking(call: ResolvedCall) -> bool:
    return ".Async" not in call.name


@ADAPTER.calls("psycopg.connect", f"{_SYNC}.connect", f"{_ASYNC}.connect")
def _connect(call: ResolvedCall) -> Iterable[Fact]:
    cls = _ASYNC if call.name.startswith(_ASYNC) else _SYNC
    target = _by_dsn(made(call, cls))
    yield STORE.created(call, cls=cls, target=target)
    yield STORE.connect(call, is_blocking=cls == _SYNC, target=target)


@ADAPTER.calls(*_POOLS.values())
def _pool(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=_by_dsn(made(call)))


@ADAPTER.calls(*(f"{pool}.{name}" for pool in _POOLS.values() for name in ("connection", "getconn")))
def _take(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.call(call, "connect", is_blocking=_is_blocking(call))


@ADAPTER.calls(*(f"{cls}.{name}" for cls in _CURSORS.values() for name in ("execute", "executemany", "stream", "copy")))
@ADAPTER.calls(f"{_SYNC}.execute", f"{_ASYNC}.execute")
def _execute(call: ResolvedCall) -> Iterable[Fact]:
    kind, table = read_sql(call.value("query", 0))
    yield STORE.call(call, kind, is_blocking=_is_blocking(call), obj=table)


@ADAPTER.calls(*(f"{cls}.{name}" for cls in (_SYNC, _ASYNC) for name in ("commit", "rollback")))
def _end(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.call(call, call.name.rsplit(".", 1)[-1], is_blocking=_is_blocking(call))


@ADAPTER.calls(f"{_SYNC}.transaction", f"{_ASYNC}.transaction")
def _transaction(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.call(call, "begin", is_blocking=_is_blocking(call))
