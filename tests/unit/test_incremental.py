"""After any sequence of changes, findings, verdicts and graph equal those of a session that never saw the changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shearpin.facts.fact import Fact, HttpCall
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.rule import Rule, discover
from shearpin.rulekit.verdict import Outcome, Severity, Verdict
from shearpin.session import Session
from shearpin.workspace.files import MemoryFiles

# ---------------------------------------------------------------- the rules

FACTS = Rule("facts", "Shows every settled fact", Severity.INFORMATION, "facts")
CLIENTS = Rule("clients", "Marks the client of a call, wherever it is made", Severity.WARNING, "clients")


@FACTS.for_each(*get_args(Fact))
def show(fact: Fact, ask: Ask) -> Iterator[Verdict]:
    words = f"{type(fact).__name__} {fact!r} {ask.hops!r} {ask.services!r}"
    yield Verdict(Outcome.VIOLATED, fact.head, words, cause=words, services=ask.services)


@CLIENTS.for_each(HttpCall)
def mark(call: HttpCall, ask: Ask) -> Iterator[Verdict]:
    site = getattr(call.client, "site", None) or call.head
    yield Verdict(Outcome.VIOLATED, site, "used here", examined=call.site, services=ask.services)


RULES = (*discover(), FACTS, CLIENTS)

# ---------------------------------------------------------------- the system

COMPOSE = """\
services:
  orders:
    build: orders
    environment: {PAYMENTS_URL: "http://payments:8000"}
  payments:
    build: payments
"""
CALLER = """\
import os
import requests
from http_client import get, Client

URL = os.environ.get("PAYMENTS_URL", "http://localhost:9")

def pay(order):
    return requests.post(f"{URL}/pay/{order}", timeout=TIMEOUT)

def look(order):
    return get(f"{URL}/orders/{order}")

class Service:
    def __init__(self):
        self.client = Client(URL)

    def send(self, order):
        return self.client.send("/pay/1", order)
"""
CLIENT = """\
import requests
import httpx

def get(url):
    return requests.get(url)

class Client:
    def __init__(self, base):
        self.base = base
        self.http = httpx.Client(base_url=base)

    def send(self, path, body):
        return self.http.post(path, json=body)
"""
ROUTES = """\
from fastapi import APIRouter, FastAPI

app = FastAPI()
router = APIRouter(prefix="/pay")

@router.post("/{order}")
def pay(order: str):
    return {}

app.include_router(router)
"""
FLASK = """\
from flask import Flask
app = Flask(__name__)

@app.route("/pay/<order>", methods=["POST"])
def pay(order):
    return {}
"""
ASYNC = """\
import asyncio, time
from http_client import get

async def handler():
    time.sleep(1)
    helper()
    asyncio.create_task(handler())

def helper():
    get("http://payments:8000/pay/1")
"""
WORKER = """\
import pika
from celery import Celery
from tenacity import retry, stop_after_attempt
from config import settings
from http_client import get

celery = Celery("orders", broker=settings.broker_url)

@celery.task(autoretry_for=(Exception,))
def refund(order):
    charge(order)

@retry(stop=stop_after_attempt(3))
def charge(order):
    get(settings.payments_url + "/pay/" + order)

def on_message(channel, method, properties, body):
    refund.delay(body)
    channel.basic_ack(method.delivery_tag)

def main():
    connection = pika.BlockingConnection(pika.URLParameters(settings.broker_url))
    channel = connection.channel()
    channel.basic_consume("orders", on_message)
    channel.start_consuming()
"""
CONFIG = """\
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    payments_url: str = "http://payments:8000"
    broker_url: str = "amqp://rabbit:5672"

settings = Settings()
"""
STORE = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
import redis

engine = create_engine("postgresql://db/shop")
Session = sessionmaker(bind=engine)

class Repository:
    def __init__(self, session=None, cache=None):
        self.session = session or Session()
        self.cache = cache or redis.Redis(host="redis")

    def save(self, order):
        self.session.add(order)
        self.session.commit()
        self.cache.publish("saved", order)
"""
API = """\
from fastapi import Depends, FastAPI
from store import Repository
from tasks import refund

app = FastAPI()

@app.post("/orders")
async def create(repo: Repository = Depends(Repository)):
    repo.save(1)
    refund.delay(1)
"""
KUBERNETES = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments}
spec:
  selector: {matchLabels: {app: pay}}
  template:
    metadata: {labels: {app: pay}}
    spec:
      containers:
        - name: pay
          image: shop/payments
          env: [{name: PAYMENTS_URL, value: "http://pay:80"}]
