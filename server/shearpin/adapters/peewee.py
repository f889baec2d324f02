"""peewee: models that read and write themselves; everything blocks.

`select()` reads when it is iterated; `insert()`, `update()` and `delete()` do nothing before `execute()`. Outside
`db.atomic()` every statement commits by itself.

## Models
```python
import peewee

db = peewee.PostgresqlDatabase("shop", host="db")

class Order(peewee.Model):
    paid = peewee.BooleanField()

def pay(number):
    with db.atomic():
        order = Order.get_by_id(number)
        Order.update(paid=True).where(Order.id == number).execute()
        Order.create(paid=False)
    return list(Order.select().where(Order.paid))
```
```facts
3: ClientCreated sql target=postgresql://db:5432/shop costly
9: StoreCall sql begin target=postgresql://db:5432/shop blocking
10: StoreCall sql read object=Order blocking
11: StoreCall sql write object=Order blocking
12: StoreCall sql write object=Order blocking
13: StoreCall sql read object=Order blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.records import Records
from shearpin.adapterkit.sql import read_sql
from shearpin.adapterkit.store import Store, addresses, argument_of, host_url, joined, made, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import ClassModel
from shearpin.facts.value import Const, Value

ADAPTER = Adapter("peewee", version="4.5.3")

_SERVERS = {"peewee.PostgresqlDatabase": ("postgresql", 5432), "peewee.MySQLDatabase": ("mysql", 3306)}
_FILE = "peewee.SqliteDatabase"
_CHAINED = words("where order_by limit offset join group_by having distinct on_conflict returning dicts tuples")

Records(
    "peewee",
    "sql",
    "peewee.Model",
    "peewee.ModelSelect",
    reads=words("get get_or_none get_by_id"),
    writes=words("create get_or_create bulk_create bulk_update delete_by_id set_by_id save delete_instance"),
    lazy=words("select"),
    made=words("insert insert_many update delete replace replace_many"),
    chained=_CHAINED,
    query_reads=words("get first count exists scalar"),
    is_blocking=True,
    lazy_reads=True,
).teach(ADAPTER)
for _name in (*_SERVERS, _FILE):
    ADAPTER.alias(_name.replace("peewee.", "playhouse.pool.Pooled"), _name)
    ADAPTER.models(ClassModel(_name))


def _server(scheme: str, port: int, value: Value) -> Value:
    host = argument_of(value, "host", -1, Const("localhost"))
    return host_url(scheme, host, argument_of(value, "port", -1, Const(port)), argument_of(value, "database", 0))


def _address(value: Value) -> Value:
    name = getattr(getattr(value, "cls", None), "name", "")
    if name in _SERVERS:
        return _server(*_SERVERS[name], value)
    return joined("sqlite:///", argument_of(value, "database", 0))


STORE = Store("peewee", "sql", lambda handle: addresses(handle, dict.fromkeys((*_SERVERS, _FILE), _address)))


@ADAPTER.calls(*_SERVERS, _FILE)
def _database(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=_address(made(call)), is_costly=call.name != _FILE)


@ADAPTER.calls(*(f"{name}.atomic" for name in (*_SERVERS, _FILE)))
def _atomic(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.call(call, "begin", is_blocking=True)


@ADAPTER.calls(*(f"{name}.execute_sql" for name in (*_SERVERS, _FILE)))
def _execute(call: ResolvedCall) -> Iterable[Fact]:
    kind, table = read_sql(call.value("sql", 0))
    yield STORE.call(call, kind, is_blocking=True, obj=table)
