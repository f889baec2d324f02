"""Celery: tasks that workers run, and the calls that hand them over.

`.delay()`, `.apply_async()`, `send_task("name")` and calling a chain, group or chord send; `.s()` and `signature()`
only describe. A task is known to the broker by `name=`, else by module and function; where the name is not given, the
function itself stands in `topic` and `name`. The queue is `celery` unless routed.

Messages are persistent and sending is retried on connection errors, so a sender can block. There is no retry of a task
without `autoretry_for=` or `self.retry()`: then 3 times after 180 s each, unless told otherwise.

## Tasks and who sends them
```python
import os
from celery import Celery, chain, shared_task

app = Celery("mails", broker=os.environ["BROKER_URL"])

@app.task(name="mails.welcome")
def welcome(address): ...

@shared_task
def archive(order): ...

def signed_up(address, order):
    welcome.delay(address)
    archive.apply_async(args=(order,), queue="slow")
    app.send_task("billing.invoice", args=(order,))
    chain(welcome.s(address), archive.si(order)).apply_async()
    welcome.delay(address).get()
```
```facts
4: ClientCreated celery target=$BROKER_URL
6: TaskDefinition celery mails.welcome handler=welcome target=$BROKER_URL
9: TaskDefinition celery archive handler=archive
13: Publish celery topic=mails.welcome target=$BROKER_URL durable=yes blocking
14: Publish celery topic=archive key=slow durable=yes blocking
15: Publish celery topic=billing.invoice target=$BROKER_URL durable=yes blocking
16: Publish celery topic=mails.welcome target=$BROKER_URL durable=yes blocking
16: Publish celery topic=archive target=$BROKER_URL durable=yes blocking
17: Blocking wait (waiting for the result of a task) blocking
17: Publish celery topic=mails.welcome target=$BROKER_URL durable=yes blocking
```

## Canvas, callbacks and routes
```python
from celery import Celery, chord

app = Celery("shop", broker="redis://cache/0")
app.conf.task_routes = {"mails.*": {"queue": "slow"}}

@app.task(name="shop.pay")
def pay(order): ...

@app.task(name="mails.thank")
def thank(orders): ...

@app.on_after_configure.connect
def plan(sender, **kwargs):
    sender.add_periodic_task(10, pay.s(1))

def close(orders):
    work = chord(pay.s(order) for order in orders)
    work(thank.s())
    pay.apply_async((orders,), link=thank.s())
```
```facts
3: ClientCreated celery target=redis://cache/0
6: TaskDefinition celery shop.pay handler=pay target=redis://cache/0
9: TaskDefinition celery mails.thank handler=thank target=redis://cache/0
14: Publish celery topic=shop.pay durable=yes
18: Publish celery topic=shop.pay target=redis://cache/0 durable=yes blocking
18: Publish celery topic=mails.thank key=slow target=redis://cache/0 durable=yes blocking
19: Publish celery topic=shop.pay target=redis://cache/0 durable=yes blocking
19: Publish celery topic=mails.thank key=slow target=redis://cache/0 durable=yes blocking
```

## Retries
```python
from celery import Celery

app = Celery("mails", broker="redis://cache/0")

@app.task(autoretry_for=(ConnectionError,), retry_backoff=True, max_retries=5)
def deliver(address): ...

@app.task(bind=True, max_retries=None)
def charge(self, order):
    try:
        print(order)
    except ValueError as error:
        raise self.retry(exc=error, countdown=30)
```
```facts
3: ClientCreated celery target=redis://cache/0
5: RetryPolicy decorator attempts=6 deadline=None wait=jitter around=deliver failures=builtins.ConnectionError
5: TaskDefinition celery deliver handler=deliver target=redis://cache/0
8: TaskDefinition celery charge handler=charge target=redis://cache/0
13: RetryPolicy call attempts=None deadline=None wait=fixed around=charge failures=?
```

## Settings and schedules
```python
import os
from celery import Celery

app = Celery("mails", backend="redis://cache/1")
app.conf.broker_url = os.environ["BROKER_URL"]
app.conf.update(
    beat_schedule={
        "cleanup": {"task": "mails.cleanup", "schedule": 60.0},
    },
)
```
```facts
4: ClientCreated celery target=$BROKER_URL
4: ClientCreated redis target=redis://cache/1
8: Publish celery topic=mails.cleanup target=$BROKER_URL durable=yes
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.messaging import blocking, truth
from shearpin.adapterkit.store import (
    Store,
    addresses,
    argument_of,
    blocks,
    class_of,
    made,
    made_from,
    owner_of,
    publish,
)
from shearpin.adapterkit.tasks import routed
from shearpin.facts.call import ResolvedCall, ResolvedDecorator, constructor_value
from shearpin.facts.fact import Fact, Publish, Remedy, RetryPolicy, TaskDefinition
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import (
    NONE,
    UNKNOWN,
    ClassRef,
    Const,
    Env,
    Extern,
    FuncRef,
    Instance,
    MappingValue,
    SequenceValue,
    Template,
    Unknown,
    Value,
)

ADAPTER = Adapter("celery", version="5.7.0")

_APP = "celery.Celery"
_TASK = "celery.Task"
_SHELVED = ("broker_url", "result_backend", "task_acks_late", "beat_schedule", "task_default_queue", "task_routes")
_SIGNATURE = "celery.canvas.Signature"
_CANVAS = ("celery.chain", "celery.group", "celery.chord")
_RESULT = "celery.result.AsyncResult"
_SETTINGS = "celery.app.utils.Settings"
_DECORATORS = (f"{_APP}.task", "celery.shared_task")
_SENDS = ("delay", "apply_async")
_DESCRIBES = ("s", "si", "signature", "subtask", "chunks", "map", "starmap")
_SIGNAL = "celery.utils.dispatch.signal.Signal"
_SIGNALS = ("on_configure", "on_after_configure", "on_after_finalize", "on_after_fork")

# ------------------------------------------------------------------------------------------------------------ models

for _spelling, _canonical in {
    "celery.app.Celery": _APP,
    "celery.app.base.Celery": _APP,
    "celery.app.task.Task": _TASK,
    "celery.app.shared_task": "celery.shared_task",
    "celery.task": "celery.shared_task",
    "celery.Signature": _SIGNATURE,
    "celery.canvas.signature": "celery.signature",
    "celery.subtask": "celery.signature",
    "celery.canvas.chain": _CANVAS[0],
    "celery.canvas.group": _CANVAS[1],
    "celery.canvas.chord": _CANVAS[2],
}.items():
    ADAPTER.alias(_spelling, _canonical)


def _run(mode: Mode, *, passes: bool) -> Callback:
    """The task's own function runs; workers run it in the context of a task."""
    context = "task" if mode is Mode.LATER else ""
    return Callback(-1, "function", mode, context=context, passes_from=0 if passes else -1, of_receiver=True)


