"""nameko: services that call each other over RabbitMQ, by the class attribute `name`, and hand over events.

A call through `RpcProxy("orders")` waits for the answer. It takes no time limit of its own; whoever wants one puts
`eventlet.Timeout` around it, perhaps far away, so its limit is unknown. `call_async` returns at once. An event goes to
the exchange `<service>.events` with its type as routing key, so it is known as `<service>.<type>` here. What handles it
is acknowledged also when it fails. Settings come from the file that `nameko run --config` names.

`rpc`, `http`, `event_handler` are made by the class method `decorator` of their entrypoint classes; projects derive
from these classes and make their own.

## Calls and events
```python
from nameko.events import EventDispatcher, event_handler
from nameko.rpc import RpcProxy, rpc
from nameko.standalone.rpc import ClusterRpcProxy

class Orders:
    name = "orders"

    products = RpcProxy("products")
    dispatch = EventDispatcher()

    @rpc
    def create(self, product_id):
        product = self.products.get(product_id)
        self.products.reserve.call_async(product_id)
        self.dispatch("order_created", {"product": product})

    @event_handler("bank", "failed")
    def cancel(self, payload): ...

def total(settings):
    with ClusterRpcProxy(settings) as cluster:
        return cluster.orders.total()
```
```facts
11: Application Orders slash=append
11: Route create handler=Orders.create worker rpc on Orders
13: RemoteCall nameko-rpc get products timeout=?(unknown) blocking
14: RemoteCall nameko-rpc reserve products timeout=?(unknown)
15: Publish nameko-event topic=orders.order_created key=order_created target=$AMQP_URI blocking
17: Subscribe nameko-event topic=bank.failed key=failed target=$AMQP_URI handler=Orders.cancel auto_ack=no failing=ack
22: RemoteCall nameko-rpc total orders timeout=?(unknown) blocking
```

## HTTP
```python
from nameko.web.handlers import HttpRequestHandler

class Entrypoint(HttpRequestHandler): ...

http = Entrypoint.decorator

class Gateway:
    name = "gateway"

    @http("GET,POST", "/orders/<int:order_id>")
    def order(self, request, order_id): ...
```
```facts
10: Application Gateway slash=append
10: Route GET,POST /orders/{order_id} handler=Gateway.order worker on Gateway
```

## Dependencies stand for what they provide
```python
import redis
from nameko import config
from nameko.extensions import DependencyProvider
from nameko_sqlalchemy import DatabaseSession
from orders.models import Base

class Wrapper:
    def __init__(self, client):
        self.client = client

class Storage(DependencyProvider):
    def setup(self):
        self.client = redis.Redis.from_url(config["REDIS_URI"])

    def get_dependency(self, context):
        return Wrapper(self.client)

class Orders:
    name = "orders"
    storage = Storage()
    db = DatabaseSession(Base)

    def get(self, key):
        self.db.commit()
        return self.storage.client.get(key)
```
```facts
13: ClientCreated redis target=$REDIS_URI costly
21: ClientCreated sql target=$DB_URIS
24: StoreCall sql commit blocking
25: StoreCall redis read object={key} target=$REDIS_URI blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import class_name, decorated, text
from shearpin.adapterkit.effects import remote
from shearpin.adapterkit.messaging import flag, subscribe
from shearpin.adapterkit.routes import angles, application, route
from shearpin.adapterkit.store import Store, argument_of, blocks, joined, owner_of, publish
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact
from shearpin.facts.model import CallModel, ClassModel, EnvRead
from shearpin.facts.value import UNKNOWN, ClassRef, Const, Env, Value

ADAPTER = Adapter("nameko", version="2.14.1", distributions=("nameko", "nameko-sqlalchemy"))

_PROXY = "nameko.rpc.RpcProxy"
_CLUSTER = "nameko.rpc.ClusterRpc"
_SERVICE, _METHOD = "nameko.rpc.ServiceProxy", "nameko.rpc.MethodProxy"
_STANDALONE_PROXY = "nameko.standalone.rpc.ServiceRpcProxy"
_STANDALONE_CLUSTER = "nameko.standalone.rpc.ClusterRpcProxy"
_DISPATCHER = "nameko.events.EventDispatcher"
_PROVIDER = "nameko.extensions.DependencyProvider"
_CONTAINER = "nameko.containers.ServiceContainer"
_DATABASE, _DATABASE_WRAPPER = "nameko_sqlalchemy.Database", "nameko_sqlalchemy.database.DatabaseWrapper"
_DATABASE_SESSION = "nameko_sqlalchemy.DatabaseSession"
_SESSION = "sqlalchemy.orm.Session"
#: the name of an entrypoint, its class, and in which context what it decorates runs
_ENTRYPOINTS = (
    ("nameko.rpc.rpc", "nameko.rpc.Rpc", "request"),
    ("nameko.web.handlers.http", "nameko.web.handlers.HttpRequestHandler", "request"),
    ("nameko.events.event_handler", "nameko.events.EventHandler", "consumer"),
    ("nameko.messaging.consume", "nameko.messaging.Consumer", "consumer"),
    ("nameko.timer.timer", "nameko.timer.Timer", "periodic"),
)
#: what the broker's address is called in the settings
_BROKER = Env("AMQP_URI", None)

# ------------------------------------------------------------------------------------------------------------ models

for _spelling, _canonical in {
    "nameko.rpc.ServiceRpc": _PROXY,
    "nameko.standalone.rpc.ServiceRpcClient": _STANDALONE_PROXY,
    "nameko.standalone.rpc.ClusterRpcClient": _STANDALONE_CLUSTER,
    "nameko.dependency_providers.DependencyProvider": _PROVIDER,
    "nameko_sqlalchemy.database.Database": _DATABASE,
    "nameko_sqlalchemy.database_session.DatabaseSession": _DATABASE_SESSION,
    "nameko_sqlalchemy.database_session.Session": _DATABASE_SESSION,
}.items():
    ADAPTER.alias(_spelling, _canonical)
for _spelling, _entrypoint, _context in _ENTRYPOINTS:
    ADAPTER.alias(_spelling, f"{_entrypoint}.decorator")
    ADAPTER.models(ClassModel(_entrypoint), CallModel(f"{_entrypoint}.decorator", decorated_context=_context))

ADAPTER.environment_mapping("nameko.config")
ADAPTER.models(
    EnvRead("nameko.config.get"),
    *(ClassModel(proxy, item=_METHOD) for proxy in (_PROXY, _STANDALONE_PROXY, _SERVICE)),
    *(ClassModel(cluster, item=_SERVICE) for cluster in (_CLUSTER, _STANDALONE_CLUSTER)),
    ClassModel(_METHOD),
    ClassModel(_DISPATCHER, from_holder=("name",)),
    ClassModel(_PROVIDER, attributes=(("container", _CONTAINER),), stands_for="get_dependency"),
    ClassModel(_CONTAINER, attributes=(("config", "type[nameko.config]"),)),
    ClassModel("nameko.dependency_providers.Config", provides="type[nameko.config]"),
    ClassModel(_DATABASE_SESSION, provides=_SESSION),
    ClassModel(_DATABASE, provides=_DATABASE_WRAPPER),
    ClassModel(_DATABASE_WRAPPER, attributes=(("session", _SESSION),)),
    CallModel(f"{_DATABASE_WRAPPER}.get_session", returns=_SESSION),
)

# ------------------------------------------------------------------------------------------------------------- calls


def _address(call: ResolvedCall) -> tuple[Value, Value]:
    """(service, method) of a call through a proxy."""
    method = call.receiver
    proxy = owner_of(method) if method is not None else None
    if class_name(proxy) == _SERVICE:
        return argument_of(proxy, "name", -1), argument_of(method, "name", -1)
    name = "service_name" if class_name(proxy) == _STANDALONE_PROXY else "target_service"
    return argument_of(proxy, name, 0), argument_of(method, "name", -1)


@ADAPTER.calls(f"{_METHOD}.__call__")
def _call(call: ResolvedCall) -> Iterable[Fact]:
    """`self.orders_rpc.get_order(order_id)`"""
    service, method = _address(call)
    yield remote(call, "nameko", ("nameko-rpc", service, method), UNKNOWN_TIMEOUT, is_blocking=True)


@ADAPTER.calls(f"{_METHOD}.call_async")
def _call_async(call: ResolvedCall) -> Iterable[Fact]:
    """`self.orders_rpc.get_order.call_async(order_id)`"""
    service, method = _address(call)
    yield remote(call, "nameko", ("nameko-rpc", service, method), UNKNOWN_TIMEOUT, is_blocking=False)


@ADAPTER.calls(f"{_DISPATCHER}.__call__")
def _dispatch(call: ResolvedCall) -> Iterable[Fact]:
    """`self.dispatch("order_created", payload)`"""
    service = argument_of(call.receiver, "name", -1)
    event = call.value("event_type", 0)
    sent = publish(call, "nameko", "nameko-event", topic=_event(service, event), key=event, target=_BROKER)
    yield blocks(sent, is_blocking=True)


def _event(service: Value, event: Value) -> Value:
    return UNKNOWN if UNKNOWN in (service, event) else joined(service, ".", event)


@ADAPTER.calls(_DATABASE_SESSION, _DATABASE)
def _database(call: ResolvedCall) -> Iterable[Fact]:
    """`db = DatabaseSession(Base)`: the address is in the settings, under the names of service and base."""
    store = Store("nameko", "sql", lambda _handle: UNKNOWN)
    yield store.created(call, target=Env("DB_URIS", None), is_costly=False)


# ------------------------------------------------------------------------------------------------------- entrypoints


@ADAPTER.decorates("nameko.rpc.Rpc.decorator")
def _rpc(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@rpc`"""
    service = _service(use)
    if use.target is None or service is None:
        return
    place = decorated(use, "nameko")
    yield application(place, service, slash="append")
    name = Const(use.target.name)
    yield route(place, service, name, methods=(), handler=use.function, runs="worker", kind="rpc")


