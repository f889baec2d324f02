"""Sanic: routes on applications and blueprints, groups of blueprints, versions, listeners.

Everything runs on the event loop. A version stands before all other prefixes (`/v1/group/blueprint/path`). The other
form of a trailing slash is served as well unless `strict_slashes`.

## Routes
```python
from sanic import Blueprint, Sanic
from sanic.views import HTTPMethodView

app = Sanic("shop")
orders = Blueprint("orders", url_prefix="/orders", version=1)
stock = Blueprint("stock", url_prefix="/stock")
api = Blueprint.group(orders, stock, url_prefix="/api")

@app.get("/health")
async def health(request): ...

@orders.route("/<order_id:int>", methods=["GET", "PUT"])
async def order(request, order_id): ...

class Items(HTTPMethodView, attach=stock, uri="/items/<rest:path>"):
    def get(self, request, rest): ...

class Things(HTTPMethodView):
    async def post(self, request): ...

app.add_route(Things.as_view(), "/things")
app.add_route(health, "/ready", version=2)
app.blueprint(api)
app.static("/static", "./static")
```
```facts
4: Application Sanic@4
5: Application router Blueprint@5 prefix=/v1/orders
6: Application router Blueprint@6 prefix=/stock
7: Application router group@7
7: Mount Blueprint@5 on group@7 prefix=/v1/api/orders replaces
7: Mount Blueprint@6 on group@7 prefix=/api/stock replaces
9: Route GET /health handler=health loop on Sanic@4
12: Route GET,PUT /{order_id} handler=order loop on Blueprint@5
15: Route * /items/{rest:path} handler=Items loop class on Blueprint@6
21: Route * /things handler=Things loop class on Sanic@4
22: Route GET /v2/ready handler=health loop on Sanic@4
23: Mount group@7 on Sanic@4
24: Route GET /static/{filename:path} loop extra on Sanic@4
```

## What an application holds
```python
import httpx
from sanic import Sanic

app = Sanic("shop")

@app.before_server_start
async def start(app):
    app.ctx.client = httpx.AsyncClient(base_url="http://stock", timeout=2)

@app.get("/stock")
async def stock(request):
    await request.app.ctx.client.get("/items")
```
```facts
4: Application Sanic@4
8: ClientCreated http target=http://stock timeout=2(call) costly
10: Route GET /stock handler=stock loop on Sanic@4
12: HttpCall GET http://stock/items timeout=2(client) awaited
```
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Basis, argument_of, basis, decorated, made, text
from shearpin.adapterkit.routes import NO_PREFIX, application, handler_of, methods_of, mount, rewritten, route
from shearpin.adapterkit.store import joined, owner_of
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.site import FunctionId
from shearpin.facts.value import NONE, UNKNOWN, ClassRef, Const, Instance, SequenceValue, Value

ADAPTER = Adapter("sanic", version="25.12.1")

_APP = "sanic.Sanic"
_BLUEPRINT = "sanic.Blueprint"
_GROUP = "sanic.Blueprint.group"
_GROUPS = (_GROUP, "sanic.blueprint_group.BlueprintGroup")
_OWNERS = (_APP, _BLUEPRINT)
_VIEW = "sanic.views.HTTPMethodView"
_REQUEST = "sanic.Request"
_CONTEXT = "sanic.ctx"
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
_STARTS = (
    "main_process_start",
    "main_process_ready",
    "before_server_start",
    "after_server_start",
    "reload_process_start",
)
_STOPS = ("main_process_stop", "before_server_stop", "after_server_stop", "reload_process_stop")
_HOOKS = ("on_request", "on_response", "middleware")
_PARAMETER = re.compile(r"<([A-Za-z_]\w*)(?::([^<>]*(?:\([^()]*\))?[^<>]*))?>")

for _spelling, _name in (
    ("sanic.app.Sanic", _APP),
    ("sanic.blueprints.Blueprint", _BLUEPRINT),
    ("sanic.request.Request", _REQUEST),
    ("sanic.request.types.Request", _REQUEST),
    ("sanic.response.HTTPResponse", "sanic.HTTPResponse"),
):
    ADAPTER.alias(_spelling, _name)
ADAPTER.models(
    ClassModel(_APP, attributes=(("ctx", _CONTEXT), ("config", "sanic.Config"))),
    ClassModel(_BLUEPRINT, attributes=(("ctx", _CONTEXT),)),
    *(ClassModel(name) for name in _GROUPS),
    ClassModel(_CONTEXT, is_shelf=True),
    ClassModel("sanic.Config", is_shelf=True, shelved_by=("update", "update_config")),
    ClassModel(_REQUEST, attributes=(("app", _APP), ("ctx", "sanic.request.ctx"))),
    ClassModel("sanic.request.ctx", is_shelf=True),
    ClassModel("sanic.HTTPResponse"),
    ClassModel(_VIEW, handlers=_VERBS, handlers_on_loop=True),
    CallModel(f"{_VIEW}.as_view", returns="sanic.view"),
    CallModel(f"{_APP}.get_app", returns=_APP),
    *(
        CallModel(
            f"{owner}.{name}",
            transparent_decorator=True,
            decorated_context="request",
            decorated_parameters=(_REQUEST,),
        )
        for owner in _OWNERS
        for name in (*_VERBS, "route", "websocket", "exception", *_HOOKS)
    ),
    *(
        CallModel(
            f"{owner}.{name}",
            transparent_decorator=True,
            decorated_context=context,
            decorated_parameters=(_APP,),
        )
        for owner in _OWNERS
        for names, context in ((_STARTS, "startup"), (_STOPS, "shutdown"), (("listener",), "startup"))
        for name in names
    ),
    *(
        CallModel(
            f"{owner}.{name}",
            callbacks=(Callback(0, "handler", mode=Mode.LATER, parameters=(_REQUEST,), context="request"),),
        )
        for owner in _OWNERS
        for name in ("add_route", "add_websocket_route", "register_middleware")
    ),
    *(
        CallModel(
            f"{owner}.register_listener",
            callbacks=(Callback(0, "listener", mode=Mode.LATER, parameters=(_APP,), context="startup"),),
        )
        for owner in _OWNERS
    ),
    CallModel(f"{_APP}.add_task", schedules_argument=0),
)


@ADAPTER.calls(_APP)
def _application(call: ResolvedCall) -> Iterable[Fact]:
    """`Sanic("shop")`"""
    slash = "exact" if call.value("strict_slashes", -1, NONE) == Const(value=True) else "redirect"
    yield application(basis(call, "sanic"), made(call), slash=slash)


@ADAPTER.calls(_BLUEPRINT)
def _blueprint(call: ResolvedCall) -> Iterable[Fact]:
    """`Blueprint("orders", url_prefix="/orders", version=1)`"""
    own = made(call)
    yield application(basis(call, "sanic"), own, is_router=True, prefix=joined(_version(own), _prefix(own, 1)))


@ADAPTER.calls(*_GROUPS)
def _group(call: ResolvedCall) -> Iterable[Fact]:
    """`Blueprint.group(orders, stock, url_prefix="/api", version=1)`: its prefix goes between version and blueprint"""
    place, group = basis(call, "sanic"), made(call)
    yield application(place, group, is_router=True)
    outer = _prefix(group, -1)
    for item in (arg.value for arg in call.args if not arg.name):
        for child in item.items if isinstance(item, SequenceValue) else (item,):
            is_blueprint = isinstance(child, Instance) and getattr(child.cls, "name", "") == _BLUEPRINT
            # A group inside puts its version before its blueprints by itself.
            version = _version(child) if is_blueprint else NO_PREFIX
            version = _version(group) if _version(child) == NO_PREFIX else version
            inner = _prefix(child, 1) if is_blueprint else NO_PREFIX
            yield mount(place, group, child, joined(version, outer, inner), replaces=is_blueprint)


@ADAPTER.methods(_APP, "blueprint")
def _register(call: ResolvedCall) -> Iterable[Fact]:
    """`app.blueprint(orders)`, also of several"""
    place, given = basis(call, "sanic"), call.value("blueprint", 0)
    prefix = call.value("url_prefix", -1, NONE)
    for child in given.items if isinstance(given, SequenceValue) else (given,):
        if prefix == NONE:
            yield mount(place, call.receiver, child, NO_PREFIX)
        else:
            yield mount(place, call.receiver, child, joined(_version(child), prefix), replaces=True)


@ADAPTER.decorates(*(f"{owner}.{name}" for owner in _OWNERS for name in (*_VERBS, "route", "websocket")))
def _decorated(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@app.get("/orders")`, `@app.route("/orders", methods=["PUT"])`"""
    call, name = use.call, use.call.name.rpartition(".")[2]
    methods = ("GET",) if name == "websocket" else (name.upper(),)
    if name == "route":
        methods = methods_of(call.value("methods", 1, NONE), ("GET",))
    yield _route(decorated(use, "sanic"), call, 0, methods, (use.function, "ws" if name == "websocket" else "http"))


