"""urllib3: blocking HTTP calls that wait for ever by default and are tried again by default.

A `PoolManager` makes up to 4 tries of idempotent methods; a failed connection is repeated for every method. Only the
module function `urllib3.request` has a limit by itself, 3 seconds. A status of 4xx or 5xx is returned.

## Managers, pools, functions
```python
import urllib3

http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=7))
pool = urllib3.HTTPConnectionPool("stock", 8080, retries=urllib3.Retry(total=1))

def calls() -> None:
    http.request("GET", "http://orders/orders")
    http.request("POST", "http://orders/orders", retries=False)
    pool.request("GET", "/items")
    urllib3.request("GET", "http://orders/health")
```
```facts
3: ClientCreated http timeout=(2, 7)(call) costly
4: ClientCreated http target=http://stock:8080 timeout=None(default) costly
7: HttpCall GET http://orders/orders timeout=(2, 7)(client) attempts=4 resends blocking
8: HttpCall POST http://orders/orders timeout=(2, 7)(client) blocking
9: HttpCall GET http://stock:8080/items timeout=None(default) attempts=2 resends blocking
10: HttpCall GET http://orders/health timeout=3(default) attempts=4 resends blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import (
    Limit,
    argument_of,
    class_name,
    client_value,
    number,
    pair,
    to_thread,
)
from shearpin.adapterkit.effects import client_created
from shearpin.adapterkit.http import IDEMPOTENT, Client, Response, host_url, upper
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, HttpCall, Remedy
from shearpin.facts.model import CallModel, ClassModel, FailureModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Value

ADAPTER = Adapter("urllib3", version="2.8.0")

_MANAGER = "urllib3.PoolManager"
_PROXY = "urllib3.ProxyManager"
_POOLS = {"urllib3.HTTPConnectionPool": "http", "urllib3.HTTPSConnectionPool": "https"}
_RESPONSE = "urllib3.BaseHTTPResponse"
_RETRY = "urllib3.Retry"
_CLIENT = Client(
    "urllib3",
    Response(checks=("status",), raising_checks=(), bodies=("data", "json", "read", "stream", "read_chunked")),
)

ADAPTER.alias("urllib3.poolmanager.PoolManager", _MANAGER)
ADAPTER.alias("urllib3.connectionpool.HTTPConnectionPool", "urllib3.HTTPConnectionPool")
ADAPTER.alias("urllib3.connectionpool.HTTPSConnectionPool", "urllib3.HTTPSConnectionPool")
ADAPTER.alias("urllib3.response.HTTPResponse", _RESPONSE)
ADAPTER.alias("urllib3.util.Retry", _RETRY)
ADAPTER.alias("urllib3.util.retry.Retry", _RETRY)
ADAPTER.alias("requests.packages.urllib3.util.retry.Retry", _RETRY)
ADAPTER.alias("urllib3.util.Timeout", "urllib3.Timeout")
ADAPTER.alias("urllib3.util.timeout.Timeout", "urllib3.Timeout")
ADAPTER.failures(
    FailureModel("urllib3.exceptions.HTTPError", (), ("Exception",)),
    FailureModel("urllib3.exceptions.MaxRetryError", ("not-sent", "unknown"), ("urllib3.exceptions.HTTPError",)),
    FailureModel("urllib3.exceptions.TimeoutError", (), ("urllib3.exceptions.HTTPError",)),
    FailureModel("urllib3.exceptions.ConnectTimeoutError", ("not-sent",), ("urllib3.exceptions.TimeoutError",)),
    FailureModel("urllib3.exceptions.NewConnectionError", ("not-sent",), ("urllib3.exceptions.ConnectTimeoutError",)),
    FailureModel("urllib3.exceptions.NameResolutionError", ("not-sent",), ("urllib3.exceptions.NewConnectionError",)),
    FailureModel("urllib3.exceptions.ReadTimeoutError", ("unknown",), ("urllib3.exceptions.TimeoutError",)),
    FailureModel("urllib3.exceptions.ProtocolError", ("unknown",), ("urllib3.exceptions.HTTPError",)),
)
ADAPTER.models(
    ClassModel(_MANAGER),
    ClassModel(_PROXY, bases=(_MANAGER,)),
    ClassModel(_RESPONSE),
    ClassModel(_RETRY),
    ClassModel("urllib3.Timeout"),
    *(ClassModel(name) for name in _POOLS),
    CallModel("urllib3.request", returns=_RESPONSE),
    *(
        CallModel(f"{owner}.{name}", returns=_RESPONSE)
        for owner in (_MANAGER, *_POOLS)
        for name in ("request", "urlopen")
    ),
)


def _phases(value: Value) -> Value:
    """`Timeout(connect=, read=)` as a pair, `Timeout(total=)` as seconds."""
    if class_name(value) != "urllib3.Timeout":
        return value
    total = argument_of(value, "total", 0, NONE)
    connect, read = argument_of(value, "connect", 1, NONE), argument_of(value, "read", 2, NONE)
    return total if total != NONE else pair(connect, read)


LIMIT = Limit(NONE, client_position=-1, bounds="phase", normal=_phases)
_POOL_LIMIT = Limit(NONE, client_position=2, bounds="phase", normal=_phases)
_FUNCTION_LIMIT = Limit(Const(3), bounds="phase", normal=_phases)


@ADAPTER.calls("urllib3.request")
def _function(call: ResolvedCall) -> Iterable[Fact]:
    yield _request(call, _FUNCTION_LIMIT, call.value("url", 1))


@ADAPTER.methods(_MANAGER, "request", "urlopen")
def _method(call: ResolvedCall) -> Iterable[Fact]:
    """`PoolManager().request("GET", url)`"""
    yield _request(call, LIMIT, call.value("url", 1))


@ADAPTER.calls(*(f"{pool}.{name}" for pool in _POOLS for name in ("request", "urlopen")))
def _pooled(call: ResolvedCall) -> Iterable[Fact]:
    """`HTTPConnectionPool("host").request("GET", "/path")`"""
    scheme = _POOLS[call.name.rpartition(".")[0]]
    host, port = client_value(call.receiver, "host", 0, UNKNOWN), client_value(call.receiver, "port", 1, NONE)
    yield _request(call, _POOL_LIMIT, host_url(scheme, host, port, call.value("url", 1)))


@ADAPTER.calls(_MANAGER, _PROXY)
def _manager(call: ResolvedCall) -> Iterable[Fact]:
    remedy = Remedy(
        "set-client-timeout", "argument", "timeout=urllib3.Timeout(connect={connect}, read={read})", ("urllib3.",)
    )
    yield client_created(call, "urllib3", UNKNOWN, LIMIT.of(call), remedy)


@ADAPTER.calls(*_POOLS)
def _pool(call: ResolvedCall) -> Iterable[Fact]:
    target = host_url(_POOLS[call.name], call.value("host", 0), call.value("port", 1, NONE), Const(""))
    limit = Limit(NONE, position=2, bounds="phase", normal=_phases)
    yield client_created(call, "urllib3", target, limit.of(call))


def _request(call: ResolvedCall, limit: Limit, url: Value) -> HttpCall:
    method = upper(call.value("method", 0))
    attempts = _attempts(call)
    is_idempotent = isinstance(method, Const) and method.value in IDEMPOTENT
    return _CLIENT.request(
        call,
        method,
        url,
        limit.of(call),
        is_blocking=True,
        transport_attempts=attempts,
        transport_resends=attempts != 1 and is_idempotent,
        remedies=(
            Remedy("set-timeout", "argument", "timeout=urllib3.Timeout(connect={connect}, read={read})", ("urllib3.",)),
            to_thread("safe" if call.receiver is None else "review"),
        ),
    )


def _attempts(call: ResolvedCall) -> int | None:
    """Tries in all, from `retries=` of the call or the client: a number, False, or `Retry(...)`; 4 by default."""
    given = call.argument("retries")
    value = given.value if given is not None else client_value(call.receiver, "retries", -1, Const(3))
    if call.receiver is None and given is None:
        value = UNKNOWN if call.has_open_arguments else Const(3)
    if value == Const(value=False):
        return 1
    if class_name(value) == _RETRY:
        value = argument_of(value, "total", 0, Const(10))
    count = number(Const(3) if value == NONE else value)
    return None if count is None else int(count) + 1
