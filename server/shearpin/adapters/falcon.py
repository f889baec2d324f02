"""Falcon: objects whose `on_get`, `on_post` serve their method.

`suffix="item"` takes `on_get_item`. HEAD is not served, the other form of a trailing slash is not either. Under
`falcon.asgi` the methods are coroutines on the event loop, else they run in worker threads.

## Resources
```python
import falcon
import falcon.asgi

class Orders:
    def on_get(self, request, response): ...
    def on_post(self, request, response): ...
    def on_get_item(self, request, response, order_id): ...

app = falcon.App()
orders = Orders()
app.add_route("/orders", orders)
app.add_route("/orders/{sku:int}", orders, suffix="item")
service = falcon.asgi.App()
service.add_route("/files/{name:path}", Orders())
app.add_static_route("/static", "/srv/static")
```
```facts
9: Application App@9 slash=exact
11: Route * /orders handler=Orders worker class on App@9 members=on_get,..,on_options
12: Route * /orders/{sku} handler=Orders worker class on App@9 members=on_get_item,..,on_options_item
13: Application App@13 slash=exact
14: Route * /files/{name:path} handler=Orders loop class on App@13 members=on_get,..,on_options
15: Route GET /static/{filename:path} worker extra on App@9
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import basis, class_name, made, text
from shearpin.adapterkit.routes import application, braces_with_regex, route
from shearpin.adapterkit.store import joined
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import ClassModel
from shearpin.facts.site import FunctionId
from shearpin.facts.value import NONE, ClassRef, Instance

ADAPTER = Adapter("falcon", version="4.4.0")

_WSGI = "falcon.App"
_ASGI = "falcon.asgi.App"
_APPS = (_WSGI, _ASGI)
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")

ADAPTER.alias("falcon.API", _WSGI)
ADAPTER.alias("falcon.app.App", _WSGI)
ADAPTER.alias("falcon.asgi.app.App", _ASGI)
ADAPTER.models(ClassModel(_WSGI), ClassModel(_ASGI, bases=(_WSGI,)))


@ADAPTER.calls(*_APPS)
def _application(call: ResolvedCall) -> Iterable[Fact]:
    """`falcon.App()`"""
    yield application(basis(call, "falcon"), made(call), slash="exact")


@ADAPTER.methods(_WSGI, "add_route")
def _route(call: ResolvedCall) -> Iterable[Fact]:
    """`app.add_route("/orders/{order_id}", OrderResource(), suffix="item")`"""
    resource = call.value("resource", 1)
    cls = resource.cls if isinstance(resource, Instance) else None
    suffix = call.value("suffix", -1, NONE)
    ending = "" if suffix == NONE else f"_{text(suffix)}"
    path = call.argument("uri_template", 0)
    is_class = isinstance(cls, ClassRef)
    yield route(
        basis(call, "falcon"),
        call.receiver,
        braces_with_regex(call.value("uri_template", 0)),
        methods=("*",),
        handler=FunctionId(cls.path, cls.name) if isinstance(cls, ClassRef) else None,
        runs="loop" if class_name(call.receiver) == _ASGI else "worker",
        kind="class" if is_class else "http",
        path_site=path.site if path else None,
        members=tuple((f"on_{verb}{ending}", verb.upper()) for verb in _VERBS) if is_class else (),
    )


@ADAPTER.methods(_WSGI, "add_static_route")
def _static(call: ResolvedCall) -> Iterable[Fact]:
    """`app.add_static_route("/static", "/srv/static")`"""
    yield route(
        basis(call, "falcon"),
        call.receiver,
        joined(call.value("prefix", 0), "/{filename:path}"),
        methods=("GET",),
        handler=None,
        runs="worker",
        kind="extra",
    )
