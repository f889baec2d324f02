"""SQLAlchemy: engines, sessions and statements, sync and async.

The address travels from the engine to the session to the call: `create_engine(URL)`, `sessionmaker(engine)`,
`maker()`, `session.execute(...)`. `Session.add` and `Session.begin` do not touch the database, so they do not block;
`with Session() as s` closes and never commits, `maker.begin()` and `engine.begin()` commit at the end of the block.

An engine keeps a pool of 5 connections and 10 more, waits 30 s for one, and sets no limit to a statement: how long a
statement may last is the driver's and the server's business, so time limits are unknown here.

## Sessions
```python
import os
from sqlalchemy import create_engine, select, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

engine = create_engine(os.environ["DATABASE_URL"])
Session = sessionmaker(bind=engine)

class Base(DeclarativeBase):
    pass

class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)

def place(order_id):
    with Session() as session:
        session.add(Order(id=order_id))
        session.execute(select(Order.id).where(Order.id == order_id))
        session.execute(update(Order).values(id=1))
        session.query(Order).filter(Order.id == order_id).delete()
        session.commit()
    with Session.begin() as session:
        session.get(Order, order_id)
        session.execute(text("INSERT INTO audit (id) VALUES (:id)"), {"id": order_id})

Base.metadata.create_all(engine)
```
```facts
5: ClientCreated sql target=$DATABASE_URL costly
17: StoreCall sql write object=Order target=$DATABASE_URL
18: StoreCall sql read object=Order target=$DATABASE_URL blocking
19: StoreCall sql write object=Order target=$DATABASE_URL blocking
20: StoreCall sql write object=Order target=$DATABASE_URL blocking
21: StoreCall sql commit target=$DATABASE_URL blocking
22: StoreCall sql begin target=$DATABASE_URL
23: StoreCall sql read object=Order target=$DATABASE_URL blocking
24: StoreCall sql write object=audit target=$DATABASE_URL blocking
26: StoreCall sql write target=$DATABASE_URL blocking
```

## Engines and tables without models
```python
from sqlalchemy import URL, MetaData, Table, create_engine

engine = create_engine(URL.create("postgresql", host="db", port=5432, database="shop"))
orders = Table("orders", MetaData())

def ship(order_id):
    with engine.connect() as connection:
        connection.execute(orders.select().where(orders.c.id == order_id)).first()
        connection.execute(orders.update().values(shipped=True))
        connection.commit()
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM carts")
```
```facts
3: ClientCreated sql target=postgresql://db:5432/shop costly
7: StoreCall sql connect target=postgresql://db:5432/shop blocking
8: StoreCall sql read object=orders target=postgresql://db:5432/shop blocking
9: StoreCall sql write object=orders target=postgresql://db:5432/shop blocking
10: StoreCall sql commit target=postgresql://db:5432/shop blocking
11: StoreCall sql begin target=postgresql://db:5432/shop blocking
12: StoreCall sql write object=carts target=postgresql://db:5432/shop blocking
```

## On the event loop
```python
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import sessionmaker

from .models import Base, Order

engine = create_async_engine("postgresql+asyncpg://db/shop")
Session = async_sessionmaker(engine)
OldSession = sessionmaker(engine, class_=AsyncSession)

async def place(order):
    async with Session() as session:
        session.add(order)
        await session.commit()
    async with OldSession() as session, session.begin():
        await session.scalars(select(Order))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

async def pay(session: AsyncSession):
    await session.rollback()
```
```facts
7: ClientCreated sql target=postgresql+asyncpg://db/shop costly
13: StoreCall sql write target=postgresql+asyncpg://db/shop
14: StoreCall sql commit target=postgresql+asyncpg://db/shop awaited
15: StoreCall sql begin target=postgresql+asyncpg://db/shop
16: StoreCall sql read target=postgresql+asyncpg://db/shop awaited
17: StoreCall sql begin target=postgresql+asyncpg://db/shop
21: StoreCall sql rollback awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.orm import (
    STATEMENT_KINDS,
    TABLE,
    TEXT_CLAUSE,
    engine_address,
    first_entity,
    model_of,
    orm_store,
    statement,
)
from shearpin.adapterkit.store import words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import UNKNOWN, Field, Instance, Item, Value

ADAPTER = Adapter("sqlalchemy", version="2.1.9", distributions=("SQLAlchemy",))

_SESSION = "sqlalchemy.orm.Session"
_SCOPED = "sqlalchemy.orm.scoped_session"
_MAKER = "sqlalchemy.orm.sessionmaker"
_QUERY = "sqlalchemy.orm.Query"
_ENGINE = "sqlalchemy.Engine"
_CONNECTION = "sqlalchemy.Connection"
_TRANSACTION = "sqlalchemy.engine.Transaction"
_AIO = "sqlalchemy.ext.asyncio"
_ASYNC_SESSION = f"{_AIO}.AsyncSession"
_ASYNC_SCOPED = f"{_AIO}.async_scoped_session"
_ASYNC_MAKER = f"{_AIO}.async_sessionmaker"
_ASYNC_ENGINE = f"{_AIO}.AsyncEngine"
_ASYNC_CONNECTION = f"{_AIO}.AsyncConnection"
_ASYNC_TRANSACTION = f"{_AIO}.AsyncTransaction"

#: what builds which statement
_STATEMENTS = {
    "sqlalchemy.select": "sqlalchemy.Select",
    "sqlalchemy.insert": "sqlalchemy.Insert",
    "sqlalchemy.dialects.postgresql.insert": "sqlalchemy.Insert",
    "sqlalchemy.dialects.mysql.insert": "sqlalchemy.Insert",
    "sqlalchemy.dialects.sqlite.insert": "sqlalchemy.Insert",
    "sqlalchemy.update": "sqlalchemy.Update",
    "sqlalchemy.delete": "sqlalchemy.Delete",
}
#: methods that give a changed statement of the same kind, about the same entity
_CHAINED = words(
    "where filter filter_by having order_by group_by limit offset distinct join outerjoin join_from select_from values",
    " options execution_options returning with_for_update with_only_columns add_columns params bindparams prefix_with",
    " correlate union union_all on_conflict_do_nothing on_conflict_do_update on_duplicate_key_update columns",
    " from_statement ordered_values from_select fetch slice",
)
_QUERY_CHAINED = (
    *_CHAINED,
    *words("populate_existing yield_per enable_eagerloads autoflush with_entities add_entity reset_joinpoint"),
)
_QUERY_READS = ("first", "all", "one", "one_or_none", "scalar", "count", "get", "exists")

# ------------------------------------------------------------------------------------------------------------ models

_SPELLINGS = {
    "sqlalchemy.orm.session.Session": _SESSION,
    "sqlalchemy.orm.session.sessionmaker": _MAKER,
    "sqlalchemy.orm.scoping.scoped_session": _SCOPED,
    "sqlalchemy.orm.query.Query": _QUERY,
    "sqlalchemy.orm.decl_api.declarative_base": "sqlalchemy.orm.declarative_base",
    "sqlalchemy.orm.decl_api.DeclarativeBase": "sqlalchemy.orm.DeclarativeBase",
    "sqlalchemy.ext.declarative.declarative_base": "sqlalchemy.orm.declarative_base",
    "sqlalchemy.engine.create_engine": "sqlalchemy.create_engine",
    "sqlalchemy.engine.Engine": _ENGINE,
    "sqlalchemy.engine.base.Engine": _ENGINE,
    "sqlalchemy.engine.Connection": _CONNECTION,
    "sqlalchemy.engine.base.Connection": _CONNECTION,
    "sqlalchemy.engine.URL": "sqlalchemy.URL",
    "sqlalchemy.engine.url.URL": "sqlalchemy.URL",
    "sqlalchemy.engine.make_url": "sqlalchemy.make_url",
    "sqlalchemy.engine.url.make_url": "sqlalchemy.make_url",
    "sqlalchemy.ext.asyncio.engine.AsyncEngine": _ASYNC_ENGINE,
    "sqlalchemy.ext.asyncio.engine.AsyncConnection": _ASYNC_CONNECTION,
    "sqlalchemy.ext.asyncio.engine.create_async_engine": f"{_AIO}.create_async_engine",
    "sqlalchemy.ext.asyncio.session.AsyncSession": _ASYNC_SESSION,
    "sqlalchemy.ext.asyncio.session.async_sessionmaker": _ASYNC_MAKER,
    "sqlalchemy.future.select": "sqlalchemy.select",
    "sqlalchemy.future.Engine": _ENGINE,
    "sqlalchemy.future.create_engine": "sqlalchemy.create_engine",
    "sqlalchemy.sql.text": "sqlalchemy.text",
    "sqlalchemy.sql.expression.text": "sqlalchemy.text",
    "sqlalchemy.schema.Table": TABLE,
    "sqlalchemy.sql.schema.Table": TABLE,
    "sqlalchemy.schema.MetaData": "sqlalchemy.MetaData",
    "sqlalchemy.sql.schema.MetaData": "sqlalchemy.MetaData",
}
for _verb in ("select", "insert", "update", "delete"):
    _SPELLINGS[f"sqlalchemy.sql.{_verb}"] = f"sqlalchemy.{_verb}"
    _SPELLINGS[f"sqlalchemy.sql.expression.{_verb}"] = f"sqlalchemy.{_verb}"
for _dialect in ("postgresql", "mysql", "sqlite"):
    _SPELLINGS[f"sqlalchemy.dialects.{_dialect}.dml.insert"] = f"sqlalchemy.dialects.{_dialect}.insert"
for _spelling, _canonical in _SPELLINGS.items():
    ADAPTER.alias(_spelling, _canonical)

ADAPTER.models(
    ClassModel(_ENGINE),
    ClassModel(_CONNECTION),
    ClassModel(_TRANSACTION, enters=_CONNECTION),
    ClassModel("sqlalchemy.URL"),
    ClassModel("sqlalchemy.Column", is_descriptor=True),
    ClassModel("sqlalchemy.orm.MappedColumn", is_descriptor=True),
    ClassModel("sqlalchemy.orm.Relationship", is_descriptor=True),
    CallModel("sqlalchemy.orm.mapped_column", returns="sqlalchemy.orm.MappedColumn"),
    CallModel("sqlalchemy.orm.relationship", returns="sqlalchemy.orm.Relationship"),
    ClassModel(TABLE),
    ClassModel("sqlalchemy.MetaData"),
    ClassModel(_SESSION, attributes=(("bind", _ENGINE),), one_thread=True),
    ClassModel(_SCOPED, bases=(_SESSION,)),
    ClassModel(_MAKER),
    ClassModel(_QUERY),
    ClassModel("sqlalchemy.orm.DeclarativeBase", attributes=(("metadata", "sqlalchemy.MetaData"),)),
    ClassModel("sqlalchemy.orm.DeclarativeBaseNoMeta", bases=("sqlalchemy.orm.DeclarativeBase",)),
    ClassModel(_ASYNC_ENGINE, attributes=(("sync_engine", _ENGINE),)),
    ClassModel(_ASYNC_CONNECTION),
    ClassModel(_ASYNC_TRANSACTION, enters=_ASYNC_CONNECTION),
    ClassModel(_ASYNC_SESSION, attributes=(("sync_session", _SESSION),)),
    ClassModel(_ASYNC_SCOPED, bases=(_ASYNC_SESSION,)),
    ClassModel(_ASYNC_MAKER),
    ClassModel(TEXT_CLAUSE),
    *(ClassModel(name) for name in STATEMENT_KINDS),
    CallModel("sqlalchemy.create_engine", returns=_ENGINE),
    CallModel("sqlalchemy.engine_from_config", returns=_ENGINE),
    CallModel(f"{_AIO}.create_async_engine", returns=_ASYNC_ENGINE),
    CallModel(f"{_AIO}.async_engine_from_config", returns=_ASYNC_ENGINE),
    CallModel("sqlalchemy.URL.create", returns="sqlalchemy.URL"),
    CallModel("sqlalchemy.make_url", returns_argument=0),
    CallModel(f"{_ENGINE}.connect", returns=_CONNECTION),
    CallModel(f"{_ENGINE}.begin", returns=_TRANSACTION, enters=_CONNECTION),
    CallModel(f"{_ENGINE}.execution_options", returns_self=True),
    CallModel(f"{_CONNECTION}.begin", returns=_TRANSACTION),
    CallModel(f"{_CONNECTION}.execution_options", returns_self=True),
    CallModel(f"{_ASYNC_ENGINE}.connect", returns=_ASYNC_CONNECTION),
    CallModel(f"{_ASYNC_ENGINE}.begin", returns=_ASYNC_TRANSACTION, enters=_ASYNC_CONNECTION),
    CallModel(f"{_ASYNC_ENGINE}.execution_options", returns_self=True),
    CallModel(f"{_ASYNC_CONNECTION}.begin", returns=_ASYNC_TRANSACTION),
    CallModel(f"{_ASYNC_CONNECTION}.execution_options", returns_self=True),
    CallModel(f"{_MAKER}.__call__", returns=_SESSION, returns_instance_of="class_"),
    CallModel(f"{_MAKER}.begin", returns=_SESSION, returns_instance_of="class_"),
    CallModel(f"{_ASYNC_MAKER}.__call__", returns=_ASYNC_SESSION),
    CallModel(f"{_ASYNC_MAKER}.begin", returns=_ASYNC_SESSION),
    CallModel(f"{_SCOPED}.__call__", returns_self=True),
    CallModel(f"{_ASYNC_SCOPED}.__call__", returns_self=True),
    CallModel(f"{_SESSION}.query", returns=_QUERY),
    CallModel(f"{_SESSION}.connection", returns=_CONNECTION),
    CallModel(f"{_SESSION}.get_bind", returns=_ENGINE),
    CallModel(f"{_ASYNC_SESSION}.connection", returns=_ASYNC_CONNECTION),
    # run_sync runs the function in a greenlet: what it does to the database does not block the loop
    CallModel(
        f"{_ASYNC_SESSION}.run_sync",
        callbacks=(Callback(0, "fn", mode=Mode.THREAD, parameters=(_SESSION,), passes_from=1),),
    ),
    CallModel(
        f"{_ASYNC_CONNECTION}.run_sync",
        callbacks=(Callback(0, "fn", mode=Mode.THREAD, parameters=(_CONNECTION,), passes_from=1),),
    ),
    CallModel("sqlalchemy.text", returns=TEXT_CLAUSE),
    CallModel("sqlalchemy.orm.declarative_base", returns="type[sqlalchemy.orm.DeclarativeBase]"),
    *(CallModel(name, returns=cls) for name, cls in _STATEMENTS.items()),
    *(CallModel(f"{cls}.{name}", returns_self=True) for cls in (*STATEMENT_KINDS, TEXT_CLAUSE) for name in _CHAINED),
    *(CallModel(f"{_QUERY}.{name}", returns_self=True) for name in _QUERY_CHAINED),
    *(CallModel(f"{TABLE}.{name}", returns=f"sqlalchemy.{name.title()}") for name in ("select", "insert", "update")),
    CallModel(f"{TABLE}.delete", returns="sqlalchemy.Delete"),
)

STORE = orm_store("sqlalchemy")

# ---------------------------------------------------------------------------------------------------------- handlers

_SYNC = frozenset({_SESSION, _SCOPED, _CONNECTION})
#: kinds of methods whose first argument is an object or a model class
_ON_OBJECT = {
    "get": "read",
    "get_one": "read",
    "refresh": "read",
    "add": "write",
    "add_all": "write",
    "delete": "write",
    "merge": "write",
    "bulk_save_objects": "write",
    "bulk_insert_mappings": "write",
    "bulk_update_mappings": "write",
}
_PLAIN = {"flush": "write", "commit": "commit", "rollback": "rollback", "begin": "begin", "begin_nested": "begin"}
#: these only change what the session remembers
_QUIET = frozenset({"add", "add_all", "delete", "begin", "begin_nested"})


def _is_async(call: ResolvedCall) -> bool:
    """Also for sessions of other libraries that are built on these."""
    return ".asyncio." in call.name


def _is_blocking(call: ResolvedCall, method: str) -> bool:
    return not _is_async(call) and method not in _QUIET


@ADAPTER.calls("sqlalchemy.create_engine", "sqlalchemy.engine_from_config")
def _engine(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, cls=_ENGINE, target=engine_address(call.value("url", 0)))


@ADAPTER.calls(f"{_AIO}.create_async_engine", f"{_AIO}.async_engine_from_config")
def _async_engine(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, cls=_ASYNC_ENGINE, target=engine_address(call.value("url", 0)))


@ADAPTER.methods(_ENGINE, "connect", "begin", "raw_connection")
@ADAPTER.methods(_ASYNC_ENGINE, "connect", "begin", "raw_connection")
def _connect(call: ResolvedCall) -> Iterable[Fact]:
    kind = "begin" if call.name.endswith(".begin") else "connect"
    yield STORE.call(call, kind, is_blocking=not _is_async(call))


@ADAPTER.methods(_MAKER, "begin")
@ADAPTER.methods(_ASYNC_MAKER, "begin")
def _maker_begin(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.call(call, "begin", is_blocking=False)


@ADAPTER.methods(_ENGINE, "execute", "scalar")
@ADAPTER.methods(_SESSION, "execute", "scalar", "scalars")
@ADAPTER.methods(_CONNECTION, "execute", "scalar", "scalars", "exec_driver_sql")
@ADAPTER.methods(_ASYNC_SESSION, "execute", "scalar", "scalars", "stream", "stream_scalars")
@ADAPTER.methods(_ASYNC_CONNECTION, "execute", "scalar", "scalars", "stream", "stream_scalars", "exec_driver_sql")
def _execute(call: ResolvedCall) -> Iterable[Fact]:
    kind, table = statement(call.value("statement", 0))
    yield STORE.call(call, kind, is_blocking=not _is_async(call), obj=table)


@ADAPTER.methods(_SESSION, *_ON_OBJECT)
@ADAPTER.methods(_ASYNC_SESSION, "get", "get_one", "refresh", "add", "add_all", "delete", "merge")
def _on_object(call: ResolvedCall) -> Iterable[Fact]:
    method = call.name.rsplit(".", 1)[-1]
    value = call.args[0].value if call.args else UNKNOWN
    yield STORE.call(call, _ON_OBJECT[method], is_blocking=_is_blocking(call, method), obj=model_of(value))


@ADAPTER.methods(_SESSION, *_PLAIN)
@ADAPTER.methods(_CONNECTION, "commit", "rollback", "begin", "begin_nested")
@ADAPTER.methods(_ASYNC_SESSION, *_PLAIN)
@ADAPTER.methods(_ASYNC_CONNECTION, "commit", "rollback", "begin", "begin_nested")
@ADAPTER.methods(_TRANSACTION, "commit", "rollback")
@ADAPTER.methods(_ASYNC_TRANSACTION, "commit", "rollback")
def _plain(call: ResolvedCall) -> Iterable[Fact]:
    method = call.name.rsplit(".", 1)[-1]
    yield STORE.call(call, _PLAIN[method], is_blocking=_is_blocking(call, method))


@ADAPTER.methods(_QUERY, *_QUERY_READS)
def _query_read(call: ResolvedCall) -> Iterable[Fact]:
    if not call.name.endswith(".exists"):
        yield STORE.call(call, "read", is_blocking=True, obj=_queried(call))


@ADAPTER.methods(_QUERY, "update", "delete")
def _query_write(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.call(call, "write", is_blocking=True, obj=_queried(call))


def _queried(call: ResolvedCall) -> Value:
    query = call.receiver
    return first_entity(arg.value for arg in query.args) if isinstance(query, Instance) else UNKNOWN


@ADAPTER.methods("sqlalchemy.MetaData", "create_all", "drop_all")
def _schema(call: ResolvedCall) -> Iterable[Fact]:
    bind = call.value("bind", 0)
    yield STORE.through(call, bind, "write", is_blocking=True)


@ADAPTER.methods(_ASYNC_SESSION, "run_sync")
@ADAPTER.methods(_ASYNC_CONNECTION, "run_sync")
def _run_sync(call: ResolvedCall) -> Iterable[Fact]:
    function = call.value("fn", 0)
    name = getattr(function, "name", "")
    if name in {"sqlalchemy.MetaData.create_all", "sqlalchemy.MetaData.drop_all"} or (
        isinstance(function, (Field, Item)) and name in {"create_all", "drop_all"}
    ):
        yield STORE.call(call, "write", is_blocking=False)
