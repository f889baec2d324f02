"""Which functions a call makes run, and how."""

from __future__ import annotations

from textwrap import dedent

import pytest

from shearpin.facts.call import ResolvedCall

from .notation import all_calls, blocks, edges, opened

HEAD = """\
import asyncio, threading, functools, concurrent.futures, contextlib
from concurrent.futures import ThreadPoolExecutor
import anyio, celery, httpx, pika
from fastapi import BackgroundTasks, Depends, FastAPI
def g(a, b=2): ...
async def c(x): ...
class C:
    def __init__(self, u): ...
    def m(self, x): ...
    def __call__(self, x): ...
    @staticmethod
    def s(x): ...
    @classmethod
    def k(cls, x): ...
    @property
    def p(self): ...
"""
DIRECT = """
def f():  # f -> g(a=1, b=2)
    g(1)

def f(y):  # f -> g(a=<y>, b='x')
    g(b="x", a=y)

def f(y):  # f -> g(a=?, b=?)
    g(*y)

def f():  # f -> g(a=1, b=2)
    h = g
    h(1)

def f():  # f -> g(a=None, b=2); f -> g(a=1, b=2); f -> g(a=3, b=2)
    g(g(1)); g(3)

async def f():  # f -> c(x=1)
    await c(1)

def f():  # f -> C.__init__(self=C(u=1), u=1)
    C(1)

def f():  # f -> C.__init__(self=C(u=1), u=1); f -> C.m(self=C(u=1), x=2)
    C(1).m(2)

def f(o: C):  # f -> C.m(self=<o:C>, x=2)
    o.m(2)

def f(o):  #
    o.m(2)

def f():  # f -> C.s(x=1); f -> C.k(cls=class C, x=2)
    C.s(1); C.k(2)

def f(z):  # f -> g(a=1, b=2); f -> c(x=1)
    (g if z else c)(1)

def f(t):  # f -> g(a=1, b=2)
    {"a": g}["a"](1)

def f():  # f -> g(a=1, b=5)
    functools.partial(g, b=5)(1)

def f():  # f -> f.h(); f -> f()
    def h(): ...
    h(); f()

def f():  # f.h -> g(a=1, b=2); f -> f.h()
    def h():
        g(1)
    h()

def f(z):  # f -> g(a=1, b=2)
    return [g(1) for _ in z]

def f(z):  # f -> g(a=1, b=2); f -> g(a=2, b=2); f -> g(a=3, b=2); f -> g(a=4, b=2)
    if g(1): pass
    while g(2): pass
    for _ in g(3): pass
    assert g(4)

def f(z):  # f -> g(a=1, b=2); f -> g(a=2, b=2)
    with g(1) as x: pass
    raise g(2)

g(1)  # module -> g(a=1, b=2)

class D(C):  # D.m -> C.m(self=<self:D>, x=3); D.__init__ -> C.__init__(self=<self:D>, u=1)
    def m(self): super().m(3)
    def __init__(self): super().__init__(1)

class D:  # D.m -> C.m(self=<self:D>.o, x=2); D.__init__ -> C.__init__(self=C(u=1), u=1)
    def m(self): self.o.m(2)
    def __init__(self, o=None): self.o = o or C(1)

class D:  # D -> g(a=1, b=2)
    x = g(1)

class D(C): ...  # module -> C.__init__(self=D(u=1), u=1); module -> C.m(self=D(u=1), x=2)
D(1).m(2)
"""
INDIRECT = """
async def f():  # f -> thread g(a=1, b=2)
    await asyncio.to_thread(g, 1)

async def f(loop):  # f -> thread g(a=1, b=2)
    await asyncio.get_running_loop().run_in_executor(None, g, 1)

async def f():  # f -> thread g(a=1, b=2)
    await anyio.to_thread.run_sync(g, 1)

def f():  # f -> thread g(b=2)
    threading.Thread(target=g).start()

def f():  # f -> thread g(a=1, b=2)
    with ThreadPoolExecutor() as pool:
        pool.submit(g, 1)

async def f():  # f -> task c(x=1)
    asyncio.create_task(c(1))

async def f():  # f -> task c(x=1)
    asyncio.ensure_future(c(1))

async def f():  # f -> task c(x=1)
    async with asyncio.TaskGroup() as group:
        group.create_task(c(1))

async def f():  # f -> c(x=1); f -> c(x=2)
    await asyncio.gather(c(1), c(2))

async def f():  # f -> c(x=1)
    await asyncio.wait_for(c(1), 3)

def f():  # f -> c(x=1)
    asyncio.run(c(1))

def f():  # f.<lambda> -> g(a=1, b=2); f -> f.<lambda>()
    h = lambda: g(1)
    h()

def f(tasks: BackgroundTasks):  # f -> later g(a=1, b=2) as task
    tasks.add_task(g, 1)

def f():  # f -> later g(a=pika.adapters.blocking_connection.BlockingChannel(), b=pika.spec.Basic.Deliver()) as consumer
    connection = pika.BlockingConnection(pika.URLParameters("amqp://q"))
    connection.channel().basic_consume("q", g)

app = celery.Celery("x")  # f -> later work(n=1) as task; f -> later work() as task
@app.task
def work(n): ...
def f():
    work.delay(1)
    work.apply_async(args=[2])
"""


