"""urllib.request and http.client: blocking HTTP calls of the standard library that wait for ever by default.

`urlopen` raises for a status of 4xx or 5xx by itself; a request with data is a POST. `urlretrieve` takes no timeout.
`HTTPConnection` takes its timeout when it is constructed, and its answer comes from `getresponse()`.

## Functions and connections
```python
import http.client
from urllib.request import Request, urlopen

def calls(body: bytes) -> None:
    urlopen("http://stock/items")
    urlopen(Request("http://stock/items", data=body), timeout=5)
    urlopen(Request("http://stock/items/1", method="DELETE"), timeout=5)
    connection = http.client.HTTPConnection("stock", 8080, timeout=3)
    connection.request("GET", "/items")
```
```facts
5: HttpCall GET http://stock/items timeout=None(default) raises blocking
6: HttpCall POST http://stock/items timeout=5(call) raises blocking
7: HttpCall DELETE http://stock/items/1 timeout=5(call) raises blocking
8: ClientCreated http target=http://stock:8080 timeout=3(client)
9: HttpCall GET http://stock:8080/items timeout=3(client) raises=? blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Limit, argument_of, class_name, client_value, made, to_thread
from shearpin.adapterkit.effects import connection_created
from shearpin.adapterkit.http import Client, Response, host_url
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, Remedy
from shearpin.facts.model import CallModel, ClassModel, FailureModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Value

ADAPTER = Adapter("urllib", version="3.11", distributions=("python",))

_REQUEST = "urllib.request.Request"
_CONNECTIONS = {"http.client.HTTPConnection": "http", "http.client.HTTPSConnection": "https"}
_RESPONSE = "http.client.HTTPResponse"
_CLIENT = Client(
    "urllib",
    Response(checks=("status", "code", "getcode"), raising_checks=(), bodies=("read", "readline", "readlines")),
)
_LIMIT = Limit(NONE, position=2, bounds="phase")

ADAPTER.failures(
    FailureModel("urllib.error.URLError", ("not-sent",), ("OSError",)),
    FailureModel("urllib.error.HTTPError", ("answered",), ("urllib.error.URLError",)),
    # What happens after connecting is raised as it is.
    FailureModel("urllib.request.read", ("unknown",), ("TimeoutError",)),
    FailureModel("urllib.request.reset", ("unknown",), ("ConnectionResetError",)),
)
ADAPTER.models(
    ClassModel(_REQUEST),
    ClassModel(_RESPONSE),
    *(ClassModel(name) for name in _CONNECTIONS),
    CallModel("urllib.request.urlopen", returns=_RESPONSE),
    *(CallModel(f"{name}.getresponse", returns=_RESPONSE) for name in _CONNECTIONS),
)


@ADAPTER.calls("urllib.request.urlopen")
def _urlopen(call: ResolvedCall) -> Iterable[Fact]:
    """`urlopen(url)`, `urlopen(Request(url, data, method="PUT"))`"""
    given = call.value("url", 0)
    data = call.value("data", 1, NONE)
    url = given
    method = _method(data)
    if class_name(given) == _REQUEST:
        url = argument_of(given, "url", 0)
        body = argument_of(given, "data", 1, NONE)
        method = argument_of(given, "method", 5, _method(body if data == NONE else data))
    remedy = Remedy("set-timeout", "argument", "timeout={read}")
    yield _CLIENT.request(
        call,
        method,
        url,
        _LIMIT.of(call),
        is_blocking=True,
        raises_on_status=True,
        remedies=(remedy, to_thread()),
    )


@ADAPTER.calls("urllib.request.urlretrieve")
def _urlretrieve(call: ResolvedCall) -> Iterable[Fact]:
    yield _CLIENT.request(
        call,
        _method(call.value("data", 3, NONE)),
        call.value("url", 0),
        Limit(NONE, name="", bounds="phase").of(call),
        is_blocking=True,
        raises_on_status=True,
        remedies=(to_thread(),),
    )


@ADAPTER.calls(*_CONNECTIONS)
def _connection(call: ResolvedCall) -> Iterable[Fact]:
    """`HTTPConnection(host, port, timeout=5)`"""
    target = host_url(_CONNECTIONS[call.name], call.value("host", 0), call.value("port", 1, NONE), Const(""))
    remedy = Remedy("set-client-timeout", "argument", "timeout={read}")
    yield connection_created(call, "urllib", "http", target, _limit(call.name).of_constructor(made(call)), remedy)


@ADAPTER.calls(*(f"{name}.request" for name in _CONNECTIONS))
def _connection_request(call: ResolvedCall) -> Iterable[Fact]:
    """`connection.request("GET", "/path")`; the status is on what `getresponse()` gives."""
    cls = call.name.rpartition(".")[0]
    host, port = client_value(call.receiver, "host", 0, UNKNOWN), client_value(call.receiver, "port", 1, NONE)
    yield _CLIENT.request(
        call,
        call.value("method", 0),
        host_url(_CONNECTIONS[cls], host, port, call.value("url", 1)),
        _limit(cls).of_constructor(call.receiver),
        is_blocking=True,
        raises_on_status=None,
    )


def _limit(cls: str) -> Limit:
    # The position in HTTPSConnection moved between versions, so only the keyword counts there.
    return Limit(NONE, client_position=2 if cls.endswith("HTTPConnection") else -1, bounds="phase")


def _method(data: Value) -> Value:
    if data == NONE:
        return Const("GET")
    return UNKNOWN if data == UNKNOWN else Const("POST")
