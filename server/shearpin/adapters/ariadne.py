"""ariadne: GraphQL servers whose schema is written as text and bound to functions.

`GraphQL` is an ASGI or WSGI application that answers GET and POST at the path where it is mounted.

## A schema and its operations
```python
from ariadne import MutationType, QueryType, make_executable_schema
from ariadne.asgi import GraphQL
from starlette.applications import Starlette

query, mutation = QueryType(), MutationType()

@query.field("orders")
async def orders(*_): ...

@mutation.field("placeOrder")
def place(*_, name): ...

app = Starlette()
app.mount("/graphql", GraphQL(make_executable_schema("", query, mutation)))
```
```facts
7: Route Query.orders handler=orders loop graphql on ''
10: Route Mutation.placeOrder handler=place loop graphql on ''
13: Application Starlette@13
14: Mount GraphQL@14 on Starlette@13 prefix=/graphql
14: Application router GraphQL@14
14: Route GET,POST '' loop on GraphQL@14
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import decorated, text
from shearpin.adapterkit.graphql import operation, served
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel

ADAPTER = Adapter("ariadne", version="1.1.1")

_TYPES = {f"ariadne.{name}Type": name for name in ("Query", "Mutation", "Subscription")}
_APPS = ("ariadne.asgi.GraphQL", "ariadne.wsgi.GraphQL")

for _name in _TYPES:
    _module = "subscriptions" if _name.endswith("SubscriptionType") else "objects"
    ADAPTER.alias(_name.replace("ariadne.", f"ariadne.{_module}."), _name)
    ADAPTER.models(
        ClassModel(_name),
        *(
            CallModel(f"{_name}.{method}", transparent_decorator=True, decorated_context="request")
            for method in ("field", "source")
        ),
    )
ADAPTER.models(*(ClassModel(name) for name in _APPS))


@ADAPTER.decorates(*(f"{name}.field" for name in _TYPES))
def _field(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@query.field("orders")`"""
    name = text(use.call.value("name", 0))
    root = _TYPES.get(use.call.name.rpartition(".")[0])
    if name and root:
        yield operation(decorated(use, "ariadne"), f"{root}.{name}", use.function)


@ADAPTER.calls(*_APPS)
def _application(call: ResolvedCall) -> Iterable[Fact]:
    yield from served(call, "ariadne")
