"""arq: jobs that workers run on the event loop, handed over through Redis by the function's name.

A job that raises is not run again; one whose worker stops, or that raises `Retry`, is, up to five times. `_job_id`
keeps a job from being queued twice.

## Handing over
```python
from arq import create_pool
from arq.connections import ArqRedis, RedisSettings

async def signed_up(address):
    pool = await create_pool(RedisSettings(host="redis"))
    await pool.enqueue_job("mail", address)

async def ordered(pool: ArqRedis, order):
    await pool.enqueue_job("report", order, _queue_name="slow", _job_id=order)
```
```facts
5: ClientCreated redis target=redis://redis:6379/0 costly
6: Publish arq topic=mail key='' durable=yes awaited
9: Publish arq topic=report key=slow durable=yes awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.store import Store, argument_of, class_of, host_url, made_from
from shearpin.adapterkit.tasks import sent
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import UNKNOWN, Const, Value

ADAPTER = Adapter("arq", version="0.28.0")

_POOL, _SETTINGS = "arq.connections.ArqRedis", "arq.connections.RedisSettings"

ADAPTER.alias("arq.ArqRedis", _POOL)
ADAPTER.alias("arq.connections.create_pool", "arq.create_pool")
ADAPTER.alias("arq.cron.cron", "arq.cron")
ADAPTER.alias("arq.worker.func", "arq.func")
ADAPTER.models(
    ClassModel(_POOL, bases=("redis.asyncio.Redis",)),
    ClassModel(_SETTINGS),
    CallModel("arq.create_pool", returns=_POOL),
    CallModel("arq.cron", callbacks=(Callback(0, "coroutine", Mode.LATER, context="periodic"),)),
    CallModel("arq.func", callbacks=(Callback(0, "coroutine", Mode.LATER, context="task"),)),
)


def _address(value: Value | None) -> Value:
    for item in made_from(value):
        if class_of(item) == _SETTINGS:
            host = argument_of(item, "host", 0, Const("localhost"))
            port, database = argument_of(item, "port", 1, Const(6379)), argument_of(item, "database", 3, Const(0))
            return host_url("redis", host, port, database)
    return UNKNOWN


STORE = Store("arq", "redis", _address)


@ADAPTER.calls("arq.create_pool")
def _connect(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, cls=_POOL, target=_address(call.value("settings_", 0)))


@ADAPTER.methods(_POOL, "enqueue_job")
def _enqueue(call: ResolvedCall) -> Iterable[Fact]:
    found = sent(call, "arq", call.value("function", 0), UNKNOWN, is_blocking=False)
    yield msgspec.structs.replace(found, key=call.value("_queue_name", -1, Const("")))
