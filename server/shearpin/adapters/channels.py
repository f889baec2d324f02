"""Channels: web sockets of Django, listed as URLs of consumers.

`URLRouter` serves a list of its own beside the project's URLs. Methods of `Async...` consumers run on the event loop,
those of the others in threads; what `database_sync_to_async` wraps runs in a thread.

## Consumers
```python
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

class Feed(AsyncWebsocketConsumer):
    async def receive(self, text_data): ...

sockets = [path("feed/<int:room>/", Feed.as_asgi())]
application = ProtocolTypeRouter({"websocket": URLRouter(sockets)})
```
```facts
8: Mount path@8 on app.py default
8: Route GET /feed/{room}/ handler=Feed worker ws on path@8
9: Application URLRouter@9 slash=exact
9: Mount path@8 on URLRouter@9
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import basis, made
from shearpin.adapterkit.routes import NO_PREFIX, application, mount
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import SequenceValue

ADAPTER = Adapter("channels", version="4.3.1")

_ROUTER = "channels.routing.URLRouter"
_CONSUMERS = (
    *("channels.consumer.AsyncConsumer", "channels.consumer.SyncConsumer"),
    "channels.generic.http.AsyncHttpConsumer",
    *(f"channels.generic.websocket.{kind}WebsocketConsumer" for kind in ("", "Json", "Async", "AsyncJson")),
)
_METHODS = ("connect", "disconnect", "receive", "receive_json", "handle")

ADAPTER.models(
    ClassModel(_ROUTER),
    ClassModel("channels.routing.ProtocolTypeRouter"),
    *(ClassModel(name, handlers=_METHODS) for name in _CONSUMERS),
    *(CallModel(f"{name}.as_asgi", returns="channels.view") for name in _CONSUMERS),
)


@ADAPTER.calls(_ROUTER)
def _router(call: ResolvedCall) -> Iterable[Fact]:
    """`URLRouter([path("feed/", Feed.as_asgi())])`"""
    place, app, listed = basis(call, "django"), made(call), call.value("routes", 0)
    yield application(place, app, slash="exact")
    for item in listed.items if isinstance(listed, SequenceValue) else ():
        yield mount(place, app, item, NO_PREFIX)
