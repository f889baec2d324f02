"""Threads of the standard library: threading, concurrent.futures, queue.

A `Thread` runs from `start()` on. Waiting for a future, a thread, a lock or a queue blocks the thread that waits.

## Threads, pools, waiting
```python
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(4)
jobs: queue.Queue[int] = queue.Queue()

def work() -> None:
    jobs.get()
    jobs.get(block=False)

def main() -> None:
    threading.Thread(target=work, daemon=True).start()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    pool.submit(work).result()
```
```facts
9: Blocking wait (waiting for a queue) blocking
13: Spawn thread target=work dropped
15: Spawn thread target=work
16: Blocking wait (waiting for a thread or process to end) blocking
17: Blocking wait (waiting for a future) blocking
17: Spawn thread target=work
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import called, client_value, function_of
from shearpin.adapterkit.effects import blocking, spawn
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import NONE, Const, Instance

ADAPTER = Adapter("threads", version="3.11", distributions=("python",))

_THREAD = "threading.Thread"
_TIMER = "threading.Timer"
_PROCESS = "multiprocessing.Process"
_FUTURE = "concurrent.futures.Future"
_POOLS = {
    "concurrent.futures.ThreadPoolExecutor": Mode.THREAD,
    "concurrent.futures.ProcessPoolExecutor": Mode.PROCESS,
    "concurrent.futures.Executor": Mode.THREAD,
}
_LOCKS = ("threading.Lock", "threading.RLock", "threading.Semaphore", "threading.BoundedSemaphore")
_QUEUES = ("queue.Queue", "queue.LifoQueue", "queue.PriorityQueue", "queue.SimpleQueue", "multiprocessing.Queue")

for _module in ("thread.ThreadPoolExecutor", "process.ProcessPoolExecutor", "_base.Future", "_base.Executor"):
    ADAPTER.alias(f"concurrent.futures.{_module}", f"concurrent.futures.{_module.rpartition('.')[2]}")
ADAPTER.alias("multiprocessing.context.Process", _PROCESS)
ADAPTER.models(
    *(ClassModel(name) for name in (_THREAD, _PROCESS, *_POOLS, *_LOCKS, *_QUEUES)),
    ClassModel(_TIMER, bases=(_THREAD,)),
    ClassModel(_FUTURE),
    ClassModel("threading.Event"),
    ClassModel("threading.Condition"),
    ClassModel("threading.local"),
    CallModel(_THREAD, callbacks=(Callback(1, "target", mode=Mode.THREAD),)),
    CallModel(_TIMER, callbacks=(Callback(1, "function", mode=Mode.THREAD),)),
    CallModel(_PROCESS, callbacks=(Callback(1, "target", mode=Mode.PROCESS),)),
    *(CallModel(f"{_THREAD}.{name}") for name in ("start", "join")),
    *(
        model
        for pool, mode in _POOLS.items()
        for model in (
            CallModel(f"{pool}.submit", returns=_FUTURE, callbacks=(Callback(0, "fn", mode=mode, passes_from=1),)),
            CallModel(f"{pool}.map", callbacks=(Callback(0, "fn", mode=mode),)),
        )
    ),
    CallModel(f"{_FUTURE}.add_done_callback", callbacks=(Callback(0, "fn", mode=Mode.THREAD, parameters=(_FUTURE,)),)),
)


@ADAPTER.methods(_THREAD, "start")
def _start(call: ResolvedCall) -> Iterable[Fact]:
    """`Thread(target=work).start()`; the thread that is kept in a name counts as kept."""
    thread = call.receiver
    is_inline = isinstance(thread, Instance) and thread.site is not None and thread.site.start == call.site.start
    target = client_value(thread, "target", 1, client_value(thread, "function", 1, NONE))
    usage = call.usage if is_inline else "assigned"
    yield spawn(call, "threading", "thread", function_of(target), is_supervised=False, usage=usage)


@ADAPTER.calls(*(f"{pool}.submit" for pool in _POOLS))
def _submit(call: ResolvedCall) -> Iterable[Fact]:
    """`pool.submit(work, argument)`"""
    yield spawn(call, "concurrent.futures", "thread", called(call), is_supervised=False)


@ADAPTER.methods(_FUTURE, "result", "exception")
def _result(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, "concurrent.futures", "waiting for a future", "wait")


@ADAPTER.calls("concurrent.futures.wait", "concurrent.futures.as_completed")
def _wait(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, "concurrent.futures", "waiting for futures", "wait")


@ADAPTER.calls(f"{_THREAD}.join", f"{_PROCESS}.join")
def _join(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, call.name.partition(".")[0], "waiting for a thread or process to end", "wait", can_fail=False)


@ADAPTER.calls("threading.Event.wait", "threading.Condition.wait", "threading.Condition.wait_for")
def _wait_for_event(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, "threading", "waiting for another thread", "wait", can_fail=False)


@ADAPTER.calls(*(f"{lock}.acquire" for lock in _LOCKS))
def _acquire(call: ResolvedCall) -> Iterable[Fact]:
    """`lock.acquire()`, unless it says that it does not wait"""
    if call.value("blocking", 0, Const(value=True)) != Const(value=False):
        yield blocking(call, "threading", "waiting for a lock", "wait", can_fail=False)


@ADAPTER.calls(*(f"{queue}.get" for queue in _QUEUES))
def _get(call: ResolvedCall) -> Iterable[Fact]:
    """`queue.get()`, unless it says that it does not wait"""
    if call.value("block", 0, Const(value=True)) != Const(value=False):
        can_fail = call.value("timeout", 1, NONE) != NONE
        yield blocking(call, call.name.partition(".")[0], "waiting for a queue", "wait", can_fail=can_fail)
