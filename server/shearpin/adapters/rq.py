"""RQ: functions that workers run, handed over through Redis.

`enqueue(f, ...)` names the function or its dotted path. A job that raises is not run again without `retry=Retry(...)`.
A job whose worker dies is lost unless the queue's registries are watched.

## Handing over
```python
from redis import Redis
from rq import Queue, Retry
from rq.decorators import job

queue = Queue("mails", connection=Redis("redis"))

def mail(address): ...

@job("slow", connection=Redis("redis"))
def report(order): ...

def signed_up(address, order):
    queue.enqueue(mail, address)
    queue.enqueue("billing.close", order, retry=Retry(max=3))
    report.delay(order)
```
```facts
5: ClientCreated redis target=redis://redis:6379/0 costly
13: Publish rq topic=mail key=mails durable=yes blocking
14: Publish rq topic=billing.close key=mails durable=yes blocking
15: Publish rq topic=report key='' durable=yes blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.store import argument_of
from shearpin.adapterkit.tasks import handed_over, handing, sent
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import UNKNOWN, Const, FuncRef

ADAPTER = Adapter("rq", version="3.0.0")

_QUEUE, _JOB = "rq.Queue", "rq.decorators.JobFunction"
#: position of the function; what stands behind it is passed on
_SENDS = {"enqueue": 0, "enqueue_call": 0, "enqueue_at": 1, "enqueue_in": 1}

ADAPTER.alias("rq.queue.Queue", _QUEUE)
ADAPTER.alias("rq.job", "rq.decorators.job")
ADAPTER.models(
    ClassModel(_QUEUE),
    ClassModel(_JOB),
    CallModel("rq.decorators.job", decorated_class=_JOB, decorated_context="task"),
    handing(f"{_JOB}.delay", passes=True),
    *(
        CallModel(
            f"{_QUEUE}.{name}",
            callbacks=(Callback(place, "f", Mode.LATER, context="task", passes_from=place + 1),),
        )
        for name, place in _SENDS.items()
    ),
)


@ADAPTER.methods(_QUEUE, *_SENDS)
def _enqueue(call: ResolvedCall) -> Iterable[Fact]:
    method = call.name.rpartition(".")[2]
    function = call.value("func" if method == "enqueue_call" else "f", _SENDS[method])
    topic = FuncRef(function.function) if isinstance(function, FuncRef) else function
    found = sent(call, "rq", topic, UNKNOWN, is_blocking=True)
    yield msgspec.structs.replace(found, key=argument_of(call.receiver, "name", 0, Const("default")))


@ADAPTER.methods(_JOB, "delay")
def _delay(call: ResolvedCall) -> Iterable[Fact]:
    yield handed_over(call, "rq", call.receiver, "", UNKNOWN)
