"""FastAPI: routes by decorator on an application or router, dependencies by `Depends`.

The full path is the prefix of every `include_router`, then the router's own prefix, then the route's path. A `def`
handler or dependency runs in a pool of threads, an `async def` one on the event loop. `/openapi.json`, `/docs` and
`/redoc` are served unless they are switched off.

## Applications, routers, prefixes
```python
from fastapi import APIRouter, FastAPI

app = FastAPI(redoc_url=None)
router = APIRouter(prefix="/orders")

@router.get("/{order_id:int}")
async def order(order_id: int) -> None: ...

@router.post("")
def create() -> None: ...

@app.api_route("/files/{name:path}", methods=["GET", "PUT"])
async def files(name: str) -> None: ...

@app.websocket("/feed")
async def feed(socket: object) -> None: ...

def health() -> None: ...

app.add_api_route("/health", health)
app.include_router(router, prefix="/api")
app.mount("/admin", FastAPI(openapi_url=None))
```
```facts
3: Application FastAPI@3 extras=[GET /openapi.json, GET /docs, GET /docs/oauth2-redirect]
4: Application router APIRouter@4 prefix=/orders
6: Route GET /{order_id} handler=order loop on APIRouter@4
9: Route POST '' handler=create thread on APIRouter@4
12: Route GET,PUT /files/{name:path} handler=files loop on FastAPI@3
15: Route GET /feed handler=feed loop ws on FastAPI@3
20: Route GET /health handler=health thread on FastAPI@3
21: Mount APIRouter@4 on FastAPI@3 prefix=/api
22: Mount FastAPI@22 on FastAPI@3 prefix=/admin
22: Application FastAPI@22
```

## Dependencies
```python
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI

app = FastAPI(openapi_url=None)

async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url="http://stock") as found:
        yield found

@app.get("/stock")
async def stock(stock_client: Annotated[httpx.AsyncClient, Depends(client)]) -> None:
    await stock_client.get("/items")
```
```facts
7: Application FastAPI@7
10: ClientCreated http target=http://stock timeout=5.0(default) costly
13: Route GET /stock handler=stock loop on FastAPI@7
15: HttpCall GET http://stock/items timeout=5.0(default) awaited
```

## What the application holds
```python
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import Depends, FastAPI, Request

@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.client = httpx.AsyncClient(base_url="http://stock", timeout=2)
    yield  # serves requests

app = FastAPI(lifespan=lifespan, openapi_url=None)

def client(request: Request) -> httpx.AsyncClient:
    return request.app.state.client

@app.get("/stock")
async def stock(stock_client: httpx.AsyncClient = Depends(client)) -> None:
    await stock_client.get("/items")
```
```facts
9: ClientCreated http target=http://stock timeout=2(call) costly
12: Application FastAPI@12
17: Route GET /stock handler=stock loop on FastAPI@12
19: HttpCall GET http://stock/items timeout=2(client) awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import basis, decorated, made, text
from shearpin.adapterkit.routes import NO_PREFIX, application, braces, handler_of, methods_of, mount, route, runs_in
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Injection, Mode
from shearpin.facts.value import NONE, Const, Value

ADAPTER = Adapter("fastapi", version="0.165.0")

_APP = "fastapi.FastAPI"
_ROUTER = "fastapi.APIRouter"
_OWNERS = (_APP, _ROUTER)
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_MARKERS = ("fastapi.Depends", "fastapi.Security")
_TRANSPARENT = (*_VERBS, "api_route", "websocket")

ADAPTER.alias("fastapi.applications.FastAPI", _APP)
ADAPTER.alias("fastapi.routing.APIRouter", _ROUTER)
ADAPTER.alias("fastapi.params.Depends", "fastapi.Depends")
ADAPTER.alias("fastapi.param_functions.Depends", "fastapi.Depends")
ADAPTER.alias("fastapi.params.Security", "fastapi.Security")
ADAPTER.alias("fastapi.param_functions.Security", "fastapi.Security")
ADAPTER.alias("fastapi.exceptions.HTTPException", "fastapi.HTTPException")
for _owner in _OWNERS:
    ADAPTER.alias(f"{_owner}.websocket_route", f"{_owner}.websocket")
ADAPTER.models(
    ClassModel(
        _APP,
        bases=("starlette.applications.Starlette",),
        attributes=(("state", "starlette.datastructures.State"), ("router", _ROUTER)),
    ),
    ClassModel(_ROUTER, bases=("starlette.routing.Router",)),
    ClassModel("fastapi.HTTPException"),
    *(Injection(name) for name in _MARKERS),
    *(CallModel(name, callbacks=(Callback(0, "dependency", mode=Mode.LATER, context="request"),)) for name in _MARKERS),
    *(
        CallModel(owner, callbacks=(Callback(-1, "lifespan", mode=Mode.LATER, parameters=(_APP,), context="startup"),))
        for owner in _OWNERS
    ),
    *(
        CallModel(f"{owner}.{name}", transparent_decorator=True, decorated_context="request")
        for owner in _OWNERS
        for name in _TRANSPARENT
    ),
    *(
        CallModel(f"{owner}.{name}", callbacks=(Callback(1, "endpoint", mode=Mode.LATER, context="request"),))
        for owner in _OWNERS
        for name in ("add_api_route", "add_api_websocket_route")
    ),
)


@ADAPTER.calls(_APP)
def _application(call: ResolvedCall) -> Iterable[Fact]:
    """`FastAPI(docs_url=None)`"""
    yield application(basis(call, "fastapi"), made(call), extras=_extras(call))


@ADAPTER.calls(_ROUTER)
def _router(call: ResolvedCall) -> Iterable[Fact]:
    """`APIRouter(prefix="/orders")`"""
    prefix = call.value("prefix", -1, NO_PREFIX)
    yield application(basis(call, "fastapi"), made(call), is_router=True, prefix=prefix)


@ADAPTER.decorates(*(f"{owner}.{name}" for owner in _OWNERS for name in _VERBS))
def _verb(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@app.get("/orders/{order_id}")`"""
    yield _decorated(use, (use.call.name.rpartition(".")[2].upper(),), "http")


