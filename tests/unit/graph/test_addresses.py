"""From URLs in code to services."""

from __future__ import annotations

import pytest

from shearpin.graph.addresses import HOLE, Text, normal_path, parse

from .drawing import edges, system

HEAD = "import httpx, os, requests\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://a/x", ("http", "a", None, "/x")),
        ("HTTP://A:80/x/", ("http", "a", 80, "/x/")),
        ("http://user:pw@a:80", ("http", "a", 80, "/")),
        ("http://a/x?y=1#z", ("http", "a", None, "/x")),
        ("http://a//x", ("http", "a", None, "/x")),
        ("http://a:PORT/x", ("http", "a", None, "/x")),
        ("/x", ("", None, None, "/x")),
        ("x", ("", None, None, "/x")),
        ("", ("", None, None, "/")),
        ("redis://cache:6379/0", ("redis", "cache", 6379, "/0")),
        ("postgresql://user:a#b/c@db:5432/shop", ("postgresql", "db", 5432, "/shop")),
        ("http://a:x/y@b", ("http", "a", None, "/y@b")),
        ("redis://cache:6379/0?name=a@b", ("redis", "cache", 6379, "/0")),
        (f"http://{HOLE}/x", ("http", None, None, "/x")),
        (f"http://a-{HOLE}/x", ("http", None, None, "/x")),
        (f"http://a/{HOLE}/x", ("http", "a", None, "/{}/x")),
        (f"http://a/{HOLE}{HOLE}", ("http", "a", None, "/{}")),
        (f"http://a:{HOLE}/x", ("http", "a", None, "/x")),
    ],
)
def test_urls(text: str, expected: tuple[str, str | None, int | None, str]) -> None:
    found = parse(Text(text))

    assert (found.scheme, found.host, found.port, found.path) == expected


def test_paths() -> None:
    assert normal_path(f"/a/{HOLE}?x={HOLE}") == "/a/{}"


CALLS = [
    ("requests.get('http://b/x')", "", ["a -> b GET /x"]),
    ("requests.post('http://b:8000/x')", "", ["a -> b POST /x"]),
    ("requests.get('http://b/x/' + x)", "", ["a -> b GET /x/{}"]),
    ("requests.get(f'http://b/x/{x}?y={x}')", "", ["a -> b GET /x/{}"]),
    ("requests.request(x, 'http://b/x')", "", ["a -> b ANY /x"]),
    ("requests.get('https://api.stripe.com/v1')", "", ["a -> external:api.stripe.com GET /v1"]),
    ("requests.get('http://nobody/x')", "", ["a -> unknown:nobody GET /x (nobody is called nobody)"]),
    ("requests.get('/x')", "", ["a -> unknown GET /x (no host in the URL)"]),
    # the environment
    ("requests.get(os.environ['B'] + '/x')", "B: 'http://b:8000'", ["a -> b GET /x"]),
    ("requests.get(os.environ['B'] + '/x')", "B: 'http://b:8000/api/'", ["a -> b GET /api/x"]),
    ("requests.get(os.getenv('B', 'http://nobody') + '/x')", "B: 'http://b'", ["a -> b GET /x"]),
    ("requests.get(os.getenv('B', 'http://b') + '/x')", "", ["a -> b GET /x"]),
    ("requests.get(f\"http://{os.environ['HOST']}:{os.environ['PORT']}/x\")", "HOST: b, PORT: '8000'",
     ["a -> b GET /x"]),
    ("requests.get(os.environ['B'] + '/x')", "",
     ["a -> unknown GET /{}/x (environment variable B is not set in any manifest)"]),
    # alternatives
    ("requests.get(x or 'http://b/x')", "",
     ["a -> unknown GET /{} (parameter x is not known here)", "a -> b GET /x"]),
    ("requests.get('http://b/x' if x else 'http://b/y')", "", ["a -> b GET /x", "a -> b GET /y"]),
    ("[requests.get('http://b' + p) for p in ('/x', '/y')]", "", ["a -> b GET /x", "a -> b GET /y"]),
    ("for p in ('/x', '/y'): requests.get('http://b' + p)", "", ["a -> b GET /x", "a -> b GET /y"]),
    # clients
    ("httpx.Client(base_url='http://b/api').get('/x')", "", ["a -> b GET /api/x"]),
    ("httpx.Client(base_url='http://b').get('http://a/x')", "", ["a -> a GET /x"]),
]  # fmt: skip


