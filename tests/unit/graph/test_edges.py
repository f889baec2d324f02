"""What edges say, where they stand, and what runs where."""

from __future__ import annotations

import pytest

from shearpin.graph.imported import loads_by_name
from shearpin.graph.reach import is_deployed, running_files, services_running
from shearpin.report.graph_json import graph_json
from shearpin.report.places import Places, Sources

from ..meaning.notation import line
from .drawing import DOCKERFILE, FASTAPI, edges, system

CLIENT = """\
import httpx
class Client:
    def __init__(self, base):
        self.http = httpx.Client(base_url=base)
    def get(self, path):
        return self.http.get(path)
    def order(self, number):
        return self.http.get(f"/orders/{number}")
"""


def test_an_edge_stands_where_its_operation_is_named() -> None:
    calls = "def f(n):\n    client.get('/x')\n    client.get('/y')\n    client.order(n)\n"
    session = system({"a/main.py": f"{CLIENT}client = Client('http://b')\n{calls}"})
    found = {edge.op: line(session, edge.site) for edge in session.graph().edges}

    assert found == {"GET /x": 11, "GET /y": 12, "GET /orders/{}": 8}


SHARED = {
    "compose.yaml": "services:\n"
    "  a: {build: {context: ., dockerfile: a/Dockerfile}}\n  b: {build: {context: ., dockerfile: b/Dockerfile}}\n",
    "lib/http.py": "import requests\ndef load(host, path):\n    requests.get(f'http://{host}/{path}', timeout=3)\n",
    **{
        f"{name}/Dockerfile": f"FROM python\nCOPY lib /app/lib\nCOPY {name} /app\nWORKDIR /app\nCMD python main.py\n"
        for name in ("a", "b")
    },
    "b/main.py": "print('ready')\n",
}
BY_HAND = "from lib.http import load\nif __name__ == '__main__':\n    load('b', 'x')\n"


def test_what_a_script_reaches_through_a_shared_folder_is_no_service_s() -> None:
    assert edges(system({**SHARED, "a/main.py": "", "a/by_hand.py": BY_HAND})) == []


def test_another_way_to_the_same_call_counts() -> None:
    main = "from lib.http import load\nload('b', 'x')\n"
    assert edges(system({**SHARED, "a/main.py": main, "a/by_hand.py": BY_HAND})) == ["a -> b GET /x"]


def test_of_the_services_that_load_a_task_the_workers_consume_it() -> None:
    compose = "services:\n" + "".join(
        f"  {name}: {{build: ., command: {command}}}\n"
        for name, command in (
            ("web", "uvicorn main:app"),
            ("worker", "celery -A tasks worker"),
            ("beat", "celery -A tasks beat"),
        )
    )
    tasks = "from celery import Celery\napp = Celery('shop')\n@app.task\ndef mail(): ...\n"
    main = f"{FASTAPI}from tasks import mail\n@app.post('/x')\ndef x(): mail.delay()\n"
    found = edges(system({"compose.yaml": compose, "Dockerfile": DOCKERFILE, "tasks.py": tasks, "main.py": main}))

    assert [edge for edge in found if "consume" in edge] == ["worker -> topic:celery/celery consume celery"]
    assert "web -> topic:celery/celery publish mail" in found


ATTRIBUTES = [
    ("import requests\nrequests.get('http://b/x')", "blocking none"),
    ("import requests\nrequests.get('http://b/x', timeout=3)", "blocking 3 s"),
    ("import httpx\nhttpx.get('http://b/x')", "blocking 5 s"),
    ("import httpx\nhttpx.get('http://b/x', timeout=None)", "blocking none"),
    ("import httpx\nasync def f():\n    async with httpx.AsyncClient(timeout=2) as c: await c.get('http://b/x')",
     "asyncio 2 s"),
    ("import requests\ndef f(t): requests.get('http://b/x', timeout=t)", "blocking ?"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), ATTRIBUTES)
def test_style_and_timeout(code: str, expected: str) -> None:
    (edge,) = system({"a/main.py": code}).graph().edges

    assert f"{edge.style} {edge.timeout.value if edge.timeout else '?'}" == expected


def test_stores() -> None:
    compose = """\
        services:
          a: {build: a, environment: {REDIS_URL: "redis://cache:6379/0", DB: "postgresql://u:p@db/shop"}}
          cache: {image: "redis:7"}
          db: {image: "postgres:16"}
        """
    code = "import os, redis, psycopg2\nredis.from_url(os.environ['REDIS_URL'])\npsycopg2.connect(os.environ['DB'])\n"
    found = edges(system({"compose.yaml": compose, "a/main.py": code}, names="a"))

    assert sorted(found) == ["a -> cache connect", "a -> db connect"]


