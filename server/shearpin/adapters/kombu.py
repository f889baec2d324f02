"""kombu: messages over RabbitMQ, Redis and others; what Celery is built on.

Queues and exchanges are durable and messages persistent unless told otherwise. A consumer acknowledges by hand unless
`no_ack=True`; `reject()` does not put back, `requeue()` does. Publishing is confirmed only when the connection's
`transport_options` ask for it, which is not known here.

## Publishing and consuming
```python
import os
from kombu import Connection, Consumer, Exchange, Message, Producer, Queue

orders = Exchange("orders", type="topic")
mails = Queue("mails", exchange=orders, routing_key="order.*")
audits = Queue("audits", orders, "#", durable=False, exclusive=True)

def on_order(body, message: Message):
    message.ack()

def on_audit(body, message: Message):
    message.reject()
    message.requeue()

def run():
    connection = Connection(os.environ["AMQP_URL"])
    producer = Producer(connection.channel(), exchange=orders)
    producer.publish({"id": 1}, routing_key="order.created")
    producer.publish({"id": 1}, exchange="other", routing_key="x", delivery_mode=1)
    with Consumer(connection, queues=[mails], callbacks=[on_order]):
        connection.drain_events(timeout=5)
    connection.Consumer(audits, callbacks=[on_audit], no_ack=True)
```
```facts
9: Ack ack blocking
12: Ack reject requeue=no blocking
13: Ack nack requeue=yes blocking
16: ClientCreated amqp target=$AMQP_URL costly
18: Publish amqp topic=orders key=order.created target=$AMQP_URL durable=yes blocking
19: Publish amqp topic=other key=x target=$AMQP_URL durable=no blocking
20: Binding amqp queue=mails exchange=orders key=order.*
20: QueueDeclared amqp mails durable
20: Subscribe amqp topic='' key=mails target=$AMQP_URL handler=on_order auto_ack=no
21: Blocking wait (waiting for messages) blocking
22: Binding amqp queue=audits exchange=orders key=#
22: QueueDeclared amqp audits exclusive
22: Subscribe amqp topic='' key=audits target=$AMQP_URL handler=on_audit auto_ack=yes
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import class_name
from shearpin.adapterkit.messaging import (
    DEFAULT_EXCHANGE,
    ack,
    binding,
    blocking,
    flag,
    handler_of,
    queue_declared,
    subscribe,
)
from shearpin.adapterkit.store import Store, addresses, argument_of, blocks, made, publish
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import NONE, UNKNOWN, Const, SequenceValue, Value

ADAPTER = Adapter("kombu", version="5.7.0")

_CONNECTION, _CHANNEL = "kombu.Connection", "kombu.transport.Channel"
_PRODUCER, _CONSUMER, _MESSAGE = "kombu.Producer", "kombu.Consumer", "kombu.Message"
_QUEUE, _EXCHANGE = "kombu.Queue", "kombu.Exchange"

for _spelling, _canonical in {
    "kombu.BrokerConnection": _CONNECTION,
    "kombu.connection.Connection": _CONNECTION,
    "kombu.messaging.Producer": _PRODUCER,
    "kombu.messaging.Consumer": _CONSUMER,
    "kombu.message.Message": _MESSAGE,
    "kombu.entity.Queue": _QUEUE,
    "kombu.entity.Exchange": _EXCHANGE,
}.items():
    ADAPTER.alias(_spelling, _canonical)

_CALLBACK = Callback(-1, "callbacks", Mode.LATER, parameters=("", _MESSAGE), context="consumer")
_ON_MESSAGE = Callback(-1, "on_message", Mode.LATER, parameters=(_MESSAGE,), context="consumer")
ADAPTER.models(
    *(ClassModel(name) for name in (_CONNECTION, _CHANNEL, _PRODUCER, _CONSUMER, _MESSAGE, _QUEUE, _EXCHANGE)),
    CallModel(f"{_CONNECTION}.channel", returns=_CHANNEL),
    CallModel(f"{_CONNECTION}.Producer", returns=_PRODUCER),
    CallModel(f"{_CONNECTION}.Consumer", returns=_CONSUMER, callbacks=(_CALLBACK, _ON_MESSAGE)),
    CallModel(_CONSUMER, callbacks=(_CALLBACK, _ON_MESSAGE)),
    CallModel(f"{_CONNECTION}.drain_events", dispatches=True),
)


def _url(value: Value) -> Value:
    return argument_of(value, "hostname", 0)


STORE = Store("kombu", "amqp", lambda handle: addresses(handle, {_CONNECTION: _url}))


def _exchange(value: Value) -> Value:
    return argument_of(value, "name", 0, Const("")) if class_name(value) == _EXCHANGE else value


@ADAPTER.calls(_CONNECTION)
def _connect(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=_url(made(call)))


@ADAPTER.methods(_PRODUCER, "publish")
def _publish(call: ResolvedCall) -> Iterable[Fact]:
    exchange = call.value("exchange", -1, NONE)
    if exchange == NONE:
        exchange = argument_of(call.receiver, "exchange", 1, NONE)
    key = call.value("routing_key", 1, NONE)
    if key == NONE:
        key = argument_of(call.receiver, "routing_key", 2, Const(""))
    topic = DEFAULT_EXCHANGE if exchange == NONE else _exchange(exchange)
    sent = publish(call, "kombu", "amqp", topic=topic, key=key, target=STORE.address(call.receiver))
    mode = call.value("delivery_mode", 2, NONE)
    kept = mode in {NONE, Const(2), Const("persistent")} if isinstance(mode, Const) else None
    yield blocks(msgspec.structs.replace(sent, is_durable=kept), is_blocking=True)


@ADAPTER.calls(_CONSUMER)
def _consumer(call: ResolvedCall) -> Iterable[Fact]:
    yield from _consumed(call, call.value("queues", 1), call.value("channel", 0))


@ADAPTER.methods(_CONNECTION, "Consumer")
def _connection_consumer(call: ResolvedCall) -> Iterable[Fact]:
    yield from _consumed(call, call.value("queues", 0), call.receiver)


def _consumed(call: ResolvedCall, queues: Value, handle: Value | None) -> Iterable[Fact]:
    """One subscription for each queue, which is declared and bound on the way."""
    callbacks = call.value("callbacks", -1, call.value("on_message", -1, UNKNOWN))
    handlers = callbacks.items if isinstance(callbacks, SequenceValue) else (callbacks,)
    handler = next((found for item in handlers if (found := handler_of(item)) is not None), None)
    acks = flag(call, "no_ack", -1, default=False)
    for queue in queues.items if isinstance(queues, SequenceValue) else (queues,):
        name = queue
        if class_name(queue) == _QUEUE:
            name = argument_of(queue, "name", 0, Const(""))
            yield from _declared(call, queue, name)
        target = STORE.address(handle)
        found = subscribe(call, "kombu", "amqp", topic=DEFAULT_EXCHANGE, key=name, target=target, handler=handler)
        yield msgspec.structs.replace(found, auto_ack=acks, handle=handle)


def _declared(call: ResolvedCall, queue: Value, name: Value) -> Iterable[Fact]:
    defaults = {"durable": True, "exclusive": False, "auto_delete": False}
    flags = {key: argument_of(queue, key, -1, Const(value=default)) for key, default in defaults.items()}
    yield queue_declared(call, "kombu", name, name, flags, argument_of(queue, "queue_arguments", -1, NONE))
    exchange = argument_of(queue, "exchange", 1, NONE)
    if exchange != NONE:
        key = argument_of(queue, "routing_key", 2, Const(""))
        yield binding(call, "kombu", queue=name, exchange=_exchange(exchange), key=key)


@ADAPTER.methods(_CONNECTION, "drain_events")
def _wait(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, "kombu", "waiting for messages")


@ADAPTER.methods(_MESSAGE, "ack", "reject", "requeue")
def _settle(call: ResolvedCall) -> Iterable[Fact]:
    method = call.name.rpartition(".")[2]
    if method == "ack":
        yield ack(call, "kombu", "ack", requeue=None, is_blocking=True)
    elif method == "requeue":
        yield ack(call, "kombu", "nack", requeue=True, is_blocking=True)
    else:
        yield ack(call, "kombu", "reject", requeue=flag(call, "requeue", 0, default=False), is_blocking=True)
