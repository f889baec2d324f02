"""aiohttp.web: routes by method, as lists, by decorator on a table; applications inside applications.

Handlers run on the event loop. GET also serves HEAD. The prefix of `add_subapp` stands before the child's paths. What
an application holds (`app["db"]`) is shared by its handlers.

## Routes
```python
from aiohttp import web

routes = web.RouteTableDef()

@routes.get("/orders/{order_id:[0-9]+}")
async def order(request): ...

@routes.view("/stock")
class Stock(web.View):
    async def get(self): ...

async def health(request: web.Request) -> web.Response: ...

async def pay(request): ...

admin = web.Application()
admin.router.add_route("*", "/files/{name:.*}", health)
app = web.Application()
app.router.add_get("/health", health, allow_head=False)
app.add_routes([web.post("/pay", pay), web.view("/items", Stock)])
app.add_routes(routes)
app.add_subapp("/admin/", admin)
app.router.add_resource("/things").add_route("PUT", pay)
```
```facts
3: Application router RouteTableDef@3 slash=exact
5: Route GET,HEAD /orders/{order_id} handler=order loop on RouteTableDef@3
8: Route * /stock handler=Stock loop class on RouteTableDef@3
16: Application Application@16 slash=exact
17: Route * /files/{name:path} handler=health loop on Application@16
18: Application Application@18 slash=exact
19: Route GET /health handler=health loop on Application@18
20: Route POST /pay handler=pay loop on Application@18
20: Route * /items handler=Stock loop class on Application@18
21: Mount RouteTableDef@3 on Application@18
22: Mount Application@16 on Application@18 prefix=/admin/
23: Route PUT /things handler=pay loop on Application@18
```

## What an application holds
```python
import aiohttp
from aiohttp import web

async def start(app: web.Application):
    app["client"] = aiohttp.ClientSession("http://stock")

async def stock(request: web.Request):
    await request.app["client"].get("/items")

def create():
    app = web.Application()
    app.on_startup.append(start)
    app.router.add_get("/stock", stock)
    return app
```
```facts
5: ClientCreated http target=http://stock timeout=300.0(default) costly
8: HttpCall GET http://stock/items timeout=300.0(default) attempts=2 resends awaited
11: Application Application@11 slash=exact
13: Route GET,HEAD /stock handler=stock loop on Application@11
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Basis, argument_of, basis, class_name, decorated, made, text
from shearpin.adapterkit.routes import (
    NO_PREFIX,
    application,
    braces_with_regex,
    handler_of,
    mount,
    rewritten,
    route,
)
from shearpin.adapterkit.store import joined, owner_of
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact, Route
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import NONE, Const, Instance, SequenceValue, Value

ADAPTER = Adapter("aiohttp-server", version="3.14.5", distributions=("aiohttp",))

_WEB = "aiohttp.web"
_APP = f"{_WEB}.Application"
_ROUTER = f"{_WEB}.UrlDispatcher"
_RESOURCE = f"{_WEB}.Resource"
_TABLE = f"{_WEB}.RouteTableDef"
_VIEW = f"{_WEB}.View"
_REQUEST = f"{_WEB}.Request"
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
_DEFINITIONS = tuple(f"{_WEB}.{name}" for name in (*_VERBS, "view", "route", "static"))
#: lists of an application, and what runs when something is put into them
_SIGNALS = {
    "on_startup": ("startup", (_APP,)),
    "on_shutdown": ("shutdown", (_APP,)),
    "on_cleanup": ("shutdown", (_APP,)),
    "cleanup_ctx": ("startup", (_APP,)),
    "on_response_prepare": ("request", (_REQUEST, "")),
    "middlewares": ("request", (_REQUEST, "")),
}


def _handler(position: int, name: str = "handler") -> tuple[Callback, ...]:
    return (Callback(position, name, mode=Mode.LATER, parameters=(_REQUEST,), context="request"),)


for _module in ("web_app", "web_request", "web_routedef", "web_urldispatcher", "web_response"):
    ADAPTER.alias(f"aiohttp.{_module}", _WEB)
ADAPTER.models(
    ClassModel(
        _APP,
        attributes=(("router", _ROUTER), *((name, f"{_WEB}.{name}") for name in _SIGNALS)),
        is_shelf=True,
        shelved_by=("update",),
    ),
    ClassModel(_ROUTER),
    ClassModel(_RESOURCE),
    ClassModel(_TABLE),
    ClassModel(
        _VIEW,
        attributes=(("request", _REQUEST),),
        handlers=("get", "post", "put", "patch", "delete", "head", "options"),
    ),
    ClassModel(_REQUEST, attributes=(("app", _APP), ("config_dict", _APP))),
    *(ClassModel(f"{_WEB}.{name}") for name in ("Response", "StreamResponse", "WebSocketResponse", "FileResponse")),
    *(ClassModel(name) for name in _DEFINITIONS),
    *(CallModel(f"{_WEB}.{name}", callbacks=_handler(1)) for name in _VERBS),
    CallModel(f"{_WEB}.route", callbacks=_handler(2)),
    CallModel(f"{_WEB}.view", callbacks=_handler(1)),
    *(CallModel(f"{_ROUTER}.add_{verb}", callbacks=_handler(1)) for verb in _VERBS),
    CallModel(f"{_ROUTER}.add_route", callbacks=_handler(2)),
    CallModel(f"{_ROUTER}.add_resource", returns=_RESOURCE),
    CallModel(f"{_RESOURCE}.add_route", callbacks=_handler(1)),
    *(
        CallModel(
            f"{_TABLE}.{name}",
            transparent_decorator=True,
            decorated_context="request",
            decorated_parameters=(_REQUEST,),
        )
        for name in (*_VERBS, "route", "view")
    ),
    *(
        CallModel(
            f"{_WEB}.{name}.append",
            callbacks=(Callback(0, mode=Mode.LATER, parameters=parameters, context=context),),
        )
        for name, (context, parameters) in _SIGNALS.items()
    ),
    CallModel(
        f"{_WEB}.middleware",
        transparent_decorator=True,
        decorated_context="request",
        decorated_parameters=(_REQUEST,),
    ),
    CallModel(f"{_WEB}.json_response", returns=f"{_WEB}.Response"),
)


@ADAPTER.calls(_APP)
def _application(call: ResolvedCall) -> Iterable[Fact]:
    """`web.Application()`"""
    yield application(basis(call, "aiohttp"), made(call), slash="exact")


@ADAPTER.calls(_TABLE)
def _table(call: ResolvedCall) -> Iterable[Fact]:
    """`routes = web.RouteTableDef()`"""
    yield application(basis(call, "aiohttp"), made(call), is_router=True, slash="exact")


@ADAPTER.decorates(*(f"{_TABLE}.{name}" for name in (*_VERBS, "view", "route")))
def _decorated(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@routes.get("/orders")`, `@routes.view("/orders")` on a class"""
    name, call = use.call.name.rpartition(".")[2], use.call
    position = 1 if name == "route" else 0
    path = call.argument("path", position)
    is_class = use.target is None
    method = text(call.value("method", 0)) or "*" if name == "route" else name
    yield _route(
        decorated(use, "aiohttp"),
        call.receiver,
        call.value("path", position),
        ("*",) if is_class or name == "view" else _methods(method, call.value("allow_head", -1, NONE)),
        (use.function, "class" if is_class else "http"),
        path.site if path else None,
    )