ADAPTER.models(
    ClassModel(
        _APP,
        attributes=(("conf", _SETTINGS), *((name, _SIGNAL) for name in _SIGNALS)),
        # `config_from_object("django.conf:settings", namespace="CELERY")` is how Django projects say it.
        from_shelf=(
            *((name, _SETTINGS, name) for name in _SHELVED),
            *((name, "django.conf.settings", f"CELERY_{name.upper()}") for name in _SHELVED),
        ),
    ),
    ClassModel(_SETTINGS, is_shelf=True, shelved_by=("update",)),
    ClassModel(_TASK, attributes=(("app", _APP),)),
    ClassModel(_SIGNATURE),
    *(ClassModel(name, bases=(_SIGNATURE,)) for name in _CANVAS),
    ClassModel(_RESULT),
    ClassModel("celery.result.GroupResult", bases=(_RESULT,)),
    *(
        CallModel(name, decorated_class=_TASK, decorated_context="task", binds_self_by="bind", never_awaits=True)
        for name in _DECORATORS
    ),
    CallModel(f"{_TASK}.delay", returns=_RESULT, callbacks=(_run(Mode.LATER, passes=True),)),
    CallModel(f"{_TASK}.apply_async", returns=_RESULT, callbacks=(_run(Mode.LATER, passes=False),)),
    CallModel(f"{_TASK}.apply", callbacks=(_run(Mode.DIRECT, passes=False),)),
    CallModel(f"{_TASK}.__call__", callbacks=(_run(Mode.DIRECT, passes=True),)),
    CallModel(f"{_TASK}.run", callbacks=(_run(Mode.DIRECT, passes=True),)),
    *(CallModel(f"{_SIGNATURE}.{name}", returns=_RESULT) for name in _SENDS),
    *(CallModel(f"{cls}.{name}", returns=_RESULT) for cls in _CANVAS for name in (*_SENDS, "__call__")),
    *(CallModel(f"{_TASK}.{name}", returns=_SIGNATURE) for name in _DESCRIBES),
    *(CallModel(f"{_SIGNATURE}.{name}", returns_self=True) for name in ("set", "clone")),
    *(CallModel(f"{_SIGNATURE}.{name}", returns=_SIGNATURE) for name in ("on_error", "link", "link_error")),
    ClassModel(_SIGNAL),
    CallModel(
        f"{_SIGNAL}.connect", transparent_decorator=True, decorated_context="startup", decorated_parameters=(_APP,)
    ),
    CallModel("celery.signature", returns=_SIGNATURE),
    CallModel(f"{_APP}.signature", returns=_SIGNATURE),
    CallModel(f"{_APP}.send_task", returns=_RESULT),
)