@ADAPTER.decorates(*(f"{owner}.api_route" for owner in _OWNERS))
def _api_route(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@app.api_route("/orders", methods=["GET", "POST"])`"""
    yield _decorated(use, methods_of(use.call.value("methods", -1, NONE), ("GET",)), "http")


@ADAPTER.decorates(*(f"{owner}.websocket" for owner in _OWNERS))
def _websocket(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@app.websocket("/feed")`"""
    yield _decorated(use, ("GET",), "ws")


@ADAPTER.calls(*(f"{owner}.{name}" for owner in _OWNERS for name in ("add_api_route", "add_api_websocket_route")))
def _added(call: ResolvedCall) -> Iterable[Fact]:
    """`app.add_api_route("/orders", list_orders, methods=["GET"])`"""
    is_socket = call.name.endswith("websocket_route")
    handler, _ = handler_of(call.value("endpoint", 1))
    path = call.argument("path", 0)
    yield route(
        basis(call, "fastapi"),
        call.receiver,
        braces(call.value("path", 0)),
        methods=("GET",) if is_socket else methods_of(call.value("methods", -1, NONE), ("GET",)),
        handler=handler,
        runs="thread",
        kind="ws" if is_socket else "http",
        path_site=path.site if path else None,
    )


@ADAPTER.calls(*(f"{owner}.include_router" for owner in _OWNERS))
def _include(call: ResolvedCall) -> Iterable[Fact]:
    """`app.include_router(router, prefix="/api")`"""
    yield mount(basis(call, "fastapi"), call.receiver, call.value("router", 0), call.value("prefix", -1, NO_PREFIX))


def _decorated(use: ResolvedDecorator, methods: tuple[str, ...], kind: str) -> Fact:
    path = use.call.argument("path", 0)
    return route(
        decorated(use, "fastapi"),
        use.call.receiver,
        braces(use.call.value("path", 0)),
        methods=methods,
        handler=use.function,
        runs=runs_in(use.target),
        kind=kind,
        path_site=path.site if path else None,
    )


def _extras(call: ResolvedCall) -> tuple[str, ...]:
    """Schema and pages that FastAPI serves; a page needs the schema."""
    if call.value("openapi_url", -1, Const("/openapi.json")) == NONE:
        return ()
    served: list[Value] = [
        call.value("openapi_url", -1, Const("/openapi.json")),
        call.value("docs_url", -1, Const("/docs")),
        call.value("redoc_url", -1, Const("/redoc")),
    ]
    paths = [path for path in (text(value) for value in served) if path]
    docs = text(served[1])
    if docs:
        paths.append(text(call.value("swagger_ui_oauth2_redirect_url", -1, Const("/docs/oauth2-redirect"))) or "")
    return tuple(f"GET {path}" for path in paths if path)