@ADAPTER.methods(_ROUTER, *(f"add_{verb}" for verb in _VERBS))
def _added(call: ResolvedCall) -> Iterable[Fact]:
    """`app.router.add_get("/orders", orders)`"""
    path = call.argument("path", 0)
    yield _route(
        basis(call, "aiohttp"),
        _app_of(call.receiver),
        call.value("path", 0),
        _methods(call.name.rpartition("_")[2], call.value("allow_head", -1, NONE)),
        handler_of(call.value("handler", 1)),
        path.site if path else None,
    )


@ADAPTER.methods(_ROUTER, "add_route")
def _any(call: ResolvedCall) -> Iterable[Fact]:
    """`app.router.add_route("POST", "/orders", orders)`"""
    path = call.argument("path", 1)
    handler = handler_of(call.value("handler", 2))
    methods = ("*",) if handler[1] == "class" else _methods(text(call.value("method", 0)) or "*", Const(value=False))
    place = path.site if path else None
    yield _route(basis(call, "aiohttp"), _app_of(call.receiver), call.value("path", 1), methods, handler, place)


@ADAPTER.methods(_ROUTER, "add_view")
def _view(call: ResolvedCall) -> Iterable[Fact]:
    """`app.router.add_view("/orders", OrderView)`"""
    handler = handler_of(call.value("handler", 1))
    yield _route(basis(call, "aiohttp"), _app_of(call.receiver), call.value("path", 0), ("*",), handler, None)


