"""Clients of memcached: pymemcache and python-memcached block, aiomcache is awaited.

pymemcache waits for ever unless it is given `connect_timeout` and `timeout`, and does not wait for the answer to a
write.

## Commands
```python
import aiomcache
from pymemcache.client.base import Client

cache = Client(("memcached", 11211), timeout=1)
other = aiomcache.Client("memcached")

def load(key):
    cache.set(key, "1")
    return cache.get("orders")

async def load_later():
    return await other.get(b"orders")
```
```facts
4: ClientCreated memcached target=memcached://memcached:11211 timeout=1(client) costly
5: ClientCreated memcached target=memcached://memcached:11211 costly
8: StoreCall memcached write object={key} target=memcached://memcached:11211 timeout=1(client) blocking
9: StoreCall memcached read object=orders target=memcached://memcached:11211 timeout=1(client) blocking
12: StoreCall memcached read object=orders target=memcached://memcached:11211 awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import text
from shearpin.adapterkit.store import (
    Store,
    addresses,
    argument_of,
    class_of,
    client_timeout,
    host_url,
    joined,
    made,
    made_from,
    words,
)
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Timeout
from shearpin.facts.model import ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, SequenceValue, Value

ADAPTER = Adapter(
    "memcached", version="pymemcache 4.0.0", distributions=("pymemcache", "python-memcached", "aiomcache")
)

_ONE = ("pymemcache.client.base.Client", "pymemcache.client.base.PooledClient")
_MANY = ("pymemcache.client.hash.HashClient", "memcache.Client")
_AWAITED = "aiomcache.Client"
_CLIENTS = (*_ONE, *_MANY, _AWAITED)
_READS = words("get gets get_many get_multi gets_many gat stats version")
_WRITES = words(
    "set set_many set_multi add replace append prepend cas incr decr increment decrement touch delete delete_many",
    "delete_multi flush_all",
)

ADAPTER.alias("pymemcache.Client", _ONE[0])
ADAPTER.alias("pymemcache.PooledClient", _ONE[1])
ADAPTER.alias("pymemcache.HashClient", _MANY[0])
ADAPTER.models(*(ClassModel(name) for name in _CLIENTS))


def _server(given: Value) -> Value:
    """`("host", 11211)`, or a text with or without a port."""
    if isinstance(given, SequenceValue) and len(given.items) == 2:
        return host_url("memcached", *given.items)
    name = text(given)
    if name is None:
        return UNKNOWN if isinstance(given, SequenceValue) else joined("memcached://", given)
    return Const(f"memcached://{name}" if ":" in name else f"memcached://{name}:11211")


def _address(value: Value) -> Value:
    cls = class_of(value)
    if cls == _AWAITED:
        host = argument_of(value, "host", 0)
        return host_url("memcached", host, argument_of(value, "port", 1, Const(11211)))
    servers = argument_of(value, "servers" if cls in _MANY else "server", 0)
    if cls in _MANY:
        servers = servers.items[0] if isinstance(servers, SequenceValue) and servers.items else UNKNOWN
    return UNKNOWN if servers == UNKNOWN else _server(servers)


STORE = Store("memcached", "memcached", lambda handle: addresses(handle, dict.fromkeys(_CLIENTS, _address)))


def _limit(handle: Value | None) -> Timeout:
    client = next((item for item in made_from(handle) if class_of(item) in _ONE), None)
    return UNKNOWN_TIMEOUT if client is None else client_timeout(client, "timeout", NONE)


@ADAPTER.calls(*_CLIENTS)
def _create(call: ResolvedCall) -> Iterable[Fact]:
    client = made(call)
    yield STORE.created(call, target=_address(client), timeout=_limit(client))


def _command(call: ResolvedCall, kind: str) -> Iterable[Fact]:
    key = call.args[0].value if call.args else UNKNOWN
    limit = _limit(call.receiver)
    yield STORE.call(call, kind, is_blocking=not call.name.startswith(_AWAITED), obj=key, timeout=limit)


for _client in _CLIENTS:
    ADAPTER.methods(_client, *_READS)(lambda call: _command(call, "read"))
    ADAPTER.methods(_client, *_WRITES)(lambda call: _command(call, "write"))
