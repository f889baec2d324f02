"""Litestar: handlers by decorator, listed in applications, routers and controllers.

A decorated function is served where an application or router lists it. A controller's `path` stands before the paths of
its methods. Coroutines run on the event loop; plain handlers in a thread with `sync_to_thread=True`, else on the loop.
The other form of a trailing slash is served as well.

## Handlers, routers, controllers
```python
from litestar import Controller, Litestar, Router, get, post, route

@get("/health", sync_to_thread=False)
def health() -> None: ...

@get(["/items", "/things/{name:str}"])
async def items() -> None: ...

class Orders(Controller):
    path = "/orders"

    @post(sync_to_thread=True)
    def create(self) -> None: ...

    @route("/{order_id:int}/files/{file:path}", http_method=["GET", "PUT"])
    async def order(self, order_id: int, file: str) -> None: ...

api = Router(path="/api", route_handlers=[Orders, items])
app = Litestar([health, api])
```
```facts
3: Route GET /health handler=health loop on health
6: Route GET /items handler=items loop on items
6: Route GET /things/{name} handler=items loop on items
12: Route POST '' handler=Orders.create thread on Orders
15: Route GET,PUT /{order_id}/files/{file:path} handler=Orders.order loop on Orders
18: Application router Router@18 prefix=/api
18: Mount Orders on Router@18 prefix=(path)
18: Mount items on Router@18
19: Application Litestar@19 extras=[GET /schema/{rest:path}]
19: Mount health on Litestar@19
19: Mount Router@18 on Litestar@19
```

## What an application holds
```python
import httpx
from litestar import Litestar, Request, get

async def start(app: Litestar) -> None:
    app.state.client = httpx.AsyncClient(base_url="http://stock", timeout=2)

@get("/stock")
async def stock(request: Request) -> None:
    await request.app.state.client.get("/items")

app = Litestar([stock], on_startup=[start], openapi_config=None)
```
```facts
5: ClientCreated http target=http://stock timeout=2(call) costly
7: Route GET /stock handler=stock loop on stock
9: HttpCall GET http://stock/items timeout=2(client) awaited
11: Application Litestar@11
11: Mount stock on Litestar@11
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Basis, basis, decorated, made, text
from shearpin.adapterkit.routes import NO_PREFIX, application, braces, methods_of, mount, route
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, ClassRef, Const, FuncRef, SequenceValue, Value

ADAPTER = Adapter("litestar", version="2.25.0", distributions=("litestar", "starlite"))

_APP = "litestar.Litestar"
_ROUTER = "litestar.Router"
_CONTROLLER = "litestar.Controller"
_STATE = "litestar.datastructures.State"
_VERBS = ("get", "post", "put", "patch", "delete", "head")
_OTHERS = ("route", "websocket", "websocket_listener", "websocket_stream", "asgi")
_CONNECTIONS = ("Request", "WebSocket")

for _spelling, _name in (
    ("litestar.app.Litestar", _APP),
    ("litestar.router.Router", _ROUTER),
    ("litestar.controller.Controller", _CONTROLLER),
    ("litestar.handlers", "litestar"),
    ("litestar.connection", "litestar"),
    ("litestar.datastructures.state.State", _STATE),
    ("starlite.Starlite", _APP),
    ("starlite", "litestar"),
):
    ADAPTER.alias(_spelling, _name)
ADAPTER.models(
    ClassModel(_APP, attributes=(("state", _STATE),)),
    ClassModel(_ROUTER),
    ClassModel(_CONTROLLER),
    ClassModel(_STATE, is_shelf=True),
    *(
        ClassModel(f"litestar.{name}", attributes=(("app", _APP), ("state", "litestar.scope.State")))
        for name in _CONNECTIONS
    ),
    ClassModel("litestar.scope.State", is_shelf=True),
    ClassModel("litestar.Response"),
    *(
        CallModel(f"litestar.{name}", transparent_decorator=True, decorated_context="request")
        for name in (*_VERBS, *_OTHERS)
    ),
)


@ADAPTER.calls(_APP)
def _application(call: ResolvedCall) -> Iterable[Fact]:
    """`Litestar(route_handlers=[orders, OrderController, api])`"""
    place, app = basis(call, "litestar"), made(call)
    extras = () if call.value("openapi_config", -1, Const("")) == NONE else ("GET /schema/{rest:path}",)
    yield application(place, app, prefix=_path(call.value("path", -1, NO_PREFIX)), extras=extras)
    yield from _listed(place, app, call.value("route_handlers", 0, SequenceValue(())))


@ADAPTER.calls(_ROUTER)
def _router(call: ResolvedCall) -> Iterable[Fact]:
    """`Router(path="/api", route_handlers=[orders])`"""
    place, router = basis(call, "litestar"), made(call)
    yield application(place, router, is_router=True, prefix=_path(call.value("path", 0)))
    yield from _listed(place, router, call.value("route_handlers", -1, SequenceValue(())))


@ADAPTER.calls(f"{_APP}.register", f"{_ROUTER}.register")
def _register(call: ResolvedCall) -> Iterable[Fact]:
    """`app.register(OrderController)`"""
    yield from _listed(basis(call, "litestar"), call.receiver, SequenceValue((call.value("value", 0),)))


@ADAPTER.decorates(*(f"litestar.{name}" for name in (*_VERBS, *_OTHERS)))
def _handler(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@get("/orders/{order_id:int}")`, also of several paths"""
    call, name = use.call, use.call.name.rpartition(".")[2]
    methods = (name.upper(),) if name in _VERBS else ("GET",) if name.startswith("websocket") else ("*",)
    if name == "route":
        wanted = call.value("http_method", -1, NONE)
        methods = (str(text(wanted)).upper(),) if text(wanted) else methods_of(wanted, ("*",))
    path = call.argument("path", 0)
    given = call.value("path", 0, NO_PREFIX)
    for written in given.items if isinstance(given, SequenceValue) else (given,):
        yield route(
            decorated(use, "litestar"),
            _owner(use),
            NO_PREFIX if written == NONE else braces(written),
            methods=methods,
            handler=use.function,
            runs=_runs(use),
            kind="ws" if name.startswith("websocket") else "http",
            path_site=path.site if path else None,
        )


def _owner(use: ResolvedDecorator) -> Value:
    """The controller of a method, else the function itself: whoever lists it serves it."""
    if use.target is not None and use.target.owner:
        return ClassRef(use.function.path, use.target.owner)
    return FuncRef(use.function)


def _runs(use: ResolvedDecorator) -> str:
    is_async = use.target is not None and use.target.is_async
    return "thread" if not is_async and use.call.value("sync_to_thread", -1, NONE) == Const(value=True) else "loop"


def _listed(place: Basis, owner: Value | None, handlers: Value) -> Iterator[Fact]:
    for item in handlers.items if isinstance(handlers, SequenceValue) else (handlers,):
        attribute = "path" if isinstance(item, ClassRef) else ""
        yield mount(place, owner, item, NO_PREFIX, prefix_attribute=attribute)


def _path(value: Value) -> Value:
    return NO_PREFIX if value == NONE else braces(value)
