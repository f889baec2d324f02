"""Models over MongoDB: Beanie is awaited, MongoEngine blocks.

Beanie's `save` and `replace` write the whole document; `set`, `inc` and `update` change fields in the database. A query
reads when it is awaited, iterated or turned into a list.

## Beanie
```python
from beanie import Document

class Order(Document):
    paid: bool

async def pay(number):
    order = await Order.get(number)
    order.paid = True
    await order.save()
    await Order.find_one(Order.paid == True)
    await Order.find(Order.paid == True).to_list()
    await Order.find(Order.paid == False).delete()
```
```facts
7: StoreCall mongodb read object=Order awaited
10: StoreCall mongodb read object=Order awaited
11: StoreCall mongodb read object=Order awaited
12: StoreCall mongodb write object=Order awaited
```

## MongoEngine
```python
from mongoengine import Document, connect

connect("shop", host="mongodb://mongo/shop")

class Order(Document):
    pass

def pay(number):
    Order.objects(id=number).update(paid=True)
    Order.objects.get(id=number)
    Order().save()
```
```facts
3: ClientCreated mongodb target=mongodb://mongo/shop costly
9: StoreCall mongodb write object=Order blocking
10: StoreCall mongodb read object=Order blocking
11: StoreCall mongodb write object=Order blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.records import Records
from shearpin.adapterkit.store import Store, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.value import Const

ADAPTER = Adapter("mongo_models", version="beanie 2.2.0", distributions=("beanie", "mongoengine"))

_QUERY = "mongoengine.queryset.QuerySet"

ADAPTER.alias("beanie.odm.documents.Document", "beanie.Document")
ADAPTER.alias("mongoengine.document.Document", "mongoengine.Document")
ADAPTER.alias("mongoengine.DynamicDocument", "mongoengine.Document")
Records(
    "beanie",
    "mongodb",
    "beanie.Document",
    "beanie.odm.queries.find.FindMany",
    reads=words("get count distinct sync fetch_all_links"),
    writes=words(
        "insert create save replace save_changes insert_one insert_many replace_many delete delete_all set inc update",
        "update_all upsert",
    ),
    lazy=words("find find_one find_many find_all aggregate"),
    chained=words("find find_one find_many sort limit skip project"),
    query_reads=words("to_list first_or_none count exists"),
    query_writes=words("delete delete_many update update_many set inc upsert"),
).teach(ADAPTER)
Records(
    "mongoengine",
    "mongodb",
    "mongoengine.Document",
    _QUERY,
    reads=words("reload"),
    writes=words("save delete update modify"),
    chained=words("filter order_by limit skip only exclude select_related no_cache"),
    query_reads=words("first get count aggregate distinct in_bulk scalar"),
    query_writes=words("create insert update update_one delete modify upsert_one"),
    is_blocking=True,
    attributes=(("objects", _QUERY),),
).teach(ADAPTER)


@ADAPTER.calls("mongoengine.connect", "mongoengine.connection.connect")
def _connect(call: ResolvedCall) -> Iterable[Fact]:
    url = call.value("host", -1, Const("mongodb://localhost:27017"))
    yield Store("mongoengine", "mongodb", lambda _: url).created(call, target=url)