PIKA = "import pika\nchannel = pika.BlockingConnection(pika.ConnectionParameters('mq')).channel()\ndef on(*args): ...\n"
TOPICS = [
    ("channel.basic_publish(exchange='orders', routing_key='made', body=b'')", "channel.basic_consume('q', on)",
     ["a -> topic:mq/exchange:orders publish made", "b -> topic:mq/q consume q"]),
    ("channel.basic_publish('', 'q', b'')", "channel.basic_consume('q', on)",
     ["a -> topic:mq/q publish q", "b -> topic:mq/q consume q"]),
    ("channel.basic_publish('orders', 'made', b'')",
     "channel.queue_bind(queue='q', exchange='orders', routing_key='made')\nchannel.basic_consume('q', on)",
     ["a -> topic:mq/exchange:orders publish made", "b -> topic:mq/exchange:orders consume made"]),
    ("channel.basic_publish('orders', 'made', b'')",
     "for key in ('made', 'paid'):\n    channel.queue_bind('q', 'orders', key)\nchannel.basic_consume('q', on)",
     ["a -> topic:mq/exchange:orders publish made", "b -> topic:mq/exchange:orders consume made|paid"]),
    ("channel.basic_publish(computed(), 'made', b'')", "",
     ["a -> unknown publish made (the name of the topic is computed)"]),
]  # fmt: skip


@pytest.mark.parametrize(("producer", "consumer", "expected"), TOPICS)
def test_topics(producer: str, consumer: str, expected: list[str]) -> None:
    compose = "services:\n  a: {build: a}\n  b: {build: b}\n  mq: {image: 'rabbitmq:3'}\n"
    session = system({"compose.yaml": compose, "a/main.py": PIKA + producer, "b/main.py": PIKA + consumer})

    assert edges(session) == expected


LAYOUTS: list[tuple[dict[str, str], set[str] | None]] = [
    ({}, {"main.py"}),
    ({"main.py": "import x", "x.py": "", "y.py": ""}, {"main.py", "x.py"}),
    ({"main.py": "from p import x", "p/__init__.py": "", "p/x.py": "from . import y", "p/y.py": "", "p/z.py": ""},
     {"main.py", "p/__init__.py", "p/x.py", "p/y.py"}),
    ({"main.py": "def f():\n    import x", "x.py": ""}, {"main.py", "x.py"}),
    ({"main.py": "try:\n    import x\nexcept ImportError: ...", "x.py": ""}, {"main.py", "x.py"}),
    ({"main.py": "import x", "x.py": "import main"}, {"main.py", "x.py"}),
    ({"main.py": "from x import *", "x.py": "import y", "y.py": ""}, {"main.py", "x.py", "y.py"}),
    ({"main.py": "import importlib\ndef f(x): importlib.import_module(x)", "y.py": ""}, None),
    ({"main.py": "import x", "x.py": "import pkgutil\npkgutil.iter_modules(['.'])"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), LAYOUTS)
def test_files_that_run(files: dict[str, str], expected: set[str] | None) -> None:
    session = system({f"a/{path}": text for path, text in files.items()}, names="a")
    found = running_files(session.db, "a")

    assert found == (None if expected is None else {f"a/{path}" for path in expected})


SCRIPT = "import requests\nif __name__ == '__main__':\n    requests.get('http://b/x')\n"
RUNNING = [
    ("a/x.py", ("a",), True),
    ("a/not_imported.py", ("a",), True),
    ("a/script.py", (), False),
    ("tools/x.py", (), True),
]


@pytest.mark.parametrize(("path", "services", "deployed"), RUNNING)
def test_scripts_that_no_process_starts_do_not_run(path: str, services: tuple[str, ...], deployed: bool) -> None:
    files = {"a/main.py": "import x", "a/x.py": "", "a/not_imported.py": "", "a/script.py": SCRIPT, "tools/x.py": ""}
    db = system(files).db

    assert services_running(db, path) == services
    assert is_deployed(db, path) is deployed


def test_scripts_that_no_process_starts_have_no_edges() -> None:
    assert edges(system({"a/script.py": SCRIPT})) == []
    assert edges(system({"a/main.py": "import script\n", "a/script.py": SCRIPT})) == ["a -> b GET /x"]


def test_edges_of_tests_are_left_out() -> None:
    request = "import requests\ndef test_x(): requests.get('http://b/x')\n"

    loader = "import importlib\nimportlib.import_module('x')\n"

    assert edges(system({"a/test_main.py": request, "a/main.py": loader})) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import_module('x')", True),
        ("__import__('x')", True),
        ("from celery import Celery\napp = Celery('x', include=['tasks'])", True),
        ("import x", False),
    ],
)
def test_loading_by_name(code: str, expected: bool) -> None:
    assert loads_by_name(system({"a/main.py": code}, names="a").db, "a/main.py") is expected


