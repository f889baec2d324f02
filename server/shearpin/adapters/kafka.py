"""kafka-python: Kafka over blocking producers and consumers.

`send` buffers and returns a future; only `.get()` on it or `flush()` proves delivery. Offsets are committed every 5 s
whatever became of the records, unless `enable_auto_commit=False`.

## Producing and consuming
```python
from kafka import KafkaConsumer, KafkaProducer

producer = KafkaProducer(bootstrap_servers=["kafka:9092"])

def announce(order):
    producer.send("orders", order)
    producer.send("orders", order).get(timeout=3)
    producer.flush()

def consume():
    consumer = KafkaConsumer("orders", group_id="mails", enable_auto_commit=False, bootstrap_servers="kafka:9092")
    for record in consumer:
        consumer.commit()
```
```facts
3: ClientCreated kafka target=kafka://kafka:9092 costly
6: Publish kafka topic=orders key='' target=kafka://kafka:9092 confirmed=no durable=yes blocking
7: Blocking wait (waiting for Kafka) blocking
7: Publish kafka topic=orders key='' target=kafka://kafka:9092 durable=yes blocking
8: Blocking wait (waiting for Kafka) blocking
8: Confirmation flush
11: ClientCreated kafka target=kafka://kafka:9092 costly
11: Subscribe kafka topic=orders key=mails target=kafka://kafka:9092 auto_ack=no
13: Ack ack blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.kafka import broker_url, listed, send, subscriptions
from shearpin.adapterkit.messaging import ack, blocking, confirmation, truth
from shearpin.adapterkit.store import Store, addresses, argument_of, class_of, made, made_from
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, Const, Value

ADAPTER = Adapter("kafka", version="3.0.12", distributions=("kafka-python", "kafka-python-ng"))

_PRODUCER, _CONSUMER = "kafka.KafkaProducer", "kafka.KafkaConsumer"
_FUTURE = "kafka.producer.future.FutureRecordMetadata"

ADAPTER.alias("kafka.producer.KafkaProducer", _PRODUCER)
ADAPTER.alias("kafka.producer.kafka.KafkaProducer", _PRODUCER)
ADAPTER.alias("kafka.consumer.KafkaConsumer", _CONSUMER)
ADAPTER.alias("kafka.consumer.group.KafkaConsumer", _CONSUMER)
ADAPTER.models(
    ClassModel(_PRODUCER),
    ClassModel(_CONSUMER, gives_messages=True),
    ClassModel(_FUTURE),
    CallModel(f"{_CONSUMER}.poll", receives=True),
    CallModel(f"{_PRODUCER}.send", returns=_FUTURE),
)


def _by_servers(value: Value) -> Value:
    return broker_url(argument_of(value, "bootstrap_servers", -1, Const("localhost:9092")))


STORE = Store("kafka", "kafka", lambda handle: addresses(handle, dict.fromkeys((_PRODUCER, _CONSUMER), _by_servers)))


@ADAPTER.calls(_PRODUCER)
def _producer(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=_by_servers(made(call)))


@ADAPTER.calls(_CONSUMER)
def _consumer(call: ResolvedCall) -> Iterable[Fact]:
    client = made(call)
    yield STORE.created(call, target=_by_servers(client))
    topics = tuple(arg.value for arg in call.args if not arg.name)
    yield from _subscribed(call, client, topics)


@ADAPTER.methods(_CONSUMER, "subscribe")
def _subscribe(call: ResolvedCall) -> Iterable[Fact]:
    pattern = call.value("pattern", 1, NONE)
    topics = listed(call.value("topics", 0, NONE if pattern == NONE else pattern))
    yield from _subscribed(call, call.receiver, topics)


def _subscribed(call: ResolvedCall, consumer: Value | None, topics: tuple[Value, ...]) -> Iterable[Fact]:
    client = next((item for item in made_from(consumer) if class_of(item) == _CONSUMER), None)
    group = argument_of(client, "group_id", -1, NONE)
    commits = truth(argument_of(client, "enable_auto_commit", -1, Const(value=True)))
    target = STORE.address(consumer)
    yield from subscriptions(call, "kafka", topics=topics, group=group, target=target, commits=commits)


@ADAPTER.methods(_PRODUCER, "send")
def _send(call: ResolvedCall) -> Iterable[Fact]:
    dropped = False if call.usage == "dropped" else None
    yield send(
        call,
        "kafka",
        topic=call.value("topic", 0),
        target=STORE.address(call.receiver),
        is_blocking=True,
        is_confirmed=dropped,
    )


@ADAPTER.methods(_PRODUCER, "flush")
def _flush(call: ResolvedCall) -> Iterable[Fact]:
    yield confirmation(call, "kafka", "flush")
    yield blocking(call, "kafka", "waiting for Kafka")


@ADAPTER.methods(_CONSUMER, "poll")
@ADAPTER.methods(_FUTURE, "get")
def _wait(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, "kafka", "waiting for Kafka")


@ADAPTER.methods(_CONSUMER, "commit", "commit_async")
def _commit(call: ResolvedCall) -> Iterable[Fact]:
    yield ack(call, "kafka", "ack", requeue=None, is_blocking=call.name.endswith(".commit"))
