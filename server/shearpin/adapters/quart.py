"""Quart: Flask's interface on asyncio.

Coroutine views run on the event loop, plain ones in a thread of an executor. Paths, prefixes and slashes are Flask's:
`register_blueprint(url_prefix=...)` takes the place of the blueprint's own prefix; GET also serves HEAD.

## Applications and blueprints
```python
from quart import Blueprint, Quart, websocket
from quart.views import MethodView

app = Quart(__name__)
orders = Blueprint("orders", __name__, url_prefix="/orders")

@app.route("/health")
async def health(): ...

@orders.post("/<int:order_id>/")
def pay(order_id): ...

@app.websocket("/feed")
async def feed(): ...

class Files(MethodView):
    async def get(self, name): ...

app.add_url_rule("/files/<path:name>", view_func=Files.as_view("files"))
app.register_blueprint(orders, url_prefix="/api/orders")
```
```facts
4: Application Quart@4 extras=[GET /static/{filename:path}] slash=append
5: Application router Blueprint@5 prefix=/orders slash=append
7: Route GET,HEAD /health handler=health loop on Quart@4
10: Route POST /{order_id}/ handler=pay thread on Blueprint@5
13: Route GET /feed handler=feed loop ws on Quart@4
19: Route * /files/{name:path} handler=Files thread class on Quart@4
20: Mount Blueprint@5 on Quart@4 prefix=/api/orders replaces
```

## Configuration
```python
import os

import httpx
from quart import Quart, current_app

app = Quart(__name__, static_folder=None)
app.config["STOCK_URL"] = os.environ["STOCK_URL"]

@app.before_serving
async def start():
    app.client = httpx.AsyncClient(base_url=app.config["STOCK_URL"], timeout=2)

@app.get("/stock")
async def stock():
    await httpx.AsyncClient().get(current_app.config["STOCK_URL"] + "/items", timeout=1)
```
```facts
6: Application Quart@6 slash=append
11: ClientCreated http target=$STOCK_URL timeout=2(call) costly
13: Route GET,HEAD /stock handler=stock loop on Quart@6
15: ClientCreated http timeout=5.0(default) costly
15: HttpCall GET {$STOCK_URL}/items timeout=1(call) awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import basis, decorated, made, text
from shearpin.adapterkit.routes import (
    NO_PREFIX,
    angles,
    application,
    handler_of,
    methods_of,
    mount,
    route,
    runs_in,
    with_head,
)
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.site import FunctionId
from shearpin.facts.value import NONE, ClassRef, Const, Result

ADAPTER = Adapter("quart", version="0.22.0")

_APP = "quart.Quart"
_BLUEPRINT = "quart.Blueprint"
_VIEW = "quart.views.View"
_METHOD_VIEW = "quart.views.MethodView"
_OWNERS = (_APP, _BLUEPRINT)
_VERBS = ("get", "post", "put", "patch", "delete")
_HOOKS = (
    *("before_request", "after_request", "teardown_request", "before_app_request", "after_app_request"),
    *("errorhandler", "app_errorhandler", "before_websocket", "after_websocket"),
)

ADAPTER.alias("quart.app.Quart", _APP)
ADAPTER.alias("quart.blueprints.Blueprint", _BLUEPRINT)
ADAPTER.models(
    ClassModel(_APP, attributes=(("config", "quart.Config"),)),
    ClassModel(_BLUEPRINT),
    ClassModel("quart.Config", is_shelf=True, shelved_by=("update", "from_mapping", "from_object")),
    ClassModel("quart.current_app.config", bases=("quart.Config",)),
    ClassModel(_VIEW),
    ClassModel(_METHOD_VIEW, bases=(_VIEW,), handlers=_VERBS),
    CallModel(f"{_VIEW}.as_view"),
    *(
        CallModel(f"{owner}.{name}", transparent_decorator=True, decorated_context="request")
        for owner in _OWNERS
        for name in ("route", "websocket", *_VERBS, *_HOOKS)
    ),
    *(
        CallModel(f"{_APP}.{name}", transparent_decorator=True, decorated_context=context)
        for name, context in (
            ("before_serving", "startup"),
            ("after_serving", "shutdown"),
            ("while_serving", "startup"),
        )
    ),
    *(
        CallModel(f"{owner}.{name}", callbacks=(Callback(2, "view_func", mode=Mode.LATER, context="request"),))
        for owner in _OWNERS
        for name in ("add_url_rule", "add_websocket")
    ),
    CallModel(
        f"{_APP}.add_background_task",
        callbacks=(Callback(0, "func", mode=Mode.LATER, context="task", passes_from=1),),
    ),
    CallModel("quart.utils.run_sync", returns_argument=0),
)


@ADAPTER.calls(_APP)
def _application(call: ResolvedCall) -> Iterable[Fact]:
    """`Quart(__name__)` serves `/static/` unless `static_folder=None`."""
    extras: tuple[str, ...] = ()
    if call.value("static_folder", 2, Const("static")) != NONE:
        url = text(call.value("static_url_path", 1, NONE)) or "/static"
        extras = (f"GET {url.rstrip('/')}/{{filename:path}}",)
    yield application(basis(call, "quart"), made(call), extras=extras, slash="append")


@ADAPTER.calls(_BLUEPRINT)
def _blueprint(call: ResolvedCall) -> Iterable[Fact]:
    """`Blueprint("orders", __name__, url_prefix="/orders")`"""
    prefix = call.value("url_prefix", 5, NO_PREFIX)
    prefix = NO_PREFIX if prefix == NONE else angles(prefix)
    yield application(basis(call, "quart"), made(call), is_router=True, prefix=prefix, slash="append")


@ADAPTER.decorates(*(f"{owner}.{name}" for owner in _OWNERS for name in ("route", "websocket", *_VERBS)))
def _decorated(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@app.route("/orders/<int:order_id>", methods=["POST"])`, `@app.post("/orders")`"""
    name = use.call.name.rpartition(".")[2]
    methods = (name.upper(),)
    if name in {"route", "websocket"}:
        methods = methods_of(use.call.value("methods", -1, NONE), ("GET",))
    rule = use.call.argument("rule", 0)
    yield route(
        decorated(use, "quart"),
        use.call.receiver,
        angles(use.call.value("rule", 0)),
        methods=methods if name == "websocket" else with_head(methods),
        handler=use.function,
        runs=runs_in(use.target),
        kind="ws" if name == "websocket" else "http",
        path_site=rule.site if rule else None,
    )


