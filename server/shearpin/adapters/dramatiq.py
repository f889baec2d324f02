"""Dramatiq: actors that workers run.

`.send()` and `.send_with_options()` hand over; calling an actor runs it in place. An actor is known by its function's
name unless `actor_name=` says otherwise. A message is acknowledged after the actor has run, and one that fails is put
back up to 20 times with growing pauses unless `max_retries=` says otherwise: actors run at least once.

## Actors and who sends them
```python
import dramatiq
from dramatiq.brokers.redis import RedisBroker

dramatiq.set_broker(RedisBroker(url="redis://redis:6379"))

@dramatiq.actor(max_retries=3)
def mail(address): ...

@dramatiq.actor(actor_name="billing.close", queue_name="slow", max_retries=None)
def close(invoice): ...

@dramatiq.actor
def archive(order): ...

def signed_up(address, invoice):
    mail.send(address)
    close.send_with_options(args=(invoice,), delay=1000)
```
```facts
4: ClientCreated dramatiq target=redis://redis:6379
6: RetryPolicy decorator attempts=4 deadline=None wait=exponential around=mail failures=?
6: TaskDefinition dramatiq mail handler=mail late
9: RetryPolicy decorator attempts=None deadline=None wait=exponential around=close failures=?
9: TaskDefinition dramatiq billing.close handler=close late
12: RetryPolicy decorator attempts=21 deadline=None wait=exponential around=archive failures=?
12: TaskDefinition dramatiq archive handler=archive late
16: Publish dramatiq topic=mail key='' durable=yes blocking
17: Publish dramatiq topic=billing.close key='' durable=yes blocking
```

## Pipelines
```python
import dramatiq

@dramatiq.actor(actor_name="charge", max_retries=0)
def charge(order): ...

@dramatiq.actor(actor_name="mail", max_retries=0)
def mail(order): ...

def close(order):
    dramatiq.pipeline([charge.message(order), mail.message()]).run()
    (charge.message(order) | mail.message()).run()
```
```facts
3: RetryPolicy decorator attempts=1 deadline=None wait=exponential around=charge failures=?
3: TaskDefinition dramatiq charge handler=charge late
6: RetryPolicy decorator attempts=1 deadline=None wait=exponential around=mail failures=?
6: TaskDefinition dramatiq mail handler=mail late
10: Publish dramatiq topic=charge key='' durable=yes blocking
10: Publish dramatiq topic=mail key='' durable=yes blocking
11: Publish dramatiq topic=charge key='' durable=yes blocking
11: Publish dramatiq topic=mail key='' durable=yes blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import decorated, number
from shearpin.adapterkit.effects import retry_policy
from shearpin.adapterkit.store import Store, addresses, argument_of, class_of, made, made_from, owner_of
from shearpin.adapterkit.tasks import definition, handed_over, handing
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel, Mode
from shearpin.facts.value import NONE, UNKNOWN, Const, SequenceValue, Value

ADAPTER = Adapter("dramatiq", version="2.2.1")

_ACTOR = "dramatiq.Actor"
_MESSAGE, _CANVAS = "dramatiq.Message", ("dramatiq.pipeline", "dramatiq.group")
_BROKERS = ("dramatiq.brokers.redis.RedisBroker", "dramatiq.brokers.rabbitmq.RabbitmqBroker")

ADAPTER.alias("dramatiq.actor.actor", "dramatiq.actor")
ADAPTER.alias("dramatiq.actor.Actor", _ACTOR)
ADAPTER.models(
    ClassModel(_ACTOR),
    *(ClassModel(name) for name in _BROKERS),
    ClassModel(_MESSAGE),
    *(ClassModel(name, bases=(_MESSAGE,)) for name in _CANVAS),
    *(CallModel(f"{_ACTOR}.{name}", returns=_MESSAGE) for name in ("message", "message_with_options")),
    CallModel("dramatiq.actor", decorated_class=_ACTOR, decorated_context="task"),
    handing(f"{_ACTOR}.send", passes=True),
    handing(f"{_ACTOR}.send_with_options", passes=False),
    handing(f"{_ACTOR}.__call__", passes=True, mode=Mode.DIRECT),
)


def _url(value: Value) -> Value:
    return argument_of(value, "url", -1, UNKNOWN)


STORE = Store("dramatiq", "dramatiq", lambda handle: addresses(handle, dict.fromkeys(_BROKERS, _url)))


@ADAPTER.calls(*_BROKERS)
def _broker(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=_url(made(call)), is_costly=False)


@ADAPTER.decorates("dramatiq.actor")
def _actor(use: ResolvedDecorator) -> Iterable[Fact]:
    yield definition(use, "dramatiq", "actor_name", UNKNOWN, acks_late=True)
    limit = use.call.value("max_retries", -1, Const(20))
    count = number(limit)
    attempts = Const(int(count) + 1) if count is not None else limit if limit == NONE else UNKNOWN
    yield retry_policy(decorated(use, "dramatiq"), "decorator", (attempts, NONE), "exponential", use.function, None)


@ADAPTER.methods(_ACTOR, "send", "send_with_options")
def _send(call: ResolvedCall) -> Iterable[Fact]:
    yield handed_over(call, "dramatiq", call.receiver, "actor_name", UNKNOWN)


@ADAPTER.methods(_MESSAGE, "run")
def _run(call: ResolvedCall) -> Iterable[Fact]:
    """`dramatiq.pipeline([a.message(), b.message()]).run()`, `(a.message() | b.message()).run()`"""
    children = argument_of(call.receiver, "children", 0, NONE)
    messages = children.items if isinstance(children, SequenceValue) else tuple(made_from(call.receiver))
    actors = [owner_of(message) for message in messages if class_of(message) == _MESSAGE]
    for actor in dict.fromkeys(actor for actor in actors if class_of(actor) == _ACTOR):
        yield handed_over(call, "dramatiq", actor, "actor_name", UNKNOWN)
