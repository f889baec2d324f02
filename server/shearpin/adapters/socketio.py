"""python-socketio: events over one connection, whose first request is HTTP.

## Clients and servers
```python
import socketio

client = socketio.Client()
server = socketio.AsyncServer()

@server.event
async def placed(sid, data): ...

@server.on("paid")
async def settle(sid, data): ...

def run():
    client.connect("http://prices:5000")
```
```facts
13: HttpCall GET http://prices:5000/socket.io/ timeout=?(unknown) raises attempts=? blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import to_thread
from shearpin.adapterkit.http import Client, Response, appended
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import Const

ADAPTER = Adapter("socketio", version="5.18.1", distributions=("python-socketio",))

_CLIENTS = tuple(f"socketio.{name}" for name in ("Client", "AsyncClient", "SimpleClient", "AsyncSimpleClient"))
_SERVERS = ("socketio.Server", "socketio.AsyncServer")
_CLIENT = Client("socketio", Response(checks=(), raising_checks=(), bodies=()))

ADAPTER.models(
    *(ClassModel(name) for name in (*_CLIENTS, *_SERVERS)),
    *(
        CallModel(f"{name}.{method}", transparent_decorator=True, decorated_context="request")
        for name in _SERVERS
        for method in ("event", "on")
    ),
)


@ADAPTER.calls(*(f"{name}.connect" for name in _CLIENTS))
def _connect(call: ResolvedCall) -> Iterable[Fact]:
    is_blocking = "Async" not in call.name
    path = call.value("socketio_path", -1, Const("socket.io"))
    yield _CLIENT.request(
        call,
        Const("GET"),
        appended(call.value("url", 0), appended(path, Const(""))),
        UNKNOWN_TIMEOUT,
        is_blocking=is_blocking,
        raises_on_status=True,
        # It connects again by itself.
        transport_attempts=None,
        remedies=(to_thread("review"),) if is_blocking else (),
    )
