"""aiokafka: Kafka on the event loop.

`await producer.send(...)` proves buffering only and gives a future; `send_and_wait` waits for the broker. Offsets are
committed every 5 s whatever became of the records, unless `enable_auto_commit=False`. A request ends after 40 s.

## Producing and consuming
```python
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

async def announce(order):
    producer = AIOKafkaProducer(bootstrap_servers="kafka:9092")
    await producer.start()
    await producer.send("orders", order)
    await producer.send_and_wait("orders", order)

async def consume():
    consumer = AIOKafkaConsumer("orders", group_id="mails", bootstrap_servers="kafka:9092")
    async for record in consumer:
        await consumer.commit()
```
```facts
4: ClientCreated kafka target=kafka://kafka:9092 costly
6: Publish kafka topic=orders key='' target=kafka://kafka:9092 confirmed=no durable=yes awaited
7: Publish kafka topic=orders key='' target=kafka://kafka:9092 confirmed=yes durable=yes awaited
10: ClientCreated kafka target=kafka://kafka:9092 costly
10: Subscribe kafka topic=orders key=mails target=kafka://kafka:9092 auto_ack=yes
12: Ack ack awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.kafka import broker_url, listed, send, subscriptions
from shearpin.adapterkit.messaging import ack, confirmation, truth
from shearpin.adapterkit.store import Store, addresses, argument_of, class_of, made, made_from
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, Remedy
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, Const, Value

ADAPTER = Adapter("aiokafka", version="0.14.0")

_PRODUCER, _CONSUMER = "aiokafka.AIOKafkaProducer", "aiokafka.AIOKafkaConsumer"

_WAIT = Remedy("confirm", "method", "send_and_wait")

ADAPTER.alias("aiokafka.producer.AIOKafkaProducer", _PRODUCER)
ADAPTER.alias("aiokafka.consumer.AIOKafkaConsumer", _CONSUMER)
ADAPTER.models(
    ClassModel(_PRODUCER),
    ClassModel(_CONSUMER, gives_messages=True),
    *(CallModel(f"{_CONSUMER}.{name}", receives=True) for name in ("getone", "getmany")),
)


def _by_servers(value: Value) -> Value:
    return broker_url(argument_of(value, "bootstrap_servers", -1, Const("localhost:9092")))


STORE = Store("aiokafka", "kafka", lambda handle: addresses(handle, dict.fromkeys((_PRODUCER, _CONSUMER), _by_servers)))


@ADAPTER.calls(_PRODUCER)
def _producer(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=_by_servers(made(call)))


@ADAPTER.calls(_CONSUMER)
def _consumer(call: ResolvedCall) -> Iterable[Fact]:
    client = made(call)
    yield STORE.created(call, target=_by_servers(client))
    yield from _subscribed(call, client, tuple(arg.value for arg in call.args if not arg.name))


@ADAPTER.methods(_CONSUMER, "subscribe")
def _subscribe(call: ResolvedCall) -> Iterable[Fact]:
    pattern = call.value("pattern", 1, NONE)
    yield from _subscribed(call, call.receiver, listed(call.value("topics", 0, NONE if pattern == NONE else pattern)))


def _subscribed(call: ResolvedCall, consumer: Value | None, topics: tuple[Value, ...]) -> Iterable[Fact]:
    client = next((item for item in made_from(consumer) if class_of(item) == _CONSUMER), None)
    group = argument_of(client, "group_id", -1, NONE)
    commits = truth(argument_of(client, "enable_auto_commit", -1, Const(value=True)))
    target = STORE.address(consumer)
    yield from subscriptions(call, "aiokafka", topics=topics, group=group, target=target, commits=commits)


@ADAPTER.methods(_PRODUCER, "send", "send_and_wait")
def _send(call: ResolvedCall) -> Iterable[Fact]:
    waits = call.name.endswith(".send_and_wait")
    loses = call.usage in {"dropped", "awaited"}
    sent = send(
        call,
        "aiokafka",
        topic=call.value("topic", 0),
        target=STORE.address(call.receiver),
        is_blocking=False,
        is_confirmed=True if waits else False if loses else None,
    )
    if loses and not waits and call.is_awaited:
        sent = msgspec.structs.replace(sent, remedies=(*sent.remedies, _WAIT))
    yield sent


@ADAPTER.methods(_PRODUCER, "flush")
def _flush(call: ResolvedCall) -> Iterable[Fact]:
    yield confirmation(call, "aiokafka", "flush")


@ADAPTER.methods(_CONSUMER, "commit")
def _commit(call: ResolvedCall) -> Iterable[Fact]:
    yield ack(call, "aiokafka", "ack", requeue=None, is_blocking=False)
