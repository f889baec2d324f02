"""Tasks, threads, waits: which calls block, which functions run, what is owned."""

from __future__ import annotations

import pytest

from shearpin.facts.fact import Blocking, Fact, Sleep, Spawn
from shearpin.facts.model import Mode
from shearpin.meaning.calls import calls

from .loading import Loaded

_HEAD = """
import asyncio, atexit, functools, queue, signal, threading, time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
pool = ThreadPoolExecutor()
def work(*args): ...
async def later(*args): ...
"""


def _facts(code: str) -> list[Fact]:
    body = "".join(f"    {line}\n" for line in code.splitlines())
    return Loaded({"app.py": f"{_HEAD}async def main():\n{body}"}).facts("app.py")


@pytest.mark.parametrize(
    "call",
    [
        "pool.submit(work).result()",
        "threading.Lock().acquire()",
        "threading.Event().wait()",
        "queue.Queue().get()",
        "threading.Thread(target=work).join()",
    ],
)
def test_waits_block(call: str):
    assert [fact.kind for fact in _facts(call) if isinstance(fact, Blocking)] == ["wait"]


@pytest.mark.parametrize(
    "call",
    [
        "threading.Lock().acquire(blocking=False)",
        "queue.Queue().get(block=False)",
        "queue.Queue().get_nowait()",
        "asyncio.Queue().get()",
        "asyncio.Lock().acquire()",
        "asyncio.Event().wait()",
        "asyncio.create_task(later()).result()",
    ],
)
def test_what_does_not_wait_does_not_block(call: str):
    assert [fact for fact in _facts(call) if isinstance(fact, Blocking)] == []


@pytest.mark.parametrize(
    ("call", "kind", "target", "usage"),
    [
        ("asyncio.create_task(later(1))", "task", "later", "dropped"),
        ("task = asyncio.ensure_future(later(1))", "task", "later", "assigned"),
        ("asyncio.get_running_loop().create_task(later(1))", "task", "later", "dropped"),
        ("threading.Thread(target=work).start()", "thread", "work", "dropped"),
        ("thread = threading.Thread(None, work)\nthread.start()", "thread", "work", "assigned"),
        ("threading.Timer(5, work).start()", "thread", "work", "dropped"),
        ("pool.submit(work, 1)", "thread", "work", "dropped"),
    ],
)
def test_what_is_started(call: str, kind: str, target: str, usage: str):
    (found,) = [fact for fact in _facts(call) if isinstance(fact, Spawn)]
    assert (found.kind, found.target.part if found.target else None, found.usage) == (kind, target, usage)


@pytest.mark.parametrize(
    ("call", "mode"),
    [
        ("asyncio.to_thread(work, 1)", Mode.THREAD),
        ("asyncio.get_event_loop().run_in_executor(None, work, 1)", Mode.THREAD),
        ("asyncio.get_event_loop().run_in_executor(pool, functools.partial(work, 1))", Mode.THREAD),
        ("pool.map(work, [1])", Mode.THREAD),
        ("ProcessPoolExecutor().submit(work)", Mode.PROCESS),
        ("asyncio.get_event_loop().call_later(1, work)", Mode.TASK),
        ("signal.signal(signal.SIGTERM, work)", Mode.LATER),
        ("atexit.register(work)", Mode.LATER),
        ("asyncio.run(later())", Mode.DIRECT),
        ("asyncio.create_task(later())", Mode.TASK),
        ("asyncio.wait_for(later(), 1)", Mode.DIRECT),
    ],
)
def test_how_a_function_is_called(call: str, mode: Mode):
    loaded = Loaded({"app.py": f"{_HEAD}async def main():\n    {call}\n"})
    edges = [callee for one in calls(loaded.db, "app.py", "main") for callee in one.callees]
    assert [(edge.function.part in ("work", "later"), edge.mode) for edge in edges] == [(True, mode)]


def test_a_blocking_pause_knows_its_awaited_form():
    (found,) = [fact for fact in _facts("time.sleep(2)") if isinstance(fact, Sleep)]
    (remedy,) = [remedy for remedy in found.remedies if remedy.aim == "to-async"]
    assert (remedy.text, remedy.awaits, remedy.imports) == ("asyncio.sleep", True, ("asyncio.",))