@ADAPTER.calls(*(f"{owner}.{name}" for owner in _OWNERS for name in ("add_route", "add_websocket_route")))
def _added(call: ResolvedCall) -> Iterable[Fact]:
    """`app.add_route(orders, "/orders")`, `app.add_route(OrderView.as_view(), "/orders")`"""
    view = call.value("handler", 0)
    owner = owner_of(view)
    if isinstance(owner, ClassRef):
        methods, handler = ("*",), (FunctionId(owner.path, owner.name), "class")
    else:
        methods, handler = methods_of(call.value("methods", 2, NONE), ("GET",)), handler_of(view)
    kind = "ws" if call.name.endswith("websocket_route") else handler[1]
    yield _route(basis(call, "sanic"), call, 1, methods, (handler[0], kind))


@ADAPTER.decorates(f"{_VIEW}.__init_subclass__")
def _attached(use: ResolvedDecorator) -> Iterable[Fact]:
    """`class OrderView(HTTPMethodView, attach=app, uri="/orders"):`"""
    app = use.call.value("attach", -1, NONE)
    if app != NONE:
        yield _route(decorated(use, "sanic"), use.call, -1, ("*",), (use.function, "class"), app)


@ADAPTER.calls(*(f"{owner}.static" for owner in _OWNERS))
def _static(call: ResolvedCall) -> Iterable[Fact]:
    """`app.static("/static", "./static")`"""
    uri = rewritten(call.value("uri", 0), lambda found: found.rstrip("/"))
    yield route(
        basis(call, "sanic"),
        call.receiver,
        joined(uri, "/{filename:path}"),
        methods=("GET",),
        handler=None,
        runs="loop",
        kind="extra",
    )


