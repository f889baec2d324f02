from __future__ import annotations

import pytest

from shearpin.services import environment, gateway_routes, host_owner, layout

from .loading import Loaded

COMPOSE = """\
services:
  orders:
    build: ./orders
    container_name: shop-orders
    ports: ["8001:8000"]
    environment:
      PAY_URL: http://payments:5000
      SECRET: ${SECRET}
  payments:
    build: ./payments
    ports: ["8002:5000"]
  db:
    image: postgres
    ports: ["5433:5432"]
"""


def shop(**more: str) -> Loaded:
    files = {"compose.yaml": COMPOSE, "orders/main.py": "", "payments/main.py": ""}
    return Loaded({**files, **{path.replace("__", "/"): text for path, text in more.items()}})


@pytest.mark.parametrize(
    ("host", "port", "owner"),
    [
        ("payments", 5000, ("service", "payments")),
        ("Payments", None, ("service", "payments")),
        ("shop-orders", 8000, ("service", "orders")),
        ("db", 5432, ("infra", "db")),
        ("localhost", 8002, ("service", "payments")),
        ("127.0.0.1", 5433, ("infra", "db")),
        ("host.docker.internal", 8002, ("service", "payments")),
        ("localhost", 9999, ("unknown", "localhost")),
        ("localhost", None, ("unknown", "localhost")),
        ("payments.default.svc.cluster.local", 80, ("service", "payments")),
        ("payments.default.svc", 80, ("service", "payments")),
        ("payments.default", 80, ("service", "payments")),
        ("db-0.db", 5432, ("infra", "db")),
        ("payments.example.com", 443, ("external", "payments.example.com")),
        ("api.stripe.com", 443, ("external", "api.stripe.com")),
        ("10.0.0.1", 80, ("unknown", "10.0.0.1")),
        ("billing", 80, ("unknown", "billing")),
        ("metadata.google.internal", 80, ("unknown", "metadata.google.internal")),
    ],
)
def test_host_owner(host: str, port: int | None, owner: tuple[str, str]) -> None:
    assert host_owner(shop().db, host, port, "orders") == owner


def test_a_host_in_the_own_deployment_comes_first() -> None:
    project = "services:\n  api:\n    build: .\n  cache:\n    image: {0}\n"
    loaded = Loaded(
        {
            "one/compose.yaml": project.replace("{0}", "redis"),
            "one/main.py": "",
            "two/compose.yaml": project.replace("api", "web").replace("cache", "store").replace("{0}", "memcached"),
            "two/main.py": "",
        }
    )
    assert host_owner(loaded.db, "cache", 6379, "api") == ("infra", "cache")
    assert host_owner(loaded.db, "store", None, "web") == ("infra", "store")


def test_environment_per_deployment() -> None:
    loaded = shop(**{"compose.dev.yaml": "services:\n  orders:\n    environment: {PAY_URL: 'http://fake'}\n"})
    answers = environment(loaded.db, "orders", "PAY_URL")
    assert [(item.deployment, item.is_production, item.entry and item.entry.value) for item in answers] == [
        ("compose.yaml", True, "http://payments:5000"),
        ("compose.dev.yaml", False, "http://fake"),
    ]
    (secret, _) = environment(loaded.db, "orders", "SECRET")
    assert secret.entry is not None
    assert secret.entry.value is None
    assert [item.entry for item in environment(loaded.db, "orders", "NOTHING")] == [None, None]
    assert environment(loaded.db, "nobody", "X") == ()


def test_sources_of_an_environment_from_weak_to_strong() -> None:
    loaded = Loaded(
        {
            "compose.yaml": "services:\n  s:\n    build: ./s\n    environment: {C: manifest}\n",
            "s/Dockerfile": "FROM python\nENV B=image C=image\n",
            "s/.env": "A=dotenv\nB=dotenv\nC=dotenv\n",
            "s/main.py": "",
        }
    )
    found = {name: environment(loaded.db, "s", name)[0].entry for name in "ABC"}
    assert {name: entry and entry.value for name, entry in found.items()} == {
        "A": "dotenv",
        "B": "image",
        "C": "manifest",
    }


def test_config_maps_resolve_in_the_nearest_place() -> None:
    container = (
        "          envFrom: [{configMapRef: {name: common}}]\n"
        "          env: [{name: KEY, valueFrom: {configMapKeyRef: {name: common, key: URL}}}]\n"
    )
    workload = (
        "kind: Deployment\nmetadata: {name: s}\nspec:\n  template:\n    spec:\n      containers:\n"
        f"        - name: s\n          image: s\n{container}"
    )
    source = "kind: ConfigMap\nmetadata: {name: common}\ndata: {URL: 'http://x'}\n"
    loaded = Loaded(
        {
            "k8s/a/s.yaml": workload,
            "k8s/a/config.yaml": source.replace("x", "near"),
            "k8s/b/config.yaml": source.replace("x", "far"),
            "src/s/main.py": "",
        }
    )
    for name in ("URL", "KEY"):
        (answer,) = environment(loaded.db, "s", name)
        assert answer.entry is not None
        assert answer.entry.value == "http://near"
        assert answer.entry.site.path == "k8s/a/config.yaml"


def test_routes_of_a_gateway() -> None:
    loaded = Loaded(
        {
            "compose.yaml": "services:\n  web:\n    build: ./web\n  a:\n    build: ./a\n",
            "web/Dockerfile": "FROM nginx\n",
            "web/nginx.conf": "server { location /a { proxy_pass http://a:80; } }\n",
            "other/nginx.conf": "server { location /b { proxy_pass http://b:80; } }\n",
            "a/main.py": "",
        }
    )
    assert [route.prefix for route in gateway_routes(loaded.db, "web")] == ["/a"]
    assert gateway_routes(loaded.db, "a") == ()


def test_a_changed_value_recomputes_the_system_but_neither_layout_nor_hosts_are_read_anew() -> None:
    loaded = shop()
    before = layout(loaded.db)
    host_owner(loaded.db, "payments", 5000, "orders")
    environment(loaded.db, "payments", "X")
    loaded.edit("compose.yaml", COMPOSE.replace("http://payments:5000", "http://payments:5001"))
    loaded.db.reset_counters()
    assert layout(loaded.db) == before
    assert host_owner(loaded.db, "payments", 5000, "orders") == ("service", "payments")
    assert environment(loaded.db, "payments", "X")[0].entry is None
    counted = loaded.db.counters
    assert counted["services.system.system"] == 1
    assert "services.addresses.host_owner" not in counted
    (answer,) = environment(loaded.db, "orders", "PAY_URL")
    assert answer.entry is not None
    assert answer.entry.value == "http://payments:5001"


def test_an_edit_of_python_code_recomputes_nothing_here() -> None:
    loaded = shop()
    layout(loaded.db)
    loaded.edit("orders/main.py", "def f():\n    return 1\n")
    loaded.db.reset_counters()
    layout(loaded.db)
    assert loaded.db.executions() == 0
