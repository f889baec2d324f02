"""requests: blocking HTTP calls that wait for ever unless the call itself says otherwise.

`Session` takes no timeout, so only `timeout=` of the call counts. A number bounds connecting and every read, never the
whole call. A status of 4xx or 5xx is returned, not raised. Nothing is tried again, unless an `HTTPAdapter` with
`max_retries` is mounted: then failed connections are repeated for every method and unknown outcomes for the idempotent
ones.

## Calls and sessions
```python
import requests

session = requests.Session()

def pay(order_id: str, amount: int) -> None:
    response = session.post(f"http://payments/orders/{order_id}/charge", json={"amount": amount})
    response.raise_for_status()

def stock(sku: str) -> int:
    return requests.get("http://stock/items/" + sku, timeout=(3.05, 10)).json()["left"]
```
```facts
3: ClientCreated http timeout=None(default) costly
6: HttpCall POST http://payments/orders/{order_id}/charge timeout=None(default) attempts=? blocking
10: HttpCall GET http://stock/items/{sku} timeout=(3.05, 10)(call) blocking
```

## A mounted adapter repeats requests
```python
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

session = requests.Session()
session.mount("https://", HTTPAdapter(max_retries=Retry(total=3, allowed_methods=None)))
session.mount("http://", HTTPAdapter(max_retries=2))
```
```facts
5: ClientCreated http timeout=None(default) costly
6: TransportMounted on Session@5 prefix=https:// attempts=4 resends=*
7: TransportMounted on Session@5 prefix=http:// attempts=3 resends=GET,HEAD,OPTIONS,TRACE,PUT,DELETE
```

## What hides a timeout
```python
import requests

def load(url: str, **options: object) -> requests.Response:
    return requests.request("GET", url, **options)

def known(url: str) -> requests.Response:
    options = {"timeout": 5}
    return requests.get(url, **options)
```
```facts
4: HttpCall GET {url} timeout=?(unknown) blocking
8: HttpCall GET {url} timeout=5(call) blocking
```

## A base URL
```python
from requests_toolbelt.sessions import BaseUrlSession

session = BaseUrlSession("http://orders/api/")

def load():
    session.get("orders", timeout=3)
```
```facts
3: ClientCreated http target=http://orders/api/ timeout=None(default) costly
6: HttpCall GET http://orders/api/orders timeout=3(call) attempts=? blocking
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
from shearpin.adapterkit.http import IDEMPOTENT, VERBS, Client, Response, rooted, verb
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Remedy, Timeout, TransportMounted
from shearpin.facts.model import CallModel, ClassModel, FailureModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Value

ADAPTER = Adapter("requests", version="2.34.2")

_SESSION = "requests.Session"
#: of requests-toolbelt
_BASED = "requests_toolbelt.sessions.BaseUrlSession"
_ADAPTER = "requests.adapters.HTTPAdapter"
_RESPONSE = "requests.Response"
_CLIENT = Client(
    "requests",
    Response(
        checks=("raise_for_status", "ok", "status_code"),
        raising_checks=("raise_for_status",),
        bodies=("json", "text", "content", "iter_content", "iter_lines", "raw"),
    ),
)
_CHECK = Remedy("check-status", "after", "{result}.raise_for_status()")
_TIMEOUT = Remedy("set-timeout", "argument", "timeout=({connect}, {read})")

ADAPTER.alias("requests_toolbelt.BaseUrlSession", _BASED)
ADAPTER.alias("requests.sessions.Session", _SESSION)
ADAPTER.alias("requests.session", _SESSION)
ADAPTER.alias("requests.sessions.session", _SESSION)
ADAPTER.alias("requests.models.Response", _RESPONSE)
ADAPTER.alias("requests.api", "requests")
ADAPTER.alias("requests.HTTPAdapter", _ADAPTER)
for _name in ("ConnectionError", "ConnectTimeout", "ReadTimeout", "Timeout", "HTTPError", "RequestException"):
    ADAPTER.alias(f"requests.exceptions.{_name}", f"requests.{_name}")
ADAPTER.failures(
    FailureModel("requests.RequestException", (), ("OSError",)),
    FailureModel("requests.ConnectionError", ("not-sent", "unknown"), ("requests.RequestException",)),
    FailureModel("requests.Timeout", (), ("requests.RequestException",)),
    FailureModel("requests.ConnectTimeout", ("not-sent",), ("requests.ConnectionError", "requests.Timeout")),
    FailureModel("requests.ReadTimeout", ("unknown",), ("requests.Timeout",)),
    FailureModel("requests.exceptions.ChunkedEncodingError", ("unknown",), ("requests.RequestException",)),
    FailureModel("requests.HTTPError", ("answered",), ("requests.RequestException",)),
    FailureModel("requests.exceptions.RetryError", ("answered",), ("requests.RequestException",)),
)
ADAPTER.models(
    ClassModel(_SESSION),
    ClassModel(_BASED, bases=(_SESSION,)),
    ClassModel(_RESPONSE),
    ClassModel(_ADAPTER),
    *(CallModel(f"requests.{name}", returns=_RESPONSE) for name in (*VERBS, "request")),
    *(CallModel(f"{_SESSION}.{name}", returns=_RESPONSE) for name in (*VERBS, "request", "send")),
)


def _phases(value: Value) -> Value:
    """`urllib3.Timeout(connect=, read=, total=)` as a pair; numbers and tuples stay."""
    if class_name(value) != "urllib3.Timeout":
        return value
    total = argument_of(value, "total", 0, NONE)
    connect = argument_of(value, "connect", 1, total)
    read = argument_of(value, "read", 2, total)
    return pair(connect if total == NONE else total, read if total == NONE else total)


LIMIT = Limit(NONE, bounds="phase", normal=_phases, follows_sockets=False)
_SESSION_REQUEST = Limit(NONE, position=8, bounds="phase", normal=_phases, follows_sockets=False)


@ADAPTER.calls(*(f"requests.{name}" for name in VERBS))
def _function(call: ResolvedCall) -> Iterable[Fact]:
    """`requests.post(url, ...)`"""
    yield _request(call, verb(call), call.value("url", 0), LIMIT.of(call))


@ADAPTER.calls("requests.request")
def _function_by_name(call: ResolvedCall) -> Iterable[Fact]:
    """`requests.request(method, url, ...)`"""
    yield _request(call, call.value("method", 0), call.value("url", 1), LIMIT.of(call))


@ADAPTER.methods(_SESSION, *VERBS)
def _method(call: ResolvedCall) -> Iterable[Fact]:
    """`session.post(url, ...)`"""
    yield _request(call, verb(call), call.value("url", 0), LIMIT.of(call))


@ADAPTER.methods(_SESSION, "request")
def _method_by_name(call: ResolvedCall) -> Iterable[Fact]:
    """`session.request(method, url, ...)`"""
    yield _request(call, call.value("method", 0), call.value("url", 1), _SESSION_REQUEST.of(call))


@ADAPTER.methods(_SESSION, "send")
def _prepared(call: ResolvedCall) -> Iterable[Fact]:
    """`session.send(prepared)`: what it asks for was said elsewhere."""
    yield _request(call, UNKNOWN, UNKNOWN, LIMIT.of(call))


@ADAPTER.calls(_SESSION, _BASED)
def _session(call: ResolvedCall) -> Iterable[Fact]:
    base = call.value("base_url", 0) if call.name == _BASED else UNKNOWN
    yield client_created(call, "requests", base, Timeout(NONE, "default", site=call.site, bounds="phase"))


@ADAPTER.methods(_SESSION, "mount")
def _mount(call: ResolvedCall) -> Iterable[Fact]:
    """`session.mount("https://", HTTPAdapter(max_retries=Retry(...)))`"""
    adapter = call.value("adapter", 1)
    attempts, methods = _retries(argument_of(adapter, "max_retries", 2, Const(0)))
    is_ours = class_name(adapter) != _ADAPTER
    yield TransportMounted(
        site=call.site,
        head=call.head,
        function=call.function,
        library="requests",
        client=UNKNOWN if call.receiver is None else call.receiver,
        prefix=call.value("prefix", 0),
        attempts=UNKNOWN if is_ours else attempts,
        methods=() if is_ours else methods,
        timeout=UNKNOWN_TIMEOUT if is_ours else None,
    )


def _retries(value: Value) -> tuple[Value, tuple[str, ...]]:
    """Total tries and the methods that are sent again: from a number, or from `urllib3.Retry(total, ...)`."""
    if class_name(value) == "urllib3.Retry":
        total = number(argument_of(value, "total", 0, Const(10)))
        allowed = argument_of(value, "allowed_methods", 6, argument_of(value, "method_whitelist", -1, NOT_GIVEN))
        methods = IDEMPOTENT if allowed == NOT_GIVEN else _methods(allowed)
        return (UNKNOWN if total is None else Const(int(total) + 1)), methods
    count = number(value)
    return (UNKNOWN, ()) if count is None else (Const(int(count) + 1), IDEMPOTENT if count else ())


def _methods(allowed: Value) -> tuple[str, ...]:
    """`allowed_methods=None` and, in older versions, False mean all of them."""
    if allowed in (NONE, Const(value=False)):
        return ("*",)
    return tuple(method.upper() for method in texts(allowed) or ())


def _request(call: ResolvedCall, method: Value, url: Value, timeout: Timeout) -> Fact:
    is_session = call.receiver is not None
    is_known = not is_session or client_value(call.receiver, "", -1, NOT_GIVEN) == NOT_GIVEN
    if class_name(call.receiver) == _BASED:
        is_known, url = True, rooted(client_value(call.receiver, "base_url", 0, Const("")), url)
    return _CLIENT.request(
        call,
        method,
        url,
        timeout,
        is_blocking=True,
        # A session that is received, or of a class of the workspace, may raise for the status by itself.
        raises_on_status=False if is_known and call.argument("hooks") is None else None,
        # A mounted adapter may repeat; `TransportMounted` says so.
        transport_attempts=None if is_session else 1,
        remedies=(_TIMEOUT, _CHECK, to_thread("review" if is_session else "safe")),
    )