@ADAPTER.methods(_RESOURCE, "add_route")
def _on_resource(call: ResolvedCall) -> Iterable[Fact]:
    """`app.router.add_resource("/orders").add_route("GET", orders)`"""
    if not isinstance(call.receiver, Instance):
        return
    methods = _methods(text(call.value("method", 0)) or "*", Const(value=False))
    router, path = owner_of(call.receiver), argument_of(call.receiver, "path", 0)
    handler = handler_of(call.value("handler", 1))
    yield _route(basis(call, "aiohttp"), _app_of(router), path, methods, handler, None)


@ADAPTER.calls(f"{_APP}.add_routes", f"{_ROUTER}.add_routes")
def _several(call: ResolvedCall) -> Iterable[Fact]:
    """`app.add_routes([web.get("/orders", orders)])`, `app.add_routes(routes)`"""
    place, routes = basis(call, "aiohttp"), call.value("routes", 0)
    app = _app_of(call.receiver)
    if isinstance(routes, SequenceValue):
        yield from _listed(place, app, routes)
    else:
        yield mount(place, app, routes, NO_PREFIX)


@ADAPTER.calls(f"{_APP}.add_subapp")
def _inside(call: ResolvedCall) -> Iterable[Fact]:
    """`app.add_subapp("/admin/", admin)`"""
    yield mount(basis(call, "aiohttp"), call.receiver, call.value("subapp", 1), call.value("prefix", 0))


@ADAPTER.methods(_ROUTER, "add_static")
def _static(call: ResolvedCall) -> Iterable[Fact]:
    """`app.router.add_static("/static/", "static")`"""
    yield _files(basis(call, "aiohttp"), _app_of(call.receiver), call.value("prefix", 0))


def _listed(place: Basis, app: Value | None, routes: SequenceValue) -> Iterator[Fact]:
    for item in routes.items:
        name = class_name(item).rpartition(".")[2]
        if class_name(item) == _TABLE:
            yield mount(place, app, item, NO_PREFIX)
        elif name == "static":
            yield _files(place, app, argument_of(item, "prefix", 0))
        elif name:
            position = 1 if name == "route" else 0
            handler = handler_of(argument_of(item, "handler", position + 1))
            method = text(argument_of(item, "method", 0)) or "*" if name == "route" else name
            is_any = name == "view" or handler[1] == "class"
            methods = ("*",) if is_any else _methods(method, argument_of(item, "allow_head", -1, NONE))
            yield _route(place, app, argument_of(item, "path", position), methods, handler, None)


def _route(
    place: Basis,
    app: Value | None,
    path: Value,
    methods: tuple[str, ...],
    handler: tuple[FunctionId | None, str],
    path_site: Site | None,
) -> Route:
    return route(
        place,
        app,
        braces_with_regex(path),
        methods=methods,
        handler=handler[0],
        runs="loop",
        kind=handler[1],
        path_site=path_site,
    )


def _files(place: Basis, app: Value | None, prefix: Value) -> Route:
    path = joined(rewritten(prefix, lambda text: text.rstrip("/")), "/{filename:path}")
    return _route(place, app, path, ("GET", "HEAD"), (None, "extra"), None)


def _app_of(router: Value | None) -> Value | None:
    """The application whose router or list this is."""
    owner = owner_of(router) if router is not None and class_name(router) != _APP else None
    return router if owner is None else owner


def _methods(method: str, allow_head: Value) -> tuple[str, ...]:
    """GET brings HEAD along unless it is told not to."""
    name = method.upper()
    return ("GET", "HEAD") if name == "GET" and allow_head != Const(value=False) else (name,)
