"""cassandra-driver: Cassandra and ScyllaDB, blocking; a statement ends after 10 s, `execute_async` only sends it.

## Statements
```python
from cassandra.cluster import Cluster

session = Cluster(["cassandra"]).connect("shop")

def pay(order):
    session.execute("UPDATE orders SET paid = true WHERE id = %s", (order,))
    session.execute(session.prepare("SELECT * FROM stock"), timeout=3)
    session.execute_async("INSERT INTO log (id) VALUES (1)")
```
```facts
3: ClientCreated cassandra target=cassandra://cassandra:9042 costly
3: StoreCall cassandra connect target=cassandra://cassandra:9042 blocking
6: StoreCall cassandra write object=orders target=cassandra://cassandra:9042 timeout=10(default) blocking
7: StoreCall cassandra read object=stock target=cassandra://cassandra:9042 timeout=3(call) blocking
8: StoreCall cassandra write object=log target=cassandra://cassandra:9042 timeout=10(default)
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.sql import read_sql
from shearpin.adapterkit.store import Store, addresses, argument_of, class_of, host_url, made, timeout_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, Timeout
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import UNKNOWN, Const, SequenceValue, Value

ADAPTER = Adapter("cassandra", version="3.30.1", distributions=("cassandra-driver", "scylla-driver"))

_CLUSTER, _SESSION = "cassandra.cluster.Cluster", "cassandra.cluster.Session"
_PREPARED, _SIMPLE = "cassandra.query.PreparedStatement", "cassandra.query.SimpleStatement"
_DEFAULT = Timeout(Const(10), "default")

ADAPTER.models(
    *(ClassModel(name) for name in (_CLUSTER, _SESSION, _PREPARED, _SIMPLE)),
    CallModel(f"{_CLUSTER}.connect", returns=_SESSION),
    CallModel(f"{_SESSION}.prepare", returns=_PREPARED),
    CallModel(f"{_PREPARED}.bind", returns_self=True),
)


def _address(value: Value) -> Value:
    points = argument_of(value, "contact_points", 0, Const("127.0.0.1"))
    first = points.items[0] if isinstance(points, SequenceValue) and points.items else points
    return UNKNOWN if first == UNKNOWN else host_url("cassandra", first, argument_of(value, "port", 1, Const(9042)))


STORE = Store("cassandra", "cassandra", lambda handle: addresses(handle, {_CLUSTER: _address}), thread_grade="safe")


@ADAPTER.calls(_CLUSTER)
def _create(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=_address(made(call)))


@ADAPTER.methods(_CLUSTER, "connect")
def _connect(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.call(call, "connect", is_blocking=True)


@ADAPTER.methods(_SESSION, "execute", "execute_async")
def _execute(call: ResolvedCall) -> Iterable[Fact]:
    given = call.value("query", 0)
    if class_of(given) in {_PREPARED, _SIMPLE}:
        text = argument_of(given, "query", 0)
        given = argument_of(given, "query_string", 0) if text == UNKNOWN else text
    kind, table = read_sql(given)
    limit = timeout_of(call.argument("timeout", 2), _DEFAULT)
    yield STORE.call(call, kind, is_blocking=call.name.endswith(".execute"), obj=table, timeout=limit)
