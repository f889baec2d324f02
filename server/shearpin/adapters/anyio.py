"""anyio, trio and async_timeout: task groups, threads and time limits beside asyncio's own.

`fail_after` raises when its time is over, `move_on_after` goes on silently. A task group owns the tasks it starts.

## Groups and limits
```python
import anyio
import async_timeout

async def work() -> None:
    await anyio.sleep(1)

async def main() -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(work)
    with anyio.fail_after(5):
        await work()
    async with async_timeout.timeout(2):
        await work()
```
```facts
5: Sleep 1 awaited
9: Spawn task target=work supervised dropped
10: TimeoutRegion with 5
12: TimeoutRegion with 2
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import called
from shearpin.adapterkit.effects import region, sleep, spawn
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import NONE

ADAPTER = Adapter("anyio", version="4.16.0", distributions=("anyio", "trio", "async-timeout"))

_GROUPS = ("anyio.abc.TaskGroup", "trio.Nursery")

ADAPTER.models(
    *(ClassModel(name) for name in _GROUPS),
    ClassModel("anyio.CapacityLimiter"),
    ClassModel("anyio.Semaphore"),
    CallModel("anyio.create_task_group", returns=_GROUPS[0]),
    CallModel("trio.open_nursery", returns=_GROUPS[1]),
    *(
        CallModel(f"{group}.{name}", callbacks=(Callback(0, "func", mode=Mode.TASK, passes_from=1),))
        for group in _GROUPS
        for name in ("start_soon", "start")
    ),
    CallModel("anyio.to_thread.run_sync", callbacks=(Callback(0, "func", mode=Mode.THREAD, passes_from=1),)),
    CallModel("trio.to_thread.run_sync", callbacks=(Callback(0, "sync_fn", mode=Mode.THREAD, passes_from=1),)),
    CallModel("anyio.from_thread.run", callbacks=(Callback(0, "func", mode=Mode.TASK, passes_from=1),)),
    CallModel("anyio.run", callbacks=(Callback(0, "func", passes_from=1),)),
    CallModel("trio.run", callbacks=(Callback(0, "async_fn", passes_from=1),)),
)


@ADAPTER.calls("anyio.sleep", "trio.sleep")
def _sleep(call: ResolvedCall) -> Iterable[Fact]:
    yield sleep(call, call.name.partition(".")[0], call.value("delay", 0), is_blocking=False)


@ADAPTER.calls(
    "anyio.fail_after", "anyio.move_on_after", "trio.fail_after", "trio.move_on_after", "async_timeout.timeout"
)
def _limit(call: ResolvedCall) -> Iterable[Fact]:
    """`with anyio.fail_after(5):`, `async with async_timeout.timeout(5):`"""
    name = "seconds" if call.name.startswith("trio") else "delay"
    yield region(call, call.name.partition(".")[0], "with", call.value(name, 0, NONE))


@ADAPTER.calls(*(f"{group}.{name}" for group in _GROUPS for name in ("start_soon", "start")))
def _start(call: ResolvedCall) -> Iterable[Fact]:
    """`group.start_soon(work)`"""
    yield spawn(call, call.name.partition(".")[0], "task", called(call), is_supervised=True)
