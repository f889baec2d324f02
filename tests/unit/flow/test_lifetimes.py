"""How long objects live, what becomes of tasks, and which time limits stand around calls."""

from __future__ import annotations

import pytest

from shearpin.facts.fact import BaseEffect, ClientCreated, HttpCall, RemoteCall, Sleep, Spawn
from shearpin.flow.lifetimes import client_lifetime
from shearpin.flow.protections import time_limit
from shearpin.flow.tasks import task_fate

from ..meaning.notation import opened
from .probing import facts_of_kind

HEAD = """\
import anyio, asyncio, functools, httpx, threading, time
from fastapi import FastAPI
app = FastAPI()
URL = "http://a"
"""
ROUTE = "@app.get('/')\nasync def f(x):\n    "
CLIENTS = [
    ("c = httpx.AsyncClient()", "kept"),
    (f"{ROUTE}async with httpx.AsyncClient() as c: await c.get(URL)", "dropped request"),
    (f"{ROUTE}c = httpx.AsyncClient()\n    await c.get(URL)", "dropped request"),
    (f"{ROUTE}await httpx.AsyncClient().get(URL)", "dropped request"),
    (f"{ROUTE}x.client = httpx.AsyncClient()", "kept request"),
    (f"{ROUTE}x(httpx.AsyncClient())", "unknown request"),
    ("c = None\n@app.get('/')\nasync def f(x):\n    global c\n    c = httpx.AsyncClient()", "kept request"),
    ("@functools.lru_cache\ndef f(): return httpx.AsyncClient()", "kept"),
    ("def make(): return httpx.AsyncClient()", "unknown"),
    ("def make(): return httpx.AsyncClient()\n@app.get('/')\nasync def f():\n    c = make()\n    await c.get(URL)",
     "dropped request"),
    ("def make(): return httpx.AsyncClient()\nc = make()", "unknown import"),
    ("class C:\n    def __init__(self): self.c = httpx.AsyncClient()", "kept"),
    ("async def f():\n    async with httpx.AsyncClient() as c: await c.get(URL)", "dropped"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), CLIENTS)
def test_clients(code: str, expected: str) -> None:
    session = opened(HEAD + code)
    (made,) = facts_of_kind(session, ClientCreated)
    assert isinstance(made, ClientCreated)
    found = client_lifetime(session.db, made)

    assert " ".join((found.answer, *sorted(found.contexts))) == expected


BODY = "async def body():\n    async with httpx.AsyncClient() as c: await c.get(URL)\n"
SAFE = "async def body():\n    while True:\n        try:\n            await call()\n        except Exception: pass\n"
CALL = "async def call():\n    async with httpx.AsyncClient() as c: await c.get(URL)\n"
TASKS = [
    (f"{BODY}async def f():\n    asyncio.create_task(body())", "dropped"),
    (f"{BODY}async def f():\n    t = asyncio.create_task(body())", "dropped"),
    (f"{BODY}async def f():\n    t = asyncio.create_task(body())\n    await t", "kept"),
    (f"{BODY}async def f():\n    return asyncio.create_task(body())", "kept"),
    (f"{BODY}async def f(x):\n    x.task = asyncio.create_task(body())", "kept"),
    (f"{BODY}async def f(x):\n    x.append(asyncio.create_task(body()))", "kept"),
    (f"{BODY}t = None\nasync def f():\n    global t\n    t = asyncio.create_task(body())", "unknown"),
    (f"{BODY}async def f():\n    async with asyncio.TaskGroup() as g: g.create_task(body())", "kept"),
    (f"{BODY}async def f():\n    t = asyncio.create_task(body())\n    yield\n    t.cancel()", "unobserved"),
    (f"{CALL}{SAFE}async def f():\n    asyncio.create_task(body())", "kept"),
    ("def body():\n    httpx.get(URL)\ndef f():\n    threading.Thread(target=body).start()", "dropped"),
    (("def body():\n    try: httpx.get(URL)\n    except Exception: pass\ndef f():\n"
     "    threading.Thread(target=body).start()"), "kept"),
    ("def body():\n    httpx.get(URL)\ndef f():\n    t = threading.Thread(target=body)\n    t.start()\n    t.join()",
     "kept"),
    ("def f(x):\n    threading.Thread(target=x).start()", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), TASKS)
def test_tasks(code: str, expected: str) -> None:
    session = opened(HEAD + code)
    (spawn,) = facts_of_kind(session, Spawn)
    assert isinstance(spawn, Spawn)

    assert task_fate(session.db, spawn).answer == expected


GET = "async with httpx.AsyncClient() as c: await c.get(URL)"
LIMITS = [
    (f"async def f():\n    {GET}", "no"),
    (f"async def f():\n    async with asyncio.timeout(3):\n        {GET}", "yes"),
    (f"async def f():\n    async with asyncio.timeout(None):\n        {GET}", "no"),
    (f"async def f():\n    with anyio.fail_after(3):\n        {GET}", "yes"),
    (f"async def f():\n    with anyio.move_on_after(3):\n        {GET}", "yes"),
    ("async def f(c: httpx.AsyncClient):\n    await asyncio.wait_for(c.get(URL), 3)", "yes"),
    ("async def f(c: httpx.AsyncClient):\n    await asyncio.wait_for(c.get(URL), None)", "no"),
    (f"async def f(x):\n    with x:\n        {GET}", "unknown"),
    (f"import unknown\n@unknown.limited\nasync def f():\n    {GET}", "unknown"),
    (f"def limited(f):\n    return f\n@limited\nasync def f():\n    {GET}", "no"),
    (f"def limited(f):\n    return asyncio.wait_for(f, timeout=3)\n@limited\nasync def f():\n    {GET}", "unknown"),
    (f"async def g():\n    {GET}\nasync def f():\n    async with asyncio.timeout(3):\n        await g()", "yes"),
    ((f"async def g():\n    {GET}\nasync def f():\n    async with asyncio.timeout(3):\n        await g()\n"
     "async def h(): await g()"), "no"),
    (f"async def g():\n    {GET}\nasync def f(): await asyncio.wait_for(g(), 3)", "yes"),
    ("async def f():\n    async with asyncio.timeout(3):\n        httpx.get(URL)", "no"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), LIMITS)
def test_time_limits(code: str, expected: str) -> None:
    session = opened(HEAD + code)
    (call,) = facts_of_kind(session, HttpCall)
    assert isinstance(call, BaseEffect)
    assert not isinstance(call, (RemoteCall, Sleep))

    assert time_limit(session.db, call).answer == expected
