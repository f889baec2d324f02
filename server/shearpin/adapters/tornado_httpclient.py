"""Tornado's HTTP clients: `AsyncHTTPClient` on the event loop, `HTTPClient` blocking.

A request waits 20 s for a connection and 20 s in all; 0 is for ever. `fetch` raises for a status of 400 and more unless
`raise_error=False`. What a request is, is given to `fetch` itself or to an `HTTPRequest`.

## Requests
```python
from tornado.httpclient import AsyncHTTPClient, HTTPClient, HTTPRequest

async def load(order):
    await AsyncHTTPClient().fetch("http://orders/" + order, request_timeout=3)
    client = AsyncHTTPClient()
    request = HTTPRequest("http://stock/items", method="POST", body=b"", request_timeout=5)
    await client.fetch(request)
    await client.fetch(request, raise_error=False)

def load_now():
    HTTPClient().fetch("http://orders/1")
```
```facts
4: HttpCall GET http://orders/{order} timeout=3(call) raises awaited
7: HttpCall POST http://stock/items timeout=5(call) raises awaited
8: HttpCall POST http://stock/items timeout=5(call) awaited
11: HttpCall GET http://orders/1 timeout=20(default) raises blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Limit, argument_of, class_name, to_thread
from shearpin.adapterkit.http import Client, Response
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Remedy, Timeout
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Instance, Value

ADAPTER = Adapter("tornado-httpclient", version="6.6.1", distributions=("tornado",))

_ASYNC, _SYNC = "tornado.httpclient.AsyncHTTPClient", "tornado.httpclient.HTTPClient"
_REQUEST, _RESPONSE = "tornado.httpclient.HTTPRequest", "tornado.httpclient.HTTPResponse"
_CLIENT = Client("tornado", Response(checks=("code", "error"), raising_checks=("rethrow",), bodies=("body", "buffer")))
_NOT_GIVEN = Const("\x00not given")
_LIMIT = Limit(Const(20), name="request_timeout", zero_is_forever=True, none_is_forever=False)
#: position of the limit in `HTTPRequest`
_TIMEOUT = 8

ADAPTER.alias("tornado.simple_httpclient.SimpleAsyncHTTPClient", _ASYNC)
ADAPTER.alias("tornado.curl_httpclient.CurlAsyncHTTPClient", _ASYNC)
ADAPTER.models(
    ClassModel(_ASYNC),
    ClassModel(_SYNC),
    ClassModel(_REQUEST),
    ClassModel(_RESPONSE),
    *(CallModel(f"{cls}.fetch", returns=_RESPONSE) for cls in (_ASYNC, _SYNC)),
)


@ADAPTER.calls(f"{_ASYNC}.fetch", f"{_SYNC}.fetch")
def _fetch(call: ResolvedCall) -> Iterable[Fact]:
    given = call.value("request", 0)
    is_object = class_name(given) == _REQUEST
    if is_object:
        method, url, limit = argument_of(given, "method", 1, Const("GET")), argument_of(given, "url", 0), _limit(given)
    else:
        open_ended = call.has_open_arguments and call.argument("method") is None
        method, url = (UNKNOWN if open_ended else call.value("method", -1, Const("GET"))), given
        limit = UNKNOWN_TIMEOUT if isinstance(given, Instance) else _LIMIT.of(call)
    is_blocking = call.name.startswith(_SYNC)
    raises = call.value("raise_error", 1, Const(value=True))
    remedy = Remedy("set-timeout", "argument", "request_timeout={read}")
    remedies = () if is_object else (remedy,)
    yield _CLIENT.request(
        call,
        method,
        url,
        limit,
        is_blocking=is_blocking,
        raises_on_status=raises.value if isinstance(raises, Const) and isinstance(raises.value, bool) else None,
        remedies=(*remedies, to_thread("review")) if is_blocking else remedies,
    )


def _limit(request: Value) -> Timeout:
    found = argument_of(request, "request_timeout", _TIMEOUT, _NOT_GIVEN)
    if found in (_NOT_GIVEN, NONE):
        return Timeout(Const(20), "default")
    return UNKNOWN_TIMEOUT if found == UNKNOWN else Timeout(NONE if found == Const(0) else found, "call")