@pytest.mark.parametrize(("call", "environment", "expected"), CALLS)
def test_calls(call: str, environment: str, expected: list[str]) -> None:
    session = system({"a/main.py": f"{HEAD}def f(x):\n    {call}\n"}, environment=environment)

    assert sorted(edges(session)) == sorted(expected)


GATEWAY = """\
import httpx
TABLE = {
    "orders": "http://b",
    "users": "http://c",
}
async def forward(name, path):
    async with httpx.AsyncClient() as client:
        return await client.get(f"{TABLE[name]}/{name}/{path}")
"""


def test_a_table_of_urls_gives_an_edge_for_each_entry() -> None:
    session = system({"a/main.py": GATEWAY}, names="a b c")

    assert sorted(edges(session)) == ["a -> b GET /orders/{}", "a -> c GET /users/{}"]
    assert [edge.resolved_via[-1] for edge in session.graph().edges] == ["url-table", "url-table"]


def test_the_environment_of_kubernetes_and_its_defaults() -> None:
    manifest = """\
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: shared}
        data: {ORDERS_URL: "http://b:80"}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: a}
        spec:
          template:
            spec:
              containers:
                - name: a
                  image: a
                  envFrom: [{configMapRef: {name: shared}}]
                  env: [{name: SECRET_URL, valueFrom: {secretKeyRef: {name: s, key: k}}}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: b}
        spec: {selector: {app: b}, ports: [{port: 80, targetPort: 8000}]}
        """
    code = "requests.get(os.environ['ORDERS_URL'] + '/x')\n    requests.get(os.environ['SECRET_URL'] + '/y')"
    found = edges(system({"a/main.py": f"{HEAD}def f():\n    {code}\n", "k8s.yaml": manifest}))

    assert sorted(found) == ["a -> b GET /x", "a -> unknown GET /{}/y (SECRET_URL is a secret)"]


def test_one_library_in_two_services_meets_two_environments() -> None:
    files = {
        "compose.yaml": """\
            services:
              a: {build: {context: ., dockerfile: a/Dockerfile}, environment: {TARGET: "http://b"}}
              b: {build: {context: ., dockerfile: b/Dockerfile}, environment: {TARGET: "http://a"}}
            """,
        "shared/client.py": f"{HEAD}def ping():\n    requests.get(os.environ['TARGET'] + '/ping')\n",
    }
    for name in "ab":
        copies = f"COPY shared shared\nCOPY {name} .\n"
        files[f"{name}/Dockerfile"] = f"FROM python\nWORKDIR /srv\n{copies}CMD python main.py\n"
        files[f"{name}/main.py"] = "from shared.client import ping\nping()\n"

    assert edges(system(files)) == ["a -> b GET /ping", "b -> a GET /ping"]


def test_a_table_that_is_looked_up_in_itself_has_an_end() -> None:
    code = """\
import requests
MODELS = [{"name": "one", "url": "http://b/one"}, {"name": "two", "url": "http://b/two"}]


def load(model, wanted):
    model = model.copy()
    for other in MODELS:
        if other["name"] == wanted:
            model = other
    for other in MODELS:
        if other["name"] == wanted:
            model = other
    return requests.get(model["url"], timeout=5)


def load_all(wanted):
    for model in MODELS:
        load(model, wanted)
"""
    session = system({"a/main.py": code})

    assert edges(session)
