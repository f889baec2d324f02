"""grpcio: channels, stubs and servers. What a stub calls blocks, or is awaited when its channel is one of `grpc.aio`.

A call has no deadline unless it is given one with `timeout=`; with `wait_for_ready=True` it then waits for ever for a
server that is down. Interceptors of a channel may set a deadline, so nothing is said about calls through them.

Stub classes stand in generated modules `*_pb2_grpc.py`, which need not be in the workspace.

## A blocking client
```python
import os

import grpc
import orders_pb2_grpc

def total(request):
    with grpc.insecure_channel(os.environ["ORDERS_ADDR"]) as channel:
        stub = orders_pb2_grpc.OrdersStub(channel)
        stub.Total(request)
        stub.Total.future(request, timeout=2)
        return stub.Total(request, timeout=3)
```
```facts
7: ClientCreated grpc target=$ORDERS_ADDR costly
9: RemoteCall grpc Orders/Total $ORDERS_ADDR timeout=None(default) blocking
10: RemoteCall grpc Orders/Total $ORDERS_ADDR timeout=2(call)
11: RemoteCall grpc Orders/Total $ORDERS_ADDR timeout=3(call) blocking
```

## An asynchronous client
```python
import grpc
from shop.orders_pb2_grpc import OrdersStub

class Client:
    def __init__(self) -> None:
        self.stub = OrdersStub(grpc.aio.insecure_channel("orders:50051"))

    async def total(self, request):
        return await self.stub.Total(request)
```
```facts
6: ClientCreated grpc target=orders:50051 costly
9: RemoteCall grpc Orders/Total orders:50051 timeout=None(default) awaited
```

## A stub of the main program
```python
import grpc
import orders_pb2_grpc

class Servicer(orders_pb2_grpc.CheckoutServicer):
    def Place(self, request, context):
        return stub.Total(request)

if __name__ == "__main__":
    channel = grpc.intercept_channel(grpc.insecure_channel("orders:50051"), Deadline())
    stub = orders_pb2_grpc.OrdersStub(channel)
    server = grpc.server(None)
    orders_pb2_grpc.add_CheckoutServicer_to_server(Servicer(), server)
```
```facts
6: RemoteCall grpc Orders/Total orders:50051 timeout=?(unknown) blocking
9: ClientCreated grpc target=orders:50051 costly
12: Route Checkout handler=Servicer worker grpc on server()@11
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import basis, text
from shearpin.adapterkit.effects import connection_created, remote
from shearpin.adapterkit.routes import route
from shearpin.adapterkit.store import argument_of, class_of, owner_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Remedy, Timeout
from shearpin.facts.model import CallModel, ClassFamily, ClassModel
from shearpin.facts.site import FunctionId
from shearpin.facts.value import NONE, UNKNOWN, ClassRef, Const, Instance, Value

ADAPTER = Adapter("grpc", version="1.85.3", distributions=("grpcio",))

_MODULE, _STUB_SUFFIX, _SERVER_SUFFIX = "_pb2_grpc", "Stub", "Servicer_to_server"
_STUB, _METHOD, _SERVICER = "grpc.Stub", "grpc.StubMethod", "grpc.Servicer"
_CHANNELS = {"grpc": "grpc.Channel", "grpc.aio": "grpc.aio.Channel"}
_INTERCEPTED = "grpc.InterceptedChannel"
_REMEDY = Remedy("set-timeout", "argument", "timeout={read}")
_OPENINGS = tuple(f"{package}.{name}" for package in _CHANNELS for name in ("insecure_channel", "secure_channel"))

ADAPTER.alias("grpc.experimental.aio", "grpc.aio")
ADAPTER.models(
    *(ClassModel(channel) for channel in _CHANNELS.values()),
    *(CallModel(name, returns=_CHANNELS[name.rpartition(".")[0]]) for name in _OPENINGS),
    ClassModel(_INTERCEPTED),
    CallModel("grpc.intercept_channel", returns=_INTERCEPTED),
    ClassFamily(_MODULE, _STUB_SUFFIX, _STUB),
    ClassModel(_STUB, item=_METHOD),
    ClassModel(_METHOD),
)


@ADAPTER.calls(*_OPENINGS)
def _channel(call: ResolvedCall) -> Iterable[Fact]:
    """`grpc.insecure_channel("orders:50051")`"""
    opened = connection_created(call, "grpc", "grpc", call.value("target", 0), UNKNOWN_TIMEOUT)
    yield msgspec.structs.replace(opened, is_costly=True)


@ADAPTER.methods(_METHOD, "__call__", "future", "with_call")
def _call(call: ResolvedCall) -> Iterable[Fact]:
    """`stub.Total(request, timeout=3)`"""
    stub = owner_of(call.receiver) if call.receiver is not None else None
    method = text(argument_of(call.receiver, "name", -1))
    service = _service(stub)
    if stub is None or method is None or not service:
        return
    channel = argument_of(stub, "channel", 0)
    where = ("grpc", _address(channel), Const(f"{service}/{method}"))
    blocks = not call.name.endswith(".future") and _blocks(channel)
    yield remote(call, "grpc", where, _limit(call, channel), _REMEDY, is_blocking=blocks)


def _limit(call: ResolvedCall, channel: Value) -> Timeout:
    given = call.argument("timeout", 1)
    if given is not None:
        return Timeout(given.value, "call", site=given.site)
    is_plain = class_of(channel) in _CHANNELS.values() and argument_of(channel, "interceptors", -1, NONE) == NONE
    return (
        Timeout(NONE, "default", site=call.site, follows_sockets=False)
        if is_plain and not call.has_open_arguments
        else UNKNOWN_TIMEOUT
    )


def _service(stub: Value | None) -> str:
    """`Orders` for a stub of class `orders_pb2_grpc.OrdersStub`."""
    return class_of(stub).rpartition(".")[2].removesuffix(_STUB_SUFFIX)


def _address(channel: Value) -> Value:
    if class_of(channel) == _INTERCEPTED:
        return _address(argument_of(channel, "channel", 0))
    return argument_of(channel, "target", 0) if class_of(channel) in _CHANNELS.values() else UNKNOWN


def _blocks(channel: Value) -> bool:
    if class_of(channel) == _INTERCEPTED:
        return _blocks(argument_of(channel, "channel", 0))
    return class_of(channel) == _CHANNELS["grpc"]


@ADAPTER.generated(_MODULE, _SERVER_SUFFIX)
def _serve(call: ResolvedCall) -> Iterable[Fact]:
    """`orders_pb2_grpc.add_OrdersServicer_to_server(Servicer(), server)`"""
    servicer = call.value("servicer", 0)
    cls = servicer.cls if isinstance(servicer, Instance) else None
    handler = FunctionId(cls.path, cls.name) if isinstance(cls, ClassRef) else None
    name = call.name.rpartition(".")[2].removeprefix("add_").removesuffix(_SERVER_SUFFIX)
    place = basis(call, "grpc")
    server = call.value("server", 1)
    yield route(place, server, Const(name), methods=(), handler=handler, runs="worker", kind="grpc")