# --------------------------------------------------------------------------------------------------------- addresses


def _broker(value: Value) -> Value:
    given = argument_of(value, "broker", 9, NONE)
    return argument_of(value, "broker_url", -1) if given == NONE else given


STORE = Store("celery", "celery", lambda handle: addresses(handle, {_APP: _broker}))


def _function(task: Value) -> Value:
    return argument_of(task, "function", -1)


def _task_name(task: Value) -> Value:
    named = argument_of(task, "name", -1, NONE)
    return _plain(_function(task)) if named == NONE or isinstance(named, Unknown) else named


def _plain(function: Value) -> Value:
    """The function alone: who is handed to it as `self` is no part of the name."""
    return FuncRef(function.function) if isinstance(function, FuncRef) else function


def _names(*values: Value | None) -> list[Value]:
    """The tasks that a task, signature or canvas sends, each by its name or its function."""
    found: list[Value] = []
    for item in (item for value in values for item in _described(value)):
        cls = class_of(item)
        if cls == _TASK and isinstance(_function(item), FuncRef):
            found.append(_task_name(item))
        elif cls == _SIGNATURE and isinstance(item, Instance):
            name = argument_of(item, "varies", 0)
            if isinstance(name, Const) and isinstance(name.value, str) and class_of(owner_of(item)) != _TASK:
                found.append(name)
    return list(dict.fromkeys(found)) or [UNKNOWN]


def _described(value: Value | None) -> Iterator[Value]:
    """Everything that a canvas is made of, also in lists: `chord([pay.s(1)], mail.s())`."""
    items = value.items if isinstance(value, SequenceValue) else (value,)
    for item in items:
        for made_of in made_from(item):
            yield made_of
            for arg in made_of.args if isinstance(made_of, Instance) else ():
                if isinstance(arg.value, SequenceValue):
                    yield from _described(arg.value)


# ---------------------------------------------------------------------------------------------------------- handlers


def _send(call: ResolvedCall, name: Value, queue: Value) -> Publish:
    app = next((item for item in _described(call.receiver) if class_of(item) == _APP), None)
    sent = publish(call, "celery", "celery", topic=name, key=queue, target=STORE.address(app))
    return blocks(msgspec.structs.replace(sent, is_durable=True), is_blocking=True, thread_grade="safe")


def _routed(handle: Value | None, name: Value) -> Value:
    """The queue to which the application's `task_routes` send a task by its name."""
    app = next((item for item in _described(handle) if class_of(item) == _APP), None)
    return routed(argument_of(app, "task_routes", -1, NONE), name)


