"""azure-servicebus: Azure's queues and topics, blocking (`azure.servicebus`) or awaited (`azure.servicebus.aio`).

A sender waits until the broker has the message, and tries 3 times more. A receiver locks what it reads (`PEEK_LOCK`):
without `complete_message` it comes again, 10 times unless the queue says otherwise, then it is set aside. With
`RECEIVE_AND_DELETE` it is gone when it is delivered.

## Blocking
```python
import os
from azure.servicebus import ServiceBusClient, ServiceBusMessage

client = ServiceBusClient.from_connection_string(os.environ["BUS"])

def announce():
    with client.get_topic_sender(topic_name="orders") as sender:
        sender.send_messages(ServiceBusMessage("x"))

def consume():
    with client.get_subscription_receiver("orders", "mails", max_wait_time=5) as receiver:
        for message in receiver:
            receiver.complete_message(message)
            receiver.abandon_message(message)
            receiver.dead_letter_message(message)
```
```facts
4: ClientCreated servicebus target=$BUS costly
8: Publish servicebus topic=orders key='' target=$BUS confirmed=yes durable=yes blocking
11: Subscribe servicebus topic=orders key=mails target=$BUS auto_ack=no
13: Ack ack blocking
14: Ack nack blocking
15: Ack reject requeue=no blocking
```

## Awaited
```python
from azure.servicebus import ServiceBusReceiveMode
from azure.servicebus.aio import ServiceBusClient

async def run(credential):
    async with ServiceBusClient("shop.servicebus.windows.net", credential) as client:
        sender = client.get_queue_sender("orders")
        await sender.send_messages([])
        receiver = client.get_queue_receiver("orders", receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE)
        for message in await receiver.receive_messages(max_message_count=10):
            print(message)
```
```facts
5: ClientCreated servicebus target=shop.servicebus.windows.net costly
7: Publish servicebus topic=orders key='' target=shop.servicebus.windows.net confirmed=yes durable=yes awaited
8: Subscribe servicebus topic=orders key='' target=shop.servicebus.windows.net auto_ack=yes
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.messaging import NO_KEY, ack, subscribe
from shearpin.adapterkit.store import Store, argument_of, blocks, class_of, made, made_from, publish
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Extern, Field, Value

ADAPTER = Adapter("azure-servicebus", version="7.15.0")

_PACKAGES = ("azure.servicebus", "azure.servicebus.aio")
_BY_TEXT = ":text"
_SENDERS, _RECEIVERS = ("get_queue_sender", "get_topic_sender"), ("get_queue_receiver", "get_subscription_receiver")
_SETTLING = {
    "complete_message": ("ack", None),
    # How often a message comes back is counted, and limited.
    "abandon_message": ("nack", None),
    "defer_message": ("nack", None),
    "dead_letter_message": ("reject", False),
}


def _address(handle: Value | None) -> Value:
    for item in made_from(handle):
        cls = class_of(item)
        if cls.endswith(f".ServiceBusClient{_BY_TEXT}"):
            return argument_of(item, "conn_str", 0)
        if cls.endswith(".ServiceBusClient"):
            return argument_of(item, "fully_qualified_namespace", 0)
    return UNKNOWN


STORE = Store("azure-servicebus", "servicebus", _address)


def _is_blocking(call: ResolvedCall) -> bool:
    return not call.name.startswith("azure.servicebus.aio.")


def _create(call: ResolvedCall) -> Iterable[Fact]:
    cls = call.name
    if cls.endswith(".from_connection_string"):
        cls = cls.removesuffix(".from_connection_string") + _BY_TEXT
    yield STORE.created(call, cls=cls, target=_address(made(call, cls)))


def _entity(handle: Value | None) -> tuple[Value, Value]:
    """Queue or topic of a sender or receiver, and the subscription."""
    name = argument_of(handle, "queue_name", 0, NONE)
    name = argument_of(handle, "topic_name", 0) if name == NONE else name
    is_queue = argument_of(handle, "queue_name", -1, NONE) != NONE
    subscription = NO_KEY if is_queue else argument_of(handle, "subscription_name", 1, NO_KEY)
    return name, subscription


def _send(call: ResolvedCall) -> Iterable[Fact]:
    topic, _ = _entity(call.receiver)
    target = _address(call.receiver)
    sent = publish(call, "azure-servicebus", "servicebus", topic=topic, key=NO_KEY, target=target)
    sent = msgspec.structs.replace(sent, is_confirmed=True, is_durable=True)
    yield blocks(sent, is_blocking=_is_blocking(call))


def _receiver(call: ResolvedCall) -> Iterable[Fact]:
    receiver = made(call, f"{call.name.rpartition('.')[0].rpartition('.')[0]}.ServiceBusReceiver")
    topic, key = _entity(receiver)
    found = subscribe(call, "azure-servicebus", "servicebus", topic=topic, key=key, target=_address(call.receiver))
    auto_ack = _deletes(call.value("receive_mode", -1, Const("peeklock")))
    yield msgspec.structs.replace(found, auto_ack=auto_ack, handle=receiver)


def _deletes(mode: Value) -> bool | None:
    if isinstance(mode, Const):
        return mode == Const("receiveanddelete")
    name = mode.name if isinstance(mode, (Extern, Field)) else ""
    last = name.rpartition(".")[2]
    return {"RECEIVE_AND_DELETE": True, "PEEK_LOCK": False}.get(last)


def _settle(call: ResolvedCall) -> Iterable[Fact]:
    kind, requeue = _SETTLING[call.name.rpartition(".")[2]]
    yield ack(call, "azure-servicebus", kind, requeue=requeue, is_blocking=_is_blocking(call))


for _package in _PACKAGES:
    _client, _sender = f"{_package}.ServiceBusClient", f"{_package}.ServiceBusSender"
    _taker = f"{_package}.ServiceBusReceiver"
    ADAPTER.models(
        ClassModel(_client),
        ClassModel(_client + _BY_TEXT, bases=(_client,)),
        ClassModel(_sender),
        ClassModel(_taker, gives_messages=True),
        CallModel(f"{_client}.from_connection_string", returns=_client + _BY_TEXT),
        *(CallModel(f"{_client}.{name}", returns=_sender) for name in _SENDERS),
        *(CallModel(f"{_client}.{name}", returns=_taker) for name in _RECEIVERS),
        CallModel(f"{_taker}.receive_messages", receives=True),
    )
    ADAPTER.calls(_client, f"{_client}.from_connection_string")(_create)
    ADAPTER.methods(_client, *_RECEIVERS)(_receiver)
    ADAPTER.methods(_sender, "send_messages", "schedule_messages")(_send)
    ADAPTER.methods(_taker, *_SETTLING)(_settle)
