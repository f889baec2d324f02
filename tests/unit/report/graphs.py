"""A small graph for tests of its renderings."""

from __future__ import annotations

import msgspec

from shearpin.facts.service import Infra, Service
from shearpin.facts.site import Hop, Site
from shearpin.graph.model import Attribute, Edge, Endpoint, ServiceGraph

from .desk import Desk


def service(name: str, **more: object) -> Service:
    plain = Service(
        id=name, root=name, language="python", kind="web", framework="fastapi", source_roots=(name,), entries=(),
        hosts=(name,), ports=(8000,), manifests=("compose.yaml",), aliases=(), deployments=(),
    )  # fmt: skip
    return msgspec.structs.replace(plain, **more)


def edge(site: Site, source: str, target: str, **more: object) -> Edge:
    plain = Edge(
        source=source, target=target, target_kind="service", protocol="http", op="POST /charge",
        op_norm="POST /charge", site=site, mode="sync", style="blocking", confidence="certain",
    )  # fmt: skip
    return msgspec.structs.replace(plain, **more)


def shop(desk: Desk) -> ServiceGraph:
    desk.write("compose.yaml", "services:\n  db: {image: postgres}\n")
    desk.write("orders/main.py", 'import x\n\nhttp.post("http://payments/charge")\npublish()\nhttp.get(url)\n')
    desk.write("payments/main.py", '@app.post("/charge")\ndef charge(): ...\n')
    call = desk.site("orders/main.py", "http.post")
    return ServiceGraph(
        services=(service("orders"), service("payments", aliases=("pay",))),
        infra=(Infra("db", "postgres", ("db",), (5432,), desk.site("compose.yaml", "db")),),
        endpoints=(
            Endpoint("payments", "http", "POST /charge", "POST /charge", desk.site("payments/main.py", "@app"), True),
            Endpoint("payments", "task", "send", "send", desk.site("payments/main.py", "def"), False),
        ),
        edges=(
            edge(
                call, "orders", "payments", resolved_via=("compose",), timeout=Attribute("5.0", "httpx default"),
                evidence=(Hop(desk.site("compose.yaml", "services"), "compose names the host"),),
            ),
            edge(
                desk.site("orders/main.py", "publish"), "orders", "topic:amqp/orders", target_kind="topic",
                protocol="amqp", op="publish orders", op_norm="publish orders", mode="async",
            ),
            edge(
                desk.site("orders/main.py", "http.get"), "orders", "", target_kind="unknown", op="GET {url}",
                op_norm="GET {}", confidence="possible", unknown_reason="url is a parameter nobody passes",
            ),
            edge(desk.site("payments/main.py", "def"), "payments", "db", target_kind="datastore", protocol="sql",
                 op="", op_norm=""),
        ),
    )  # fmt: skip
