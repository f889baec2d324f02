"""pika: RabbitMQ over blocking connections (and the callback style of `SelectConnection` and `AsyncioConnection`).

A message goes to an exchange; the exchange "" hands it to the queue named by the routing key. It survives a restart of
the broker only with `delivery_mode=2`, and whether the broker confirms it depends on `confirm_delivery()` having been
called on the channel, so that is unknown at the call. A consumer acknowledges by hand unless `auto_ack=True`;
`basic_nack` and `basic_reject` put the message back unless told otherwise.

Opening a connection, declaring, publishing and `start_consuming()` block the thread. A connection belongs to one
thread.

## Publishing
```python
import os
import pika

def publish(body):
    connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
    channel = connection.channel()
    channel.exchange_declare(exchange="orders", exchange_type="topic", durable=True)
    channel.basic_publish(
        exchange="orders",
        routing_key="order.created",
        body=body,
        properties=pika.BasicProperties(delivery_mode=2),
    )
    channel.basic_publish("", "mails", body)
```
```facts
5: Blocking wait (connecting to RabbitMQ) blocking
5: ClientCreated amqp target=$AMQP_URL costly
6: Blocking wait (a request to RabbitMQ) blocking
7: Blocking wait (a request to RabbitMQ) blocking
8: Publish amqp topic=orders key=order.created target=$AMQP_URL durable=yes blocking
14: Publish amqp topic='' key=mails target=$AMQP_URL durable=no blocking
```

## Consuming
```python
import pika

def on_order(channel, method, properties, body):
    channel.basic_ack(delivery_tag=method.delivery_tag)

def consume():
    parameters = pika.ConnectionParameters(host="rabbitmq")
    channel = pika.BlockingConnection(parameters).channel()
    declared = channel.queue_declare(queue="", exclusive=True)
    channel.queue_bind(exchange="orders", queue=declared.method.queue, routing_key="order.#")
    channel.basic_consume(queue=declared.method.queue, on_message_callback=on_order)
    channel.queue_declare(queue="mails", durable=True)
    channel.basic_consume("mails", on_order, auto_ack=True)
    channel.start_consuming()
```
```facts
4: Ack ack blocking
8: Blocking wait (connecting to RabbitMQ) blocking
8: Blocking wait (a request to RabbitMQ) blocking
8: ClientCreated amqp target=amqp://rabbitmq:5672 costly
9: Blocking wait (a request to RabbitMQ) blocking
9: QueueDeclared amqp Method@9 unnamed exclusive
10: Binding amqp queue=Method@9 exchange=orders key=order.#
10: Blocking wait (a request to RabbitMQ) blocking
11: Subscribe amqp topic='' key=Method@9 target=amqp://rabbitmq:5672 handler=on_order auto_ack=no blocking
12: Blocking wait (a request to RabbitMQ) blocking
12: QueueDeclared amqp mails durable
13: Subscribe amqp topic='' key=mails target=amqp://rabbitmq:5672 handler=on_order auto_ack=yes blocking
14: Blocking wait (waiting for messages) blocking
```

## Settling
```python
from pika.adapters.blocking_connection import BlockingChannel

def settle(channel: BlockingChannel, tag):
    channel.basic_ack(tag)
    channel.basic_nack(tag)
    channel.basic_reject(tag, requeue=False)
```
```facts
4: Ack ack blocking
5: Ack nack requeue=yes blocking
6: Ack reject requeue=no blocking
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
    blocking,
    confirmation,
    flag,
    handler_of,
    is_dialogue,
    is_text,
    queue_declared,
    subscribe,
)
from shearpin.adapterkit.store import Store, addresses, argument_of, blocks, class_of, made, made_from, publish, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, Remedy
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import NONE, Const, Extern, ExternMethod, Instance, Value

ADAPTER = Adapter("pika", version="1.4.4")

_BLOCKING = "pika.BlockingConnection"
_CALLBACK_STYLE = ("pika.SelectConnection", "pika.adapters.asyncio_connection.AsyncioConnection")
_BLOCKING_CHANNEL = "pika.adapters.blocking_connection.BlockingChannel"
_CHANNEL = "pika.channel.Channel"
_PARAMETERS = "pika.ConnectionParameters"
_URL_PARAMETERS = "pika.URLParameters"
_PROPERTIES = "pika.BasicProperties"
_DECLARED, _DECLARE_OK = "pika.frame.Method", "pika.spec.Queue.DeclareOk"
_DELIVER = "pika.spec.Basic.Deliver"
_PERSISTENT = frozenset(
    words(
        "pika.DeliveryMode.Persistent pika.DeliveryMode.Persistent.value pika.delivery_mode.DeliveryMode.Persistent",
        "pika.delivery_mode.DeliveryMode.Persistent.value pika.spec.PERSISTENT_DELIVERY_MODE",
    )
)

# ------------------------------------------------------------------------------------------------------------ models

for _spelling, _canonical in {
    "pika.adapters.blocking_connection.BlockingConnection": _BLOCKING,
    "pika.adapters.BlockingConnection": _BLOCKING,
    "pika.adapters.select_connection.SelectConnection": _CALLBACK_STYLE[0],
    "pika.adapters.SelectConnection": _CALLBACK_STYLE[0],
    "pika.adapters.AsyncioConnection": _CALLBACK_STYLE[1],
    "pika.connection.ConnectionParameters": _PARAMETERS,
    "pika.connection.URLParameters": _URL_PARAMETERS,
    "pika.spec.BasicProperties": _PROPERTIES,
    "pika.BlockingChannel": _BLOCKING_CHANNEL,
}.items():
    ADAPTER.alias(_spelling, _canonical)


def _consumer(channel: str) -> Callback:
    return Callback(
        1,
        "on_message_callback",
        Mode.LATER,
        parameters=(channel, _DELIVER, _PROPERTIES, ""),
        context="consumer",
        never_awaits=True,
    )


ADAPTER.models(
    *(ClassModel(name, one_thread=True) for name in (_BLOCKING, *_CALLBACK_STYLE, _BLOCKING_CHANNEL, _CHANNEL)),
    *(ClassModel(name) for name in (_PARAMETERS, _URL_PARAMETERS, _PROPERTIES, _DELIVER)),
    ClassModel(_DECLARED, attributes=(("method", _DECLARE_OK),)),
    ClassModel(_DECLARE_OK),
    CallModel(f"{_BLOCKING}.channel", returns=_BLOCKING_CHANNEL),
    *(
        CallModel(name, callbacks=(Callback(1, "on_open_callback", Mode.LATER, parameters=(name,), never_awaits=True),))
        for name in _CALLBACK_STYLE
    ),
    *(
        CallModel(
            f"{name}.channel",
            returns=_CHANNEL,
            callbacks=(Callback(1, "on_open_callback", Mode.LATER, parameters=(_CHANNEL,), never_awaits=True),),
        )
        for name in _CALLBACK_STYLE
    ),
    *(CallModel(f"{channel}.queue_declare", returns=_DECLARED) for channel in (_BLOCKING_CHANNEL, _CHANNEL)),
    *(CallModel(f"{_BLOCKING_CHANNEL}.{name}", receives=True) for name in ("consume", "basic_get")),
    CallModel(f"{_BLOCKING_CHANNEL}.start_consuming", dispatches=True),
    *(
        CallModel(f"{channel}.basic_consume", callbacks=(_consumer(channel),))
        for channel in (_BLOCKING_CHANNEL, _CHANNEL)
    ),
)

# --------------------------------------------------------------------------------------------------------- addresses


def _by_parameters(value: Value) -> Value:
    host = argument_of(value, "host", 0, Const("localhost"))
    return amqp_url(host, argument_of(value, "port", 1, Const(5672)), argument_of(value, "virtual_host", 2, NONE))


def _by_url(value: Value) -> Value:
    return argument_of(value, "url", 0)


STORE = Store("pika", "amqp", lambda handle: addresses(handle, {_PARAMETERS: _by_parameters, _URL_PARAMETERS: _by_url}))


def _queue(value: Value) -> Value:
    """The name of a queue; for one that the server names, its declaration stands for it."""
    if isinstance(value, ExternMethod) and value.name == f"{_DECLARE_OK}.queue":
        for item in made_from(value.receiver):
            if class_of(item) == _DECLARED and isinstance(item, Instance):
                name = argument_of(item, "queue", 0)
                return name if is_text(name) else item
    return value


def _is_durable(call: ResolvedCall) -> bool | None:
    properties = call.value("properties", 3, NONE)
    if class_of(properties) != _PROPERTIES:
        return False if properties == NONE else None
    mode = argument_of(properties, "delivery_mode", 3, NONE)
    if isinstance(mode, Const):
        return mode.value == 2
    if isinstance(mode, (Extern, ExternMethod)):
        return mode.name in _PERSISTENT
    return None


def _is_blocking(call: ResolvedCall) -> bool:
    return call.name.startswith(_BLOCKING_CHANNEL)


#: how a message without properties is made to survive a restart of the broker
_DURABLE = Remedy(
    "make-durable", "argument", f"properties={{{_PROPERTIES}}}(delivery_mode=2)", (_PROPERTIES,), grade="safe"
)

# ---------------------------------------------------------------------------------------------------------- handlers


@ADAPTER.calls(_BLOCKING)
def _connect(call: ResolvedCall) -> Iterable[Fact]:
    yield _created(call)
    yield blocking(call, "pika", "connecting to RabbitMQ")


@ADAPTER.calls(*_CALLBACK_STYLE)
def _connect_later(call: ResolvedCall) -> Iterable[Fact]:
    yield _created(call)


def _created(call: ResolvedCall) -> Fact:
    return STORE.created(call, target=STORE.address(call.value("parameters", 0)))


@ADAPTER.methods(_BLOCKING_CHANNEL, "basic_publish")
@ADAPTER.methods(_CHANNEL, "basic_publish")
def _publish(call: ResolvedCall) -> Iterable[Fact]:
    sent = publish(
        call,
        "pika",
        "amqp",
        topic=call.value("exchange", 0),
        key=_queue(call.value("routing_key", 1)),
        target=STORE.address(call.receiver),
    )
    properties = call.value("properties", 3, NONE)
    sent = blocks(sent, is_blocking=_is_blocking(call))
    durable = () if properties != NONE else (_DURABLE,)
    yield msgspec.structs.replace(
        sent,
        is_durable=_is_durable(call),
        confirmed_by="confirm_delivery",
        properties=properties.site if isinstance(properties, Instance) else None,
        remedies=(*sent.remedies, *durable),
        is_dialogue=is_dialogue(properties),
    )


@ADAPTER.methods(_BLOCKING_CHANNEL, "basic_consume", "basic_get", "consume")
@ADAPTER.methods(_CHANNEL, "basic_consume", "basic_get")
def _subscribe(call: ResolvedCall) -> Iterable[Fact]:
    has_callback = call.name.endswith(".basic_consume")
    found = subscribe(
        call,
        "pika",
        "amqp",
        topic=DEFAULT_EXCHANGE,
        key=_queue(call.value("queue", 0)),
        target=STORE.address(call.receiver),
        handler=handler_of(call.value("on_message_callback", 1)) if has_callback else None,
    )
    acks_itself = flag(call, "auto_ack", 2 if has_callback else 1, default=False)
    yield blocks(msgspec.structs.replace(found, auto_ack=acks_itself), is_blocking=_is_blocking(call))


@ADAPTER.methods(_BLOCKING_CHANNEL, "queue_bind")
@ADAPTER.methods(_CHANNEL, "queue_bind")
def _bind(call: ResolvedCall) -> Iterable[Fact]:
    queue = _queue(call.value("queue", 0))
    key = call.value("routing_key", 2, NONE)
    # without a key pika binds with the name of the queue
    yield binding(call, "pika", queue=queue, exchange=call.value("exchange", 1), key=queue if key == NONE else key)
    if _is_blocking(call):
        yield blocking(call, "pika", "a request to RabbitMQ")


@ADAPTER.methods(_BLOCKING_CHANNEL, "queue_declare")
@ADAPTER.methods(_CHANNEL, "queue_declare")
def _declare(call: ResolvedCall) -> Iterable[Fact]:
    name = call.value("queue", 0, Const(""))
    queue = name if is_text(name) or not isinstance(name, Const) else made(call, _DECLARED)
    no = Const(value=False)
    if flag(call, "passive", 1, default=False) is False:
        positions = {"durable": 2, "exclusive": 3, "auto_delete": 4}
        flags = {key: call.value(key, position, no) for key, position in positions.items()}
        declared = queue_declared(call, "pika", queue, name, flags, call.value("arguments", 5, NONE))
        yield msgspec.structs.replace(declared, name_argument="queue")
    if _is_blocking(call):
        yield blocking(call, "pika", "a request to RabbitMQ")


@ADAPTER.methods(_BLOCKING_CHANNEL, "confirm_delivery")
@ADAPTER.methods(_CHANNEL, "confirm_delivery")
def _confirm(call: ResolvedCall) -> Iterable[Fact]:
    yield confirmation(call, "pika", "mode")
    if _is_blocking(call):
        yield blocking(call, "pika", "a request to RabbitMQ")


@ADAPTER.methods(_BLOCKING_CHANNEL, *words("exchange_declare exchange_bind queue_purge queue_delete"))
@ADAPTER.methods(_BLOCKING_CHANNEL, *words("exchange_delete queue_unbind basic_qos basic_cancel"))
@ADAPTER.methods(_BLOCKING, "channel", "process_data_events", "sleep")
def _request(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, "pika", "a request to RabbitMQ")


@ADAPTER.methods(_BLOCKING_CHANNEL, "start_consuming")
def _consume(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, "pika", "waiting for messages")


@ADAPTER.methods(_BLOCKING_CHANNEL, "basic_ack", "basic_nack", "basic_reject")
@ADAPTER.methods(_CHANNEL, "basic_ack", "basic_nack", "basic_reject")
def _settle(call: ResolvedCall) -> Iterable[Fact]:
    kind = call.name.rsplit("_", 1)[-1]
    requeue = None if kind == "ack" else flag(call, "requeue", 2 if kind == "nack" else 1, default=True)
    yield ack(call, "pika", kind, requeue=requeue, is_blocking=_is_blocking(call))