def _route(
    place: Basis,
    call: ResolvedCall,
    position: int,
    methods: tuple[str, ...],
    handler: tuple[FunctionId | None, str],
    app: Value | None = None,
) -> Fact:
    uri = call.argument("uri", position)
    version = call.value("version", -1, NONE)
    path = rewritten(call.value("uri", position, NO_PREFIX), _parameters)
    return route(
        place,
        call.receiver if app is None else app,
        path if version == NONE else joined("/v", version, path),
        methods=methods,
        handler=handler[0],
        runs="loop",
        kind=handler[1],
        path_site=uri.site if uri else None,
    )


def _prefix(value: Value, position: int) -> Value:
    """A blueprint's or group's own prefix."""
    found = argument_of(value, "url_prefix", position, NO_PREFIX)
    return NO_PREFIX if found in (NONE, UNKNOWN) else rewritten(found, _parameters)


def _version(value: Value) -> Value:
    found = argument_of(value, "version", -1, NONE)
    if found in (NONE, UNKNOWN):
        return NO_PREFIX
    return joined(text(argument_of(value, "version_prefix", -1, NONE)) or "/v", found)


def _parameters(written: str) -> str:
    return _PARAMETER.sub(lambda found: f"{{{found[1]}:path}}" if found[2] == "path" else f"{{{found[1]}}}", written)
