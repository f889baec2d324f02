"""Neo4j (neo4j) and InfluxDB (influxdb-client), blocking or awaited.

Neo4j's driver tries a transaction function (`execute_read`, `execute_write`) again for up to 30 s; a statement alone
has no limit. InfluxDB's client ends a request after 10 s.

## Neo4j
```python
from neo4j import AsyncGraphDatabase, GraphDatabase

driver = GraphDatabase.driver("bolt://neo4j:7687", auth=("a", "b"))
other = AsyncGraphDatabase.driver("bolt://neo4j:7687")

def pay(order):
    with driver.session() as session:
        session.run("MATCH (o:Order {id: $id}) SET o.paid = true", id=order)
    driver.execute_query("MATCH (o:Order) RETURN o")

async def load():
    async with other.session() as session:
        await session.run("MATCH (o:Order) RETURN o")
```
```facts
3: ClientCreated neo4j target=bolt://neo4j:7687 costly
4: ClientCreated neo4j target=bolt://neo4j:7687 costly
8: StoreCall neo4j write target=bolt://neo4j:7687 blocking
9: StoreCall neo4j read target=bolt://neo4j:7687 blocking
13: StoreCall neo4j read target=bolt://neo4j:7687 awaited
```

## InfluxDB
```python
from influxdb_client import InfluxDBClient

client = InfluxDBClient(url="http://influx:8086", timeout=3000)

def measure(point):
    client.write_api().write(bucket="shop", record=point)
    client.query_api().query("from(bucket: 'shop')")
```
```facts
3: ClientCreated influxdb target=http://influx:8086 timeout=3.0(client) costly
6: StoreCall influxdb write object=shop target=http://influx:8086 timeout=3.0(client) blocking
7: StoreCall influxdb read target=http://influx:8086 timeout=3.0(client) blocking
```
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import text
from shearpin.adapterkit.sql import sql_text
from shearpin.adapterkit.store import (
    Store,
    addresses,
    argument_of,
    class_of,
    client_timeout,
    made,
    made_from,
    words,
)
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Timeout
from shearpin.facts.model import Callback, CallModel, ClassModel
from shearpin.facts.value import UNKNOWN, Const, Value

ADAPTER = Adapter("graph_and_series", version="neo4j 6.4.1", distributions=("neo4j", "influxdb-client"))

# -------------------------------------------------------------------------------------------------------------- Neo4j

_WRITING = re.compile(r"\b(?:create|merge|set|delete|remove|drop|load\s+csv|foreach)\b", re.IGNORECASE)
_DRIVERS = ("neo4j.Driver", "neo4j.AsyncDriver")
_GRAPH = Store(
    "neo4j", "neo4j", lambda handle: addresses(handle, dict.fromkeys(_DRIVERS, lambda it: argument_of(it, "uri", 0)))
)


def _statement(call: ResolvedCall) -> str:
    found = sql_text(call.value("query", 0, call.value("query_", 0)))
    return "unknown" if found is None else "write" if _WRITING.search(found) else "read"


def _run(call: ResolvedCall) -> Iterable[Fact]:
    yield _GRAPH.call(call, _statement(call), is_blocking=".Async" not in call.name)


def _driver(call: ResolvedCall) -> Iterable[Fact]:
    cls = _DRIVERS[".Async" in call.name]
    yield _GRAPH.created(call, cls=cls, target=call.value("uri", 0))


for _prefix in ("", "Async"):
    _cls, _session = f"neo4j.{_prefix}Driver", f"neo4j.{_prefix}Session"
    _transaction = f"neo4j.{_prefix}Transaction"
    _managed = (Callback(0, "transaction_function", parameters=(_transaction,)),)
    ADAPTER.models(
        *(ClassModel(name) for name in (_cls, _session, _transaction)),
        CallModel(f"neo4j.{_prefix}GraphDatabase.driver", returns=_cls),
        CallModel(f"{_cls}.session", returns=_session),
        CallModel(f"{_session}.begin_transaction", returns=_transaction),
        *(
            CallModel(f"{_session}.{name}", callbacks=_managed)
            for name in words("execute_read execute_write read_transaction write_transaction")
        ),
    )
    ADAPTER.calls(f"neo4j.{_prefix}GraphDatabase.driver")(_driver)
    ADAPTER.calls(f"{_session}.run", f"{_transaction}.run", f"{_cls}.execute_query")(_run)

# ----------------------------------------------------------------------------------------------------------- InfluxDB

_CLIENTS = ("influxdb_client.InfluxDBClient", "influxdb_client.client.influxdb_client_async.InfluxDBClientAsync")


def _url(value: Value) -> Value:
    return argument_of(value, "url", 0)


_SERIES = Store("influxdb", "influxdb", lambda handle: addresses(handle, dict.fromkeys(_CLIENTS, _url)))


def _limit(handle: Value | None) -> Timeout:
    """Given in milliseconds."""
    client = next((item for item in made_from(handle) if class_of(item) in _CLIENTS), None)
    return UNKNOWN_TIMEOUT if client is None else client_timeout(client, "timeout", Const(10), 0.001)


def _series(call: ResolvedCall, kind: str) -> Iterable[Fact]:
    bucket = call.value("bucket", 0) if kind == "write" else UNKNOWN
    is_blocking = not class_of(call.receiver).startswith(f"{_CLIENTS[1]}:")
    obj = bucket if text(bucket) is not None else UNKNOWN
    yield _SERIES.call(call, kind, is_blocking=is_blocking, obj=obj, timeout=_limit(call.receiver))


def _client(call: ResolvedCall) -> Iterable[Fact]:
    client = made(call)
    yield _SERIES.created(call, target=_url(client), timeout=_limit(client))


ADAPTER.alias("influxdb_client.client.influxdb_client.InfluxDBClient", _CLIENTS[0])
for _name in _CLIENTS:
    ADAPTER.models(ClassModel(_name))
    ADAPTER.calls(_name)(_client)
    for _api, _kind, _methods in (
        ("write_api", "write", ("write",)),
        ("query_api", "read", ("query", "query_raw", "query_stream", "query_data_frame")),
        ("delete_api", "write", ("delete",)),
    ):
        ADAPTER.models(ClassModel(f"{_name}:{_api}"), CallModel(f"{_name}.{_api}", returns=f"{_name}:{_api}"))
        ADAPTER.methods(f"{_name}:{_api}", *_methods)(lambda call, kind=_kind: _series(call, kind))