def test_equal_workspaces_give_equal_text() -> None:
    code = f"{CLIENT}{FASTAPI}@app.get('/x')\ndef x(): Client('http://b').get('/y')\n"
    files = {"a/main.py": code, "b/main.py": code.replace("//b", "//a")}
    first = system(files)
    second = system(dict(reversed(files.items())))
    texts = [graph_json(s.graph(), Places(Sources(s.source, s.locate)), "") for s in (first, second)]

    assert texts[0] == texts[1]
    assert b"GET /y" in texts[0]


DRIVERS = {
    "pymysql": "import pymysql\npymysql.connect(host='db', database='shop')\n",
    "aiomysql": "import aiomysql\nasync def run(): await aiomysql.create_pool(host='db', db='shop')\n",
    "peewee": "import peewee\npeewee.PostgresqlDatabase('shop', host='db')\n",
    "tortoise": "from tortoise import Tortoise\nasync def run(): await Tortoise.init(db_url='postgres://db/shop')\n",
    "mongoengine": "import mongoengine\nmongoengine.connect(host='mongodb://db/shop')\n",
    "memcached": "from pymemcache.client.base import Client\nClient(('db', 11211))\n",
    "opensearch": "from opensearchpy import OpenSearch\nOpenSearch(hosts=[{'host': 'db', 'port': 9200}])\n",
    "cassandra": "from cassandra.cluster import Cluster\nCluster(['db']).connect('shop')\n",
    "neo4j": "from neo4j import GraphDatabase\nGraphDatabase.driver('bolt://db:7687')\n",
    "influxdb": "from influxdb_client import InfluxDBClient\nInfluxDBClient(url='http://db:8086')\n",
}


@pytest.mark.parametrize("code", DRIVERS.values(), ids=DRIVERS)
def test_databases_are_found_by_their_host(code: str) -> None:
    compose = "services:\n  a: {build: a}\n  db: {image: 'postgres:16'}\n"
    assert set(edges(system({"compose.yaml": compose, "a/main.py": code}, names="a"))) == {"a -> db connect"}


TASKS = {
    "dramatiq": "import dramatiq\n@dramatiq.actor\ndef mail(x): ...\n",
    "dramatiq, named": "import dramatiq\n@dramatiq.actor(actor_name='mail')\ndef send(x): ...\nmail = send\n",
    "taskiq": "from taskiq_redis import ListQueueBroker\nbroker = ListQueueBroker(url())\n"
    "@broker.task(task_name='mail')\nasync def mail(x): ...\n",
}


@pytest.mark.parametrize("tasks", TASKS.values(), ids=TASKS)
def test_who_sends_a_task_and_who_runs_it_meet(tasks: str) -> None:
    send = "mail.kiq(1)" if "taskiq" in tasks else "mail.send(1)"
    compose = "services:\n  a: {build: ., command: uvicorn main:app}\n  b: {build: ., command: python worker.py}\n"
    main = f"{FASTAPI}from tasks import mail\n@app.post('/x')\ndef x(): {send}\n"
    files = {"compose.yaml": compose, "Dockerfile": DOCKERFILE, "tasks.py": tasks, "main.py": main}
    found = edges(system({**files, "worker.py": "import tasks\n"}, names=""))
    broker = "taskiq" if "taskiq" in tasks else "dramatiq"
    assert f"a -> topic:{broker}/mail publish mail" in found
    assert f"b -> topic:{broker}/mail consume mail" in found


def test_a_list_for_whose_entries_somebody_waits_is_a_queue() -> None:
    compose = "services:\n  a: {build: a}\n  b: {build: b}\n  cache: {image: 'redis:7'}\n"
    client = "import os, redis\nclient = redis.Redis(host='cache')\n"
    sends = f"{client}def f(x):\n    client.rpush('jobs', x)\n    client.lpush('recent', x)\n    client.rpush(x, x)\n"
    takes = f"{client}while True:\n    client.blpop(os.environ['JOBS'])\n    client.blpop(f'answers:{{os.getpid()}}')\n"
    whole = compose.replace("{build: b}", "{build: b, environment: {JOBS: jobs}}")
    found = edges(system({"compose.yaml": whole, "a/main.py": sends, "b/main.py": takes}))
    topics = [edge for edge in found if "topic:" in edge or "unknown" in edge]
    assert topics == ["a -> topic:cache/jobs publish jobs", "b -> topic:cache/jobs consume jobs"]
