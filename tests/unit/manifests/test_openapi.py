from __future__ import annotations

from .reading import at, read_text

YAML = """\
swagger: "2.0"
basePath: /v1/
paths:
  /orders:
    x-swagger-router-controller: shop.orders
    parameters: []
    get: {operationId: every}
    post: {operationId: create, x-swagger-router-controller: shop.writing}
  /health: {get: {}}
  x-notes: {get: {}}
"""


def test_operations_with_their_places() -> None:
    (contract,) = read_text("api/swagger.yml", YAML).contracts
    assert contract.base == "/v1"
    assert [(found.method, found.path, found.handler) for found in contract.operations] == [
        ("GET", "/orders", "shop.orders.every"),
        ("POST", "/orders", "shop.writing.create"),
        ("GET", "/health", ""),
    ]
    assert at({"api/swagger.yml": YAML}, contract.operations[1].site) == "post"


def test_json_and_servers() -> None:
    text = '{"openapi": "3.1.0", "servers": [{"url": "https://shop.test/api/"}], "paths": {"/x": {"put": {}}}}'
    (contract,) = read_text("openapi.json", text).contracts
    assert (contract.base, contract.operations[0].method) == ("/api", "PUT")


def test_a_server_with_a_variable_has_no_base() -> None:
    (contract,) = read_text("a.yaml", "openapi: 3.0.0\nservers: [{url: '{scheme}://x/y'}]\npaths: {}\n").contracts
    assert contract.base == ""


def test_what_is_no_description() -> None:
    assert read_text("a.yaml", "openapi: 3.0.0\ninfo: {}\n").contracts == ()
    assert read_text("a.yaml", "tools: {openapi: x}\n").contracts == ()
    assert read_text("broken.yaml", "openapi: 3.0.0\npaths: [\n").problems != ()