---
apiVersion: v1
kind: Service
metadata: {name: pay}
spec: {selector: {app: pay}, ports: [{port: 80, targetPort: 8000}]}
"""
CONTENTS: dict[str, tuple[str, ...]] = {
    "orders/main.py": (
        CALLER,
        CALLER.replace("timeout=TIMEOUT", "timeout=3"),
        CALLER.replace("from http_client import get, Client", "from shared.http_client import get, Client"),
        CALLER.replace("def look(order):", "def look(order"),
        CALLER.replace("URL =", "# shearpin: allow[facts] known\nURL ="),
        "from http_client import *\nget('http://payments:8000/x')\n",
        "",
    ),
    "orders/http_client.py": (
        CLIENT,
        CLIENT.replace("requests.get(url)", "requests.get(url, timeout=1)  # shearpin: allow[clients]"),
        CLIENT.replace("import httpx", "import httpx2 as httpx"),
        CLIENT.replace("    def send", "    def _send"),
        "from shared.http_client import get, Client\n",
        'get = None\n"""',
    ),
    "orders/__init__.py": ("", "from .main import pay\n"),
    "orders/requests.py": ("def get(url): ...\ndef post(url, timeout=None): ...\n",),
    "orders/worker.py": (ASYNC, ASYNC.replace("async def", "def"), ASYNC.replace("time.sleep(1)", "")),
    "orders/caller.py": (
        "from main import look\nlook(1)\n",
        "from main import Service\nService().send({})\nService.client = None\n",
        "import pytest\nfrom http_client import get\nget('http://payments:8000/pay/2')\n",
    ),
    "orders/tasks.py": (
        WORKER,
        WORKER.replace("stop=stop_after_attempt(3)", ""),
        WORKER.replace("settings.broker_url", '"amqp://other"'),
        WORKER.replace("def main", "def _main"),
        WORKER.replace("charge(order)\n\n@retry", "refund(order)\n    charge(order)\n\n@retry"),
    ),
    "orders/config.py": (
        CONFIG,
        CONFIG.replace("payments:8000", "nobody:1"),
        CONFIG.replace("(BaseSettings)", "(Base)"),
        CONFIG.replace("    payments_url", '    model_config = {"env_prefix": "SHOP_"}\n    payments_url'),
        "from orders.main import settings\n",
    ),
    "orders/store.py": (STORE, STORE.replace("or Session()", ""), STORE.replace("self.cache =", "self._cache =")),
    "orders/api.py": (
        API,
        "from store import Repository\n\ndef call(r: Repository):\n    r.save(1)\n\ncall(Repository(cache=None))\n",
    ),
    "k8s/payments.yaml": (KUBERNETES, KUBERNETES.replace("{app: pay}", "{app: other}", 1), "kind: ["),
    "shared/http_client.py": (CLIENT, CLIENT.replace("base_url=base", "base_url=base, timeout=None")),
    "shared/__init__.py": ("",),
    "payments/app.py": (ROUTES, ROUTES.replace("/{order}", "/x/{order}"), FLASK, ROUTES.replace("prefix", "prefx")),
    "payments/routes.py": (ROUTES.replace("app.include_router(router)", ""),),
    "compose.yaml": (
        COMPOSE,
        COMPOSE.replace("payments:8000", "pay:8000"),
        COMPOSE.replace("    build: payments", "    build: payments\n    env_file: .env"),
        COMPOSE.replace('{PAYMENTS_URL: "http://payments:8000"}', '{PAYMENTS_URL: "${URL}"}'),
        "services: [",
    ),
    ".env": ("URL=http://payments:8000\n", "URL=http://other:1\nPAYMENTS_URL=http://payments:80\n"),
    "orders/Dockerfile": (
        "FROM python\nWORKDIR /app\nCOPY . .\nCMD python main.py\n",
        "FROM python\nWORKDIR /app\nCOPY . /app/orders\nENV PAYMENTS_URL=http://pay:1\nCMD python -m orders.main\n",
    ),
    "payments/Dockerfile": ('FROM python\nCOPY . /srv\nWORKDIR /srv\nCMD ["uvicorn", "app:app", "--port", "8000"]\n',),
    "orders/requirements.txt": ("requests==2.0\n", "requests\nhttpx==0.20.0\n"),
    "pyproject.toml": (
        "[tool.shearpin]\nexclude = ['shared/']\n",
        "[tool.shearpin]\nignore = ['facts']\nmin-confidence = 'possible'\n",
        "[tool.shearpin.services.payments]\nhosts = ['pay']\n",
        "[tool.shearpin.timeouts]\nread = 5\n",
        "[tool.other]\n",
    ),
    ".gitignore": ("worker.py\n", "shared\n", ""),
}
_ADDED_LATER = {".gitignore", "pyproject.toml", "orders/requests.py"}
PATHS = st.sampled_from(sorted(CONTENTS))


