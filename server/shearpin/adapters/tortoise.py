"""Tortoise ORM: models that read and write themselves, awaited.

A query set reads when it is awaited. Outside `in_transaction()` and `@atomic()` every statement commits by itself.

## Models
```python
from tortoise import Tortoise, fields
from tortoise.models import Model
from tortoise.transactions import in_transaction

class Order(Model):
    paid = fields.BooleanField()

async def pay(number):
    await Tortoise.init(db_url="postgres://db/shop", modules={})
    async with in_transaction():
        order = await Order.get(id=number)
        await Order.filter(id=number).update(paid=True)
        await Order.create(paid=False)
    return await Order.filter(paid=True).order_by("id")
```
```facts
9: ClientCreated sql target=postgres://db/shop costly
10: StoreCall sql begin
11: StoreCall sql read object=Order awaited
12: StoreCall sql write object=Order awaited
13: StoreCall sql write object=Order awaited
14: StoreCall sql read object=Order awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.records import Records
from shearpin.adapterkit.store import Store, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.value import NONE, UNKNOWN

ADAPTER = Adapter("tortoise", version="1.1.9", distributions=("tortoise-orm",))

STORE = Store("tortoise", "sql", lambda _: UNKNOWN)

ADAPTER.alias("tortoise.Model", "tortoise.models.Model")
Records(
    "tortoise",
    "sql",
    "tortoise.models.Model",
    "tortoise.queryset.QuerySet",
    reads=words("get get_or_none exists refresh_from_db fetch_related in_bulk"),
    writes=words("create bulk_create bulk_update get_or_create update_or_create save delete"),
    lazy=words("all filter exclude first annotate select_for_update raw"),
    chained=words("all filter exclude order_by limit offset prefetch_related select_related only distinct using_db"),
    query_reads=words("first get get_or_none count exists values values_list in_bulk"),
    query_writes=words("update delete"),
).teach(ADAPTER)


@ADAPTER.calls("tortoise.Tortoise.init", "tortoise.contrib.fastapi.register_tortoise")
def _init(call: ResolvedCall) -> Iterable[Fact]:
    url = call.value("db_url", -1, NONE)
    if url != NONE:
        yield STORE.created(call, target=url)


@ADAPTER.calls("tortoise.transactions.in_transaction")
def _transaction(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.call(call, "begin", is_blocking=False)
