"""GraphQL: where it is served, which operations there are, who asks."""

from __future__ import annotations

import pytest

from .drawing import FASTAPI, FLASK, edges, endpoints, system

SCHEMA = """\
import strawberry

@strawberry.type
class Order:
    @strawberry.field
    def customer(self) -> str: ...

@strawberry.type
class Query:
    @strawberry.field
    def open_orders(self) -> list[Order]: ...

@strawberry.type
class Mutation:
    @strawberry.mutation
    def place_order(self) -> Order: ...

schema = strawberry.Schema(query=Query, mutation=Mutation)
"""
ASGI = "from strawberry.asgi import GraphQL\n"
MOUNTS = {
    "router": f"{FASTAPI}from strawberry.fastapi import GraphQLRouter\n"
    "app.include_router(GraphQLRouter(schema), prefix='/graphql')\n",
    "prefix": f"{FASTAPI}from strawberry.fastapi import GraphQLRouter\n"
    "app.include_router(GraphQLRouter(schema, path='/graphql'))\n",
    "mount": f"{FASTAPI}{ASGI}app.mount('/graphql', GraphQL(schema))\n",
    "route": f"{FASTAPI}{ASGI}app.add_route('/graphql', GraphQL(schema))\n",
    "view": f"{FLASK}from strawberry.flask.views import GraphQLView\n"
    "app.add_url_rule('/graphql', view_func=GraphQLView.as_view('graphql', schema=schema))\n",
}


@pytest.mark.parametrize("main", MOUNTS.values(), ids=MOUNTS)
def test_operations_and_who_asks(main: str) -> None:
    client = (
        "from gql import Client, gql\nfrom gql.transport.requests import RequestsHTTPTransport\n"
        "client = Client(transport=RequestsHTTPTransport(url='http://a:8000/graphql', timeout=3))\n"
        "client.execute(gql('{ openOrders { customer } }'))\n"
    )
    session = system({"a/main.py": f"from api import schema\n{main}", "a/api.py": SCHEMA, "b/main.py": client})
    assert [edge for edge in edges(session) if edge.startswith("b")] == ["b -> a POST /graphql"]
    operations = [found for found in endpoints(session) if found.startswith("graphql")]
    assert operations == ["graphql Mutation.placeOrder", "graphql Query.openOrders"]
    served = [found for found in endpoints(session) if found.rstrip("/").endswith(" /graphql")]
    assert len(served) == 1
    assert served[0].startswith(("GET|POST ", "ANY "))
