"""Starlette: applications, routers and routes written as lists, requests, background tasks and thread pools.

Plain functions run in a pool of threads, coroutine functions on the event loop. The other form of a trailing slash is
redirected. `Mount` serves another application under a prefix. `TestClient` calls the application in the same process.

## Routes as a list
```python
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount, Route

async def orders(request: object) -> None: ...

async def health(request: object) -> None: ...

app = Starlette(
    routes=[
        Route("/health", health),
        Mount("/api", routes=[Route("/orders/{order_id:uuid}", orders, methods=["PUT"])]),
    ]
)
app.add_middleware(CORSMiddleware, allow_origins=["*"])
```
```facts
9: Application Starlette@9
9: Mount Mount@12 on Starlette@9 prefix=/api
9: Route GET,HEAD /health handler=health thread on Starlette@9
9: Route PUT /orders/{order_id} handler=orders thread on Mount@12
15: Middleware cors on Starlette@9
```

## Threads and background tasks
```python
import time
from starlette.background import BackgroundTasks
from starlette.concurrency import run_in_threadpool

def work(seconds: int) -> None:
    time.sleep(seconds)

async def handler(tasks: BackgroundTasks) -> None:
    await run_in_threadpool(work, 2)
    tasks.add_task(work, 3)
```
```facts
6: Sleep {seconds} blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Basis, argument_of, basis, class_name, decorated, made
from shearpin.adapterkit.routes import application, braces, handler_of, methods_of, mount, route, runs_in
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact, Middleware
from shearpin.facts.model import Callback, CallModel, ClassModel, EnvRead, Mode
from shearpin.facts.site import FunctionId
from shearpin.facts.value import NONE, UNKNOWN, Extern, SequenceValue, Value

ADAPTER = Adapter("starlette", version="1.10.0")

_APP = "starlette.applications.Starlette"
_ROUTER = "starlette.routing.Router"
_ROUTE = "starlette.routing.Route"
_MOUNT = "starlette.routing.Mount"
_SOCKET_ROUTE = "starlette.routing.WebSocketRoute"
_REQUEST = "starlette.requests.Request"
_SOCKET = "starlette.websockets.WebSocket"
_OWNERS = (_APP, _ROUTER)
_TASKS = "starlette.background.BackgroundTasks"
_TASK = "starlette.background.BackgroundTask"
_POOL = "starlette.concurrency.run_in_threadpool"

for _spelling, _name in (
    ("fastapi.Request", _REQUEST),
    ("fastapi.requests.Request", _REQUEST),
    ("fastapi.WebSocket", _SOCKET),
    ("fastapi.websockets.WebSocket", _SOCKET),
    ("fastapi.BackgroundTasks", _TASKS),
    ("fastapi.background.BackgroundTasks", _TASKS),
    ("fastapi.concurrency.run_in_threadpool", _POOL),
    ("fastapi.testclient.TestClient", "starlette.testclient.TestClient"),
    ("fastapi.responses", "starlette.responses"),
    ("fastapi.Response", "starlette.responses.Response"),
    ("fastapi.middleware.cors.CORSMiddleware", "starlette.middleware.cors.CORSMiddleware"),
    ("fastapi.staticfiles.StaticFiles", "starlette.staticfiles.StaticFiles"),
):
    ADAPTER.alias(_spelling, _name)

_LIFESPAN = Callback(-1, "lifespan", mode=Mode.LATER, parameters=(_APP,), context="startup")


def _endpoint(position: int, *parameters: str) -> tuple[Callback, ...]:
    return (Callback(position, "endpoint", mode=Mode.LATER, parameters=parameters, context="request"),)


ADAPTER.models(
    ClassModel(_APP, attributes=(("state", "starlette.datastructures.State"), ("router", _ROUTER))),
    ClassModel(_ROUTER),
    ClassModel(_ROUTE),
    ClassModel(_MOUNT),
    ClassModel(_SOCKET_ROUTE),
    ClassModel("starlette.endpoints.HTTPEndpoint"),
    ClassModel("starlette.datastructures.State", is_shelf=True),
    ClassModel("starlette.datastructures.Headers"),
    ClassModel(_REQUEST, attributes=(("app", _APP), ("state", "starlette.datastructures.State"))),
    ClassModel(_SOCKET, attributes=(("app", _APP), ("state", "starlette.datastructures.State"))),
    ClassModel(_TASKS),
    ClassModel(_TASK),
    ClassModel("starlette.testclient.TestClient"),
    ClassModel("starlette.staticfiles.StaticFiles"),
    ClassModel("starlette.middleware.Middleware"),
    *(
        ClassModel(f"starlette.responses.{name}Response")
        for name in ("", "JSON", "HTML", "PlainText", "Streaming", "Redirect", "File")
    ),
    CallModel(_APP, callbacks=(_LIFESPAN,)),
    CallModel(_ROUTER, callbacks=(_LIFESPAN,)),
    CallModel(_ROUTE, callbacks=_endpoint(1, _REQUEST)),
    CallModel(_SOCKET_ROUTE, callbacks=_endpoint(1, _SOCKET)),
    CallModel(_POOL, callbacks=(Callback(0, "func", mode=Mode.THREAD, passes_from=1),)),
    CallModel(f"{_TASKS}.add_task", callbacks=(Callback(0, "func", mode=Mode.LATER, context="task", passes_from=1),)),
    CallModel(_TASK, callbacks=(Callback(0, "func", mode=Mode.LATER, context="task", passes_from=1),)),
    *(
        model
        for owner in _OWNERS
        for model in (
            CallModel(f"{owner}.route", transparent_decorator=True, decorated_context="request"),
            CallModel(f"{owner}.websocket_route", transparent_decorator=True, decorated_context="request"),
            CallModel(f"{owner}.middleware", transparent_decorator=True, decorated_context="request"),
            CallModel(f"{owner}.exception_handler", transparent_decorator=True, decorated_context="request"),
            CallModel(f"{owner}.on_event", transparent_decorator=True, decorated_context="startup"),
            CallModel(f"{owner}.mount"),
            CallModel(f"{owner}.add_middleware"),
            CallModel(
                f"{owner}.add_route",
                callbacks=(Callback(1, "route", mode=Mode.LATER, parameters=(_REQUEST,), context="request"),),
            ),
            CallModel(
                f"{owner}.add_websocket_route",
                callbacks=(Callback(1, "route", mode=Mode.LATER, parameters=(_SOCKET,), context="request"),),
            ),
            CallModel(
                f"{owner}.add_event_handler", callbacks=(Callback(1, "func", mode=Mode.LATER, context="startup"),)
            ),
            CallModel(
                f"{owner}.add_exception_handler",
                callbacks=(Callback(1, "handler", mode=Mode.LATER, context="request"),),
            ),
        )
    ),
    ClassModel("starlette.config.Config"),
    # `Config(env_prefix=...)` is not followed: such a name stays without its prefix.
    EnvRead("starlette.config.Config.__call__", default_position=2),
    EnvRead("starlette.config.Config.get", default_position=2),
)


@ADAPTER.calls(_APP, _ROUTER)
def _construction(call: ResolvedCall) -> Iterable[Fact]:
    """`Starlette(routes=[Route("/orders", orders), Mount("/admin", app=admin)])`"""
    place, app = basis(call, "starlette"), made(call)
    yield application(place, app, is_router=call.name == _ROUTER)
    routes = call.value("routes", 0 if call.name == _ROUTER else 1, NONE)
    yield from _listed(place, app, routes)


def _listed(place: Basis, app: Value, routes: Value) -> Iterator[Fact]:
    for item in routes.items if isinstance(routes, SequenceValue) else ():
        name = class_name(item)
        path = argument_of(item, "path", 0)
        if name in (_ROUTE, _SOCKET_ROUTE):
            handler, kind = handler_of(argument_of(item, "endpoint", 1))
            usual = _usual(handler, argument_of(item, "endpoint", 1))
            methods = methods_of(argument_of(item, "methods", 2, NONE), usual)
            if name == _SOCKET_ROUTE:
                methods, kind = ("GET",), "ws"
            elif kind == "class":
                methods = ("*",)
            yield route(place, app, braces(path), methods=methods, handler=handler, runs="thread", kind=kind)
        elif name == _MOUNT:
            yield from _mounted(place, app, item, path)


def _usual(handler: FunctionId | None, endpoint: Value) -> tuple[str, ...]:
    """What a function answers unless told otherwise; anything else may be an application, which answers all."""
    is_function = isinstance(endpoint, Extern) and endpoint.name.rpartition(".")[2].islower()
    return ("GET", "HEAD") if handler is not None or is_function else ("*",)


def _mounted(place: Basis, app: Value, item: Value, path: Value) -> Iterator[Fact]:
    child = argument_of(item, "app", 1, NONE)
    if child != NONE:
        yield mount(place, app, child, path)
        return
    # `Mount("/admin", routes=[...])` is its own router.
    yield mount(place, app, item, path)
    yield from _listed(place, item, argument_of(item, "routes", 2, NONE))


@ADAPTER.calls(*(f"{owner}.mount" for owner in _OWNERS))
def _mount(call: ResolvedCall) -> Iterable[Fact]:
    """`app.mount("/admin", admin)`"""
    yield mount(basis(call, "starlette"), call.receiver, call.value("app", 1), call.value("path", 0))


@ADAPTER.calls(*(f"{owner}.add_route" for owner in _OWNERS))
def _add_route(call: ResolvedCall) -> Iterable[Fact]:
    """`app.add_route("/orders", orders, methods=["GET"])`"""
    handler, kind = handler_of(call.value("route", 1))
    usual = _usual(handler, call.value("route", 1))
    methods = ("*",) if kind == "class" else methods_of(call.value("methods", 2, NONE), usual)
    path = call.argument("path", 0)
    yield route(
        basis(call, "starlette"),
        call.receiver,
        braces(call.value("path", 0)),
        methods=methods,
        handler=handler,
        runs="thread",
        kind=kind,
        path_site=path.site if path else None,
    )


@ADAPTER.decorates(*(f"{owner}.route" for owner in _OWNERS))
def _route(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@app.route("/orders", methods=["POST"])` of Starlette before 1.0"""
    path = use.call.argument("path", 0)
    yield route(
        decorated(use, "starlette"),
        use.call.receiver,
        braces(use.call.value("path", 0)),
        methods=methods_of(use.call.value("methods", 1, NONE), ("GET", "HEAD")),
        handler=use.function,
        runs=runs_in(use.target),
        path_site=path.site if path else None,
    )


@ADAPTER.calls(*(f"{owner}.add_middleware" for owner in _OWNERS))
def _middleware(call: ResolvedCall) -> Iterable[Fact]:
    """`app.add_middleware(CORSMiddleware, ...)`"""
    cls = call.value("middleware_class", 0)
    name = cls.name.rpartition(".")[2] if isinstance(cls, Extern) else ""
    yield Middleware(
        site=call.site,
        head=call.head,
        function=call.function,
        library="starlette",
        app=UNKNOWN if call.receiver is None else call.receiver,
        effect=name.removesuffix("Middleware").lower() or "custom",
    )
