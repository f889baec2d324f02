"""Calls that are not HTTP: gRPC, nameko, load generators; from the start command to the edge."""

from __future__ import annotations

from textwrap import dedent

import pytest

from shearpin.adapters import adapter_set
from shearpin.graph.build import service_graph
from shearpin.graph.model import Edge, ServiceGraph
from shearpin.query import Database
from shearpin.query.keys import adapters, models
from shearpin.workspace.cache import Cache
from shearpin.workspace.files import MemoryFiles
from shearpin.workspace.summaries import Summaries
from shearpin.workspace.workspace import Workspace


def graph(files: dict[str, str]) -> ServiceGraph:
    db = Database()
    contents = {path: dedent(text).encode() for path, text in files.items()}
    known = adapter_set()
    db.update({models(): known.models, adapters(): known})
    Workspace(MemoryFiles(contents), db, Summaries(Cache(None), 1)).load(())
    return service_graph(db)


def edges(found: ServiceGraph, source: str) -> set[tuple[str, str, str]]:
    return {(edge.target, edge.protocol, edge.op_norm) for edge in found.edges if edge.source == source}


def offered(found: ServiceGraph, service: str) -> set[tuple[str, str]]:
    return {(endpoint.kind, endpoint.op) for endpoint in found.endpoints if endpoint.service == service}


def the_edge(found: ServiceGraph, source: str) -> Edge:
    (edge,) = [edge for edge in found.edges if edge.source == source]
    return edge


# --------------------------------------------------------------------- gRPC

COMPOSE = """
    services:
      shop:
        build: shop
        environment: {ORDERS_ADDR: "orders:50051"}
      orders:
        build: orders
"""
DOCKERFILE = "FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD python main.py\n"
PROTO = """
    package acme.v1;
    service Orders {
      rpc Total (Query) returns (Answer);
      rpc Stop (Query) returns (Answer);
    }
"""
CLIENT = """
    import os
    import grpc
    import orders_pb2_grpc

    class Shop:
        def total(self, request):
            return stub.Total(request, timeout=2)

    if __name__ == "__main__":
        stub = orders_pb2_grpc.OrdersStub(grpc.insecure_channel(os.environ["ORDERS_ADDR"]))
        Shop().total(None)
"""
SERVER = """
    import grpc
    from orders_pb2_grpc import OrdersServicer, add_OrdersServicer_to_server

    class Orders(OrdersServicer):
        def Total(self, request, context): ...

    server = grpc.server(None)
    add_OrdersServicer_to_server(Orders(), server)
"""
GRPC = {
    "compose.yml": COMPOSE,
    "protos/orders.proto": PROTO,
    "shop/Dockerfile": DOCKERFILE,
    "shop/main.py": CLIENT,
    "orders/Dockerfile": DOCKERFILE,
    "orders/main.py": SERVER,
}
#: what grpc_tools generates, shortened
GENERATED = """
    class OrdersStub(object):
        def __init__(self, channel):
            self.Total = channel.unary_unary('/acme.v2.Orders/Total', request_serializer=None)

    class OrdersServicer(object):
        def Total(self, request, context):
            raise NotImplementedError()

    def add_OrdersServicer_to_server(servicer, server):
        server.add_generic_rpc_handlers(())
"""


def test_a_stub_of_the_main_program_reaches_the_service_behind_its_channel():
    found = graph(GRPC)
    assert edges(found, "shop") == {("orders", "grpc", "rpc acme.v1.Orders/Total")}
    edge = the_edge(found, "shop")
    assert edge.timeout is not None
    assert edge.timeout.value == "2 s"
    assert edge.style == "blocking"
    assert "env-manifest" in edge.resolved_via


def test_procedures_that_a_server_registers_are_endpoints():
    found = graph(GRPC)
    assert offered(found, "orders") == {("grpc", "rpc acme.v1.Orders/Total"), ("grpc", "rpc acme.v1.Orders/Stop")}
    total = next(endpoint for endpoint in found.endpoints if endpoint.op.endswith("/Total"))
    assert total.site.part == "Orders.Total"
    assert total.registered


def test_servers_that_a_test_starts_are_not_those_of_the_service():
    found = graph({**GRPC, "shop/tests/integration/test_orders.py": SERVER})
    assert offered(found, "shop") == set()


@pytest.mark.parametrize("folder", ["shop", "shop/gen"])
def test_generated_code_may_be_present(folder: str):
    files = {**GRPC, f"{folder}/orders_pb2_grpc.py": GENERATED}
    if folder != "shop":
        files["shop/main.py"] = CLIENT.replace("import orders_pb2_grpc", "from gen import orders_pb2_grpc")
    assert edges(graph(files), "shop") == {("orders", "grpc", "rpc acme.v1.Orders/Total")}


