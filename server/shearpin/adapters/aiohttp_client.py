"""aiohttp's client: awaited HTTP calls that end after 300 seconds in all, body included.

`ClientSession(timeout=ClientTimeout(total=...))` or the call sets another limit; a `ClientTimeout` without `total`
takes the limit of the whole away. Zero and None mean no limit. Idempotent methods are sent once more when the
connection breaks. A status of 4xx or 5xx is returned unless `raise_for_status=True`.

## Sessions
```python
import aiohttp

async def orders() -> None:
    async with aiohttp.ClientSession("http://orders/api/") as session:
        async with session.get("open") as response:
            response.raise_for_status()
        await session.post("/orders", json={}, timeout=aiohttp.ClientTimeout(total=5))

async def feed() -> None:
    limit = aiohttp.ClientTimeout(sock_read=5)
    async with aiohttp.ClientSession(timeout=limit, raise_for_status=True) as session:
        async with session.request("post", "http://feed/events") as response:
            await response.text()
        async with session.ws_connect("ws://feed/live", timeout=1) as socket:
            await socket.receive()
```
```facts
4: ClientCreated http target=http://orders/api/ timeout=300.0(default) costly
5: HttpCall GET http://orders/api/open timeout=300.0(default) attempts=2 resends
7: HttpCall POST http://orders/orders timeout=5(call) awaited
11: ClientCreated http timeout=(None, 5)(call) costly
12: HttpCall POST http://feed/events timeout=(None, 5)(client) raises
14: HttpCall GET ws://feed/live timeout=(None, 5)(client) raises attempts=2 resends
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Limit, argument_of, class_name, client_value, pair
from shearpin.adapterkit.effects import client_created
from shearpin.adapterkit.http import IDEMPOTENT, VERBS, Client, Response, rooted, upper, verb
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, HttpCall, Remedy, Timeout
from shearpin.facts.model import CallModel, ClassModel, FailureModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Value

ADAPTER = Adapter("aiohttp-client", version="3.14.5", distributions=("aiohttp",))

_SESSION = "aiohttp.ClientSession"
_RESPONSE = "aiohttp.ClientResponse"
_CLIENT = Client(
    "aiohttp",
    Response(
        checks=("raise_for_status", "ok", "status"),
        raising_checks=("raise_for_status",),
        bodies=("json", "text", "read", "content"),
    ),
)
NO = Const(value=False)
_TEXT = "timeout=aiohttp.ClientTimeout(total={read}, connect={connect})"

ADAPTER.alias("aiohttp.client.ClientSession", _SESSION)
ADAPTER.alias("aiohttp.client.ClientTimeout", "aiohttp.ClientTimeout")
ADAPTER.alias("aiohttp.client_reqrep.ClientResponse", _RESPONSE)
ADAPTER.alias("aiohttp.client.request", "aiohttp.request")
_CLIENT_ERROR = "aiohttp.ClientError"
ADAPTER.failures(
    FailureModel(_CLIENT_ERROR, (), ("Exception",)),
    FailureModel("aiohttp.ClientResponseError", ("answered",), (_CLIENT_ERROR,)),
    FailureModel("aiohttp.ClientPayloadError", ("unknown",), (_CLIENT_ERROR,)),
    FailureModel("aiohttp.ClientConnectionError", (), (_CLIENT_ERROR,)),
    FailureModel("aiohttp.ClientOSError", ("not-sent", "unknown"), ("aiohttp.ClientConnectionError", "OSError")),
    FailureModel("aiohttp.ClientConnectorError", ("not-sent",), ("aiohttp.ClientOSError",)),
    FailureModel("aiohttp.ClientConnectorDNSError", ("not-sent",), ("aiohttp.ClientConnectorError",)),
    FailureModel("aiohttp.ServerConnectionError", (), ("aiohttp.ClientConnectionError",)),
    FailureModel("aiohttp.ServerDisconnectedError", ("unknown",), ("aiohttp.ServerConnectionError",)),
    FailureModel("aiohttp.ServerTimeoutError", (), ("aiohttp.ServerConnectionError", "TimeoutError")),
    FailureModel("aiohttp.ConnectionTimeoutError", ("not-sent",), ("aiohttp.ServerTimeoutError",)),
    FailureModel("aiohttp.SocketTimeoutError", ("unknown",), ("aiohttp.ServerTimeoutError",)),
    # `total=` raises the standard library's own class, whatever the phase.
    FailureModel("aiohttp.client.total", ("not-sent", "unknown"), ("TimeoutError",)),
)
for _name in (
    "ClientError",
    "ClientResponseError",
    "ClientPayloadError",
    "ClientConnectionError",
    "ClientOSError",
    "ClientConnectorError",
    "ServerDisconnectedError",
    "ServerTimeoutError",
):
    ADAPTER.alias(f"aiohttp.client_exceptions.{_name}", f"aiohttp.{_name}")
ADAPTER.models(
    ClassModel(_SESSION),
    ClassModel(_RESPONSE),
    ClassModel("aiohttp.ClientTimeout"),
    CallModel("yarl.URL", returns_argument=0),
    ClassModel("aiohttp.TCPConnector"),
    *(CallModel(f"{_SESSION}.{name}", returns=_RESPONSE, enters=_RESPONSE) for name in (*VERBS, "request")),
    CallModel("aiohttp.request", returns=_RESPONSE, enters=_RESPONSE),
)


def _total(value: Value) -> Value:
    """`ClientTimeout(total=5)` as seconds, without total as (connect, read)."""
    if class_name(value) != "aiohttp.ClientTimeout":
        return value
    total = argument_of(value, "total", 0, NONE)
    if total != NONE:
        return total
    connect = argument_of(value, "sock_connect", 3, argument_of(value, "connect", 1, NONE))
    return pair(connect, argument_of(value, "sock_read", 2, NONE))


LIMIT = Limit(Const(300.0), client_position=-1, zero_is_forever=True, normal=_total)


@ADAPTER.methods(_SESSION, *VERBS)
def _method(call: ResolvedCall) -> Iterable[Fact]:
    """`async with session.get(url) as response`"""
    yield _request(call, verb(call), call.value("url", 0))


@ADAPTER.calls("aiohttp.request", f"{_SESSION}.request")
def _method_by_name(call: ResolvedCall) -> Iterable[Fact]:
    """`session.request("GET", url)`"""
    yield _request(call, call.value("method", 0), call.value("url", 1))


@ADAPTER.methods(_SESSION, "ws_connect")
def _socket(call: ResolvedCall) -> Iterable[Fact]:
    """`session.ws_connect(url)`: its `timeout` is one of the open socket, and a refused handshake raises."""
    found = _request(call, Const("GET"), call.value("url", 0))
    limit = _of_session(call, UNKNOWN_TIMEOUT if call.receiver is None else LIMIT.of_client(call.receiver))
    yield msgspec.structs.replace(found, timeout=limit, raises_on_status=True, remedies=())


@ADAPTER.calls(_SESSION)
def _session(call: ResolvedCall) -> Iterable[Fact]:
    remedy = Remedy("set-client-timeout", "argument", _TEXT, ("aiohttp.",))
    base = call.value("base_url", 0, UNKNOWN)
    yield client_created(call, "aiohttp", base, _session_limit(call), remedy)


def _session_limit(call: ResolvedCall) -> Timeout:
    # A session takes None for its default, a call takes it for no limit.
    return Limit(Const(300.0), none_is_forever=False, zero_is_forever=True, normal=_total).of(call)


def _request(call: ResolvedCall, method: Value, path: Value) -> HttpCall:
    base = Const("") if call.receiver is None else client_value(call.receiver, "base_url", 0, Const(""))
    raises = call.argument("raise_for_status")
    flag = raises.value if raises is not None else client_value(call.receiver, "raise_for_status", -1, NO)
    resends = upper(method) in tuple(Const(name) for name in IDEMPOTENT)
    return _CLIENT.request(
        call,
        method,
        path if base in (Const(""), NONE) else rooted(base, path),
        _timeout(call),
        is_blocking=False,
        raises_on_status=_truth(flag) if call.receiver is not None or raises is not None else False,
        transport_attempts=2 if resends else 1 if isinstance(method, Const) else None,
        transport_resends=resends,
        remedies=(
            Remedy("set-timeout", "argument", _TEXT, ("aiohttp.",)),
            Remedy("check-status", "after", "{result}.raise_for_status()"),
        ),
    )


def _timeout(call: ResolvedCall) -> Timeout:
    return _of_session(call, LIMIT.of(call))


def _of_session(call: ResolvedCall, found: Timeout) -> Timeout:
    # A session takes None for its default, a call takes it for no limit; `ClientTimeout()` has none for both.
    is_default = found.origin == "client" and client_value(call.receiver, "timeout", -1, NONE) == NONE
    return msgspec.structs.replace(found, none_is_forever=False) if is_default else found


def _truth(value: Value) -> bool | None:
    return value.value if isinstance(value, Const) and isinstance(value.value, bool) else None
