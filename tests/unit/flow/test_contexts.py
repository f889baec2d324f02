"""In which contexts functions run, and what they do there."""

from __future__ import annotations

import pytest

from shearpin.facts.derived import LoopBlock
from shearpin.flow.contexts import contexts
from shearpin.flow.effects import blocking_effects, synchronous_effects
from shearpin.flow.loop_blocking import runs_on_loop
from shearpin.flow.regions import enclosing

from ..meaning.notation import opened, source
from .probing import at, derived_in

CONTEXTS = [
    ("def f(): ...", ""),
    ("def f(): ...\nf()", "import"),
    ("def f(): ...\nif __name__ == '__main__':\n    f()", "cli"),
    ("from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef f(): ...", "request"),
    ("from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef a(): f()\ndef f(): ...", "request"),
    ("from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef a(): b()\ndef b(): f()\ndef f(): ...\nf()",
     "import request"),
    ("from fastapi import FastAPI, Depends\napp = FastAPI()\ndef f(): ...\n@app.get('/')\ndef a(x=Depends(f)): ...",
     "request"),
    ("from fastapi import FastAPI\napp = FastAPI()\n@app.on_event('startup')\ndef f(): ...", "startup"),
    ("from celery import Celery\napp = Celery('x')\n@app.task\ndef f(): ...", "task"),
    (("from celery import Celery\nfrom fastapi import FastAPI\napp = Celery('x')\nweb = FastAPI()\n@app.task\n"
     "def work(): f()\ndef f(): ...\n@web.get('/')\ndef a(): work.delay()"), "task"),
    (("import asyncio\nfrom fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\nasync def a():\n"
     "    await asyncio.to_thread(f)\ndef f(): ..."), "request"),
    (("import asyncio\nfrom fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\nasync def a():\n"
     "    asyncio.create_task(f())\nasync def f(): ..."), "request"),
    ("def f(): g()\ndef g(): f()", ""),
    ("def f(): g()\ndef g(): f()\ng()", "import"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), CONTEXTS)
def test_contexts(code: str, expected: str) -> None:
    assert " ".join(sorted(contexts(opened(code).db, at("f")))) == expected


ON_LOOP = [
    ("async def f(): ...", True),
    ("def f(): ...", False),
    ("from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef f(): ...", False),
    ("from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\nasync def f(): ...", True),
    ("f = lambda: 1", False),
]


@pytest.mark.parametrize(("code", "expected"), ON_LOOP)
def test_on_the_loop(code: str, expected: bool) -> None:
    assert runs_on_loop(opened(code).db, at("f")) is expected


HEAD = "import asyncio, httpx, requests, time\n"
EFFECTS = [
    ("def f(): ...", []),
    ("def f(): requests.get('http://a'); time.sleep(1)", ["HttpCall", "Sleep"]),
    ("def f(): g()\ndef g(): time.sleep(1)", ["g() Sleep"]),
    ("def f(): g()\ndef g(): h()\ndef h(): time.sleep(1)", ["g() h() Sleep"]),
    ("def f(): h(); g()\ndef g(): h()\ndef h(): time.sleep(1)", ["h() Sleep"]),
    ("def f(): f(); time.sleep(1)", ["Sleep"]),
    ("def f(): g(); time.sleep(1)\ndef g(): f(); requests.get('http://a')", ["g() HttpCall", "Sleep"]),
    ("async def f(): await g()\nasync def g(): await asyncio.sleep(1)", ["g() Sleep"]),
    ("async def f(): await asyncio.to_thread(g)\ndef g(): time.sleep(1)", []),
    ("async def f(): asyncio.create_task(g())\nasync def g(): await asyncio.sleep(1)", ["Spawn"]),
    ("def f():\n    def g(): time.sleep(1)", []),
    ("def f():\n    def g(): time.sleep(1)\n    g()", ["g() Sleep"]),
    ("class C:\n    def m(self): time.sleep(1)\ndef f(): C().m()", ["C().m() Sleep"]),
]