@pytest.mark.parametrize("code", blocks(DIRECT, INDIRECT))
def test_edges(code: str) -> None:
    expected = code.splitlines()[0].partition("#")[2].strip()

    assert "; ".join(edges(HEAD + code)) == expected


USAGES = [
    ("g()", "dropped"),
    ("await g()", "awaited awaited"),
    ("x = g()", "assigned =x"),
    ("x = await g()", "assigned awaited =x"),
    ("x, y = g()", "assigned"),
    ("x.a = g()", "assigned"),
    ("(x := g())", "assigned =x"),
    ("return g()", "returned"),
    ("return await g()", "returned awaited"),
    ("return g() + 1", "value"),
    ("print(g())", "value"),
    ("with g(): pass", "with"),
    ("with g() as x: pass", "with =x"),
    ("async with g() as x: pass", "with =x"),
    ("if g(): pass", "value"),
    ("g().x", "value"),
    ("yield g()", "value"),
]


@pytest.mark.parametrize(("statement", "expected"), USAGES)
def test_what_becomes_of_the_result(statement: str, expected: str) -> None:
    db = opened(f"def g(): ...\nasync def f(x):\n    {statement}\n").db
    (call,) = (call for call in all_calls(db, "main.py") if call.callees)
    words = [call.usage, "awaited" if call.is_awaited else "", f"={call.result_name}" if call.result_name else ""]

    assert " ".join(filter(None, words)) == expected


def arguments(call: ResolvedCall) -> str:
    given = [f"{arg.name}={getattr(arg.value, 'value', '?')}" for arg in call.args]
    return " ".join((*given, "..." if call.has_open_arguments else "")).strip()


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("g()", ""),
        ("g(1, 2)", "=1 =2"),
        ("g(1, a=2)", "=1 a=2"),
        ("g(*[1, 2])", "=1 =2"),
        ("g(**{'a': 1})", "a=1"),
        ("g(**dict(a=1))", "a=1"),
        ("g(*x)", "..."),
        ("g(1, **x)", "=1 ..."),
        ("g(a=1, **{'b': 2}, **x)", "a=1 b=2 ..."),
    ],
)
def test_arguments(call: str, expected: str) -> None:
    (found,) = all_calls(opened(f"def f(x):\n    {call}\n").db, "main.py")[:1]

    assert arguments(found) == expected


def test_an_object_whose_class_an_annotation_names_is_called() -> None:
    assert edges(HEAD + "def f(o: C):\n    o(2)") == ["f -> C.__call__(self=<o:C>, x=2)"]


def test_defaults_are_calls_of_the_module() -> None:
    code = dedent("""\
        def g(): ...
        def f(x=g()): ...
        class C:
            def m(self, x=g()): ...
        """)

    assert edges(code) == ["f.<head> -> g()", "C.m.<head> -> g()"]


def test_a_lambda_in_a_default_or_decorator_runs_what_it_calls() -> None:
    code = dedent("""\
        def g(): ...
        def d(x): ...
        @d(lambda: g())
        def f(x=lambda: g()): ...
        """)

    assert [found.split(" ", 1)[1] for found in edges(code)] == ["-> g()", "-> g()"]
