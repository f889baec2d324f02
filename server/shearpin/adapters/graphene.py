"""graphene: GraphQL servers whose schema is written as classes with methods that are called `resolve_...`.

Views of graphene-django and of graphql-server answer GET and POST where they are routed.

## A schema and its view
```python
import graphene
from flask import Flask
from graphql_server.flask import GraphQLView

class Query(graphene.ObjectType):
    orders = graphene.List(graphene.String)

    def resolve_orders(self, info): ...

schema = graphene.Schema(query=Query)
app = Flask(__name__)
app.add_url_rule("/graphql", view_func=GraphQLView.as_view("graphql", schema=schema))
```
```facts
10: Route Query handler=Query loop graphql on Schema@10
11: Application Flask@11 extras=[GET /static/{filename:path}] slash=append
12: Route * /graphql worker on Flask@11
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.graphql import roots
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import ClassModel

ADAPTER = Adapter("graphene", version="3.4.3")

ADAPTER.models(ClassModel("graphene.Schema"))


@ADAPTER.calls("graphene.Schema")
def _schema(call: ResolvedCall) -> Iterable[Fact]:
    yield from roots(call, "graphene")
