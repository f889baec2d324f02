"""Requests through a gateway: it uses the services behind it, as its configuration says."""

from __future__ import annotations

from ...support import open_session
from .drawing import DOCKERFILE, FASTAPI, drawn

ORDERS = {"orders/Dockerfile": DOCKERFILE, "orders/main.py": FASTAPI + "@app.get('/items')\ndef items(): ...\n"}


def edges_of(files: dict[str, str]) -> list[str]:
    return [drawn(edge) for edge in open_session({**ORDERS, **files}, rules=()).graph().edges]


def test_traefik_by_labels() -> None:
    compose = (
        "services:\n  edge: {image: traefik:v3, ports: ['80:80']}\n  orders:\n    build: orders\n"
        "    labels: ['traefik.http.routers.o.rule=PathPrefix(`/orders`)']\n"
    )
    assert edges_of({"compose.yaml": compose}) == ["edge -> orders ANY /orders*"]


def test_labels_for_traefik_are_no_routes_of_another_gateway() -> None:
    compose = (
        "services:\n  edge: {image: kong}\n  orders:\n    build: orders\n"
        "    labels: ['traefik.http.routers.o.rule=PathPrefix(`/orders`)']\n"
    )
    assert edges_of({"compose.yaml": compose}) == []


def test_traefik_by_a_file_that_it_mounts() -> None:
    files = {
        "compose.yaml": "services:\n  edge: {image: traefik:v3, volumes: ['./conf:/etc/traefik']}\n"
        "  orders: {build: orders}\n",
        "conf/dynamic.yml": "http:\n  routers:\n    o:\n      rule: PathPrefix(`/orders`)\n      service: o\n"
        "  services: {o: {loadBalancer: {servers: [{url: 'http://orders:8000'}]}}}\n",
    }
    assert edges_of(files) == ["edge -> orders ANY /orders*"]


def test_envoy_with_limits() -> None:
    files = {
        "compose.yaml": "services:\n  edge: {image: envoyproxy/envoy, volumes: ['./envoy.yaml:/etc/envoy.yaml']}\n"
        "  orders: {build: orders}\n",
        "envoy.yaml": "static_resources:\n  listeners: [{virtual_hosts: [{routes: [{match: {prefix: /o}, route: "
        "{cluster: o, timeout: 3s, retry_policy: {num_retries: 1}}}]}]}]\n"
        "  clusters: [{name: o, hosts: [{socket_address: {address: orders, port_value: 8000}}]}]\n",
    }
    (edge,) = open_session({**ORDERS, **files}, rules=()).graph().edges
    assert drawn(edge) == "edge -> orders ANY /o*"
    assert edge.timeout is not None
    assert edge.attempts is not None
    assert (edge.timeout.value, edge.timeout.origin, edge.attempts.value) == ("3 s", "envoy", "2")


def test_a_target_that_is_a_variable_of_the_gateway() -> None:
    files = {
        "compose.yaml": "services:\n  web: {build: web, environment: {ORDERS_HOST: orders}}\n"
        "  orders: {build: orders}\n",
        "web/Dockerfile": "FROM nginx\nENV PORT=8000\nCOPY default.conf.template /etc/nginx/\n",
        "web/default.conf.template": "server {\n  location /o/ { proxy_pass http://${ORDERS_HOST}:${PORT}/; }\n"
        "  location /x/ { proxy_pass http://${UNSET}/; }\n}\n",
    }
    assert edges_of(files) == ["web -> orders ANY /o/*"]
