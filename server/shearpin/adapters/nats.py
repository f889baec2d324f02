"""nats-py: NATS on the event loop, core and JetStream.

Core NATS delivers at most once: without a subscriber at that moment a message is gone. JetStream keeps messages and
confirms them; its `publish` waits 5 s for that. A JetStream subscription with a callback acknowledges when the callback
returns; what raises comes again after 30 s, for ever. With `manual_ack`, and with `pull_subscribe`, the code
acknowledges. `request` waits half a second for an answer unless told otherwise.

## Core
```python
import nats

async def mail(message): ...

async def main():
    client = await nats.connect("nats://nats:4222")
    await client.subscribe("orders", queue="mails", cb=mail)
    await client.publish("orders", b"1")
    await client.request("prices", b"1", timeout=2)
    listening = await client.subscribe("audit.*")
    async for message in listening.messages:
        print(message.data)
```
```facts
6: ClientCreated nats target=nats://nats:4222 costly
7: Subscribe nats topic=orders key=mails target=nats://nats:4222 handler=mail auto_ack=yes awaited
8: Publish nats topic=orders key='' target=nats://nats:4222 confirmed=no durable=no awaited
9: RemoteCall nats prices nats://nats:4222 timeout=2(call) awaited
10: Subscribe nats topic=audit.* key='' target=nats://nats:4222 auto_ack=yes awaited
```

## JetStream
```python
import nats
from nats.aio.msg import Msg

async def mail(message): ...

async def bill(message: Msg):
    await message.ack()
    await message.nak()
    await message.nak(delay=30)
    await message.term()

async def main():
    client = await nats.connect(servers=["nats://nats:4222"])
    stream = client.jetstream()
    await stream.publish("orders", b"1")
    await stream.subscribe("orders", durable="mails", cb=mail)
    await stream.subscribe("orders", durable="bills", cb=bill, manual_ack=True)
    pulling = await stream.pull_subscribe("orders", "reports")
    messages = await pulling.fetch(10)
```
```facts
7: Ack ack awaited
8: Ack nack requeue=yes awaited
9: Ack nack awaited
10: Ack reject requeue=no awaited
13: ClientCreated nats target=nats://nats:4222 costly
15: Publish nats topic=orders key='' target=nats://nats:4222 confirmed=yes durable=yes awaited
16: Subscribe nats topic=orders key=mails target=nats://nats:4222 handler=mail auto_ack=no failing=later awaited
17: Subscribe nats topic=orders key=bills target=nats://nats:4222 handler=bill auto_ack=no awaited
18: Subscribe nats topic=orders key=reports target=nats://nats:4222 auto_ack=no awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.effects import remote
from shearpin.adapterkit.messaging import NO_KEY, ack, flag, handler_of, subscribe
from shearpin.adapterkit.store import Store, addresses, argument_of, publish, timeout_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, Timeout
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import NONE, Const, SequenceValue, Value

ADAPTER = Adapter("nats", version="2.16.0", distributions=("nats-py",))

_CLIENT = "nats.aio.client.Client"
_STREAM = "nats.js.JetStreamContext"
_MESSAGE = "nats.aio.msg.Msg"
_LISTENING, _PULLING = "nats.aio.subscription.Subscription", "nats.js.JetStreamContext.PullSubscription"
_MESSAGES = "nats.aio.subscription.messages"

for _spelling, _canonical in {
    "nats.NATS": _CLIENT,
    "nats.aio.client.NATS": _CLIENT,
    "nats.js.client.JetStreamContext": _STREAM,
    "nats.js.client.JetStreamContext.PullSubscription": _PULLING,
}.items():
    ADAPTER.alias(_spelling, _canonical)

ADAPTER.models(
    ClassModel(_CLIENT),
    ClassModel(_STREAM),
    ClassModel(_MESSAGE),
    ClassModel(_MESSAGES, iterates=_MESSAGE, gives_messages=True),
    ClassModel(_LISTENING, attributes=(("messages", _MESSAGES),)),
    ClassModel(_PULLING, bases=(_LISTENING,)),
    CallModel("nats.connect", returns=_CLIENT),
    CallModel(f"{_CLIENT}.jetstream", returns=_STREAM),
    CallModel(f"{_LISTENING}.next_msg", returns=_MESSAGE, receives=True),
    CallModel(f"{_PULLING}.fetch", receives=True),
    CallModel(f"{_STREAM}.pull_subscribe", returns=_PULLING),
    *(
        CallModel(
            f"{owner}.subscribe",
            returns=_LISTENING,
            callbacks=(Callback(2, "cb", Mode.LATER, parameters=(_MESSAGE,), context="consumer"),),
        )
        for owner in (_CLIENT, _STREAM)
    ),
)


def _url(value: Value) -> Value:
    """The first of the servers."""
    servers = argument_of(value, "servers", 0, Const("nats://localhost:4222"))
    return servers.items[0] if isinstance(servers, SequenceValue) and servers.items else servers


STORE = Store("nats", "nats", lambda handle: addresses(handle, {_CLIENT: _url}))


@ADAPTER.calls("nats.connect")
def _connect(call: ResolvedCall) -> Iterable[Fact]:
    created = STORE.created(call, cls=_CLIENT, target=NONE)
    yield msgspec.structs.replace(created, target=_url(created.client))


@ADAPTER.methods(_CLIENT, "publish")
@ADAPTER.methods(_STREAM, "publish")
def _publish(call: ResolvedCall) -> Iterable[Fact]:
    target = STORE.address(call.receiver)
    sent = publish(call, "nats", "nats", topic=call.value("subject", 0), key=NO_KEY, target=target)
    is_kept = call.name.startswith(_STREAM)
    yield msgspec.structs.replace(sent, is_confirmed=is_kept, is_durable=is_kept)


@ADAPTER.methods(_CLIENT, "request")
def _request(call: ResolvedCall) -> Iterable[Fact]:
    limit = timeout_of(call.argument("timeout", 2), Timeout(Const(0.5), "default"))
    where = ("nats", STORE.address(call.receiver), call.value("subject", 0))
    yield remote(call, "nats", where, limit, is_blocking=False)


@ADAPTER.methods(_CLIENT, "subscribe")
def _subscribe(call: ResolvedCall) -> Iterable[Fact]:
    found = subscribe(
        call,
        "nats",
        "nats",
        topic=call.value("subject", 0),
        key=call.value("queue", 1, NO_KEY),
        target=STORE.address(call.receiver),
        handler=handler_of(call.value("cb", 2, NONE)),
    )
    yield msgspec.structs.replace(found, auto_ack=True)


@ADAPTER.methods(_STREAM, "subscribe", "pull_subscribe")
def _stream(call: ResolvedCall) -> Iterable[Fact]:
    pulls = call.name.endswith(".pull_subscribe")
    callback = NONE if pulls else call.value("cb", 2, NONE)
    name = call.value("durable", 1 if pulls else 3, NO_KEY)
    found = subscribe(
        call,
        "nats",
        "nats",
        topic=call.value("subject", 0),
        key=name,
        target=STORE.address(call.receiver),
        handler=handler_of(callback),
    )
    by_code = callback == NONE or flag(call, "manual_ack", -1, default=False)
    # Whatever raises in a callback is delivered again when its time to acknowledge is over.
    yield msgspec.structs.replace(found, auto_ack=False, on_failure="" if by_code else "later")


@ADAPTER.methods(_MESSAGE, "ack", "ack_sync")
def _ack(call: ResolvedCall) -> Iterable[Fact]:
    yield ack(call, "nats", "ack", requeue=None, is_blocking=False)


@ADAPTER.methods(_MESSAGE, "nak", "term")
def _reject(call: ResolvedCall) -> Iterable[Fact]:
    if call.name.endswith(".term"):
        yield ack(call, "nats", "reject", requeue=False, is_blocking=False)
        return
    waits = call.value("delay", 0, NONE) != NONE
    yield ack(call, "nats", "nack", requeue=None if waits else True, is_blocking=False)