def _own_queue(call: ResolvedCall) -> Value:
    """The queue from which a task's workers take it: `queue=` of the task, its route, else the default."""
    given = call.value("queue", -1, NONE)
    if given == NONE:
        given = _routed(call.receiver, call.value("name", -1, NONE))
    if given not in {NONE, UNKNOWN}:
        return given
    set_ = constructor_value(call.receiver, "task_default_queue", -1, Const("celery"))
    return set_ if isinstance(set_, Const) else Const("celery")


def _queue(call: ResolvedCall) -> Value:
    """The queue or routing key given to this call; unknown when the routes decide."""
    queue = call.value("queue", -1, NONE)
    key = call.value("routing_key", -1, NONE) if queue == NONE else queue
    return UNKNOWN if key == NONE else key


@ADAPTER.calls(_APP)
def _application(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=_broker(made(call)), is_costly=False)
    backend = call.value("backend", 2, call.value("result_backend", -1, NONE))
    protocol = _backend_protocol(backend)
    if protocol:
        created = STORE.created(call, target=backend, is_costly=False)
        yield msgspec.structs.replace(created, protocol=protocol)
    yield from _scheduled(call, call.value("beat_schedule", -1, NONE))


def _backend_protocol(backend: Value) -> str:
    """The store that keeps results, as far as the text of its address says it."""
    text = backend.default if isinstance(backend, Env) else backend
    first = text.parts[0] if isinstance(text, Template) else text
    scheme = str(first.value).split(":")[0].split("+")[0] if isinstance(first, Const) else ""
    return {"redis": "redis", "rediss": "redis", "mongodb": "mongodb", "db": "sql"}.get(scheme, "")


@ADAPTER.methods(_TASK, *_SENDS)
@ADAPTER.methods(_SIGNATURE, *_SENDS)
@ADAPTER.calls(*(f"{cls}.{name}" for cls in _CANVAS for name in (*_SENDS, "__call__")))
def _sent(call: ResolvedCall) -> Iterable[Fact]:
    queue = _queue(call) if call.name.endswith(".apply_async") else UNKNOWN
    # `chord(header)(body)`, and what follows when a task has ended: workers send that.
    given = [call.value("body", 0, NONE)] if call.name.endswith(".__call__") else []
    given += [call.value(name, -1, NONE) for name in ("link", "link_error")]
    also = [value for value in given if value not in {NONE, UNKNOWN}]
    for name in _names(call.receiver, *also):
        yield _send(call, name, _routed(call.receiver, name) if queue == UNKNOWN else queue)


@ADAPTER.methods(_APP, "send_task")
def _send_task(call: ResolvedCall) -> Iterable[Fact]:
    name, queue = call.value("name", 0), _queue(call)
    yield _send(call, name, _routed(call.receiver, name) if queue == UNKNOWN else queue)
    for value in (call.value(option, -1, NONE) for option in ("link", "link_error")):
        if value not in {NONE, UNKNOWN}:
            yield from (_send(call, linked, _routed(call.receiver, linked)) for linked in _names(value))


@ADAPTER.methods(_APP, "add_periodic_task")
def _periodic(call: ResolvedCall) -> Iterable[Fact]:
    for name in _names(call.value("sig", 1)):
        yield blocks(_send(call, name, UNKNOWN), is_blocking=False)


def _scheduled(call: ResolvedCall, schedule: Value) -> Iterable[Fact]:
    """Entries of a literal `beat_schedule` are sent by the scheduler process."""
    for _, entry, _ in schedule.entries if isinstance(schedule, MappingValue) else ():
        for key, name, site in entry.entries if isinstance(entry, MappingValue) else ():
            if key == Const("task"):
                sent = _send(call, name, _routed(made(call), name))
                sent = msgspec.structs.replace(sent, site=site, head=site, target=_broker(made(call)))
                yield blocks(sent, is_blocking=False)


@ADAPTER.methods(_RESULT, "get", "wait", "join", "collect")
def _wait(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, "celery", "waiting for the result of a task")


