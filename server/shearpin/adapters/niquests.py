"""niquests: requests with another engine, blocking or awaited.

A request that reads waits 30 s, one that changes something 120 s, unless the call or the session says otherwise; it is
sent once. `base_url` of a session stands before the path.

## Requests
```python
import niquests

def load():
    niquests.get("http://orders/1")
    with niquests.Session(base_url="http://orders", timeout=5) as session:
        session.post("/orders", json={})

async def load_later():
    await niquests.aget("http://orders/1")
    async with niquests.AsyncSession() as session:
        await session.put("http://orders/1", timeout=3)
```
```facts
4: HttpCall GET http://orders/1 timeout=30(default) blocking
5: ClientCreated http target=http://orders costly
6: HttpCall POST http://orders/orders timeout=5(client) blocking
9: HttpCall GET http://orders/1 timeout=30(default) awaited
10: ClientCreated http costly
11: HttpCall PUT http://orders/1 timeout=3(call) awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Limit, number, to_thread
from shearpin.adapterkit.effects import client_created
from shearpin.adapterkit.http import VERBS, Client, Response, appended, upper
from shearpin.adapterkit.store import argument_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Remedy, Timeout
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Value

ADAPTER = Adapter("niquests", version="3.21.2")

_SESSIONS = ("niquests.Session", "niquests.AsyncSession")
_RESPONSE = "niquests.Response"
_CLIENT = Client(
    "niquests",
    Response(
        checks=("raise_for_status", "ok", "status_code"),
        raising_checks=("raise_for_status",),
        bodies=("json", "text", "content", "iter_content", "iter_lines"),
    ),
)
_SECONDS = {**dict.fromkeys(("GET", "HEAD", "OPTIONS"), 30), **dict.fromkeys(("POST", "PUT", "PATCH", "DELETE"), 120)}
_FUNCTIONS = {f"niquests.{prefix}{name}": name for prefix in ("", "a") for name in VERBS}

ADAPTER.models(
    ClassModel(_RESPONSE),
    *(ClassModel(name) for name in _SESSIONS),
    *(CallModel(name, returns=_RESPONSE) for name in (*_FUNCTIONS, "niquests.request", "niquests.arequest")),
    *(CallModel(f"{cls}.{name}", returns=_RESPONSE) for cls in _SESSIONS for name in (*VERBS, "request")),
)


def _limit(call: ResolvedCall, method: Value) -> Timeout:
    name = upper(method)
    known = _SECONDS.get(str(name.value)) if isinstance(name, Const) else None
    if known is None and call.argument("timeout") is None:
        return UNKNOWN_TIMEOUT
    # A limit of None means the default.
    return Limit(Const(known or 120), client_position=-1, none_is_forever=False).of(call)


def _request(call: ResolvedCall, method: Value, path: Value) -> Fact:
    is_blocking = not call.name.startswith(("niquests.a", "niquests.AsyncSession"))
    base = NONE if call.receiver is None else argument_of(call.receiver, "base_url", -1, NONE)
    retries = Const(0) if call.receiver is None else argument_of(call.receiver, "retries", -1, Const(0))
    check = Remedy("check-status", "after", "{result}.raise_for_status()")
    return _CLIENT.request(
        call,
        method,
        path if base == NONE else appended(base, path),
        _limit(call, method),
        is_blocking=is_blocking,
        raises_on_status=False if call.argument("hooks") is None else None,
        transport_attempts=1 if number(retries) == 0 else None,
        remedies=(check, to_thread("review")) if is_blocking else (check,),
    )


@ADAPTER.calls(*_SESSIONS)
def _session(call: ResolvedCall) -> Iterable[Fact]:
    yield client_created(call, "niquests", call.value("base_url", -1, UNKNOWN))


@ADAPTER.calls(*_FUNCTIONS)
def _function(call: ResolvedCall) -> Iterable[Fact]:
    yield _request(call, Const(_FUNCTIONS[call.name].upper()), call.value("url", 0))


@ADAPTER.calls(*(f"{cls}.{name}" for cls in _SESSIONS for name in VERBS))
def _method(call: ResolvedCall) -> Iterable[Fact]:
    yield _request(call, Const(call.name.rpartition(".")[2].upper()), call.value("url", 0))


@ADAPTER.calls("niquests.request", "niquests.arequest", *(f"{cls}.request" for cls in _SESSIONS))
def _by_name(call: ResolvedCall) -> Iterable[Fact]:
    yield _request(call, call.value("method", 0), call.value("url", 1))
