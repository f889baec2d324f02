"""google-cloud-pubsub: Google's Pub/Sub, with threads.

`publish` puts a message into a batch and gives a future; only its `result()` proves that the message was taken. A
subscription has a name of its own and gets what is sent to its topic. `subscribe` calls its callback in threads: what
raises is delivered again, what returns without `ack()` comes again when its lease ends, after an hour at most. `pull`
reads once and ends after 60 s; messages that are not acknowledged come again.

## Sending
```python
from google.cloud import pubsub_v1

publisher = pubsub_v1.PublisherClient()
topic = publisher.topic_path("shop", "orders")

def announce(order):
    publisher.publish(topic, b"", kind="placed")
    publisher.publish("projects/shop/topics/orders", b"").result(timeout=5)
```
```facts
3: ClientCreated pubsub target=pubsub costly
7: Publish pubsub topic=orders key='' confirmed=no durable=yes
8: Blocking wait (waiting until a message is taken) blocking
8: Publish pubsub topic=orders key='' durable=yes
```

## Receiving
```python
from google.cloud import pubsub_v1
from google.cloud.pubsub_v1.subscriber.message import Message

subscriber = pubsub_v1.SubscriberClient()
path = subscriber.subscription_path("shop", "mails")

def mail(message: Message):
    if message.data:
        message.ack()
    else:
        message.nack()

def run():
    subscriber.create_subscription(request={"name": path, "topic": "projects/shop/topics/orders"})
    subscriber.subscribe(path, callback=mail).result()

def poll():
    answer = subscriber.pull(request={"subscription": path, "max_messages": 10})
    for received in answer.received_messages:
        subscriber.acknowledge(request={"subscription": path, "ack_ids": [received.ack_id]})
```
```facts
4: ClientCreated pubsub target=pubsub costly
9: Ack ack
11: Ack nack requeue=yes
14: Binding pubsub queue=mails exchange=orders key=''
15: Blocking wait (waiting for messages) blocking
15: Subscribe pubsub topic=mails key='' handler=mail auto_ack=no failing=later
18: Subscribe pubsub topic=mails key='' auto_ack=no blocking
20: Ack ack blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.messaging import NO_KEY, ack, binding, blocking, handler_of, short_name, subscribe
from shearpin.adapterkit.store import Store, argument_of, blocks, class_of, publish
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import NONE, UNKNOWN, Const, MappingValue, Value

ADAPTER = Adapter("google-pubsub", version="2.44.0", distributions=("google-cloud-pubsub",))

_PUBLISHER, _SUBSCRIBER = "google.cloud.pubsub_v1.PublisherClient", "google.cloud.pubsub_v1.SubscriberClient"
_PATH = "google.cloud.pubsub_v1:path"
_MESSAGE = "google.cloud.pubsub_v1.subscriber.message.Message"
_SENT = "google.cloud.pubsub_v1.publisher.futures.Future"
_PULLING = "google.cloud.pubsub_v1.subscriber.futures.StreamingPullFuture"
_NAMED = {f"{_PUBLISHER}.topic_path": "topic", f"{_SUBSCRIBER}.topic_path": "topic"}
_NAMED[f"{_SUBSCRIBER}.subscription_path"] = "subscription"

ADAPTER.alias("google.cloud.pubsub", "google.cloud.pubsub_v1")
ADAPTER.alias("google.cloud.pubsub_v1.publisher.client.Client", _PUBLISHER)
ADAPTER.alias("google.cloud.pubsub_v1.publisher.Client", _PUBLISHER)
ADAPTER.alias("google.cloud.pubsub_v1.subscriber.client.Client", _SUBSCRIBER)
ADAPTER.alias("google.cloud.pubsub_v1.subscriber.Client", _SUBSCRIBER)
ADAPTER.models(
    ClassModel(_PUBLISHER),
    ClassModel(_SUBSCRIBER),
    ClassModel(_MESSAGE),
    ClassModel(_SENT),
    ClassModel(_PULLING),
    *(CallModel(name, returns=_PATH) for name in _NAMED),
    CallModel(f"{_PUBLISHER}.publish", returns=_SENT),
    CallModel(
        f"{_SUBSCRIBER}.subscribe",
        returns=_PULLING,
        callbacks=(Callback(1, "callback", Mode.LATER, parameters=(_MESSAGE,), context="consumer"),),
    ),
    CallModel(f"{_SUBSCRIBER}.pull", receives=True),
)

STORE = Store("google-pubsub", "pubsub", lambda _: Const("pubsub"))


def _given(call: ResolvedCall, name: str) -> Value:
    """An argument that is given by name, or as an entry of the literal `request`."""
    request = call.value("request", 0, NONE)
    if isinstance(request, MappingValue):
        return next((_name(value) for key, value, _ in request.entries if key == Const(name)), UNKNOWN)
    return _name(call.value(name)) if request == NONE else UNKNOWN


def _name(value: Value) -> Value:
    """`orders` for `projects/shop/topics/orders`, also for one that `topic_path` makes."""
    if class_of(value) == _PATH:
        named = [argument_of(value, name, 1, NONE) for name in ("topic", "subscription")]
        return next((item for item in named if item != NONE), UNKNOWN)
    return short_name(value, "/")


@ADAPTER.calls(_PUBLISHER, _SUBSCRIBER)
def _create(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=Const("pubsub"))


@ADAPTER.methods(_PUBLISHER, "publish")
def _publish(call: ResolvedCall) -> Iterable[Fact]:
    topic = _name(call.value("topic", 0))
    sent = publish(call, "google-pubsub", "pubsub", topic=topic, key=NO_KEY, target=UNKNOWN)
    yield msgspec.structs.replace(sent, is_confirmed=False if call.usage == "dropped" else None, is_durable=True)


@ADAPTER.methods(_SENT, "result")
def _sent(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, "google-pubsub", "waiting until a message is taken")


@ADAPTER.methods(_PULLING, "result")
def _listen(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, "google-pubsub", "waiting for messages")


@ADAPTER.methods(_SUBSCRIBER, "create_subscription")
def _bind(call: ResolvedCall) -> Iterable[Fact]:
    queue, topic = _given(call, "name"), _given(call, "topic")
    yield binding(call, "google-pubsub", queue=queue, exchange=topic, key=NO_KEY, broker="pubsub")


@ADAPTER.methods(_SUBSCRIBER, "subscribe")
def _subscribe(call: ResolvedCall) -> Iterable[Fact]:
    found = subscribe(
        call,
        "google-pubsub",
        "pubsub",
        topic=_name(call.value("subscription", 0)),
        key=NO_KEY,
        target=UNKNOWN,
        handler=handler_of(call.value("callback", 1, NONE)),
    )
    yield msgspec.structs.replace(found, auto_ack=False, on_failure="later")


@ADAPTER.methods(_SUBSCRIBER, "pull")
def _pull(call: ResolvedCall) -> Iterable[Fact]:
    topic = _given(call, "subscription")
    found = subscribe(call, "google-pubsub", "pubsub", topic=topic, key=NO_KEY, target=UNKNOWN)
    yield blocks(msgspec.structs.replace(found, auto_ack=False), is_blocking=True, thread_grade="safe")


@ADAPTER.methods(_SUBSCRIBER, "acknowledge")
def _acknowledge(call: ResolvedCall) -> Iterable[Fact]:
    yield ack(call, "google-pubsub", "ack", requeue=None, is_blocking=True)


@ADAPTER.methods(_MESSAGE, "ack", "ack_with_response", "nack", "nack_with_response")
def _settle(call: ResolvedCall) -> Iterable[Fact]:
    refuses = call.name.rpartition(".")[2].startswith("nack")
    kind, requeue = ("nack", True) if refuses else ("ack", None)
    yield ack(call, "google-pubsub", kind, requeue=requeue, is_blocking=False)