def reached(code: str, *, blocking: bool) -> list[str]:
    session = opened(HEAD + code)
    found = (blocking_effects if blocking else synchronous_effects)(session.db, at("f"))
    return [" ".join((*(source(session, hop.site) for hop in item.hops), type(item.effect).__name__)) for item in found]


@pytest.mark.parametrize(("code", "expected"), EFFECTS)
def test_synchronous_effects(code: str, expected: list[str]) -> None:
    assert reached(code, blocking=False) == expected


BLOCKING = [
    ("def f(): time.sleep(1)", ["Sleep"]),
    ("async def f(): await asyncio.sleep(1)", []),
    ("def f(): g()\ndef g(): requests.get('http://a')", ["g() HttpCall"]),
    ("def f(): g(); h()\ndef g(): h()\ndef h(): time.sleep(1)", ["h() Sleep"]),
    ("def f(): g()\nasync def g(): time.sleep(1)", []),
    ("def f(): g()\ndef g(): time.sleep(1); f()", ["g() Sleep"]),
]


@pytest.mark.parametrize(("code", "expected"), BLOCKING)
def test_blocking_effects(code: str, expected: list[str]) -> None:
    assert reached(code, blocking=True) == expected


LOOP_BLOCKS = [
    ("async def f(): time.sleep(1)", ["time.sleep(1)"]),
    ("async def f(): await asyncio.sleep(1)", []),
    ("async def f(): g()\ndef g(): requests.get('http://a')", ["g() movable"]),
    ("async def f(): g()\ndef g(): h()\ndef h(): time.sleep(1)", ["g() movable"]),
    ("async def f(): await asyncio.to_thread(g)\ndef g(): time.sleep(1)", []),
    ("async def f(): await g()\nasync def g(): time.sleep(1)", ["time.sleep(1)"]),
    ("def f(): time.sleep(1)", []),
    ("s = requests.Session()\nasync def f(): s.get('http://a')", ["s.get('http://a')"]),
    ("s = requests.Session()\nasync def f(): g()\ndef g(): s.get('http://a')", ["g()"]),
    ("class C:\n    async def f(self): self.g()\n    def g(self): time.sleep(1)", ["self.g()"]),
    ("async def f():\n    async with httpx.AsyncClient() as c: await c.get('http://a')", []),
]


@pytest.mark.parametrize(("code", "expected"), LOOP_BLOCKS)
def test_blocked_loops(code: str, expected: list[str]) -> None:
    session = opened(HEAD + code)
    found = [fact for fact in derived_in(session) if isinstance(fact, LoopBlock)]
    shown = [f"{source(session, fact.site)}{' movable' if fact.is_movable and fact.hops else ''}" for fact in found]

    assert shown == expected


REGIONS = [
    ("if c: HERE", "then"),
    ("if c: pass\nelse: HERE", "else"),
    ("if c: pass\nelif d: HERE", "else then"),
    ("for x in y: HERE", "for"),
    ("for x in y: pass\nelse: HERE", "else"),
    ("while c: HERE", "while"),
    ("try: HERE\nexcept E: pass", "try"),
    ("try: pass\nexcept E: HERE", "handler"),
    ("try: pass\nexcept E: pass\nelse: HERE\nfinally: pass", "try-else"),
    ("try: pass\nfinally: HERE", "finally"),
    ("with x: HERE", "with"),
    ("match c:\n    case 1: HERE", "case"),
    ("with x:\n    for y in z:\n        try: HERE\n        finally: pass", "with for try"),
    ("def g():\n    for x in y: pass\nHERE", ""),
    ("for x in HERE: pass", ""),
]


@pytest.mark.parametrize(("body", "expected"), REGIONS)
def test_regions(body: str, expected: str) -> None:
    code = "def f():\n" + "".join(f"    {line}\n" for line in body.splitlines())

    found = enclosing(opened(code).db, at("f"), code.index("HERE"))

    assert " ".join(region.kind for region in found) == expected
