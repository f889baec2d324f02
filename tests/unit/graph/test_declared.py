"""What descriptions and catalogues say about services whose code does not show it."""

from __future__ import annotations

from shearpin.session import Session

from ...support import open_session
from .drawing import DOCKERFILE, FASTAPI, drawn

MAIL = (
    "asyncapi: 2.6.0\ninfo: {title: mail}\nservers: {main: {protocol: kafka}}\nchannels:\n"
    "  orders.created: {publish: {}}\n  mail.sent: {subscribe: {}}\n"
)
COMPOSE = "services:\n  orders: {build: orders}\n  mail: {build: mail}\n  broker: {image: apache/kafka}\n"
PUBLISHER = "from kafka import KafkaProducer\nproducer = KafkaProducer(bootstrap_servers='broker:9092')\n"


def opened(files: dict[str, str]) -> Session:
    whole = {"compose.yaml": COMPOSE, "orders/Dockerfile": DOCKERFILE, "mail/Dockerfile": "FROM node\nCOPY . .\n"}
    return open_session({**whole, "mail/package.json": "{}", "orders/main.py": FASTAPI, **files}, rules=())


def test_topics_of_a_service_in_another_language() -> None:
    sends = FASTAPI + PUBLISHER + "def send():\n    producer.send('orders.created', b'')\n"
    found = opened({"mail/asyncapi.yaml": MAIL, "orders/main.py": sends}).graph()
    assert [(drawn(edge), edge.confidence) for edge in found.edges] == [
        ("mail -> topic:broker/orders.created consume orders.created", "likely"),
        ("mail -> topic:broker/mail.sent publish mail.sent", "likely"),
        ("orders -> topic:broker/orders.created publish orders.created", "certain"),
    ]


def test_what_code_can_say_is_not_taken_from_a_description() -> None:
    assert opened({"orders/asyncapi.yaml": MAIL.replace("title: mail", "title: x")}).graph().edges == ()


def test_a_description_apart_belongs_to_the_service_of_its_title() -> None:
    edges = opened({"docs-of-topics/mail.yaml": MAIL}).graph().edges
    assert [edge.source for edge in edges] == ["mail", "mail"]
    assert opened({"contracts/x.yaml": MAIL.replace("title: mail", "title: nobody")}).graph().edges == ()


def component(name: str, spec: str) -> str:
    return f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n"


def test_a_catalogue_names_services_and_says_what_may_be_used() -> None:
    files = {
        "orders/catalog-info.yaml": component("order-service", "dependsOn: ['component:mailer', 'component:nobody']"),
        "mail/catalog-info.yaml": component("mailer", "consumesApis: [orders-api]"),
        "catalog-info.yaml": component("x", "providesApis: []")
        + "---\n"
        + component("order-service", "providesApis: [orders-api]"),
    }
    graph = opened(files).graph()
    assert [(drawn(edge), edge.confidence, edge.protocol) for edge in graph.edges] == [
        ("mail -> orders consumes orders-api", "possible", "declared"),
        ("orders -> mail depends on mailer", "possible", "declared"),
    ]
    assert {service.id: service.aliases for service in graph.services} == {
        "mail": ("mailer",),
        "orders": ("order-service",),
    }


def test_what_code_shows_is_not_said_twice() -> None:
    code = FASTAPI + "import requests\ndef f():\n    requests.get('http://mail/x')\n"
    files = {"orders/catalog-info.yaml": component("orders", "dependsOn: ['component:mail']"), "orders/main.py": code}
    assert [drawn(edge) for edge in opened(files).graph().edges] == ["orders -> mail GET /x"]


API = "openapi: 3.0.0\ninfo: {title: Mail}\npaths: {/letters: {post: {operationId: send}}}\n"


def operations(files: dict[str, str]) -> list[str]:
    graph = opened(files).graph()
    assert [(service.id, service.language) for service in graph.services] == [
        ("mail", "javascript"),
        ("orders", "python"),
    ]
    return [f"{endpoint.service} {endpoint.op}" for endpoint in graph.endpoints]


def test_a_service_in_another_language_serves_what_its_description_says() -> None:
    assert operations({"mail/openapi.yaml": API}) == ["mail POST /letters"]
    assert operations({"contracts/x.yaml": API}) == ["mail POST /letters"]
    assert operations({"contracts/mail.openapi.yaml": API.replace("Mail", "The API")}) == ["mail POST /letters"]
    assert operations({"contracts/x.yaml": API.replace("Mail", "Other")}) == []
    # A description in the folder of another service is of what that one calls.
    assert operations({"orders/mail.yaml": API}) == []
