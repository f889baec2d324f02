"""httpx: HTTP calls that wait at most 5 seconds for each of connect, read, write and pool.

`Client` blocks, `AsyncClient` is awaited; both take `timeout=` and `base_url=`, which is always put before the path. A
status of 4xx or 5xx is returned, not raised. `HTTPTransport(retries=n)` repeats failed connections only. httpx2 is the
same library under another name.

## Module functions and clients
```python
import os
import httpx

ORDERS = os.getenv("ORDERS_URL", "http://orders:8000/api")
client = httpx.AsyncClient(base_url=ORDERS, timeout=httpx.Timeout(10, connect=2))

def ping() -> bool:
    return httpx.get("http://orders:8000/health").is_success

async def order(order_id: str) -> dict[str, object]:
    response = await client.get(f"/orders/{order_id}")
    response.raise_for_status()
    return response.json()

async def cancel(order_id: str) -> None:
    async with client.stream("DELETE", f"http://other/orders/{order_id}", timeout=None) as response:
        response.raise_for_status()
```
```facts
5: ClientCreated http target=$ORDERS_URL|http://orders:8000/api timeout=(2, 10)(call) costly
8: HttpCall GET http://orders:8000/health timeout=5.0(default) blocking
11: HttpCall GET {$ORDERS_URL|http://orders:8000/api}/orders/{order_id} timeout=(2, 10)(client) awaited
16: HttpCall DELETE http://other/orders/{order_id} timeout=None(call)
```

## Transports and hooks
```python
import httpx
from httpx_retries import Retry, RetryTransport

retrying = httpx.Client(transport=httpx.HTTPTransport(retries=2))
resending = httpx.Client(transport=RetryTransport(retry=Retry(total=4)))
raising = httpx.Client(event_hooks={"response": [httpx.Response.raise_for_status]})
local = httpx.Client(transport=httpx.WSGITransport(app=object()))

def calls() -> None:
    retrying.post("http://orders/orders")
    resending.get("http://orders/orders")
    resending.post("http://orders/orders")
    raising.get("http://orders/orders")
    local.get("http://orders/orders")
```
```facts
4: ClientCreated http timeout=5.0(default) costly
5: ClientCreated http timeout=5.0(default) costly
6: ClientCreated http timeout=5.0(default) costly
10: HttpCall POST http://orders/orders timeout=5.0(default) attempts=3 blocking
11: HttpCall GET http://orders/orders timeout=5.0(default) attempts=5 resends blocking
12: HttpCall POST http://orders/orders timeout=5.0(default) blocking
13: HttpCall GET http://orders/orders timeout=5.0(default) raises=? blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import (
    NOT_GIVEN,
    Limit,
    argument_of,
    class_name,
    client_value,
    number,
    pair,
    texts,
    to_thread,
)
from shearpin.adapterkit.effects import client_created
from shearpin.adapterkit.http import IDEMPOTENT, VERBS, Client, Response, appended, upper, verb
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, HttpCall, Remedy
from shearpin.facts.model import CallModel, ClassModel, FailureModel
from shearpin.facts.value import NONE, UNKNOWN, Const, SequenceValue, Value

ADAPTER = Adapter("httpx", version="0.28.1", distributions=("httpx", "httpx2", "httpx-retries"))

_LIBRARIES = ("httpx", "httpx2")
_STATUS = Response(
    checks=("raise_for_status", "is_success", "is_error", "is_client_error", "is_server_error", "status_code"),
    raising_checks=("raise_for_status",),
    bodies=(
        *("json", "text", "content", "read", "aread", "iter_bytes", "aiter_bytes", "iter_text", "aiter_text"),
        *("iter_lines", "aiter_lines", "iter_raw", "aiter_raw"),
    ),
)
#: of httpx-retries
_RETRYING = "httpx_retries.RetryTransport"
#: transports that call an application in the same process
_IN_PROCESS = ("ASGITransport", "WSGITransport", "MockTransport")

ADAPTER.models(ClassModel(_RETRYING), ClassModel("httpx_retries.Retry"))
for _library in _LIBRARIES:
    _response = f"{_library}.Response"
    _clients = (f"{_library}.Client", f"{_library}.AsyncClient")
    for _client in _clients:
        ADAPTER.alias(f"{_library}._client.{_client.rpartition('.')[2]}", _client)
    ADAPTER.models(
        *(ClassModel(client) for client in _clients),
        *(
            ClassModel(f"{_library}.{name}")
            for name in (
                "Response",
                "Request",
                "Timeout",
                "Limits",
                "HTTPTransport",
                "AsyncHTTPTransport",
                *_IN_PROCESS,
            )
        ),
        *(
            CallModel(f"{owner}.{name}", returns=_response)
            for owner in (_library, *_clients)
            for name in (*VERBS, "request")
        ),
        *(CallModel(f"{owner}.stream", enters=_response) for owner in (_library, *_clients)),
        *(CallModel(f"{client}.send", returns=_response) for client in _clients),
    )
    for _name, _outcomes, _base in (
        ("HTTPError", (), "Exception"),
        ("HTTPStatusError", ("answered",), "HTTPError"),
        ("RequestError", (), "HTTPError"),
        ("TransportError", (), "RequestError"),
        ("TooManyRedirects", ("answered",), "RequestError"),
        ("DecodingError", ("answered",), "RequestError"),
        ("TimeoutException", (), "TransportError"),
        ("NetworkError", (), "TransportError"),
        ("ProtocolError", (), "TransportError"),
        ("ConnectTimeout", ("not-sent",), "TimeoutException"),
        ("PoolTimeout", ("not-sent",), "TimeoutException"),
        ("ReadTimeout", ("unknown",), "TimeoutException"),
        ("WriteTimeout", ("unknown",), "TimeoutException"),
        ("ConnectError", ("not-sent",), "NetworkError"),
        ("ReadError", ("unknown",), "NetworkError"),
        ("WriteError", ("unknown",), "NetworkError"),
        ("RemoteProtocolError", ("unknown",), "ProtocolError"),
    ):
        _parent = _base if _base == "Exception" else f"{_library}.{_base}"
        ADAPTER.failures(FailureModel(f"{_library}.{_name}", _outcomes, (_parent,)))
        ADAPTER.alias(f"{_library}._exceptions.{_name}", f"{_library}.{_name}")


def _phases(value: Value) -> Value:
    """`Timeout(10, connect=2)` and `(connect, read, write, pool)` as seconds or (connect, read)."""
    if isinstance(value, SequenceValue):
        return pair(value.items[0], value.items[1]) if len(value.items) > 1 else value
    if class_name(value).rpartition(".")[2] != "Timeout":
        return value
    total = argument_of(value, "timeout", 0, NOT_GIVEN)
    if total not in (NOT_GIVEN, UNKNOWN):
        total = _phases(total)
    connect = argument_of(value, "connect", -1, _part(total, 0))
    read = argument_of(value, "read", -1, _part(total, 1))
    return UNKNOWN if NOT_GIVEN in (connect, read) else pair(connect, read)


def _part(value: Value, index: int) -> Value:
    return value.items[index] if isinstance(value, SequenceValue) else value


LIMIT = Limit(Const(5.0), client_position=-1, bounds="phase", normal=_phases)


@ADAPTER.calls(*(f"{library}.{name}" for library in _LIBRARIES for name in VERBS))
def _function(call: ResolvedCall) -> Iterable[Fact]:
    """`httpx.get(url)`"""
    yield _request(call, verb(call), call.value("url", 0))


@ADAPTER.calls(*(f"{library}.{name}" for library in _LIBRARIES for name in ("request", "stream")))
def _function_by_name(call: ResolvedCall) -> Iterable[Fact]:
    """`httpx.request("GET", url)`, `httpx.stream("GET", url)`"""
    yield _request(call, call.value("method", 0), call.value("url", 1))


@ADAPTER.calls(
    *(f"{library}.{cls}.{name}" for library in _LIBRARIES for cls in ("Client", "AsyncClient") for name in VERBS)
)
def _method(call: ResolvedCall) -> Iterable[Fact]:
    """`client.get(path)`"""
    if not _in_process(call.receiver):
        yield _request(call, verb(call), _url(call, call.value("url", 0)))


@ADAPTER.calls(
    *(
        f"{lib}.{cls}.{name}"
        for lib in _LIBRARIES
        for cls in ("Client", "AsyncClient")
        for name in ("request", "stream")
    )
)
def _method_by_name(call: ResolvedCall) -> Iterable[Fact]:
    """`client.request("GET", path)`, `client.stream("GET", path)`"""
    if not _in_process(call.receiver):
        yield _request(call, call.value("method", 0), _url(call, call.value("url", 1)))


@ADAPTER.calls(*(f"{library}.{cls}.send" for library in _LIBRARIES for cls in ("Client", "AsyncClient")))
def _prepared(call: ResolvedCall) -> Iterable[Fact]:
    """`client.send(request)`: what it asks for was said elsewhere."""
    if not _in_process(call.receiver):
        yield _request(call, UNKNOWN, UNKNOWN)


@ADAPTER.calls(*(f"{library}.{cls}" for library in _LIBRARIES for cls in ("Client", "AsyncClient")))
def _client_created(call: ResolvedCall) -> Iterable[Fact]:
    """`httpx.AsyncClient(base_url=...)`"""
    created = client_created(
        call,
        _library_of(call),
        call.value("base_url", -1, UNKNOWN),
        LIMIT.of(call),
        _timeout_remedy(call, "set-client-timeout"),
    )
    if not _in_process(created.client):
        yield created


def _url(call: ResolvedCall, path: Value) -> Value:
    return appended(client_value(call.receiver, "base_url", -1, Const("")), path)


def _in_process(client: Value | None) -> bool:
    """`AsyncClient(transport=ASGITransport(app=app))`, or `AsyncClient(app=app)` of older versions."""
    transport = client_value(client, "transport", -1, NONE)
    return class_name(transport).rpartition(".")[2] in _IN_PROCESS or client_value(client, "app", -1, NONE) not in (
        NONE,
        UNKNOWN,
    )


def _request(call: ResolvedCall, method: Value, url: Value) -> HttpCall:
    is_async = ".AsyncClient." in call.name
    hooks = NONE if call.receiver is None else client_value(call.receiver, "event_hooks", -1, NONE)
    return Client(_library_of(call), _STATUS).request(
        call,
        method,
        url,
        LIMIT.of(call),
        is_blocking=not is_async,
        # An event hook may raise for the status.
        raises_on_status=False if hooks == NONE else None,
        transport_attempts=_attempts(call, method),
        transport_resends=_resends(call, method),
        remedies=_remedies(call, is_async=is_async),
    )


def _attempts(call: ResolvedCall, method: Value) -> int | None:
    """Tries of the client's transport; httpx's own repeats only connecting."""
    if call.receiver is None:
        return 1
    transport = client_value(call.receiver, "transport", -1, NONE)
    if transport == NONE and client_value(call.receiver, "mounts", -1, NONE) == NONE:
        return 1
    if class_name(transport).rpartition(".")[2] in ("HTTPTransport", "AsyncHTTPTransport"):
        retries = number(argument_of(transport, "retries", 9, Const(0)))
        return None if retries is None else int(retries) + 1
    if class_name(transport) == _RETRYING:
        total = number(argument_of(_retry(transport), "total", 0, Const(10)))
        return None if total is None else int(total) + 1 if _resends(call, method) else 1
    return None


def _retry(transport: Value) -> Value:
    """The policy of a retrying transport; its default is an object without arguments."""
    given = argument_of(transport, "retry", 1, NONE)
    return transport if given == NONE else given


def _resends(call: ResolvedCall, method: Value) -> bool:
    """A retrying transport repeats after any outcome, but only methods that may be repeated."""
    transport = client_value(call.receiver, "transport", -1, NONE) if call.receiver is not None else NONE
    if class_name(transport) != _RETRYING:
        return False
    policy = _retry(transport)
    allowed = NONE if policy == transport else argument_of(policy, "allowed_methods", 1, NONE)
    names = IDEMPOTENT if allowed == NONE else texts(allowed) or ()
    return upper(method) in tuple(Const(name.upper()) for name in names)


def _library_of(call: ResolvedCall) -> str:
    return call.name.partition(".")[0]


def _timeout_remedy(call: ResolvedCall, aim: str) -> Remedy:
    library = _library_of(call)
    return Remedy(aim, "argument", f"timeout={library}.Timeout({{read}}, connect={{connect}})", (f"{library}.",))


def _remedies(call: ResolvedCall, *, is_async: bool) -> tuple[Remedy, ...]:
    timeout = _timeout_remedy(call, "set-timeout")
    check = Remedy("check-status", "after", "{result}.raise_for_status()")
    if is_async:
        return (timeout, check)
    return (timeout, check, to_thread("safe" if call.receiver is None else "review"))
