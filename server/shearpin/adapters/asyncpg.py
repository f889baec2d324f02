"""asyncpg: PostgreSQL on the event loop.

Every statement commits by itself unless it stands in `async with connection.transaction()`. A statement may last for
ever unless `command_timeout=` or `timeout=` says otherwise; connecting ends after 60 s. `pool.acquire()` waits for
ever.

## Pools, statements and transactions
```python
import asyncpg

async def ship(order_id):
    pool = await asyncpg.create_pool("postgresql://db/shop", command_timeout=10)
    async with pool.acquire() as connection:
        await connection.fetchrow("SELECT * FROM orders WHERE id = $1", order_id, timeout=2)
        async with connection.transaction():
            await connection.execute("UPDATE orders SET shipped = true WHERE id = $1", order_id)

async def one(order_id):
    connection = await asyncpg.connect(host="db", database="shop")
    return await connection.fetchval("SELECT total FROM orders WHERE id = $1", order_id)
```
```facts
4: ClientCreated sql target=postgresql://db/shop costly
4: StoreCall sql connect target=postgresql://db/shop awaited
5: StoreCall sql connect target=postgresql://db/shop timeout=None(default)
6: StoreCall sql read object=orders target=postgresql://db/shop timeout=2(call) awaited
7: StoreCall sql begin target=postgresql://db/shop
8: StoreCall sql write object=orders target=postgresql://db/shop timeout=10(client) awaited
11: ClientCreated sql target=postgresql://db:5432/shop costly
11: StoreCall sql connect target=postgresql://db:5432/shop awaited
12: StoreCall sql read object=orders target=postgresql://db:5432/shop timeout=None(default) awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.sql import read_sql
from shearpin.adapterkit.store import (
    Store,
    addresses,
    class_of,
    client_timeout,
    dsn_url,
    made,
    made_from,
    owner_of,
    timeout_of,
)
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Timeout
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Value

ADAPTER = Adapter("asyncpg", version="0.32.0")

_CONNECTION, _POOL, _TRANSACTION = "asyncpg.Connection", "asyncpg.Pool", "asyncpg.transaction.Transaction"
_STATEMENT = "asyncpg.prepared_stmt.PreparedStatement"
_QUERIES = ("execute", "executemany", "fetch", "fetchrow", "fetchval", "fetchmany")

ADAPTER.alias("asyncpg.connection.Connection", _CONNECTION)
ADAPTER.alias("asyncpg.pool.Pool", _POOL)
ADAPTER.alias("asyncpg.pool.create_pool", "asyncpg.create_pool")
ADAPTER.models(
    ClassModel(_CONNECTION),
    ClassModel("asyncpg.pool.PoolConnectionProxy", bases=(_CONNECTION,)),
    ClassModel(_POOL),
    ClassModel(_TRANSACTION),
    ClassModel(_STATEMENT),
    CallModel("asyncpg.connect", returns=_CONNECTION),
    CallModel("asyncpg.create_pool", returns=_POOL),
    CallModel(f"{_POOL}.acquire", returns=_CONNECTION),
    CallModel(f"{_CONNECTION}.transaction", returns=_TRANSACTION),
    CallModel(f"{_CONNECTION}.prepare", returns=_STATEMENT),
)


def _by_dsn(value: Value) -> Value:
    return dsn_url(value, 0)


STORE = Store("asyncpg", "sql", lambda handle: addresses(handle, {_CONNECTION: _by_dsn, _POOL: _by_dsn}))


@ADAPTER.calls("asyncpg.connect", "asyncpg.create_pool")
def _connect(call: ResolvedCall) -> Iterable[Fact]:
    cls = _POOL if call.name.endswith("create_pool") else _CONNECTION
    target = _by_dsn(made(call, cls))
    yield STORE.created(call, cls=cls, target=target)
    yield STORE.connect(call, is_blocking=False, target=target)


def _statement_timeout(call: ResolvedCall) -> Timeout:
    """`timeout=` of the call, else `command_timeout=` of the connection or its pool, else none."""
    limit = UNKNOWN_TIMEOUT
    for item in made_from(call.receiver):
        if class_of(item) in {_POOL, _CONNECTION} and owner_of(item) is None:
            limit = client_timeout(item, "command_timeout", NONE)
            break
    return timeout_of(call.argument("timeout"), UNKNOWN_TIMEOUT if call.has_open_arguments else limit)


@ADAPTER.methods(_CONNECTION, *_QUERIES)
@ADAPTER.methods(_POOL, *_QUERIES)
def _query(call: ResolvedCall) -> Iterable[Fact]:
    kind, table = read_sql(call.value("query", 0))
    yield STORE.call(call, kind, is_blocking=False, obj=table, timeout=_statement_timeout(call))


@ADAPTER.methods(_CONNECTION, "copy_records_to_table", "copy_to_table")
@ADAPTER.methods(_POOL, "copy_records_to_table", "copy_to_table")
def _copy(call: ResolvedCall) -> Iterable[Fact]:
    table = call.value("table_name", 0)
    yield STORE.call(call, "write", is_blocking=False, obj=table, timeout=_statement_timeout(call))


@ADAPTER.methods(_STATEMENT, "fetch", "fetchrow", "fetchval", "executemany")
def _prepared(call: ResolvedCall) -> Iterable[Fact]:
    kind, table = "unknown", UNKNOWN
    for item in made_from(call.receiver):
        if class_of(item) == _STATEMENT:
            kind, table = read_sql(_prepared_text(item))
    yield STORE.call(call, kind, is_blocking=False, obj=table)


def _prepared_text(statement: Value) -> Value:
    args = getattr(statement, "args", ())
    return next((arg.value for arg in args if arg.name in {"", "query"}), UNKNOWN)


@ADAPTER.methods(_CONNECTION, "transaction")
def _transaction(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.call(call, "begin", is_blocking=False)


@ADAPTER.methods(_TRANSACTION, "start", "commit", "rollback")
def _settle(call: ResolvedCall) -> Iterable[Fact]:
    kind = call.name.rsplit(".", 1)[-1]
    yield STORE.call(call, "begin" if kind == "start" else kind, is_blocking=False)


@ADAPTER.methods(_POOL, "acquire")
def _acquire(call: ResolvedCall) -> Iterable[Fact]:
    limit = timeout_of(call.argument("timeout"), Timeout(Const(None), "default"))
    yield STORE.call(call, "connect", is_blocking=False, timeout=limit)
