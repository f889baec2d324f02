"""Flask: routes by decorator, by `add_url_rule` and by class; blueprints; a static folder.

Handlers run in worker threads of the WSGI server. A rule that ends in a slash redirects the form without it, a rule
without a slash does not serve the other form. `register_blueprint(url_prefix=...)` takes the place of the blueprint's
own prefix. GET also serves HEAD.

## Applications and blueprints
```python
from flask import Blueprint, Flask
from flask.views import MethodView

app = Flask(__name__)
orders = Blueprint("orders", __name__, url_prefix="/orders")

@app.route("/health")
def health() -> str: ...

@orders.post("/<int:order_id>/")
def pay(order_id: int) -> str: ...

class Files(MethodView):
    def get(self, name: str) -> str: ...

app.add_url_rule("/files/<path:name>", view_func=Files.as_view("files"))
app.register_blueprint(orders, url_prefix="/api/orders")
```
```facts
4: Application Flask@4 extras=[GET /static/{filename:path}] slash=append
5: Application router Blueprint@5 prefix=/orders slash=append
7: Route GET,HEAD /health handler=health worker on Flask@4
10: Route POST /{order_id}/ handler=pay worker on Blueprint@5
16: Route * /files/{name:path} handler=Files worker class on Flask@4
17: Mount Blueprint@5 on Flask@4 prefix=/api/orders replaces
```

## Configuration
```python
import os

import requests
from flask import Flask, current_app

class Production:
    MAIL_URL = "http://mail"

def create_app() -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config["PAYMENTS_URL"] = f"http://{os.environ['PAYMENTS_HOST']}/payments"
    app.config.from_object(Production)
    return app

def pay() -> None:
    requests.post(current_app.config["PAYMENTS_URL"])
    requests.post(current_app.config.get("MAIL_URL"))
```
```facts
10: Application Flask@10 slash=append
16: HttpCall POST http://{$PAYMENTS_HOST}/payments timeout=None(default) blocking
17: HttpCall POST http://mail timeout=None(default) blocking
```

## Flask-RESTful
```python
from flask import Flask
from flask_restful import Api, Resource

app = Flask(__name__, static_folder=None)
api = Api(app, prefix="/v1")

class Order(Resource):
    def get(self, order_id: str) -> str: ...

api.add_resource(Order, "/orders/<order_id>")
```
```facts
4: Application Flask@4 slash=append
10: Route * /v1/orders/{order_id} handler=Order worker class on Flask@4
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import basis, client_value, decorated, made, text
from shearpin.adapterkit.routes import NO_PREFIX, angles, application, handler_of, methods_of, mount, route
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.site import FunctionId
from shearpin.facts.value import NONE, ClassRef, Const, Result, Value

ADAPTER = Adapter("flask", version="3.1.3", distributions=("Flask", "Flask-RESTful"))

_APP = "flask.Flask"
_BLUEPRINT = "flask.Blueprint"
_VIEW = "flask.views.View"
_METHOD_VIEW = "flask.views.MethodView"
_API = "flask_restful.Api"
_OWNERS = (_APP, _BLUEPRINT)
_VERBS = ("get", "post", "put", "patch", "delete")
_HOOKS = (
    *("before_request", "after_request", "teardown_request", "teardown_appcontext", "context_processor"),
    *("before_app_request", "after_app_request", "errorhandler", "app_errorhandler", "url_value_preprocessor"),
)

ADAPTER.alias("flask.app.Flask", _APP)
ADAPTER.alias("flask.blueprints.Blueprint", _BLUEPRINT)
ADAPTER.alias("flask.wrappers.Response", "flask.Response")
ADAPTER.alias("flask.wrappers.Request", "flask.Request")
ADAPTER.models(
    ClassModel(_APP, attributes=(("config", "flask.Config"), ("cli", "flask.cli.AppGroup"))),
    ClassModel(_BLUEPRINT, attributes=(("cli", "flask.cli.AppGroup"),)),
    ClassModel("flask.Config", is_shelf=True, shelved_by=("update", "from_mapping", "from_object")),
    ClassModel("flask.current_app.config", bases=("flask.Config",)),
    ClassModel("flask.Request"),
    ClassModel("flask.Response"),
    ClassModel("flask.cli.AppGroup"),
    ClassModel("flask.testing.FlaskClient"),
    ClassModel(_VIEW),
    ClassModel(_METHOD_VIEW, bases=(_VIEW,)),
    CallModel(f"{_VIEW}.as_view"),
    ClassModel(_API),
    ClassModel("flask_restful.Resource", bases=(_METHOD_VIEW,)),
    CallModel(f"{_APP}.test_client", returns="flask.testing.FlaskClient"),
    CallModel("flask.cli.AppGroup.command", transparent_decorator=True, decorated_context="cli"),
    CallModel("flask.copy_current_request_context", returns_argument=0, transparent_decorator=True),
    CallModel("flask.stream_with_context", returns_argument=0, transparent_decorator=True),
    *(
        CallModel(f"{owner}.{name}", transparent_decorator=True, decorated_context="request")
        for owner in _OWNERS
        for name in ("route", *_VERBS, *_HOOKS)
    ),
    CallModel(f"{_APP}.before_first_request", transparent_decorator=True, decorated_context="startup"),
    *(
        CallModel(f"{owner}.add_url_rule", callbacks=(Callback(2, "view_func", mode=Mode.LATER, context="request"),))
        for owner in _OWNERS
    ),
    *(
        CallModel(f"{owner}.register_error_handler", callbacks=(Callback(1, "f", mode=Mode.LATER, context="request"),))
        for owner in _OWNERS
    ),
)


@ADAPTER.calls(_APP)
def _application(call: ResolvedCall) -> Iterable[Fact]:
    """`Flask(__name__)` serves `/static/` unless `static_folder=None`."""
    extras: tuple[str, ...] = ()
    if call.value("static_folder", 2, Const("static")) != NONE:
        url = text(call.value("static_url_path", 1, NONE)) or "/static"
        extras = (f"GET {url.rstrip('/')}/{{filename:path}}",)
    yield application(basis(call, "flask"), made(call), extras=extras, slash="append")


@ADAPTER.calls(_BLUEPRINT)
def _blueprint(call: ResolvedCall) -> Iterable[Fact]:
    """`Blueprint("orders", __name__, url_prefix="/orders")`"""
    prefix = call.value("url_prefix", 5, NO_PREFIX)
    prefix = NO_PREFIX if prefix == NONE else angles(prefix)
    yield application(basis(call, "flask"), made(call), is_router=True, prefix=prefix, slash="append")


@ADAPTER.decorates(*(f"{owner}.route" for owner in _OWNERS))
def _route(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@app.route("/orders/<int:order_id>", methods=["POST"])`"""
    yield _decorated(use, methods_of(use.call.value("methods", -1, NONE), ("GET",)))


