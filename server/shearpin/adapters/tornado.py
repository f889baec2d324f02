r"""Tornado: a list of patterns and handler classes.

Patterns are regular expressions that match the whole path. A handler serves the methods it defines; everything runs on
the event loop, plain methods too, so that what blocks there stops all requests.

## Applications
```python
import tornado.web
from tornado.web import Application, RequestHandler, url

class Order(RequestHandler):
    async def get(self, order_id): ...
    def post(self, order_id): ...

class Feed(tornado.websocket.WebSocketHandler):
    def on_message(self, message): ...

app = Application([
    (r"/orders/([0-9]+)", Order, {"db": None}),
    url(r"/orders/(?P<order_id>\w+)/?", Order, name="order"),
    (r"/feed", Feed),
    (r"/static/(.*)", tornado.web.StaticFileHandler, {"path": "static"}),
])
app.add_handlers(r".*", [(r"/late", Order)])
```
```facts
11: Application Application@11 slash=exact
11: Route * /orders/{arg0} handler=Order loop class on Application@11
11: Route * /orders/{order_id} handler=Order loop class on Application@11
11: Route * /feed handler=Feed loop class on Application@11
11: Route GET /static/{arg0:path} loop extra on Application@11
17: Route * /late handler=Order loop class on Application@11
```

## Plain methods
```python
import time
from tornado.web import RequestHandler

class Slow(RequestHandler):
    def get(self):
        time.sleep(1)
```
```facts
6: Sleep 1 blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Basis, argument_of, basis, class_name, made
from shearpin.adapterkit.regexpath import regex_path, slash_may_miss
from shearpin.adapterkit.routes import application, handler_of, rewritten, route
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import UNKNOWN, Const, Extern, SequenceValue, Value

ADAPTER = Adapter("tornado", version="6.6.1")

_APP = "tornado.web.Application"
_ROUTERS = ("tornado.routing.RuleRouter", "tornado.routing.ReversibleRuleRouter")
_RULES = ("tornado.web.URLSpec", "tornado.routing.Rule")
_HANDLER = "tornado.web.RequestHandler"
_SOCKET = "tornado.websocket.WebSocketHandler"
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
_HOOKS = ("prepare", "on_finish", "initialize", "write_error")

ADAPTER.alias("tornado.web.url", _RULES[0])
ADAPTER.models(
    ClassModel(_APP),
    *(ClassModel(name) for name in (*_ROUTERS, *_RULES)),
    ClassModel(_HANDLER, attributes=(("application", _APP),), handlers=(*_VERBS, *_HOOKS), handlers_on_loop=True),
    ClassModel(
        _SOCKET,
        bases=(_HANDLER,),
        handlers=("open", "on_message", "on_close", "on_ping", "on_pong"),
        handlers_on_loop=True,
    ),
    CallModel(f"{_SOCKET}.get"),
    *(ClassModel(f"tornado.web.{name}", bases=(_HANDLER,)) for name in ("StaticFileHandler", "RedirectHandler")),
    *(CallModel(f"tornado.web.{name}.get") for name in ("StaticFileHandler", "RedirectHandler")),
    *(
        CallModel(f"tornado.web.{name}", transparent_decorator=True)
        for name in ("authenticated", "removeslash", "addslash")
    ),
    CallModel("tornado.gen.coroutine", transparent_decorator=True),
)


@ADAPTER.calls(_APP)
def _application(call: ResolvedCall) -> Iterable[Fact]:
    """`Application([(r"/orders", OrderHandler)])`"""
    place, app = basis(call, "tornado"), made(call)
    yield application(place, app, slash="exact")
    yield from _listed(place, app, call.value("handlers", 0))


@ADAPTER.methods(_APP, "add_handlers")
def _added(call: ResolvedCall) -> Iterable[Fact]:
    """`app.add_handlers(r".*", [(r"/orders", OrderHandler)])`"""
    yield from _listed(basis(call, "tornado"), call.receiver, call.value("host_handlers", 1))


def _listed(place: Basis, app: Value | None, rules: Value) -> Iterator[Fact]:
    for rule in rules.items if isinstance(rules, SequenceValue) else ():
        pattern, target = _rule(rule)
        handler, kind = handler_of(target)
        is_library = isinstance(target, Extern)
        yield route(
            place,
            app,
            rewritten(pattern, regex_path),
            methods=("GET",) if is_library else ("*",),
            handler=handler,
            runs="loop",
            kind="extra" if is_library else kind,
            slash="redirect" if isinstance(pattern, Const) and slash_may_miss(str(pattern.value)) else "",
        )


def _rule(rule: Value) -> tuple[Value, Value]:
    """Pattern and handler of an entry: a tuple, or a rule object."""
    if isinstance(rule, SequenceValue) and len(rule.items) >= 2:
        return rule.items[0], rule.items[1]
    if class_name(rule) in _RULES:
        return argument_of(rule, "pattern", 0), argument_of(rule, "handler", 1)
    return UNKNOWN, UNKNOWN