@ADAPTER.calls(*(f"{owner}.add_url_rule" for owner in _OWNERS))
def _rule(call: ResolvedCall) -> Iterable[Fact]:
    """`app.add_url_rule("/orders", view_func=OrderView.as_view("orders"))`"""
    view = call.value("view_func", 2)
    if isinstance(view, Result) and view.name.endswith(".as_view") and isinstance(view.receiver, ClassRef):
        handler: FunctionId | None = FunctionId(view.receiver.path, view.receiver.name)
        kind, default = "class", ("*",)
    else:
        handler, kind = handler_of(view)
        default = ("GET",)
    rule = call.argument("rule", 0)
    yield route(
        basis(call, "quart"),
        call.receiver,
        angles(call.value("rule", 0)),
        methods=with_head(methods_of(call.value("methods", -1, NONE), default)),
        handler=handler,
        runs="thread",
        kind=kind,
        path_site=rule.site if rule else None,
    )


@ADAPTER.calls(*(f"{owner}.register_blueprint" for owner in _OWNERS))
def _register(call: ResolvedCall) -> Iterable[Fact]:
    """`app.register_blueprint(orders, url_prefix="/api/orders")`"""
    prefix = call.value("url_prefix", -1, NONE)
    child, place = call.value("blueprint", 0), basis(call, "quart")
    if prefix == NONE:
        yield mount(place, call.receiver, child, NO_PREFIX)
    else:
        yield mount(place, call.receiver, child, angles(prefix), replaces=True)
