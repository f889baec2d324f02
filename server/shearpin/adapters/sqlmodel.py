"""SQLModel: SQLAlchemy's engines and sessions under its own names, and `session.exec`.

Everything but `exec` is SQLAlchemy's: addresses, blocking and statements are as on that page.

## Sessions
```python
from sqlmodel import Field, Session, SQLModel, create_engine, select

class Order(SQLModel, table=True):
    id: int = Field(primary_key=True)

engine = create_engine("postgresql://db/shop")

def place(order_id):
    with Session(engine) as session:
        session.add(Order(id=order_id))
        session.exec(select(Order).where(Order.id == order_id)).first()
        session.commit()
```
```facts
6: ClientCreated sql target=postgresql://db/shop costly
10: StoreCall sql write object=Order target=postgresql://db/shop
11: StoreCall sql read object=Order target=postgresql://db/shop blocking
12: StoreCall sql commit target=postgresql://db/shop blocking
```

## On the event loop
```python
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

async def all_orders(session: AsyncSession, model):
    await session.commit()
    return await session.exec(select(model))
```
```facts
5: StoreCall sql commit awaited
6: StoreCall sql read awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.orm import orm_store, statement
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel

ADAPTER = Adapter("sqlmodel", version="0.0.50")

_SESSION = "sqlmodel.Session"
_ASYNC_SESSION = "sqlmodel.ext.asyncio.session.AsyncSession"
_SAME = ("create_engine", "select", "insert", "update", "delete", "text", "Table", "MetaData")

for _name in _SAME:
    ADAPTER.alias(f"sqlmodel.{_name}", f"sqlalchemy.{_name}")
ADAPTER.alias("sqlmodel.orm.session.Session", _SESSION)
ADAPTER.alias("sqlmodel.main.SQLModel", "sqlmodel.SQLModel")
ADAPTER.models(
    ClassModel(_SESSION, bases=("sqlalchemy.orm.Session",)),
    ClassModel(_ASYNC_SESSION, bases=("sqlalchemy.ext.asyncio.AsyncSession",)),
    CallModel("sqlmodel.Field", returns="sqlalchemy.orm.MappedColumn"),
    CallModel("sqlmodel.Relationship", returns="sqlalchemy.orm.Relationship"),
    ClassModel("sqlmodel.SQLModel", attributes=(("metadata", "sqlalchemy.MetaData"),)),
)
STORE = orm_store("sqlmodel")


@ADAPTER.methods(_SESSION, "exec")
def _exec(call: ResolvedCall) -> Iterable[Fact]:
    kind, table = statement(call.value("statement", 0))
    yield STORE.call(call, kind, is_blocking=True, obj=table)


@ADAPTER.methods(_ASYNC_SESSION, "exec")
def _exec_async(call: ResolvedCall) -> Iterable[Fact]:
    kind, table = statement(call.value("statement", 0))
    yield STORE.call(call, kind, is_blocking=False, obj=table)
