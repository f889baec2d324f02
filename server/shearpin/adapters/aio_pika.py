"""aio-pika: RabbitMQ on the event loop.

Publisher confirms are on unless the channel was made with `publisher_confirms=False`. Messages survive a restart of
the broker only with `delivery_mode=DeliveryMode.PERSISTENT`. A consumer acknowledges by hand; `message.process()`
acknowledges at the end of its block and rejects without putting back when the block raises. `nack` puts back by
default, `reject` does not.

## Publishing
```python
import aio_pika

async def publish(body):
    connection = await aio_pika.connect_robust("amqp://rabbitmq/")
    async with connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange("orders", aio_pika.ExchangeType.TOPIC, durable=True)
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await exchange.publish(message, routing_key="order.created")
        await channel.default_exchange.publish(aio_pika.Message(body), routing_key="mails")
```
```facts
4: ClientCreated amqp target=amqp://rabbitmq/ costly
9: Publish amqp topic=orders key=order.created target=amqp://rabbitmq/ confirmed=yes durable=yes awaited
10: Publish amqp topic='' key=mails target=amqp://rabbitmq/ confirmed=yes durable=no awaited
```

## Consuming
```python
import aio_pika
from aio_pika.abc import AbstractIncomingMessage

async def on_order(message: AbstractIncomingMessage):
    async with message.process():
        print(message.body)

async def consume(channel: aio_pika.Channel):
    queue = await channel.declare_queue("mails", durable=True)
    await queue.bind("orders", routing_key="order.*")
    await queue.consume(on_order)
    async with queue.iterator() as messages:
        async for message in messages:
            await message.reject()
```
```facts
5: Ack ack around requeue=no
9: QueueDeclared amqp mails durable
10: Binding amqp queue=mails exchange=orders key=order.*
11: Subscribe amqp topic='' key=mails handler=on_order auto_ack=no awaited
12: Subscribe amqp topic='' key=mails auto_ack=no
14: Ack reject requeue=no awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.messaging import (
    DEFAULT_EXCHANGE,
    ack,
    amqp_url,
    binding,
    flag,
    handler_of,
    is_dialogue,
    is_text,
    queue_declared,
    subscribe,
    truth,
)
from shearpin.adapterkit.store import Store, addresses, argument_of, class_of, made, made_from, publish, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import NONE, Const, Extern, ExternMethod, Instance, Unknown, Value

ADAPTER = Adapter("aio-pika", version="10.2.1")

_CONNECTION = "aio_pika.Connection"
_CHANNEL = "aio_pika.Channel"
_EXCHANGE = "aio_pika.Exchange"
_DEFAULT = "aio_pika.Exchange:default"
_QUEUE = "aio_pika.Queue"
_ITERATOR = "aio_pika.queue.QueueIterator"
_MESSAGE = "aio_pika.Message"
_INCOMING = "aio_pika.IncomingMessage"
_CONNECT = ("aio_pika.connect", "aio_pika.connect_robust")

# ------------------------------------------------------------------------------------------------------------ models

_SPELLINGS = {
    _CONNECTION: "RobustConnection abc.AbstractConnection abc.AbstractRobustConnection connection.Connection"
    " robust_connection.RobustConnection",
    _CHANNEL: "RobustChannel abc.AbstractChannel abc.AbstractRobustChannel channel.Channel"
    " robust_channel.RobustChannel",
    _EXCHANGE: "RobustExchange abc.AbstractExchange abc.AbstractRobustExchange exchange.Exchange",
    _QUEUE: "RobustQueue abc.AbstractQueue abc.AbstractRobustQueue queue.Queue",
    _INCOMING: "abc.AbstractIncomingMessage message.IncomingMessage",
    _MESSAGE: "message.Message",
    _ITERATOR: "abc.AbstractQueueIterator",
    _CONNECT[0]: "connection.connect",
    _CONNECT[1]: "robust_connection.connect_robust",
}
for _canonical, _names in _SPELLINGS.items():
    for _name in words(_names):
        ADAPTER.alias(f"aio_pika.{_name}", _canonical)

ADAPTER.models(
    ClassModel(_CONNECTION),
    ClassModel(_CHANNEL, attributes=(("default_exchange", _DEFAULT),)),
    ClassModel(_EXCHANGE),
    ClassModel(_DEFAULT, bases=(_EXCHANGE,)),
    ClassModel(_QUEUE, iterates=_INCOMING, gives_messages=True),
    ClassModel(_ITERATOR, iterates=_INCOMING, gives_messages=True),
    ClassModel(_MESSAGE),
    ClassModel(_INCOMING),
    *(CallModel(name, returns=_CONNECTION) for name in _CONNECT),
    CallModel(f"{_CONNECTION}.channel", returns=_CHANNEL),
    CallModel(f"{_CHANNEL}.declare_exchange", returns=_EXCHANGE),
    CallModel(f"{_CHANNEL}.get_exchange", returns=_EXCHANGE),
    CallModel(f"{_CHANNEL}.declare_queue", returns=_QUEUE),
    CallModel(f"{_CHANNEL}.get_queue", returns=_QUEUE),
    CallModel(f"{_QUEUE}.iterator", returns=_ITERATOR),
    CallModel(f"{_QUEUE}.get", returns=_INCOMING, receives=True),
    CallModel(
        f"{_QUEUE}.consume",
        callbacks=(Callback(0, "callback", Mode.LATER, parameters=(_INCOMING,), context="consumer"),),
    ),
)

# --------------------------------------------------------------------------------------------------------- addresses


def _connection_url(value: Value) -> Value:
    url = argument_of(value, "url", 0, NONE)
    if url != NONE:
        return url
    host = argument_of(value, "host", -1, Const("localhost"))
    return amqp_url(host, argument_of(value, "port", -1, Const(5672)), argument_of(value, "virtualhost", -1, NONE))


STORE = Store("aio-pika", "amqp", lambda handle: addresses(handle, {_CONNECTION: _connection_url}))


def _exchange(value: Value | None) -> Value:
    """Name of an exchange object, or of one given by name."""
    if value is not None and class_of(value) == _DEFAULT:
        return DEFAULT_EXCHANGE
    if class_of(value) == _EXCHANGE:
        return argument_of(value, "name", 0)
    return Unknown("exchange") if value is None or isinstance(value, Instance) else value


def _queue(value: Value | None) -> Value:
    """Name of a queue object; one that the server names is stood for by its declaration."""
    if class_of(value) != _QUEUE or value is None:
        return Unknown("queue")
    name = argument_of(value, "name", 0, NONE)
    is_named = is_text(name) or not isinstance(name, Const)
    return name if is_named else value


def _is_durable(message: Value) -> bool | None:
    if class_of(message) != _MESSAGE:
        return None
    mode = argument_of(message, "delivery_mode", -1, NONE)
    if isinstance(mode, Const):
        return mode.value == 2
    return mode.name.endswith(".PERSISTENT") if isinstance(mode, (Extern, ExternMethod)) else None


def _is_confirmed(exchange: Value | None) -> bool | None:
    for item in made_from(exchange):
        if class_of(item) == _CHANNEL and isinstance(item, Instance):
            return truth(argument_of(item, "publisher_confirms", 1, Const(value=True)))
    return None


# ---------------------------------------------------------------------------------------------------------- handlers


@ADAPTER.calls(*_CONNECT)
def _connect(call: ResolvedCall) -> Iterable[Fact]:
    created = STORE.created(call, cls=_CONNECTION, target=Unknown("address"))
    target = Unknown("address") if call.has_open_arguments else _connection_url(created.client)
    yield msgspec.structs.replace(created, target=target)


@ADAPTER.methods(_EXCHANGE, "publish")
def _publish(call: ResolvedCall) -> Iterable[Fact]:
    sent = publish(
        call,
        "aio-pika",
        "amqp",
        topic=_exchange(call.receiver),
        key=call.value("routing_key", 1),
        target=STORE.address(call.receiver),
    )
    message = call.value("message", 0)
    yield msgspec.structs.replace(
        sent,
        is_confirmed=_is_confirmed(call.receiver),
        is_durable=_is_durable(message),
        properties=message.site if isinstance(message, Instance) else None,
        is_dialogue=is_dialogue(message),
    )


@ADAPTER.methods(_QUEUE, "consume", "get", "iterator")
def _subscribe(call: ResolvedCall) -> Iterable[Fact]:
    method = call.name.rsplit(".", 1)[-1]
    found = subscribe(
        call,
        "aio-pika",
        "amqp",
        topic=DEFAULT_EXCHANGE,
        key=_queue(call.receiver),
        target=STORE.address(call.receiver),
        handler=handler_of(call.value("callback", 0)) if method == "consume" else None,
    )
    acks_itself = flag(call, "no_ack", 1 if method == "consume" else -1, default=False)
    yield msgspec.structs.replace(found, auto_ack=acks_itself)


@ADAPTER.methods(_CHANNEL, "declare_queue")
def _declare(call: ResolvedCall) -> Iterable[Fact]:
    name = call.value("name", 0, NONE)
    queue = name if is_text(name) or not isinstance(name, Const) else made(call, _QUEUE)
    no = Const(value=False)
    if flag(call, "passive", -1, default=False) is False:
        flags = {key: call.value(key, -1, no) for key in ("durable", "exclusive", "auto_delete")}
        declared = queue_declared(call, "aio-pika", queue, name, flags, call.value("arguments", -1, NONE))
        yield msgspec.structs.replace(declared, name_argument="name")


@ADAPTER.methods(_QUEUE, "bind")
def _bind(call: ResolvedCall) -> Iterable[Fact]:
    queue, key = _queue(call.receiver), call.value("routing_key", 1, NONE)
    exchange = _exchange(call.value("exchange", 0))
    yield binding(call, "aio-pika", queue=queue, exchange=exchange, key=queue if key == NONE else key)


@ADAPTER.methods(_INCOMING, "ack", "nack", "reject")
def _settle(call: ResolvedCall) -> Iterable[Fact]:
    kind = call.name.rsplit(".", 1)[-1]
    requeue = None
    if kind != "ack":
        requeue = flag(call, "requeue", 1 if kind == "nack" else 0, default=kind == "nack")
    yield ack(call, "aio-pika", kind, requeue=requeue, is_blocking=False)


@ADAPTER.methods(_INCOMING, "process")
def _process(call: ResolvedCall) -> Iterable[Fact]:
    """Acknowledged at the end of the block; `requeue` says what happens when it raises."""
    found = ack(call, "aio-pika", "ack", requeue=flag(call, "requeue", 0, default=False), is_blocking=False)
    yield msgspec.structs.replace(found, around=True, gives_up=flag(call, "reject_on_redelivered", 1, default=False))