@ADAPTER.methods(_TASK, "retry")
def _retry(call: ResolvedCall) -> Iterable[Fact]:
    """`self.retry()` raises, so the task starts again; the delay is `countdown` or 180 s."""
    limit = call.value("max_retries", 6, NONE)
    if limit == NONE:
        limit = argument_of(call.receiver, "max_retries", -1, Const(3))
    countdown = call.value("countdown", 5, NONE)
    yield RetryPolicy(
        site=call.site,
        head=call.head,
        function=call.function,
        library="celery",
        form="call",
        attempts=_attempts(limit),
        deadline=NONE,
        wait="fixed" if isinstance(countdown, Const) and call.argument("eta") is None else "unknown",
        around=call.function,
        wait_seconds=180 if countdown == NONE else _delay(countdown),
    )


@ADAPTER.decorates(*_DECORATORS)
def _task(use: ResolvedDecorator) -> Iterable[Fact]:
    call = use.call
    named = call.value("name", -1, NONE)
    yield TaskDefinition(
        site=call.site,
        head=call.head,
        function=use.function,
        library="celery",
        broker="celery",
        name=FuncRef(use.function) if named == NONE else named,
        handler=use.function,
        app=call.receiver if call.receiver is not None else UNKNOWN,
        target=STORE.address(call.receiver),
        queue=_own_queue(call),
        acks_late=_acks_late(call),
        states_ack=_states_ack(call),
    )
    retried = call.value("autoretry_for", -1, NONE)
    if retried != NONE:
        yield _policy(use, retried)


def _states_ack(call: ResolvedCall) -> bool:
    missing = Const("missing")
    given = call.value("acks_late", -1, missing)
    return given != missing or argument_of(call.receiver, "task_acks_late", -1, missing) != missing


def _acks_late(call: ResolvedCall) -> bool | None:
    """Said at the task, else by the application's settings; without either, before the body runs."""
    given = call.value("acks_late", -1, NONE)
    if given != NONE:
        return truth(given)
    if call.receiver is None:
        return None
    return truth(argument_of(call.receiver, "task_acks_late", -1, Const(value=False)))


def _policy(use: ResolvedDecorator, retried: Value) -> RetryPolicy:
    call = use.call
    return RetryPolicy(
        site=call.site,
        head=call.head,
        function=use.function,
        library="celery",
        form="decorator",
        attempts=_attempts(call.value("max_retries", -1, Const(3))),
        deadline=NONE,
        wait=_wait_of(call),
        around=use.function,
        failures=_classes(retried),
        wait_seconds=_delay(call.value("default_retry_delay", -1, Const(180))),
        remedies=(
            Remedy("add-backoff", "argument", "retry_backoff=True"),
            Remedy("retry-on", "argument", "autoretry_for={tuple}", grade="review"),
        ),
    )


def _delay(value: Value) -> float | None:
    is_number = isinstance(value, Const) and isinstance(value.value, (int, float))
    return float(value.value) if is_number and isinstance(value, Const) and value.value is not None else None


def _attempts(limit: Value) -> Value:
    """Tries from retries: None is for ever."""
    if isinstance(limit, Const) and isinstance(limit.value, int):
        return Const(limit.value + 1)
    return limit if limit == NONE else UNKNOWN


def _wait_of(call: ResolvedCall) -> str:
    backoff = truth(call.value("retry_backoff", -1, Const(value=False)))
    jitter = truth(call.value("retry_jitter", -1, Const(value=True)))
    if backoff is None or (backoff and jitter is None):
        return "unknown"
    if not backoff:
        return "fixed"
    return "jitter" if jitter else "exponential"


def _classes(value: Value) -> tuple[str, ...] | None:
    found: list[str] = []
    for item in value.items if isinstance(value, SequenceValue) else (value,):
        if isinstance(item, Extern):
            found.append(item.name)
        elif isinstance(item, ClassRef):
            found.append(f"{item.path}:{item.name}")
        else:
            return None
    return tuple(found)
