"""strawberry: GraphQL servers whose schema is written as classes.

Names of fields become camel case. `GraphQLRouter` is a FastAPI router, `GraphQL` an ASGI application of its own; both
answer GET and POST at one path. A resolver that is a plain function runs on the event loop there.

## A schema and its operations
```python
import strawberry
from fastapi import FastAPI
from strawberry.asgi import GraphQL
from strawberry.fastapi import GraphQLRouter

def cheapest() -> str: ...

@strawberry.type
class Query:
    price: str = strawberry.field(resolver=cheapest)

    @strawberry.field
    def by_customer(self, name: str) -> str: ...

@strawberry.type
class Mutation:
    @strawberry.mutation(name="place")
    async def place_order(self) -> str: ...

schema = strawberry.Schema(query=Query, mutation=Mutation)
app = FastAPI()
app.include_router(GraphQLRouter(schema), prefix="/graphql")
app.mount("/internal", GraphQL(schema))
```
```facts
10: Route price handler=cheapest loop resolver on ''
12: Route byCustomer handler=Query.by_customer loop resolver on ''
17: Route place handler=Mutation.place_order loop resolver on ''
20: Route Query handler=Query loop graphql on Schema@20
20: Route Mutation handler=Mutation loop graphql on Schema@20
21: Application FastAPI@21 extras=[GET /openapi.json, GET /docs, GET /redoc, GET /docs/oauth2-redirect]
22: Mount GraphQLRouter@22 on FastAPI@21 prefix=/graphql
22: Application router GraphQLRouter@22
22: Route GET,POST '' loop on GraphQLRouter@22
23: Mount GraphQL@23 on FastAPI@21 prefix=/internal
23: Application router GraphQL@23
23: Route GET,POST '' loop on GraphQL@23
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import basis, decorated, function_of, text
from shearpin.adapterkit.graphql import camel, resolver, roots, served
from shearpin.adapterkit.routes import NO_PREFIX
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE

ADAPTER = Adapter("strawberry", version="0.341.2", distributions=("strawberry-graphql",))

_SCHEMA, _ROUTER, _APP = "strawberry.Schema", "strawberry.fastapi.GraphQLRouter", "strawberry.asgi.GraphQL"
_FIELDS = ("strawberry.field", "strawberry.mutation", "strawberry.subscription")

ADAPTER.alias("strawberry.schema.Schema", _SCHEMA)
ADAPTER.alias("strawberry.federation.Schema", _SCHEMA)
ADAPTER.alias("strawberry.federation.field", _FIELDS[0])
ADAPTER.alias("strawberry.federation.mutation", _FIELDS[1])
ADAPTER.alias("strawberry.fastapi.router.GraphQLRouter", _ROUTER)
ADAPTER.models(
    ClassModel(_SCHEMA),
    ClassModel(_ROUTER, bases=("fastapi.APIRouter",)),
    ClassModel(_APP),
    *(CallModel(name, transparent_decorator=True, decorated_context="request") for name in _FIELDS),
)


@ADAPTER.calls(_SCHEMA)
def _schema(call: ResolvedCall) -> Iterable[Fact]:
    yield from roots(call, "strawberry")


@ADAPTER.calls(_ROUTER)
def _router(call: ResolvedCall) -> Iterable[Fact]:
    yield from served(call, "strawberry", call.value("path", 1, NO_PREFIX))


@ADAPTER.calls(_APP)
def _application(call: ResolvedCall) -> Iterable[Fact]:
    yield from served(call, "strawberry")


@ADAPTER.decorates(*_FIELDS)
def _decorated(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@strawberry.field def orders(self)`"""
    given = use.call.value("name", -1, NONE)
    own = camel(use.target.name) if use.target is not None else ""
    name = own if given == NONE else text(given)
    if name:
        yield resolver(decorated(use, "strawberry"), name, use.function)


@ADAPTER.calls(*_FIELDS)
def _field(call: ResolvedCall) -> Iterable[Fact]:
    """`orders: list[Order] = strawberry.field(resolver=load_orders)`"""
    handler = function_of(call.value("resolver", 0, NONE))
    if handler is not None and call.result_name:
        yield resolver(basis(call, "strawberry"), camel(call.result_name), handler)
