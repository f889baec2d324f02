"""pymongo and motor: MongoDB, blocking with `MongoClient`, on the event loop with `AsyncMongoClient` and motor.

`client[name]`, `client.name` and `client.get_database(name)` are databases, the same on a database gives collections.
A client keeps a pool of 100 connections, looks 30 s for a server, and waits for an answer for ever unless
`socketTimeoutMS=` or `timeoutMS=` is given. `find` and `aggregate` return cursors that read when they are iterated;
the fact stands at the call that makes the cursor.

## Collections
```python
import os
from pymongo import MongoClient

client = MongoClient(os.environ["MONGO_URL"], socketTimeoutMS=5000)
db = client["shop"]

def place(order):
    db.orders.insert_one(order)
    db["carts"].find_one({"user": order["user"]})
    client.shop.get_collection("users").update_one({}, {"$inc": {"orders": 1}})
```
```facts
4: ClientCreated mongodb target=$MONGO_URL timeout=5.0(client) costly
8: StoreCall mongodb write object=orders target=$MONGO_URL timeout=5.0(client) blocking
9: StoreCall mongodb read object=carts target=$MONGO_URL timeout=5.0(client) blocking
10: StoreCall mongodb write object=users target=$MONGO_URL timeout=5.0(client) blocking
```

## On the event loop
```python
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

client = AsyncIOMotorClient("mongodb://mongo:27017")

async def place(order, db: AsyncIOMotorDatabase):
    await client.shop.orders.insert_one(order)
    await db.carts.delete_many({})
```
```facts
3: ClientCreated mongodb target=mongodb://mongo:27017 timeout=None(default) costly
6: StoreCall mongodb write object=orders target=mongodb://mongo:27017 timeout=None(default) awaited
7: StoreCall mongodb write object=carts awaited
```

## Flask-PyMongo and files
The address is the setting `MONGO_URI` unless it is given; files of GridFS stand in the database `fs`.
```python
import gridfs
from flask import Flask
from flask_pymongo import PyMongo

app = Flask(__name__)
videos = PyMongo(app, uri="mongodb://mongo:27017/videos")
files = gridfs.GridFS(videos.db)

def store(video):
    videos.db.clips.insert_one({"name": video.name})
    return files.put(video)
```
```facts
5: Application Flask@5 extras=[GET /static/{filename:path}] slash=append
6: ClientCreated mongodb target=mongodb://mongo:27017/videos timeout=None(default) costly
10: StoreCall mongodb write object=clips target=mongodb://mongo:27017/videos blocking
11: StoreCall mongodb write object=fs target=mongodb://mongo:27017/videos blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.store import Store, addresses, argument_of, class_of, client_timeout, made, made_from, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Timeout
from shearpin.facts.model import Callback, CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Env, Instance, Unknown, Value

ADAPTER = Adapter("pymongo", version="4.20.1", distributions=("pymongo", "motor", "Flask-PyMongo"))

_SYNC, _ASYNC = "pymongo", "pymongo.asynchronous"
_CLIENTS = {_SYNC: "pymongo.MongoClient", _ASYNC: "pymongo.AsyncMongoClient"}
_READS = words(
    "find find_one aggregate count_documents estimated_document_count distinct list_indexes index_information",
    "find_raw_batches watch aggregate_raw_batches",
)
_WRITES = words(
    "insert_one insert_many update_one update_many replace_one delete_one delete_many find_one_and_update",
    "find_one_and_replace find_one_and_delete bulk_write create_index create_indexes drop drop_index rename",
)
_FLASK = "flask_pymongo.PyMongo"
_FILES = "gridfs.GridFS"
_FILE_READS = words("get get_last_version get_version list find find_one exists")
_FILE_WRITES = words("put new_file delete")
#: these return a cursor at once and read when it is iterated
_CURSORS = frozenset(words("find aggregate find_raw_batches aggregate_raw_batches list_indexes"))

for _spelling, _canonical in {
    "pymongo.mongo_client.MongoClient": _CLIENTS[_SYNC],
    "pymongo.synchronous.mongo_client.MongoClient": _CLIENTS[_SYNC],
    "pymongo.synchronous.database.Database": "pymongo.database.Database",
    "pymongo.synchronous.collection.Collection": "pymongo.collection.Collection",
    "pymongo.asynchronous.mongo_client.AsyncMongoClient": _CLIENTS[_ASYNC],
    "pymongo.asynchronous.database.AsyncDatabase": "pymongo.asynchronous.database.Database",
    "pymongo.asynchronous.collection.AsyncCollection": "pymongo.asynchronous.collection.Collection",
    "motor.motor_asyncio.AsyncIOMotorClient": _CLIENTS[_ASYNC],
    "motor.motor_asyncio.AsyncIOMotorDatabase": "pymongo.asynchronous.database.Database",
    "motor.motor_asyncio.AsyncIOMotorCollection": "pymongo.asynchronous.collection.Collection",
    "motor.motor_asyncio.AsyncIOMotorClientSession": "pymongo.asynchronous.client_session.ClientSession",
}.items():
    ADAPTER.alias(_spelling, _canonical)


def _teach(package: str) -> None:
    """Classes of the blocking or of the asynchronous half."""
    client, database, collection = _names(package)
    session = f"{package}.client_session.ClientSession"
    ADAPTER.models(
        ClassModel(client, item=database),
        ClassModel(database, item=collection),
        ClassModel(collection, item=collection),
        ClassModel(session),
        CallModel(f"{client}.get_database", returns=database),
        CallModel(f"{client}.get_default_database", returns=database),
        CallModel(f"{client}.start_session", returns=session),
        CallModel(f"{database}.get_collection", returns=collection),
        CallModel(f"{database}.command"),
        *(CallModel(f"{collection}.{name}") for name in (*_READS, *_WRITES)),
        CallModel(f"{database}.with_options", returns_self=True),
        CallModel(f"{collection}.with_options", returns_self=True),
        CallModel(f"{session}.with_transaction", callbacks=(Callback(0, "callback", parameters=(session,)),)),
    )


def _names(package: str) -> tuple[str, str, str]:
    return _CLIENTS[package], f"{package}.database.Database", f"{package}.collection.Collection"


for _package in _CLIENTS:
    _teach(_package)


ADAPTER.models(
    ClassModel(
        _FLASK,
        attributes=(("db", _names(_SYNC)[1]), ("cx", _CLIENTS[_SYNC])),
        from_shelf=(("uri", "flask.Config", "MONGO_URI"),),
    ),
    ClassModel(_FILES),
    *(CallModel(f"{_FILES}.{name}") for name in (*_FILE_READS, *_FILE_WRITES)),
)


def _by_host(value: Value) -> Value:
    """The URI; a bare host name gets the scheme and port that the client adds."""
    host = argument_of(value, "host", 0, Const("localhost"))
    if isinstance(host, Const) and isinstance(host.value, str) and "://" not in host.value:
        port = argument_of(value, "port", 1, Const(27017))
        return Const(f"mongodb://{host.value}:{port.value}") if isinstance(port, Const) else UNKNOWN
    return host


def _by_uri(value: Value) -> Value:
    return argument_of(value, "uri", 1)


STORE = Store(
    "pymongo",
    "mongodb",
    lambda handle: addresses(handle, {**dict.fromkeys(_CLIENTS.values(), _by_host), _FLASK: _by_uri}),
    thread_grade="safe",
)


def _timeout(client: Value | None) -> Timeout:
    """`timeoutMS`, else `socketTimeoutMS` of the client; unknown when the URI may hold one."""
    if not isinstance(client, Instance):
        return UNKNOWN_TIMEOUT
    total = client_timeout(client, "timeoutMS", NONE, 0.001)
    if total.value != NONE:
        return total
    uri = _by_host(client)
    text = uri.default if isinstance(uri, Env) else uri
    if isinstance(text, Const) and isinstance(text.value, str) and "timeoutms=" not in text.value.lower():
        return client_timeout(client, "socketTimeoutMS", NONE, 0.001)
    given = client_timeout(client, "socketTimeoutMS", NONE, 0.001)
    return UNKNOWN_TIMEOUT if given.origin == "default" else given


def _client(call: ResolvedCall) -> Value | None:
    return next((item for item in made_from(call.receiver) if class_of(item) in _CLIENTS.values()), None)


def _collection(handle: Value | None) -> Value:
    """Name of a collection: `db["orders"]`, `db.orders`, `db.get_collection("orders")`."""
    return UNKNOWN if handle is None else argument_of(handle, "name", 0)


@ADAPTER.calls(*_CLIENTS.values())
def _create(call: ResolvedCall) -> Iterable[Fact]:
    client = made(call)
    yield STORE.created(call, target=_by_host(client), timeout=_timeout(client))


def _operation(call: ResolvedCall, kind: str, obj: Value) -> Fact:
    is_sync = not call.name.startswith(_ASYNC)
    return STORE.call(call, kind, is_blocking=is_sync, obj=obj, timeout=_timeout(_client(call)))


@ADAPTER.calls(*(f"{_names(package)[2]}.{name}" for package in _CLIENTS for name in _READS))
def _read(call: ResolvedCall) -> Iterable[Fact]:
    yield _operation(call, "read", _collection(call.receiver))


@ADAPTER.calls(*(f"{_names(package)[2]}.{name}" for package in _CLIENTS for name in _WRITES))
def _write(call: ResolvedCall) -> Iterable[Fact]:
    yield _operation(call, "write", _collection(call.receiver))


@ADAPTER.calls(*(f"{_names(package)[1]}.command" for package in _CLIENTS))
def _command(call: ResolvedCall) -> Iterable[Fact]:
    yield _operation(call, "unknown", Unknown("command"))


@ADAPTER.calls(_FLASK)
def _extension(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=_by_uri(made(call)), timeout=Timeout(NONE, "default"))


@ADAPTER.calls(*(f"{_FILES}.{name}" for name in (*_FILE_READS, *_FILE_WRITES)))
def _file(call: ResolvedCall) -> Iterable[Fact]:
    kind = "write" if call.name.rpartition(".")[2] in _FILE_WRITES else "read"
    target = STORE.address(argument_of(call.receiver, "database", 0)) if call.receiver is not None else UNKNOWN
    found = STORE.call(call, kind, is_blocking=True, obj=Const("fs"))
    yield msgspec.structs.replace(found, target=target)
