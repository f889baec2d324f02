"""databases: statements, as text or of SQLAlchemy, on the event loop; each commits by itself outside `transaction()`.

## Statements
```python
from databases import Database

database = Database("postgresql://db/shop")

async def pay(number):
    async with database.transaction():
        await database.execute("UPDATE orders SET paid = true WHERE id = :id", {"id": number})
    return await database.fetch_all(query="SELECT * FROM orders")
```
```facts
3: ClientCreated sql target=postgresql://db/shop costly
6: StoreCall sql begin target=postgresql://db/shop
7: StoreCall sql write object=orders target=postgresql://db/shop awaited
8: StoreCall sql read object=orders target=postgresql://db/shop awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.orm import statement
from shearpin.adapterkit.store import Store, addresses, argument_of, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel

ADAPTER = Adapter("databases", version="0.9.0")

_DATABASE, _CONNECTION = "databases.Database", "databases.core.Connection"
_RUNS = words("execute execute_many fetch_all fetch_one fetch_val iterate")
STORE = Store("databases", "sql", lambda handle: addresses(handle, {_DATABASE: lambda it: argument_of(it, "url", 0)}))

ADAPTER.alias("databases.core.Database", _DATABASE)
ADAPTER.models(
    ClassModel(_DATABASE),
    ClassModel(_CONNECTION),
    CallModel(f"{_DATABASE}.connection", returns=_CONNECTION),
)


@ADAPTER.calls(_DATABASE)
def _create(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=call.value("url", 0))


@ADAPTER.methods(_DATABASE, *_RUNS)
@ADAPTER.methods(_CONNECTION, *_RUNS)
def _run(call: ResolvedCall) -> Iterable[Fact]:
    kind, table = statement(call.value("query", 0))
    yield STORE.call(call, kind, is_blocking=False, obj=table)


@ADAPTER.methods(_DATABASE, "transaction")
@ADAPTER.methods(_CONNECTION, "transaction")
def _transaction(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.call(call, "begin", is_blocking=False)