@ADAPTER.decorates("nameko.web.handlers.HttpRequestHandler.decorator")
def _http(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@http("GET", "/orders/<int:order_id>")`"""
    service = _service(use)
    if service is None:
        return
    place = decorated(use, "nameko")
    yield application(place, service, slash="append")
    url = use.call.argument("url", 1)
    yield route(
        place,
        service,
        angles(use.call.value("url", 1)),
        methods=tuple(_methods(use.call.value("method", 0))),
        handler=use.function,
        runs="worker",
        path_site=url.site if url else None,
    )


def _methods(value: Value) -> Iterator[str]:
    written = text(value)
    yield from ("*",) if written is None else (method.strip().upper() for method in written.split(","))


@ADAPTER.decorates("nameko.events.EventHandler.decorator")
def _handler(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@event_handler("orders", "order_created")`"""
    event = use.call.value("event_type", 1)
    topic = _event(use.call.value("source_service", 0), event)
    call = use.call
    found = subscribe(call, "nameko", "nameko-event", topic=topic, key=event, target=_BROKER, handler=use.function)
    puts_back = flag(call, "requeue_on_error", -1, default=False)
    failing = {True: "requeue", False: "ack", None: "unknown"}[puts_back]
    yield msgspec.structs.replace(found, auto_ack=False, on_failure=failing)


def _service(use: ResolvedDecorator) -> ClassRef | None:
    """The class whose method is decorated."""
    if use.target is None or not use.target.owner:
        return None
    return ClassRef(use.function.path, use.target.owner)
