"""confluent-kafka: Kafka through librdkafka; producers and consumers are configured by a dict.

`produce` buffers and returns; what became of a record is told to `on_delivery` (or `callback`) only while `poll` or
`flush` runs. `poll` and `flush` block. Offsets are committed every 5 s unless `enable.auto.commit` is false.

## Producing and consuming
```python
from confluent_kafka import Consumer, Producer

producer = Producer({"bootstrap.servers": "kafka:9092"})

def announce(order, report):
    producer.produce("orders", order)
    producer.produce("orders", order, on_delivery=report)
    producer.flush()

def consume():
    consumer = Consumer({"bootstrap.servers": "kafka:9092", "group.id": "mails", "enable.auto.commit": False})
    consumer.subscribe(["orders", "refunds"])
    record = consumer.poll(1.0)
    consumer.commit(record, asynchronous=False)
```
```facts
3: ClientCreated kafka target=kafka://kafka:9092 costly
6: Publish kafka topic=orders key='' target=kafka://kafka:9092 confirmed=no durable=yes
7: Publish kafka topic=orders key='' target=kafka://kafka:9092 confirmed=yes durable=yes
8: Blocking wait (waiting for Kafka) blocking
8: Confirmation flush
11: ClientCreated kafka target=kafka://kafka:9092 costly
12: Subscribe kafka topic=orders key=mails target=kafka://kafka:9092 auto_ack=no
12: Subscribe kafka topic=refunds key=mails target=kafka://kafka:9092 auto_ack=no
13: Blocking wait (waiting for Kafka) blocking
14: Ack ack blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.kafka import broker_url, listed, send, setting, subscriptions
from shearpin.adapterkit.messaging import ack, blocking, confirmation, truth
from shearpin.adapterkit.store import Store, addresses, argument_of, class_of, made, made_from
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import NONE, UNKNOWN, Const, Value

ADAPTER = Adapter("confluent-kafka", version="2.16.1")

_PRODUCER, _CONSUMER = "confluent_kafka.Producer", "confluent_kafka.Consumer"

ADAPTER.models(
    ClassModel(_PRODUCER),
    ClassModel(_CONSUMER),
    ClassModel("confluent_kafka.SerializingProducer", bases=(_PRODUCER,)),
    ClassModel("confluent_kafka.DeserializingConsumer", bases=(_CONSUMER,)),
    *(CallModel(f"{_CONSUMER}.{name}", receives=True) for name in ("poll", "consume")),
    CallModel(
        f"{_PRODUCER}.produce",
        callbacks=tuple(Callback(-1, name, Mode.LATER, never_awaits=True) for name in ("callback", "on_delivery")),
    ),
)


def _config(client: Value | None, name: str, default: Value) -> Value:
    return setting(argument_of(client, "config", 0), name, default)


def _by_servers(value: Value) -> Value:
    return broker_url(_config(value, "bootstrap.servers", UNKNOWN))


STORE = Store(
    "confluent-kafka", "kafka", lambda handle: addresses(handle, dict.fromkeys((_PRODUCER, _CONSUMER), _by_servers))
)


@ADAPTER.calls(_PRODUCER, _CONSUMER)
def _create(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=_by_servers(made(call)))


@ADAPTER.methods(_CONSUMER, "subscribe")
def _subscribe(call: ResolvedCall) -> Iterable[Fact]:
    client = next((item for item in made_from(call.receiver) if class_of(item) == _CONSUMER), None)
    commits = truth(_config(client, "enable.auto.commit", Const(value=True)))
    yield from subscriptions(
        call,
        "confluent-kafka",
        topics=listed(call.value("topics", 0)),
        group=_config(client, "group.id", UNKNOWN),
        target=STORE.address(call.receiver),
        commits=commits,
    )


@ADAPTER.methods(_PRODUCER, "produce")
def _send(call: ResolvedCall) -> Iterable[Fact]:
    is_watched = call.argument("callback", 4) is not None or call.argument("on_delivery", 5) is not None
    is_open = call.has_open_arguments or _config(call.receiver, "on_delivery", NONE) != NONE
    yield send(
        call,
        "confluent-kafka",
        topic=call.value("topic", 0),
        target=STORE.address(call.receiver),
        is_blocking=False,
        is_confirmed=True if is_watched else None if is_open else False,
    )


@ADAPTER.methods(_PRODUCER, "flush")
def _flush(call: ResolvedCall) -> Iterable[Fact]:
    yield confirmation(call, "confluent-kafka", "flush")
    yield blocking(call, "confluent-kafka", "waiting for Kafka")


@ADAPTER.methods(_PRODUCER, "poll")
@ADAPTER.methods(_CONSUMER, "poll", "consume")
def _wait(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, "confluent-kafka", "waiting for Kafka")


@ADAPTER.methods(_CONSUMER, "commit")
def _commit(call: ResolvedCall) -> Iterable[Fact]:
    waits = truth(call.value("asynchronous", 2, Const(value=True))) is False
    yield ack(call, "confluent-kafka", "ack", requeue=None, is_blocking=waits)
