"""FastStream: consumers and publishers by decorators, over RabbitMQ, Kafka, NATS and Redis.

What a subscriber raises rejects its message (RabbitMQ, NATS, Redis streams with a group), unless `ack_policy` says
otherwise; Kafka offsets are committed before the handler runs. What a function under `@broker.publisher(x)` returns is
published to x. RabbitMQ messages do not survive a restart of the broker without `persist=True`, and queues are not
durable unless told; publishing is confirmed. A broker that is given a URL by its first argument has it as its address.

## RabbitMQ
```python
import os
from faststream import FastStream
from faststream.rabbit import ExchangeType, RabbitBroker, RabbitExchange, RabbitQueue

broker = RabbitBroker(os.environ["AMQP_URL"])
app = FastStream(broker)
orders = RabbitExchange("orders", type=ExchangeType.TOPIC)

@broker.subscriber(RabbitQueue("mails", durable=True, routing_key="order.*"), orders)
async def mail(order: dict) -> None: ...

@broker.subscriber("audit")
@broker.publisher("audited")
async def audit(order: dict) -> dict:
    return order

async def announce(order: dict) -> None:
    await broker.publish(order, routing_key="order.created", exchange=orders, persist=True)
    await broker.publish(order, "audit")
```
```facts
5: ClientCreated amqp target=$AMQP_URL costly
9: Binding amqp queue=mails exchange=orders key=order.*
9: QueueDeclared amqp mails durable
9: Subscribe amqp topic='' key=mails target=$AMQP_URL handler=mail auto_ack=no failing=reject
12: QueueDeclared amqp audit
12: Subscribe amqp topic='' key=audit target=$AMQP_URL handler=audit auto_ack=no failing=reject
13: Publish amqp topic='' key=audited target=$AMQP_URL confirmed=yes durable=no
18: Publish amqp topic=orders key=order.created target=$AMQP_URL confirmed=yes durable=yes awaited
19: Publish amqp topic='' key=audit target=$AMQP_URL confirmed=yes durable=no awaited
```

## Kafka, NATS, Redis
```python
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaRouter
from faststream.nats import NatsBroker
from faststream.redis import RedisBroker, StreamSub

kafka = KafkaBroker("kafka:9092")
router = KafkaRouter()
nats = NatsBroker("nats://nats:4222")
redis = RedisBroker("redis://redis:6379")

@router.subscriber("orders", "refunds", group_id="mails", ack_policy=AckPolicy.NACK_ON_ERROR)
async def mail(order: dict) -> None: ...

@nats.subscriber("prices", "workers")
async def price(change: dict) -> None: ...

@redis.subscriber("orders")
async def listen(order: dict) -> None: ...

@redis.subscriber(stream=StreamSub("stock", group="g", consumer="c"))
async def stock(change: dict) -> None: ...

async def announce(order: dict) -> None:
    await kafka.publish(order, "orders")
    await redis.publish(order, channel="orders")
    await redis.publish(order, stream="stock")
```
```facts
6: ClientCreated kafka target=kafka://kafka:9092 costly
8: ClientCreated nats target=nats://nats:4222 costly
9: ClientCreated redis target=redis://redis:6379 costly
11: Subscribe kafka topic=orders key=mails handler=mail auto_ack=no failing=requeue
11: Subscribe kafka topic=refunds key=mails handler=mail auto_ack=no failing=requeue
14: Subscribe nats topic=prices key=workers target=nats://nats:4222 handler=price auto_ack=yes
17: Subscribe redis-pubsub topic=orders key='' target=redis://redis:6379 handler=listen auto_ack=yes
20: Subscribe redis-streams topic=stock key=g target=redis://redis:6379 handler=stock auto_ack=no failing=reject
24: Publish kafka topic=orders key='' target=kafka://kafka:9092 confirmed=yes durable=yes awaited
25: Publish redis-pubsub topic=orders key='' target=redis://redis:6379 confirmed=no durable=no awaited
26: Publish redis-streams topic=stock key='' target=redis://redis:6379 confirmed=yes awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import class_name
from shearpin.adapterkit.kafka import broker_url
from shearpin.adapterkit.messaging import DEFAULT_EXCHANGE, NO_KEY, binding, flag, queue_declared, subscribe
from shearpin.adapterkit.store import Store, addresses, argument_of, made, publish
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact, Publish, Subscribe
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Extern, ExternMethod, Value

ADAPTER = Adapter("faststream", version="0.7.8")

#: package, protocol, names of its brokers and routers
_KINDS = (
    ("rabbit", "amqp", "Rabbit"),
    ("kafka", "kafka", "Kafka"),
    ("confluent", "kafka", "Kafka"),
    ("nats", "nats", "Nats"),
    ("redis", "redis", "Redis"),
)
_QUEUE, _EXCHANGE = "faststream.rabbit.RabbitQueue", "faststream.rabbit.RabbitExchange"
_STREAM, _CHANNEL = "faststream.redis.StreamSub", "faststream.redis.PubSub"
_POLICIES = {
    "ACK_FIRST": (True, ""),
    "ACK": (False, "ack"),
    "REJECT_ON_ERROR": (False, "reject"),
    "NACK_ON_ERROR": (False, "requeue"),
    "MANUAL": (False, ""),
}


def _brokers(package: str, prefix: str) -> tuple[str, ...]:
    return (f"faststream.{package}.{prefix}Broker",)


def _owners(package: str, prefix: str) -> tuple[str, ...]:
    """What subscribers and publishers are registered on."""
    routers = (f"faststream.{package}.{prefix}Router", f"faststream.{package}.fastapi.{prefix}Router")
    return (*_brokers(package, prefix), *routers)


# ------------------------------------------------------------------------------------------------------------ models

for _package, _, _prefix in _KINDS:
    ADAPTER.alias(f"faststream.{_package}.broker.{_prefix}Broker", f"faststream.{_package}.{_prefix}Broker")
    for _owner in _owners(_package, _prefix):
        ADAPTER.models(
            ClassModel(_owner, attributes=(("broker", _brokers(_package, _prefix)[0]),)),
            CallModel(f"{_owner}.subscriber", decorated_context="consumer", transparent_decorator=True),
            CallModel(f"{_owner}.publisher", transparent_decorator=True),
        )
ADAPTER.models(*(ClassModel(name) for name in (_QUEUE, _EXCHANGE, _STREAM, _CHANNEL)))

# --------------------------------------------------------------------------------------------------------- addresses


def _plain_url(value: Value) -> Value:
    return argument_of(value, "url", 0, argument_of(value, "servers", 0))


def _servers(value: Value) -> Value:
    servers = argument_of(value, "bootstrap_servers", 0, Const("localhost"))
    return UNKNOWN if servers == UNKNOWN else broker_url(servers)


_HOLDERS = {
    owner: _servers if protocol == "kafka" else _plain_url
    for package, protocol, prefix in _KINDS
    for owner in _brokers(package, prefix)
}
_STORES = {
    protocol: Store("faststream", protocol, lambda handle: addresses(handle, _HOLDERS)) for _, protocol, _ in _KINDS
}


def _named(value: Value, cls: str) -> Value:
    """The name of a queue, exchange or stream, given as text or as an object."""
    return argument_of(value, "name", 0, UNKNOWN) if class_name(value) == cls else value


# --------------------------------------------------------------------------------------------------------- consumers


def _policy(call: ResolvedCall, default: str) -> tuple[bool | None, str]:
    """Whether messages count as done at once, and what becomes of one whose handler raises."""
    given = call.value("ack_policy", -1, NONE)
    if given == NONE:
        if flag(call, "no_ack", -1, default=False):
            return True, ""
        return _POLICIES[default]
    name = given.name.rpartition(".")[2] if isinstance(given, (Extern, ExternMethod)) else ""
    return _POLICIES.get(name, (None, "unknown"))


def _consumes(use: ResolvedDecorator, protocol: str, topic: Value, key: Value, policy: str) -> Subscribe:
    call = use.call
    acks, failing = _policy(call, policy) if policy else (True, "")
    target = _STORES["redis" if protocol.startswith("redis") else protocol].address(call.receiver)
    found = subscribe(call, "faststream", protocol, topic=topic, key=key, target=target, handler=use.function)
    return msgspec.structs.replace(found, auto_ack=acks, on_failure=failing)


def _rabbit(use: ResolvedDecorator) -> Iterable[Fact]:
    call = use.call
    queue = call.value("queue", 0)
    name = _named(queue, _QUEUE)
    no = Const(value=False)
    is_object = class_name(queue) == _QUEUE
    flags = {
        key: argument_of(queue, key, -1, no) if is_object else no for key in ("durable", "exclusive", "auto_delete")
    }
    arguments = argument_of(queue, "arguments", -1, NONE) if is_object else NONE
    yield queue_declared(call, "faststream", name, name, flags, arguments)
    exchange = call.value("exchange", 1, NONE)
    if exchange != NONE:
        key = argument_of(queue, "routing_key", -1, name) if is_object else name
        yield binding(call, "faststream", queue=name, exchange=_named(exchange, _EXCHANGE), key=key)
    yield _consumes(use, "amqp", DEFAULT_EXCHANGE, name, "REJECT_ON_ERROR")


def _kafka(use: ResolvedDecorator) -> Iterable[Fact]:
    call = use.call
    group = call.value("group_id", -1, NONE)
    for arg in call.args:
        if not arg.name:
            yield _consumes(use, "kafka", arg.value, NO_KEY if group == NONE else group, "ACK_FIRST")


def _nats(use: ResolvedDecorator) -> Iterable[Fact]:
    call = use.call
    group = call.value("queue", 1, NONE)
    # Without a stream NATS delivers at most once.
    policy = "" if call.value("stream", -1, NONE) == NONE else "REJECT_ON_ERROR"
    yield _consumes(use, "nats", call.value("subject", 0), NO_KEY if group == NONE else group, policy)


def _redis(use: ResolvedDecorator) -> Iterable[Fact]:
    call = use.call
    stream = call.value("stream", -1, NONE)
    if stream != NONE:
        group = argument_of(stream, "group", -1, NONE) if class_name(stream) == _STREAM else NONE
        policy = "" if group == NONE else "REJECT_ON_ERROR"
        yield _consumes(use, "redis-streams", _named(stream, _STREAM), NO_KEY if group == NONE else group, policy)
        return
    channel = call.value("channel", 0, NONE)
    if channel != NONE:
        yield _consumes(use, "redis-pubsub", _named(channel, _CHANNEL), NO_KEY, "")


# -------------------------------------------------------------------------------------------------------- publishers


def _sent(call: ResolvedCall, protocol: str, shift: int) -> Iterator[Publish]:
    """What a call or decorator sends; `shift` is 1 when the message itself is the first argument."""
    target = _STORES[protocol].address(call.receiver)
    if protocol == "amqp":
        exchange = call.value("exchange", shift + 1, NONE)
        queue = _named(call.value("queue", shift, NO_KEY), _QUEUE)
        key = call.value("routing_key", -1, queue)
        topic = DEFAULT_EXCHANGE if exchange == NONE else _named(exchange, _EXCHANGE)
        found = publish(call, "faststream", "amqp", topic=topic, key=key, target=target)
        durable = flag(call, "persist", -1, default=False)
        yield msgspec.structs.replace(found, is_confirmed=True, is_durable=durable)
        return
    stream = call.value("stream", -1, NONE) if protocol == "redis" else NONE
    if stream != NONE:
        found = publish(call, "faststream", "redis-streams", topic=_named(stream, _STREAM), key=NO_KEY, target=target)
        yield msgspec.structs.replace(found, is_confirmed=True)
        return
    if protocol == "redis" and call.value("list", -1, NONE) != NONE:
        return
    name = {"kafka": "topic", "nats": "subject", "redis": "channel"}[protocol]
    broker = "redis-pubsub" if protocol == "redis" else protocol
    found = publish(call, "faststream", broker, topic=call.value(name, shift), key=NO_KEY, target=target)
    is_kept = protocol == "kafka" or (protocol == "nats" and call.value("stream", -1, NONE) != NONE)
    yield msgspec.structs.replace(found, is_confirmed=is_kept, is_durable=is_kept)


# ---------------------------------------------------------------------------------------------------------- handlers


def _register(package: str, protocol: str, prefix: str) -> None:
    """The handlers of one broker."""
    consumes = {"amqp": _rabbit, "kafka": _kafka, "nats": _nats, "redis": _redis}[protocol]
    owners = _owners(package, prefix)
    ADAPTER.decorates(*(f"{owner}.subscriber" for owner in owners))(consumes)
    ADAPTER.decorates(*(f"{owner}.publisher" for owner in owners))(lambda use: _sent(use.call, protocol, 0))
    ADAPTER.calls(*(f"{owner}.publish" for owner in owners))(lambda call: _sent(call, protocol, 1))
    ADAPTER.calls(*_brokers(package, prefix))(lambda call: [_created(call, protocol)])


def _created(call: ResolvedCall, protocol: str) -> Fact:
    store = _STORES[protocol]
    return store.created(call, target=_HOLDERS[call.name](made(call)))


for _package, _protocol, _prefix in _KINDS:
    _register(_package, _protocol, _prefix)
