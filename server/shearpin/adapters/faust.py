"""faust (faust-streaming): agents that read Kafka topics on the event loop.

An agent is handed a stream and goes through it. An event counts as done when the loop asks for the next one, and also
when its body raises: the agent starts again behind it. `send` puts a record into a buffer and gives a future; awaiting
that future waits for the broker. `timer` and `crontab` run again and again, `task` once when the worker starts.

## Agents
```python
import faust

app = faust.App("mails", broker="kafka://kafka:9092")
orders, payments = app.topic("orders", "refunds"), app.topic("payments")

@app.agent(orders)
async def mail(stream):
    async for order in stream:
        await app.send("mails", value=order)

@app.timer(interval=30)
async def remind():
    await payments.send(value=b"")
    await mail.cast(b"")
```
```facts
3: ClientCreated kafka target=kafka://kafka:9092 costly
6: Subscribe kafka topic=orders key=mails target=kafka://kafka:9092 handler=mail auto_ack=no failing=ack
6: Subscribe kafka topic=refunds key=mails target=kafka://kafka:9092 handler=mail auto_ack=no failing=ack
9: Publish kafka topic=mails key='' target=kafka://kafka:9092 durable=yes awaited
13: Publish kafka topic=payments key='' target=kafka://kafka:9092 durable=yes awaited
14: Publish kafka topic=orders key='' target=kafka://kafka:9092 durable=yes awaited
14: Publish kafka topic=refunds key='' target=kafka://kafka:9092 durable=yes awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.kafka import broker_url, send
from shearpin.adapterkit.messaging import subscribe
from shearpin.adapterkit.store import Store, addresses, argument_of, class_of, made, made_from
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Instance, SequenceValue, Value

ADAPTER = Adapter("faust", version="0.15.3", distributions=("faust-streaming", "faust"))

_APP, _TOPIC, _AGENT = "faust.App", "faust.Topic", "faust.Agent"
_SENDS = ("send", "send_soon")
_CASTS = ("cast", "ask", "ask_nowait", *_SENDS)

ADAPTER.alias("faust.app.App", _APP)
ADAPTER.alias("faust.app.base.App", _APP)
ADAPTER.alias("faust.topics.Topic", _TOPIC)
ADAPTER.models(
    ClassModel(_APP),
    ClassModel(_TOPIC, gives_messages=True),
    ClassModel(_AGENT),
    CallModel(f"{_APP}.topic", returns=_TOPIC),
    CallModel(f"{_APP}.agent", decorated_class=_AGENT, decorated_context="consumer"),
    CallModel(f"{_APP}.timer", decorated_context="periodic", transparent_decorator=True),
    CallModel(f"{_APP}.crontab", decorated_context="periodic", transparent_decorator=True),
    CallModel(f"{_APP}.task", decorated_context="startup", transparent_decorator=True),
)


def _broker(value: Value) -> Value:
    given = argument_of(value, "broker", -1, Const("kafka://localhost:9092"))
    first = given.items[0] if isinstance(given, SequenceValue) and given.items else given
    if isinstance(first, Const) and isinstance(first.value, str):
        plain = first.value.partition("://")[2] or first.value
        return broker_url(Const(plain.replace(";", ",")))
    return first


STORE = Store("faust", "kafka", lambda handle: addresses(handle, {_APP: _broker}))


def _topics(value: Value | None) -> tuple[Value, ...]:
    """The topics that a topic object, an agent's channel or a text names."""
    if isinstance(value, Const):
        return (value,)
    for item in made_from(value):
        if class_of(item) == _TOPIC and isinstance(item, Instance):
            found = tuple(arg.value for arg in item.args if arg.name == "")
            return found or (UNKNOWN,)
    return (UNKNOWN,)


def _group(value: Value | None) -> Value:
    """Agents of one application are one consumer group, named like it."""
    app = next((item for item in made_from(value) if class_of(item) == _APP), None)
    return argument_of(app, "id", 0)


@ADAPTER.calls(_APP)
def _app(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=_broker(made(call)))


@ADAPTER.decorates(f"{_APP}.agent")
def _agent(use: ResolvedDecorator) -> Iterable[Fact]:
    call = use.call
    channel = call.value("channel", 0, NONE)
    if channel == NONE:
        # A topic that only this agent knows, named after its module.
        return
    for topic in _topics(channel):
        found = subscribe(
            call,
            "faust",
            "kafka",
            topic=topic,
            key=_group(call.receiver),
            target=STORE.address(call.receiver),
            handler=use.function,
        )
        yield msgspec.structs.replace(found, auto_ack=False, on_failure="ack")


def _sent(call: ResolvedCall, topics: tuple[Value, ...]) -> Iterable[Fact]:
    for topic in topics:
        target = STORE.address(call.receiver)
        yield send(call, "faust", topic=topic, target=target, is_blocking=False, is_confirmed=None)


@ADAPTER.methods(_APP, *_SENDS)
def _send(call: ResolvedCall) -> Iterable[Fact]:
    yield from _sent(call, _topics(call.value("channel", 0)))


@ADAPTER.methods(_TOPIC, *_SENDS)
def _topic_send(call: ResolvedCall) -> Iterable[Fact]:
    yield from _sent(call, _topics(call.receiver))


@ADAPTER.methods(_AGENT, *_CASTS)
def _cast(call: ResolvedCall) -> Iterable[Fact]:
    channel = argument_of(call.receiver, "channel", 0, NONE)
    if channel != NONE:
        yield from _sent(call, _topics(channel))