def state_of(session: Session) -> dict[str, object]:
    """All that anybody can see of a session, with sites as lines as well."""
    report = session.report()
    files = session.python_files()
    return {
        "files": files,
        "manifests": session.manifest_files(),
        "report": msgspec.to_builtins(report),
        "places": [session.locate(finding.site) for finding in report.findings],
        "findings": {path: msgspec.to_builtins(session.findings(path)) for path in CONTENTS},
        "verdicts": {path: [(by.name, repr(verdict)) for by, verdict in session.verdicts(path)] for path in files},
        "graph": msgspec.to_builtins(session.graph()),
    }


class Incremental(RuleBasedStateMachine):
    """Files come, change and go, on disk and in the editor, with questions in between."""

    def __init__(self) -> None:
        super().__init__()
        whole = {path: texts[0].encode() for path, texts in CONTENTS.items() if path not in _ADDED_LATER}
        self.tree = MemoryFiles(whole)
        self.overlays: dict[str, bytes] = {}
        self.session = self.opened(self.tree)

    @staticmethod
    def opened(tree: MemoryFiles) -> Session:
        session = Session(tree, rules=RULES, strict=True)
        session.read_all()
        return session

    @rule(path=PATHS, data=st.data(), above=st.integers(0, 2))
    def write(self, path: str, data: st.DataObject, above: int) -> None:
        text = "\n" * above + data.draw(st.sampled_from(CONTENTS[path]))
        self.tree.files[path] = text.encode()
        self.session.refresh([path])

    @rule(data=st.data())
    def write_several(self, data: st.DataObject) -> None:
        paths = data.draw(st.lists(PATHS, min_size=2, max_size=8, unique=True))
        for path in paths:
            self.tree.files[path] = data.draw(st.sampled_from(CONTENTS[path])).encode()
        self.session.refresh(paths)

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        self.tree.files.pop(path, None)
        self.session.refresh([path])

    @rule(folder=st.sampled_from(["orders", "shared", "payments"]))
    def delete_folder(self, folder: str) -> None:
        for path in [path for path in self.tree.files if path.startswith(f"{folder}/")]:
            del self.tree.files[path]
        self.session.refresh([folder])

    @rule(path=PATHS, data=st.data())
    def move(self, path: str, data: st.DataObject) -> None:
        target = path.rpartition("/")[0] + "/" + data.draw(st.sampled_from(["moved.py", "compose.yml", "test_it.py"]))
        target = target.lstrip("/")
        if (text := self.tree.files.pop(path, None)) is not None:
            self.tree.files[target] = text
            self.session.refresh([path, target])

    @rule(path=PATHS, data=st.data(), typed=st.booleans())
    def type(self, path: str, data: st.DataObject, typed: bool) -> None:
        text = data.draw(st.sampled_from(CONTENTS[path]))
        if typed:
            text = text[: data.draw(st.integers(0, len(text)))]
        if path == "pyproject.toml":
            return
        self.overlays[path] = text.encode()
        self.session.set_overlay(path, text.encode())

    @precondition(lambda self: self.overlays)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(self.overlays)))
        del self.overlays[path]
        self.session.set_overlay(path, None)

    @rule(path=PATHS)
    def ask_findings(self, path: str) -> None:
        self.session.findings(path)

    @rule(path=PATHS)
    def ask_verdicts(self, path: str) -> None:
        self.session.verdicts(path)

    @rule()
    def ask_graph(self) -> None:
        self.session.graph()

    @rule()
    def ask_report(self) -> None:
        self.session.report()

    @precondition(lambda self: self.tree.files)
    @invariant()
    def equals_fresh(self) -> None:
        if self._asked():
            # A session for a single look has a simpler table, and must give the same answers.
            once = len(self.tree.files) % 2 == 0
            fresh = Session(MemoryFiles(dict(self.tree.files)), rules=RULES, strict=True, once=once)
            for path, text in self.overlays.items():
                fresh.set_overlay(path, text)
            fresh.read_all()
            assert state_of(self.session) == state_of(fresh)

    def _asked(self) -> bool:
        # Comparing after every step would leave nothing suspect for long; every third step is compared.
        self.steps = getattr(self, "steps", 0) + 1
        return self.steps % 3 == 0


TestIncremental = Incremental.TestCase
TestIncremental.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
