"""gql and sgqlc: clients that post GraphQL to one URL.

gql raises for 400 and above. With a transport that is awaited a request ends after 10 s (`execute_timeout`); with
`RequestsHTTPTransport` nothing ends it unless `timeout` is given, and with `HTTPXTransport` httpx's 5 s do. sgqlc's
endpoints are called; nothing ends them without `timeout`.

## Clients
```python
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.requests import RequestsHTTPTransport

slow = Client(transport=RequestsHTTPTransport(url="http://orders/graphql"))
quick = Client(transport=AIOHTTPTransport(url="http://stock/graphql"), execute_timeout=3)

def load():
    slow.execute(gql("{ orders { id } }"))

async def check():
    async with quick as session:
        await session.execute(gql("{ stock { id } }"))
    await Client(transport=AIOHTTPTransport("http://stock/graphql")).execute_async(gql("{ stock { id } }"))
```
```facts
9: HttpCall POST http://orders/graphql timeout=None(client) raises blocking
13: HttpCall POST http://stock/graphql timeout=3(client) raises awaited
14: HttpCall POST http://stock/graphql timeout=10(default) raises awaited
```

## Endpoints
```python
from sgqlc.endpoint.http import HTTPEndpoint

endpoint = HTTPEndpoint("http://orders/graphql", timeout=5)

def load():
    return endpoint("{ orders { id } }")
```
```facts
6: HttpCall POST http://orders/graphql timeout=5(client) raises=? blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import NOT_GIVEN, to_thread
from shearpin.adapterkit.http import Client, Response
from shearpin.adapterkit.store import argument_of, class_of, made_from
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Remedy, Timeout
from shearpin.facts.model import ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Instance, Value

ADAPTER = Adapter("gql", version="4.4.0", distributions=("gql", "sgqlc"))

_CLIENT = "gql.Client"
_SESSION = "gql.client.Session"
_SYNC = ("gql.transport.requests.RequestsHTTPTransport", "gql.transport.httpx.HTTPXTransport")
_ASYNC = ("gql.transport.aiohttp.AIOHTTPTransport", "gql.transport.httpx.HTTPXAsyncTransport")
_ENDPOINTS = ("sgqlc.endpoint.http.HTTPEndpoint", "sgqlc.endpoint.requests.RequestsEndpoint")
_ANSWER = Response(checks=(), raising_checks=(), bodies=())
_GQL, _SGQLC = Client("gql", _ANSWER), Client("sgqlc", _ANSWER)
_AT_CLIENT = Remedy("set-client-timeout", "argument", "timeout={read}")

ADAPTER.alias("gql.client.Client", _CLIENT)
ADAPTER.models(
    ClassModel(_CLIENT, enters=_SESSION),
    ClassModel(_SESSION),
    *(ClassModel(name) for name in (*_SYNC, *_ASYNC, *_ENDPOINTS)),
)


def _transport(value: Value | None) -> Instance | None:
    for item in made_from(value):
        if class_of(item) in (*_SYNC, *_ASYNC) and isinstance(item, Instance):
            return item
    return None


def _limit(transport: Instance, client: Value | None) -> Timeout:
    """`execute_timeout` of the client for what is awaited, else the transport's own."""
    if class_of(transport) in _ASYNC:
        owner = next((item for item in made_from(client) if class_of(item) == _CLIENT), None)
        given = argument_of(owner, "execute_timeout", -1, NOT_GIVEN)
        if given == UNKNOWN:
            return UNKNOWN_TIMEOUT
        site = owner.site if isinstance(owner, Instance) else None
        return Timeout(Const(10), "default", site=site) if given == NOT_GIVEN else Timeout(given, "client", site=site)
    default: Value = NONE if class_of(transport) == _SYNC[0] else Const(5)
    return Timeout(argument_of(transport, "timeout", -1, default), "client", site=transport.site, bounds="phase")


@ADAPTER.methods(_CLIENT, "execute", "execute_async")
@ADAPTER.methods(_SESSION, "execute")
def _execute(call: ResolvedCall) -> Iterable[Fact]:
    transport = _transport(call.receiver)
    if transport is None:
        # A schema that is executed in place, or a transport of another kind.
        return
    is_blocking = call.name == f"{_CLIENT}.execute" or class_of(transport) in _SYNC
    yield _GQL.request(
        call,
        Const("POST"),
        argument_of(transport, "url", 0),
        _limit(transport, call.receiver),
        is_blocking=is_blocking,
        raises_on_status=True,
        transport_attempts=1 if argument_of(transport, "retries", -1, NONE) == NONE else None,
        remedies=(_AT_CLIENT, to_thread("review")) if class_of(transport) in _SYNC else (),
    )


@ADAPTER.calls(*(f"{name}.__call__" for name in _ENDPOINTS))
def _call(call: ResolvedCall) -> Iterable[Fact]:
    endpoint = call.receiver
    given = call.value("timeout", 4, NONE)
    limit = argument_of(endpoint, "timeout", 2, NONE) if given == NONE else given
    site = endpoint.site if isinstance(endpoint, Instance) else None
    yield _SGQLC.request(
        call,
        Const("POST"),
        argument_of(endpoint, "url", 0),
        Timeout(limit, "client" if given == NONE else "call", site=site),
        is_blocking=True,
        raises_on_status=None,
        remedies=(_AT_CLIENT, to_thread("review")),
    )
