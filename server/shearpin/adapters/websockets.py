"""websockets and websocket-client: WebSockets without a framework.

`websockets.connect` waits 10 s for the handshake and raises when it is refused; a server that `serve` starts hands
every connection to one handler, whatever its path. `websocket.create_connection` waits for ever unless it is given a
timeout.

## Clients
```python
import websocket
import websockets
from websockets.sync.client import connect

async def listen():
    async with websockets.connect("ws://prices/feed") as feed:
        async for price in feed:
            print(price)

def once():
    with connect("ws://prices/feed", open_timeout=None) as feed:
        feed.recv(timeout=5)
    websocket.create_connection("ws://prices/feed", timeout=3)
```
```facts
6: HttpCall GET ws://prices/feed timeout=10(default) raises
11: HttpCall GET ws://prices/feed timeout=None(call) raises blocking
13: HttpCall GET ws://prices/feed timeout=3(call) raises blocking
```

## Servers
```python
import asyncio
import websockets

async def feed(connection): ...

async def main():
    async with websockets.serve(feed, "0.0.0.0", 8765):
        await asyncio.Future()
```
```facts
7: Application serve@7
7: Route GET /{path:path} handler=feed loop ws on serve@7
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Limit, basis, function_of, made, to_thread
from shearpin.adapterkit.http import Client, Response
from shearpin.adapterkit.routes import application, route
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, Remedy
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import NONE, Const

ADAPTER = Adapter("websockets", version="17.4", distributions=("websockets", "websocket-client"))

_CONNECT, _SERVE = "websockets.connect", "websockets.serve"
_SYNC_CONNECT, _SYNC_SERVE = "websockets.sync.client.connect", "websockets.sync.server.serve"
_CREATE = "websocket.create_connection"
_ANSWER = Response(checks=(), raising_checks=(), bodies=())
_OPENS = Limit(Const(10), name="open_timeout")
_WAITS = Limit(NONE, position=1)

for _module in ("asyncio.client", "client", "legacy.client"):
    ADAPTER.alias(f"websockets.{_module}.connect", _CONNECT)
for _module in ("asyncio.server", "server", "legacy.server"):
    ADAPTER.alias(f"websockets.{_module}.serve", _SERVE)
ADAPTER.alias("websockets.sync.connect", _SYNC_CONNECT)
_HANDLER = Callback(0, "handler", mode=Mode.LATER, context="request")
ADAPTER.models(
    *(ClassModel(name) for name in (_SERVE, _SYNC_SERVE)),
    *(CallModel(name, callbacks=(_HANDLER,)) for name in (_SERVE, _SYNC_SERVE)),
)


@ADAPTER.calls(_CONNECT, _SYNC_CONNECT)
def _connect(call: ResolvedCall) -> Iterable[Fact]:
    is_blocking = call.name == _SYNC_CONNECT
    remedy = Remedy("set-timeout", "argument", "open_timeout={connect}")
    yield Client("websockets", _ANSWER).request(
        call,
        Const("GET"),
        call.value("uri", 0),
        _OPENS.of(call),
        is_blocking=is_blocking,
        raises_on_status=True,
        remedies=(remedy, to_thread("review")) if is_blocking else (remedy,),
    )


@ADAPTER.calls(_CREATE)
def _create(call: ResolvedCall) -> Iterable[Fact]:
    remedies = (Remedy("set-timeout", "argument", "timeout={read}", grade="review"), to_thread("review"))
    yield Client("websocket-client", _ANSWER).request(
        call,
        Const("GET"),
        call.value("url", 0),
        _WAITS.of(call),
        is_blocking=True,
        raises_on_status=True,
        remedies=remedies,
    )


@ADAPTER.calls(_SERVE, _SYNC_SERVE)
def _serve(call: ResolvedCall) -> Iterable[Fact]:
    place, app = basis(call, "websockets"), made(call)
    yield application(place, app)
    yield route(
        place,
        app,
        Const("/{path:path}"),
        methods=("GET",),
        handler=function_of(call.value("handler", 0)),
        runs="loop" if call.name == _SERVE else "thread",
        kind="ws",
    )
