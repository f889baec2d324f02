"""What becomes of responses."""

from __future__ import annotations

from textwrap import indent

import pytest

from shearpin.facts.derived import ResponseFate

from ..meaning.notation import opened, source
from .probing import derived_in

HEAD = "import asyncio, httpx, logging, requests, urllib.request\nURL = 'http://a'\n"


#: an address that is nested deeper than a value can be
DEEP = "u = x\n" + "u = [u]\n" * 12


def fates(code: str) -> list[str]:
    """`outcome at the place that relies on it` of each response."""
    session = opened(HEAD + code)
    found = [fact for fact in derived_in(session) if isinstance(fact, ResponseFate)]
    return [fact.outcome + ("" if fact.use is None else f" {source(session, fact.use)}") for fact in found]


BODIES = [
    # tested
    ("r = requests.get(URL)\nr.raise_for_status()\nreturn r.json()", ["tested"]),
    ("r = requests.get(URL)\nif r.status_code != 200:\n    return None\nreturn r.json()", ["tested"]),
    ("r = requests.get(URL)\nif not r.ok:\n    raise E\nreturn r.json()", ["tested"]),
    ("r = requests.get(URL)\nif r:\n    return r.json()", ["tested"]),
    ("r = requests.get(URL)\nassert r.status_code == 200\nreturn r.json()", ["tested"]),
    ("r = requests.get(URL)\nreturn r.json() if r.ok else None", ["tested"]),
    ("r = requests.get(URL)\nmatch r.status_code:\n    case 200:\n        return r.json()", ["tested"]),
    ("r = requests.get(URL)\nwhile r.status_code == 503:\n    pass\nreturn r.json()", ["tested"]),
    ("with requests.Session() as s:\n    r = s.get(URL)\n    r.raise_for_status()\nreturn r.json()", ["tested"]),
    ("return urllib.request.urlopen(URL).read()", ["tested"]),
    ("return requests.get(URL).status_code == 200", ["tested"]),
    ("r = requests.get(URL)\nreturn r.ok", ["tested"]),
    (f"{DEEP}r = requests.post(u)\nif r.status_code != 204:\n    r.raise_for_status()\nreturn {{}}", ["tested"]),
    (f"{DEEP}r = requests.get(u)\nr = x(r)\nreturn r.json()", ["unknown"]),
    # untested
    (f"{DEEP}r = requests.get(u)\nreturn r.json()", ["untested r.json()"]),
    ("return requests.get(URL).json()", ["untested requests.get(URL).json()"]),
    ("r = requests.get(URL)\nreturn r.json()", ["untested r.json()"]),
    ("r = requests.get(URL)\nx = r.text\nreturn x", ["untested r.text"]),
    ("r = requests.get(URL)\nlogging.info(r.status_code)\nreturn r.json()", ["untested r.json()"]),
    ("r = requests.get(URL)\nif x:\n    return r.json()", ["untested r.json()"]),
    ("requests.post(URL)\nreturn {'ok': True}", ["untested return {'ok': True}"]),
    ("requests.post(URL)\nx.state = 'paid'", ["untested x.state = 'paid'"]),
    ("requests.post(URL)\nrequests.post('http://b')\n", ["untested requests.post('http://b')", "unknown"]),
    # unknown
    ("requests.get(URL)", ["unknown"]),
    ("requests.post(URL)", ["unknown"]),
    ("requests.post(URL)\nreturn None", ["unknown"]),
    ("return requests.get(URL)", ["unknown"]),
    ("r = requests.get(URL)\nx(r)", ["unknown"]),
    ("r = requests.get(URL)\nlogging.info(r.text)", ["unknown"]),
    ("return x(requests.get(URL))", ["unknown"]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), BODIES)
def test_in_one_function(body: str, expected: list[str]) -> None:
    assert fates(f"def f(x):\n{indent(body, '    ')}\n") == expected


ASYNC = [
    ("async with httpx.AsyncClient() as c:\n    r = await c.get(URL)\n    return r.json()", ["untested r.json()"]),
    ("async with httpx.AsyncClient() as c:\n    r = await c.get(URL)\n    r.raise_for_status()\n    return r.json()",
     ["tested"]),
    (("async with httpx.AsyncClient() as c:\n    a, b = await asyncio.gather(c.get(URL), c.get(URL))\n"
     "    a.raise_for_status()\n    return b.json()"), ["tested", "untested b.json()"]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), ASYNC)
def test_in_a_coroutine(body: str, expected: list[str]) -> None:
    assert fates(f"async def f(x):\n{indent(body, '    ')}\n") == expected


WRAPPERS = [
    ("def get(): return requests.get(URL)\ndef f(): return get().json()", ["untested get().json()"]),
    ("def get(): return requests.get(URL)\ndef f():\n    r = get()\n    r.raise_for_status()\n    return r.json()",
     ["tested"]),
    (("def get(): return requests.get(URL)\ndef f():\n    r = get()\n    r.raise_for_status()\n"
     "def g(): return get().json()"), ["untested get().json()"]),
    ("def get():\n    r = requests.get(URL)\n    r.raise_for_status()\n    return r\ndef f(): return get().json()",
     ["tested"]),
    ("def pay(): return requests.post(URL).ok\ndef f():\n    pay()\n    return 'paid'",
     ["untested return 'paid'", "tested"]),
    ("def pay(): return requests.post(URL).ok\ndef f():\n    if pay():\n        return 'paid'", ["tested"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), WRAPPERS)
def test_through_wrappers(code: str, expected: list[str]) -> None:
    assert fates(code) == expected
