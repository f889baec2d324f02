"""taskiq: tasks that workers run on the event loop.

`.kiq()` hands over, calling a task runs it in place. A task is known by `module:function` unless `task_name=` says
otherwise. Over RabbitMQ, Redis streams and JetStream it is acknowledged when its result is saved, also when it failed;
there is no retry without a middleware.

## Tasks and who sends them
```python
from taskiq_redis import ListQueueBroker

broker = ListQueueBroker("redis://redis:6379")

@broker.task
async def mail(address): ...

@broker.task(task_name="billing:close")
async def close(invoice): ...

async def signed_up(address, invoice):
    await mail.kiq(address)
    await close.kiq(invoice)
```
```facts
3: ClientCreated taskiq target=redis://redis:6379
5: TaskDefinition taskiq mail handler=mail target=redis://redis:6379
8: TaskDefinition taskiq billing:close handler=close target=redis://redis:6379
12: Publish taskiq topic=mail key='' target=redis://redis:6379 durable=yes awaited
13: Publish taskiq topic=billing:close key='' target=redis://redis:6379 durable=yes awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import class_name
from shearpin.adapterkit.store import Store, addresses, argument_of, blocks, made
from shearpin.adapterkit.tasks import definition, handed_over, handing
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel, Mode
from shearpin.facts.value import UNKNOWN, Value

ADAPTER = Adapter(
    "taskiq", version="0.13.0", distributions=("taskiq", "taskiq-redis", "taskiq-aio-pika", "taskiq-nats")
)

_TASK = "taskiq.AsyncTaskiqDecoratedTask"
_BROKERS = (
    "taskiq.InMemoryBroker",
    "taskiq.ZeroMQBroker",
    "taskiq_redis.ListQueueBroker",
    "taskiq_redis.PubSubBroker",
    "taskiq_redis.RedisStreamBroker",
    "taskiq_aio_pika.AioPikaBroker",
    "taskiq_nats.NatsBroker",
    "taskiq_nats.PullBasedJetStreamBroker",
)

_SETTLING = frozenset(
    ("taskiq_redis.RedisStreamBroker", "taskiq_aio_pika.AioPikaBroker", "taskiq_nats.PullBasedJetStreamBroker")
)

ADAPTER.models(
    ClassModel(_TASK),
    *(ClassModel(name) for name in _BROKERS),
    *(CallModel(f"{name}.task", decorated_class=_TASK, decorated_context="task") for name in _BROKERS),
    *(
        CallModel(f"{name}.{method}", returns_self=True)
        for name in _BROKERS
        for method in ("with_result_backend", "with_middlewares", "with_id_generator", "with_serializer")
    ),
    handing(f"{_TASK}.kiq", passes=True),
    CallModel(f"{_TASK}.kicker", returns_self=True),
    *(CallModel(f"{_TASK}.{name}", returns_self=True) for name in ("with_labels", "with_task_id", "with_broker")),
    handing(f"{_TASK}.__call__", passes=True, mode=Mode.DIRECT),
)


def _url(value: Value) -> Value:
    return argument_of(value, "url", 0, argument_of(value, "servers", 0, UNKNOWN))


STORE = Store("taskiq", "taskiq", lambda handle: addresses(handle, dict.fromkeys(_BROKERS, _url)))


@ADAPTER.calls(*_BROKERS)
def _broker(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=_url(made(call)), is_costly=False)


@ADAPTER.decorates(*(f"{name}.task" for name in _BROKERS))
def _task(use: ResolvedDecorator) -> Iterable[Fact]:
    # Brokers without acknowledgement take a task out of their queue before it runs.
    settles = True if class_name(use.call.receiver) in _SETTLING else None
    yield definition(use, "taskiq", "task_name", STORE.address(use.call.receiver), acks_late=settles)


@ADAPTER.methods(_TASK, "kiq")
def _send(call: ResolvedCall) -> Iterable[Fact]:
    found = handed_over(call, "taskiq", call.receiver, "task_name", STORE.address(call.receiver))
    yield blocks(found, is_blocking=False)
