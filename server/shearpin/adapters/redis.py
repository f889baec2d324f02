"""redis-py: Redis, sync and asyncio, with pipelines, locks, streams and publish/subscribe.

Commands are reads or writes of a key. A pipeline only queues commands (no input or output) until `execute()`.
`publish` reaches the subscribers of the moment and nobody else: it is neither confirmed nor durable. A stream entry is
stored, and a reader in a group acknowledges it. Who waits with `blpop` or `brpop` for the entries of a list that has a
name of its own consumes them, and what is taken out is gone; adding to a list is a write.
Channels of `psubscribe` are patterns (`orders.*`).

Since version 8 a client waits at most 5 s for an answer; before, for ever. Without `socket_timeout=` the limit is
therefore unknown here.

## Commands
```python
import os
import redis

cache = redis.from_url("redis://cache:6379/0", socket_timeout=2)
store = redis.Redis(host=os.environ["REDIS_HOST"], port=6379)

def cart(user, item):
    cache.get(f"cart:{user}")
    cache.set("greeting", "hello", ex=60)
    store.hset("carts", user, item)
    store.lpush("jobs", item)
    store.brpop("jobs", timeout=5)
```
```facts
4: ClientCreated redis target=redis://cache:6379/0 timeout=2(client) costly
5: ClientCreated redis target=redis://{$REDIS_HOST}:6379/0 costly
8: StoreCall redis read object=cart:{user} target=redis://cache:6379/0 timeout=2(client) blocking
9: StoreCall redis write object=greeting target=redis://cache:6379/0 timeout=2(client) blocking
10: StoreCall redis write object=carts target=redis://{$REDIS_HOST}:6379/0 blocking
11: StoreCall redis write object=jobs target=redis://{$REDIS_HOST}:6379/0 blocking
12: Subscribe redis-lists topic=jobs key='' target=redis://{$REDIS_HOST}:6379/0 auto_ack=yes blocking
```

## Pipelines queue, `execute` sends
```python
import redis

pool = redis.ConnectionPool(host="cache")
client = redis.Redis(connection_pool=pool)

def count(name):
    with client.pipeline() as pipe:
        pipe.incr(name).expire(name, 60)
        pipe.execute()
```
```facts
3: ClientCreated redis target=redis://cache:6379/0 costly
4: ClientCreated redis target=redis://cache:6379/0 costly
8: StoreCall redis write object={name} target=redis://cache:6379/0
8: StoreCall redis write object={name} target=redis://cache:6379/0
9: StoreCall redis commit target=redis://cache:6379/0 blocking
```

## Locks
```python
import redis

client = redis.Redis("cache")

def charge(order):
    with client.lock("charge", timeout=10, blocking_timeout=3):
        pass
    lock = client.lock("refund")
    lock.acquire(blocking=False)
    lock.release()
```
```facts
3: ClientCreated redis target=redis://cache:6379/0 costly
6: StoreCall redis write object=charge target=redis://cache:6379/0 timeout=3(call) blocking
9: StoreCall redis write object=refund target=redis://cache:6379/0 blocking
10: StoreCall redis write object=refund target=redis://cache:6379/0 blocking
```

## Publish and subscribe, on the event loop
```python
import os
import redis
import redis.asyncio as aioredis

client = aioredis.from_url(os.environ["REDIS_URL"])

async def announce(order):
    await client.publish("order_events", order)

async def listen():
    channels = client.pubsub()
    await channels.subscribe("order_events", payments=announce)
    async for message in channels.listen():
        print(message)

def listen_in_a_thread(other: redis.Redis):
    channels = other.pubsub()
    channels.psubscribe("order_*")
    for message in channels.listen():
        print(message)
```
```facts
5: ClientCreated redis target=$REDIS_URL costly
8: Publish redis-pubsub topic=order_events key='' target=$REDIS_URL confirmed=no durable=no awaited
12: Subscribe redis-pubsub topic=order_events key='' target=$REDIS_URL auto_ack=yes awaited
12: Subscribe redis-pubsub topic=payments key='' target=$REDIS_URL handler=announce auto_ack=yes awaited
18: Subscribe redis-pubsub topic=order_* key='' auto_ack=yes blocking
19: Blocking wait (waiting for messages) blocking
```

## Streams
```python
from redis import Redis

def relay(client: Redis):
    client.xadd("orders", {"id": 1})
    client.xreadgroup("workers", "w1", {"orders": ">"})
    client.xack("orders", "workers", "1-0")
```
```facts
4: Publish redis-streams topic=orders key='' confirmed=yes blocking
5: Subscribe redis-streams topic=orders key=workers auto_ack=no blocking
6: Ack ack blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.messaging import NO_KEY, ack, blocking, flag, handler_of, subscribe
from shearpin.adapterkit.store import (
    Store,
    addresses,
    argument_of,
    blocks,
    class_of,
    host_url,
    made_from,
    publish,
    words,
)
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Timeout
from shearpin.facts.model import Callback, CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Env, Instance, MappingValue, SequenceValue, Unknown, Value

ADAPTER = Adapter("redis", version="8.1.0", distributions=("redis", "aioredis"))

_PACKAGES = ("redis", "redis.asyncio")
_CLIENTS = tuple(f"{package}.{name}" for package in _PACKAGES for name in ("Redis", "RedisCluster"))
_POOLS = tuple(f"{package}.{name}" for package in _PACKAGES for name in ("ConnectionPool", "BlockingConnectionPool"))
#: marks the class of a client or pool whose first argument is a URL
_BY_URL = ":url"

_READS = words(
    "get mget getrange substr strlen exists ttl pttl expiretime pexpiretime type keys scan scan_iter randomkey dump",
    "hget hmget hgetall hexists hkeys hvals hlen hstrlen hscan hscan_iter hrandfield httl hpttl",
    "lrange lindex llen lpos sort_ro bitcount bitpos getbit bitfield_ro lcs touch",
    "smembers sismember smismember scard srandmember sdiff sinter sunion sintercard sscan sscan_iter",
    "zrange zrevrange zrangebyscore zrevrangebyscore zrangebylex zrevrangebylex zrank zrevrank zscore zmscore zcard",
    "zcount zlexcount zrandmember zdiff zinter zunion zintercard zscan zscan_iter",
    "xlen xrange xrevrange xpending xpending_range xinfo_stream xinfo_groups xinfo_consumers",
    "pfcount geodist geohash geopos geosearch georadius georadiusbymember memory_usage object watch",
)
_WRITES = words(
    "set setex psetex setnx setrange setbit append mset msetnx getset getdel getex incr incrby incrbyfloat decr decrby",
    "delete unlink expire expireat pexpire pexpireat persist rename renamenx move copy restore bitop bitfield",
    "hset hsetnx hmset hdel hincrby hincrbyfloat hexpire hpexpire hexpireat hpexpireat hpersist hsetex hgetdel hgetex",
    "lpush lpushx rpush rpushx lpop rpop lset lrem ltrim linsert lmove rpoplpush lmpop sort",
    "sadd srem spop smove sdiffstore sinterstore sunionstore",
    "zadd zrem zincrby zpopmin zpopmax zremrangebyscore zremrangebyrank zremrangebylex zrangestore zinterstore",
    "zunionstore zdiffstore zmpop xdel xtrim xgroup_create xgroup_destroy xgroup_setid xgroup_delconsumer",
    "pfadd pfmerge geoadd geosearchstore",
)
#: these wait for an element; `timeout` seconds, 0 is for ever
_WAITS = words("blpop brpop blmove brpoplpush blmpop bzpopmin bzpopmax bzmpop")
_WHOLE_READS = words("ping info dbsize time echo config_get client_list lastsave")
_WHOLE_WRITES = words("flushdb flushall config_set save bgsave swapdb")
_SCRIPTS = ("eval", "evalsha", "fcall")

# ------------------------------------------------------------------------------------------------------------ models


def _teach(package: str) -> None:
    """Classes and calls of `redis` or `redis.asyncio`, which differ in awaiting only."""
    client, cluster = f"{package}.Redis", f"{package}.RedisCluster"
    pool, waiting = f"{package}.ConnectionPool", f"{package}.BlockingConnectionPool"
    pipeline, pubsub, lock = f"{package}.client.Pipeline", f"{package}.client.PubSub", f"{package}.lock.Lock"
    sentinel = f"{package}.sentinel.Sentinel"
    for short, spelling in (
        (client, "client.Redis"),
        (client, "client.StrictRedis"),
        (cluster, "cluster.RedisCluster"),
    ):
        ADAPTER.alias(f"{package}.{spelling}", short)
    ADAPTER.alias(f"{package}.StrictRedis", client)
    ADAPTER.alias(f"{package}.connection.ConnectionPool", pool)
    ADAPTER.alias(f"{package}.connection.BlockingConnectionPool", waiting)
    ADAPTER.alias(f"{package}.utils.from_url", f"{package}.from_url")
    ADAPTER.alias(f"{package}.Sentinel", sentinel)
    ADAPTER.models(
        ClassModel(client, attributes=(("connection_pool", pool),)),
        ClassModel(cluster, bases=(client,)),
        ClassModel(client + _BY_URL, bases=(client,)),
        ClassModel(cluster + _BY_URL, bases=(cluster,)),
        ClassModel(pool),
        ClassModel(waiting, bases=(pool,)),
        ClassModel(pool + _BY_URL, bases=(pool,)),
        ClassModel(waiting + _BY_URL, bases=(waiting,)),
        ClassModel(pipeline, bases=(client,)),
        ClassModel(pubsub),
        ClassModel(lock),
        ClassModel(sentinel),
        CallModel(f"{package}.from_url", returns=client + _BY_URL),
        *(CallModel(f"{cls}.from_url", returns=cls + _BY_URL) for cls in (client, cluster, pool, waiting)),
        CallModel(f"{client}.from_pool", returns=client),
        CallModel(f"{client}.client", returns=client),
        CallModel(f"{client}.pipeline", returns=pipeline),
        CallModel(f"{client}.transaction", callbacks=(Callback(0, "func", parameters=(pipeline,)),)),
        CallModel(f"{client}.pubsub", returns=pubsub),
        CallModel(f"{client}.lock", returns=lock),
        *(CallModel(f"{pubsub}.{name}", receives=True) for name in ("listen", "get_message")),
        *(CallModel(f"{client}.{name}", receives=True) for name in ("xread", "xreadgroup", "blpop", "brpop")),
        CallModel(f"{sentinel}.master_for", returns=client),
        CallModel(f"{sentinel}.slave_for", returns=client),
        *(CallModel(f"{pipeline}.{name}", returns_self=True) for name in (*_READS, *_WRITES)),
    )


for _package in _PACKAGES:
    _teach(_package)
ADAPTER.alias("aioredis", "redis.asyncio")
# redis-om hands out plain clients
ADAPTER.alias("redis_om.get_redis_connection", _CLIENTS[0])
ADAPTER.alias("aredis_om.get_redis_connection", "redis.asyncio.Redis")

# --------------------------------------------------------------------------------------------------------- addresses


def _by_url(value: Value) -> Value:
    return argument_of(value, "url", 0)


def _by_host(value: Value) -> Value:
    """`redis://host:port/db`; unknown when a pool or a socket file takes the place of the host."""
    for name in ("connection_pool", "unix_socket_path", "startup_nodes"):
        if argument_of(value, name, -1, NONE) != NONE:
            return UNKNOWN
    host = argument_of(value, "host", 0, Const("localhost"))
    return host_url("redis", host, argument_of(value, "port", 1, Const(6379)), argument_of(value, "db", 2, Const(0)))


def _pool_host(value: Value) -> Value:
    host = argument_of(value, "host", -1, Const("localhost"))
    return host_url("redis", host, argument_of(value, "port", -1, Const(6379)), argument_of(value, "db", -1, Const(0)))


_HOLDERS = {
    **dict.fromkeys(_CLIENTS, _by_host),
    **dict.fromkeys(_POOLS, _pool_host),
    **dict.fromkeys((f"{name}{_BY_URL}" for name in (*_CLIENTS, *_POOLS)), _by_url),
}
STORE = Store("redis", "redis", lambda handle: addresses(handle, _HOLDERS), thread_grade="safe")


def _client_timeout(handle: Value | None) -> Timeout:
    """`socket_timeout` of the client or its pool; bounds each read of the socket."""
    for item in made_from(handle):
        if class_of(item) in _HOLDERS and isinstance(item, Instance):
            given = argument_of(item, "socket_timeout", -1, UNKNOWN)
            if not isinstance(given, Unknown):
                return Timeout(given, "client", site=item.site, bounds="phase")
    return UNKNOWN_TIMEOUT


# ---------------------------------------------------------------------------------------------------------- handlers


def _is_blocking(call: ResolvedCall) -> bool:
    return not call.name.startswith("redis.asyncio.") and not class_of(call.receiver).endswith(".Pipeline")


def _key(call: ResolvedCall, position: int = 0) -> Value:
    return call.args[position].value if len(call.args) > position else UNKNOWN


def _command(call: ResolvedCall, kind: str, key: Value = UNKNOWN, timeout: Timeout | None = None) -> Fact:
    limit = _client_timeout(call.receiver) if timeout is None else timeout
    return STORE.call(call, kind, is_blocking=_is_blocking(call), obj=key, timeout=limit)


@ADAPTER.calls(*_CLIENTS, *_POOLS)
def _construct(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=_found(call, call.name), timeout=_client_timeout(_made(call, call.name)))


@ADAPTER.calls(*(f"{package}.from_url" for package in _PACKAGES))
def _from_url(call: ResolvedCall) -> Iterable[Fact]:
    cls = call.name.replace("from_url", "Redis") + _BY_URL
    yield STORE.created(call, cls=cls, target=_found(call, cls), timeout=_client_timeout(_made(call, cls)))


@ADAPTER.calls(*(f"{cls}.from_url" for cls in (*_CLIENTS, *_POOLS)))
def _class_from_url(call: ResolvedCall) -> Iterable[Fact]:
    cls = call.name.removesuffix(".from_url") + _BY_URL
    yield STORE.created(call, cls=cls, target=_found(call, cls), timeout=_client_timeout(_made(call, cls)))


def _made(call: ResolvedCall, cls: str) -> Value:
    return STORE.created(call, target=UNKNOWN, cls=cls).client


def _found(call: ResolvedCall, cls: str) -> Value:
    return UNKNOWN if call.has_open_arguments else STORE.address(_made(call, cls))


def _subscribe_all(package: str) -> None:
    """Register the handlers for one of the two packages."""
    client, pipeline = f"{package}.Redis", f"{package}.client.Pipeline"
    pubsub, lock = f"{package}.client.PubSub", f"{package}.lock.Lock"
    ADAPTER.methods(client, *_READS, *_WHOLE_READS)(lambda call: [_command(call, "read", _read_key(call))])
    ADAPTER.methods(client, *_WRITES, *_WHOLE_WRITES)(lambda call: [_command(call, "write", _read_key(call))])
    ADAPTER.methods(client, *_WAITS)(_waiting)
    ADAPTER.methods(client, "blpop", "brpop")(_taken)
    ADAPTER.methods(client, *_SCRIPTS)(lambda call: [_command(call, "write", _key(call, 2))])
    ADAPTER.methods(client, "publish", "spublish")(_publish)
    ADAPTER.methods(client, "xadd")(_stream_add)
    ADAPTER.methods(client, "xread")(_stream_read)
    ADAPTER.methods(client, "xreadgroup")(_group_read)
    ADAPTER.methods(client, "xack")(_stream_ack)
    ADAPTER.methods(client, "lock")(_lock)
    ADAPTER.methods(lock, "acquire")(_acquire)
    ADAPTER.methods(lock, "release", "extend", "reacquire")(lambda call: [_on_lock(call)])
    ADAPTER.methods(pipeline, "execute")(_execute)
    ADAPTER.methods(pipeline, "multi")(lambda call: [STORE.call(call, "begin", is_blocking=False)])
    ADAPTER.methods(pubsub, "subscribe", "psubscribe", "ssubscribe")(_subscribe)
    if package == "redis":
        ADAPTER.methods(pubsub, "listen", "get_message")(lambda call: [blocking(call, "redis", "waiting for messages")])


def _read_key(call: ResolvedCall) -> Value:
    method = call.name.rsplit(".", 1)[-1]
    if method in _WHOLE_READS or method in _WHOLE_WRITES or method in {"scan", "scan_iter", "randomkey"}:
        return UNKNOWN
    return _key(call, 1) if method in {"bitop", "object"} else _key(call)


def _taken(call: ResolvedCall) -> Iterable[Fact]:
    """`brpop("jobs")` takes an entry out of a list that somebody fills; a computed key is an answer to one question."""
    keys = call.value("keys", 0)
    names = keys.items if isinstance(keys, SequenceValue) else (keys,)
    if not all(isinstance(name, (Const, Env)) for name in names):
        yield from _waiting(call)
        return
    for name in names:
        target = STORE.address(call.receiver)
        found = subscribe(call, "redis", "redis-lists", topic=name, key=NO_KEY, target=target)
        yield blocks(msgspec.structs.replace(found, auto_ack=True), is_blocking=_is_blocking(call))


def _waiting(call: ResolvedCall) -> Iterable[Fact]:
    given = call.value("timeout", _TIMEOUT_POSITIONS.get(call.name.rsplit(".", 1)[-1], -1), Const(0))
    is_multiple = call.name.endswith("mpop")
    limit = Timeout(_key(call) if is_multiple else given, "call", zero_is_forever=True)
    yield _command(call, "write", UNKNOWN if is_multiple else _key(call), limit)


_TIMEOUT_POSITIONS = {"blpop": 1, "brpop": 1, "bzpopmin": 1, "bzpopmax": 1, "brpoplpush": 2, "blmove": 2}


def _publish(call: ResolvedCall) -> Iterable[Fact]:
    name = "channel" if call.name.endswith(".publish") else "shard_channel"
    sent = publish(
        call,
        "redis",
        "redis-pubsub",
        topic=call.value(name, 0),
        key=NO_KEY,
        target=STORE.address(call.receiver),
    )
    sent = msgspec.structs.replace(sent, is_confirmed=False, is_durable=False)
    yield blocks(sent, is_blocking=_is_blocking(call), thread_grade="safe")


def _subscribe(call: ResolvedCall) -> Iterable[Fact]:
    """One fact per channel: positional channels are read by the code, keywords carry their handler."""
    target = STORE.address(call.receiver)
    channels = [(Const(arg.name), handler_of(arg.value)) if arg.name else (arg.value, None) for arg in call.args]
    if call.has_open_arguments:
        channels.append((UNKNOWN, None))
    for channel, handler in channels:
        found = subscribe(call, "redis", "redis-pubsub", topic=channel, key=NO_KEY, target=target, handler=handler)
        yield blocks(msgspec.structs.replace(found, auto_ack=True), is_blocking=_is_blocking(call))


def _stream_add(call: ResolvedCall) -> Iterable[Fact]:
    target = STORE.address(call.receiver)
    sent = publish(call, "redis", "redis-streams", topic=call.value("name", 0), key=NO_KEY, target=target)
    sent = msgspec.structs.replace(sent, is_confirmed=True)
    yield blocks(sent, is_blocking=_is_blocking(call), thread_grade="safe")


def _streams(value: Value) -> list[Value]:
    return [key for key, _, _ in value.entries] if isinstance(value, MappingValue) else [UNKNOWN]


def _stream_read(call: ResolvedCall) -> Iterable[Fact]:
    for stream in _streams(call.value("streams", 0)):
        target = STORE.address(call.receiver)
        found = subscribe(call, "redis", "redis-streams", topic=stream, key=NO_KEY, target=target)
        yield blocks(msgspec.structs.replace(found, auto_ack=True), is_blocking=_is_blocking(call))


def _group_read(call: ResolvedCall) -> Iterable[Fact]:
    acks_itself = flag(call, "noack", 5, default=False)
    for stream in _streams(call.value("streams", 2)):
        target, group = STORE.address(call.receiver), call.value("groupname", 0)
        found = subscribe(call, "redis", "redis-streams", topic=stream, key=group, target=target)
        found = msgspec.structs.replace(found, auto_ack=acks_itself, settled_by="xack")
        yield blocks(found, is_blocking=_is_blocking(call))


def _stream_ack(call: ResolvedCall) -> Iterable[Fact]:
    yield ack(call, "redis", "ack", requeue=None, is_blocking=_is_blocking(call))


def _lock(call: ResolvedCall) -> Iterable[Fact]:
    """`with client.lock(...)` takes the lock here; otherwise nothing happens before `acquire()`."""
    if call.usage == "with":
        limit = Timeout(call.value("blocking_timeout", 4, NONE), "call")
        yield _command(call, "write", call.value("name", 0), limit)


def _acquire(call: ResolvedCall) -> Iterable[Fact]:
    given = call.value("blocking_timeout", 2, argument_of(call.receiver, "blocking_timeout", 4, NONE))
    waits = flag(call, "blocking", 1, default=True)
    yield _on_lock(call, Timeout(given, "call") if waits else _client_timeout(call.receiver))


def _on_lock(call: ResolvedCall, timeout: Timeout | None = None) -> Fact:
    return _command(call, "write", argument_of(call.receiver, "name", 0), timeout)


def _execute(call: ResolvedCall) -> Iterable[Fact]:
    limit = _client_timeout(call.receiver)
    yield STORE.call(call, "commit", is_blocking=not call.name.startswith("redis.asyncio."), timeout=limit)


for _package in _PACKAGES:
    _subscribe_all(_package)