def test_without_a_definition_generated_code_knows_the_package():
    files = {path: text for path, text in GRPC.items() if not path.endswith(".proto")}
    files["shop/orders_pb2_grpc.py"] = GENERATED
    assert edges(graph(files), "shop") == {("orders", "grpc", "rpc acme.v2.Orders/Total")}


def test_with_neither_the_service_is_named_as_its_stub():
    files = {path: text for path, text in GRPC.items() if not path.endswith(".proto")}
    assert edges(graph(files), "shop") == {("orders", "grpc", "rpc Orders/Total")}


def test_of_several_definitions_the_nearest_counts():
    files = {**GRPC, "shop/protos/orders.proto": PROTO.replace("acme.v1", "acme.v3")}
    assert edges(graph(files), "shop") == {("orders", "grpc", "rpc acme.v3.Orders/Total")}


def test_a_stub_that_another_module_makes():
    files = {
        **GRPC,
        "shop/clients.py": """
            import grpc
            from orders_pb2_grpc import OrdersStub

            class Orders:
                def __init__(self, address: str):
                    self.stub = OrdersStub(grpc.aio.insecure_channel(address))

            def orders(address):
                return Orders(address).stub
        """,
        "shop/main.py": """
            import asyncio
            import clients

            remote = clients.Orders("dns:///orders:50051")

            async def main():
                await remote.stub.Total(None)
                await clients.orders("orders:50051").Stop(None)

            asyncio.run(main())
        """,
    }
    found = graph(files)
    assert edges(found, "shop") == {
        ("orders", "grpc", "rpc acme.v1.Orders/Total"),
        ("orders", "grpc", "rpc acme.v1.Orders/Stop"),
    }
    assert {edge.style for edge in found.edges} == {"asyncio"}


def test_an_address_that_is_not_set_is_unknown():
    files = {**GRPC, "compose.yml": COMPOSE.replace("ORDERS_ADDR", "OTHER")}
    edge = the_edge(graph(files), "shop")
    assert (edge.target_kind, edge.confidence) == ("unknown", "possible")
    assert "ORDERS_ADDR" in edge.unknown_reason


# ------------------------------------------------------------------- nameko

NAMEKO_COMPOSE = """
    services:
      rabbit: {image: rabbitmq}
      db: {image: postgres}
      cache: {image: redis}
      web-gateway:
        build: gateway
        environment: {RABBIT_HOST: rabbit}
      order-worker:
        build: orders
        environment: {RABBIT_HOST: rabbit, DB_HOST: db, CACHE_HOST: cache}
"""
NAMEKO_DOCKERFILE = "FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD nameko run --config config.yml service\n"
AMQP = "AMQP_URI: amqp://${RABBIT_USER:guest}:${RABBIT_PASSWORD:guest}@${RABBIT_HOST:localhost}:5672/\n"
NAMEKO = {
    "compose.yml": NAMEKO_COMPOSE,
    "gateway/Dockerfile": NAMEKO_DOCKERFILE,
    "gateway/config.yml": AMQP,
    "gateway/entrypoints.py": """
        from nameko.web.handlers import HttpRequestHandler

        class Entrypoint(HttpRequestHandler):
            def response_from_exception(self, exc): ...

        http = Entrypoint.decorator
    """,
    "gateway/service.py": """
        from nameko.events import event_handler
        from nameko.rpc import RpcProxy

        from entrypoints import http

        class Gateway:
            name = "gateway"
            orders = RpcProxy("orders")

            @http("GET,POST", "/orders/<int:order_id>")
            def order(self, request, order_id):
                return self._order(order_id)

            def _order(self, order_id):
                return self.orders.get(order_id)

            @event_handler("orders", "created")
            def created(self, payload): ...
    """,
    "orders/Dockerfile": NAMEKO_DOCKERFILE,
    "orders/config.yml": AMQP + "DB_URIS:\n  'orders:Base': postgresql://${DB_HOST:localhost}/${DB:orders}\n"
    'CACHE_URI: redis://user:${CACHE_PASSWORD:""}@${CACHE_HOST}:6379/1\n',
    "orders/service.py": """
        import redis
        from nameko import config
        from nameko.events import EventDispatcher
        from nameko.extensions import DependencyProvider
        from nameko.rpc import rpc
        from nameko_sqlalchemy import DatabaseSession

        from models import Base

        class Storage(DependencyProvider):
            def setup(self):
                self.client = redis.StrictRedis.from_url(config.get("CACHE_URI"))

        class Orders:
            name = "orders"
            db = DatabaseSession(Base)
            storage = Storage()
            dispatch = EventDispatcher()

            @rpc
            def get(self, order_id):
                self.dispatch("created", {})
    """,
}