@ADAPTER.decorates(*(f"{owner}.{name}" for owner in _OWNERS for name in _VERBS))
def _verb(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@app.post("/orders")`"""
    yield _decorated(use, (use.call.name.rpartition(".")[2].upper(),))


@ADAPTER.calls(*(f"{owner}.add_url_rule" for owner in _OWNERS))
def _rule(call: ResolvedCall) -> Iterable[Fact]:
    """`app.add_url_rule("/orders", view_func=OrderView.as_view("orders"))`"""
    view = call.value("view_func", 2)
    handler, kind = _view(view)
    # A view that is no function of ours may say its methods itself.
    is_plain = handler is not None and kind != "class"
    methods = methods_of(call.value("methods", -1, NONE), ("GET",) if is_plain else ("*",))
    rule = call.argument("rule", 0)
    yield route(
        basis(call, "flask"),
        call.receiver,
        angles(call.value("rule", 0)),
        methods=_with_head(methods),
        handler=handler,
        runs="worker",
        kind=kind,
        path_site=rule.site if rule else None,
    )


@ADAPTER.calls(*(f"{owner}.register_blueprint" for owner in _OWNERS))
def _register(call: ResolvedCall) -> Iterable[Fact]:
    """`app.register_blueprint(orders, url_prefix="/api/orders")`"""
    prefix = call.value("url_prefix", -1, NONE)
    child = call.value("blueprint", 0)
    place = basis(call, "flask")
    if prefix == NONE:
        yield mount(place, call.receiver, child, NO_PREFIX)
    else:
        yield mount(place, call.receiver, child, angles(prefix), replaces=True)


@ADAPTER.calls(f"{_API}.add_resource")
def _resource(call: ResolvedCall) -> Iterable[Fact]:
    """`api.add_resource(OrderResource, "/orders", "/orders/<id>")` of Flask-RESTful"""
    resource = call.value("resource", 0)
    if not isinstance(resource, ClassRef):
        return
    app = client_value(call.receiver, "app", 0, NONE)
    prefix = text(client_value(call.receiver, "prefix", 1, NO_PREFIX))
    for url in [arg for arg in call.args if not arg.name][1:]:
        rule = text(url.value)
        known = rule is not None and prefix is not None
        yield route(
            basis(call, "flask"),
            call.receiver if app == NONE else app,
            angles(Const(f"{prefix}{rule}") if known else url.value),
            methods=("*",),
            handler=FunctionId(resource.path, resource.name),
            runs="worker",
            kind="class",
            path_site=url.site,
        )


def _decorated(use: ResolvedDecorator, methods: tuple[str, ...]) -> Fact:
    rule = use.call.argument("rule", 0)
    return route(
        decorated(use, "flask"),
        use.call.receiver,
        angles(use.call.value("rule", 0)),
        methods=_with_head(methods),
        handler=use.function,
        runs="worker",
        path_site=rule.site if rule else None,
    )


def _with_head(methods: tuple[str, ...]) -> tuple[str, ...]:
    return (*methods, "HEAD") if "GET" in methods and "HEAD" not in methods else methods


def _view(value: Value) -> tuple[FunctionId | None, str]:
    """Handler of a view: a function, or the class behind `as_view`."""
    if isinstance(value, Result) and value.name.endswith(".as_view") and isinstance(value.receiver, ClassRef):
        return FunctionId(value.receiver.path, value.receiver.name), "class"
    return handler_of(value)
