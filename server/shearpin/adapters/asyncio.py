"""asyncio: tasks, threads for blocking functions, time limits, pauses.

The loop keeps weak references to tasks only: whoever drops the result of `create_task` may lose the task. A `TaskGroup`
owns its tasks. `wait_for` and `timeout` end what they contain, but never a call that blocks.

## Tasks and limits
```python
import asyncio

async def work(seconds: int) -> None:
    await asyncio.sleep(seconds)

async def main() -> None:
    asyncio.create_task(work(1))
    task = asyncio.ensure_future(work(2))
    async with asyncio.TaskGroup() as group:
        group.create_task(work(3))
    await asyncio.wait_for(work(4), timeout=5)
    async with asyncio.timeout(6):
        await task
```
```facts
4: Sleep {seconds} awaited
7: Spawn task target=work dropped
8: Spawn task target=work
10: Spawn task target=work supervised dropped
11: TimeoutRegion call 5
12: TimeoutRegion with 6
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.effects import region, sleep, spawn
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import NONE

ADAPTER = Adapter("asyncio", version="3.11", distributions=("python",))

_LOOP = "asyncio.AbstractEventLoop"
_GROUP = "asyncio.TaskGroup"
_TASK = "asyncio.Task"
_PLAIN = (
    "Lock",
    "Event",
    "Condition",
    "Semaphore",
    "BoundedSemaphore",
    "Queue",
    "PriorityQueue",
    "LifoQueue",
    "Future",
)

for _module in ("tasks", "locks", "queues", "runners", "taskgroups", "timeouts", "events", "futures", "threads"):
    ADAPTER.alias(f"asyncio.{_module}", "asyncio")
ADAPTER.alias("asyncio.BaseEventLoop", _LOOP)
ADAPTER.models(
    *(ClassModel(f"asyncio.{name}") for name in (*_PLAIN, "Runner")),
    ClassModel(_LOOP),
    ClassModel(_GROUP),
    ClassModel(_TASK, bases=("asyncio.Future",)),
    *(CallModel(f"asyncio.{name}", returns=_LOOP) for name in ("get_event_loop", "get_running_loop", "new_event_loop")),
    *(
        CallModel(name, returns_argument=0, awaits_argument=0)
        for name in ("asyncio.wait_for", "asyncio.run", "asyncio.Runner.run", f"{_LOOP}.run_until_complete")
    ),
    CallModel("asyncio.shield", returns_argument=0, schedules_argument=0),
    *(
        CallModel(name, returns_argument=0, schedules_argument=0)
        for name in ("asyncio.create_task", "asyncio.ensure_future", f"{_LOOP}.create_task", f"{_GROUP}.create_task")
    ),
    CallModel("asyncio.run_coroutine_threadsafe", schedules_argument=0, returns="concurrent.futures.Future"),
    CallModel("asyncio.gather", gathers=True),
    CallModel("asyncio.to_thread", callbacks=(Callback(0, "func", mode=Mode.THREAD, passes_from=1),)),
    CallModel(f"{_LOOP}.run_in_executor", callbacks=(Callback(1, "func", mode=Mode.THREAD, passes_from=2),)),
    *(
        CallModel(
            f"{_LOOP}.{name}", callbacks=(Callback(0, "callback", mode=Mode.TASK, passes_from=1, never_awaits=True),)
        )
        for name in ("call_soon", "call_soon_threadsafe")
    ),
    *(
        CallModel(
            f"{_LOOP}.{name}", callbacks=(Callback(1, "callback", mode=Mode.TASK, passes_from=2, never_awaits=True),)
        )
        for name in ("call_later", "call_at")
    ),
    CallModel(
        f"{_LOOP}.add_signal_handler",
        callbacks=(Callback(1, "callback", mode=Mode.LATER, context="shutdown", passes_from=2, never_awaits=True),),
    ),
    *(
        CallModel(f"{owner}.add_done_callback", callbacks=(Callback(0, "fn", mode=Mode.TASK, never_awaits=True),))
        for owner in (_TASK, "asyncio.Future")
    ),
)


@ADAPTER.calls("asyncio.sleep")
def _sleep(call: ResolvedCall) -> Iterable[Fact]:
    yield sleep(call, "asyncio", call.value("delay", 0), is_blocking=False)


@ADAPTER.calls(
    "asyncio.create_task", "asyncio.ensure_future", f"{_LOOP}.create_task", "asyncio.run_coroutine_threadsafe"
)
def _create_task(call: ResolvedCall) -> Iterable[Fact]:
    """`asyncio.create_task(work())`"""
    yield spawn(call, "asyncio", "task", call.scheduled, is_supervised=False)


@ADAPTER.methods(_GROUP, "create_task")
def _grouped(call: ResolvedCall) -> Iterable[Fact]:
    """`async with TaskGroup() as group: group.create_task(work())`"""
    yield spawn(call, "asyncio", "task", call.scheduled, is_supervised=True)


@ADAPTER.calls("asyncio.wait_for")
def _wait_for(call: ResolvedCall) -> Iterable[Fact]:
    """`await asyncio.wait_for(work(), timeout=5)`; None is no limit."""
    yield region(call, "asyncio", "call", call.value("timeout", 1))


@ADAPTER.calls("asyncio.timeout")
def _timeout(call: ResolvedCall) -> Iterable[Fact]:
    """`async with asyncio.timeout(5):`"""
    yield region(call, "asyncio", "with", call.value("delay", 0, NONE))