def test_services_are_called_by_the_names_of_their_classes():
    found = graph(NAMEKO)
    assert ("order-worker", "nameko-rpc", "rpc get") in edges(found, "web-gateway")
    assert ("rpc", "rpc get") in offered(found, "order-worker")


def test_routes_by_an_entrypoint_of_the_project():
    routes = {op for kind, op in offered(graph(NAMEKO), "web-gateway") if kind == "http"}
    assert routes == {"GET|POST /orders/{order_id}"}


def test_events_are_named_by_the_service_that_sends_them():
    found = graph(NAMEKO)
    topic = "topic:rabbit/orders.created"
    assert (topic, "nameko-event", "publish created") in edges(found, "order-worker")
    assert (topic, "nameko-event", "consume created") in edges(found, "web-gateway")


def test_settings_files_lead_to_stores():
    found = edges(graph(NAMEKO), "order-worker")
    assert {target for target, protocol, _ in found if protocol == "sql"} == {"db"}
    assert {target for target, protocol, _ in found if protocol == "redis"} == {"cache"}


def test_a_settings_variable_without_default_and_value_is_unknown():
    files = {**NAMEKO, "compose.yml": NAMEKO_COMPOSE.replace("CACHE_HOST", "OTHER")}
    (edge,) = [edge for edge in graph(files).edges if edge.protocol == "redis"]
    assert edge.target_kind == "unknown"


def test_a_name_that_nobody_answers_to():
    files = {**NAMEKO, "orders/service.py": NAMEKO["orders/service.py"].replace('name = "orders"', 'name = "other"')}
    (edge,) = [edge for edge in graph(files).edges if edge.protocol == "nameko-rpc"]
    assert (edge.target, edge.target_kind) == ("unknown:orders", "unknown")


# ---------------------------------------------------------- load generators

LOAD = {
    "compose.yml": """
        services:
          shop: {build: shop, ports: ["80:8080"]}
          load:
            build: load
            environment: {TARGET: "shop:8080"}
    """,
    "shop/Dockerfile": DOCKERFILE,
    "shop/main.py": """
        from flask import Flask
        app = Flask(__name__)

        @app.get("/items/<item>")
        def item(item): ...
    """,
    "load/locustfile.py": """
        from locust import HttpUser, task

        class Buyer(HttpUser):
            host = "http://nobody"

            @task
            def view(self):
                look(self, "/items/7")

        def look(user, path):
            user.client.get(path)
            user.client.get("/items/7/")
    """,
}


@pytest.mark.parametrize(
    "command",
    [
        'ENTRYPOINT locust --host="http://${TARGET}" --headless',
        "ENTRYPOINT locust -H http://$TARGET --headless > /dev/null 2>&1",
        'ENTRYPOINT ["locust", "--host", "http://shop:8080"]',
        'ENTRYPOINT ["sh", "-c", "locust --host http://${OTHER:-shop:8080}"]',
        "ENV LOCUST_HOST=http://shop:8080\nCMD locust",
        'CMD ["./start.sh"]',
    ],
)
def test_the_host_of_the_start_command(command: str):
    script = '#!/bin/sh\nif [ "$SILENT" ]; then\n  locust --host "http://$TARGET"\nfi\n'
    dockerfile = f"FROM python:3.12\nWORKDIR /load\nCOPY . .\n{command}\n"
    found = graph({**LOAD, "load/Dockerfile": dockerfile, "load/start.sh": script})
    assert edges(found, "load") == {("shop", "http", "GET /items/{}"), ("shop", "http", "GET /items/{}/")}


def test_the_host_of_the_class_counts_without_one():
    dockerfile = "FROM python:3.12\nWORKDIR /load\nCOPY . .\nCMD locust\n"
    source = LOAD["load/locustfile.py"].replace("http://nobody", "http://shop:8080")
    found = graph({**LOAD, "load/Dockerfile": dockerfile, "load/locustfile.py": source})
    assert {edge.target for edge in found.edges} == {"shop"}


def test_a_path_at_the_call_is_where_the_edge_stands():
    dockerfile = "FROM python:3.12\nWORKDIR /load\nCOPY . .\nCMD locust\n"
    source = LOAD["load/locustfile.py"].replace("http://nobody", "http://shop:8080")
    found = graph({**LOAD, "load/Dockerfile": dockerfile, "load/locustfile.py": source})
    assert {(edge.site.part, edge.op) for edge in found.edges} == {
        ("Buyer.view", "GET /items/7"),
        ("look", "GET /items/7/"),
    }
