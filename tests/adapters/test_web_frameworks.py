"""Routes, prefixes and what frameworks serve by themselves."""

from __future__ import annotations

import pytest

from shearpin.facts.fact import Application, HttpCall, Mount, Route
from shearpin.facts.site import FunctionId
from shearpin.flow.contexts import contexts

from .loading import Loaded
from .notation import text


def _routes(code: str) -> list[str]:
    loaded = Loaded({"app.py": code})
    return [
        f"{','.join(fact.methods)} {text(fact.path, loaded.line)} {fact.runs}"
        for fact in loaded.facts("app.py")
        if isinstance(fact, Route)
    ]


@pytest.mark.parametrize(
    ("path", "normal"),
    [("/a/{x:int}", "/a/{x}"), ("/a/{x:path}", "/a/{x:path}"), ("/a/{x}/b/{y:uuid}", "/a/{x}/b/{y}"), ("/a", "/a")],
)
def test_paths_of_fastapi(path: str, normal: str):
    code = f"from fastapi import FastAPI\napp = FastAPI()\n@app.get({path!r})\nasync def load(): ...\n"
    assert _routes(code) == [f"GET {normal} loop"]


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("/a/<x>", "/a/{x}"),
        ("/a/<int:x>", "/a/{x}"),
        ("/a/<path:x>", "/a/{x:path}"),
        ("/a/<string(length=2):x>/", "/a/{x}/"),
        ("/a/<any(b,c):x>", "/a/{x}"),
    ],
)
def test_paths_of_flask(path: str, normal: str):
    code = f"from flask import Flask\napp = Flask(__name__)\n@app.route({path!r})\ndef load(): ...\n"
    assert _routes(code) == [f"GET,HEAD {normal} worker"]


def test_a_path_built_from_a_constant():
    code = """
from fastapi import FastAPI
PREFIX = "/v1"
app = FastAPI()

@app.post(f"{PREFIX}/orders/{{order_id:int}}")
def create(): ...
"""
    assert _routes(code) == ["POST /v1/orders/{order_id} thread"]


def test_a_router_from_another_file_is_the_same_router():
    loaded = Loaded(
        {
            "routers/__init__.py": "from . import orders\n",
            "routers/orders.py": (
                "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/open')\ndef load(): ...\n"
            ),
            "main.py": (
                "from fastapi import FastAPI\nfrom routers import orders\napp = FastAPI()\n"
                "app.include_router(orders.router, prefix='/orders')\n"
            ),
        }
    )
    (mount,) = [fact for fact in loaded.facts("main.py") if isinstance(fact, Mount)]
    (route,) = [fact for fact in loaded.facts("routers/orders.py") if isinstance(fact, Route)]
    (router,) = [fact for fact in loaded.facts("routers/orders.py") if isinstance(fact, Application)]
    assert mount.child == route.app == router.app


def test_an_application_made_by_a_factory_is_the_one_that_routes_are_on():
    loaded = Loaded(
        {
            "app.py": (
                "from fastapi import FastAPI\n"
                "def create():\n    app = FastAPI(title='x')\n    @app.get('/a')\n    def load(): ...\n    return app\n"
                "app = create()\n@app.get('/b')\ndef other(): ...\n"
            )
        }
    )
    facts = loaded.facts("app.py")
    (application,) = [fact.app for fact in facts if isinstance(fact, Application)]
    assert [fact.app for fact in facts if isinstance(fact, Route)] == [application, application]


def test_methods_that_are_not_known_are_any():
    code = """
from flask import Flask
app = Flask(__name__)

def register(methods):
    @app.route("/a", methods=methods)
    def load(): ...
"""
    assert _routes(code) == ["* /a worker"]


@pytest.mark.parametrize(
    ("options", "extras"),
    [
        ("", ("GET /openapi.json", "GET /docs", "GET /redoc", "GET /docs/oauth2-redirect")),
        ("openapi_url=None", ()),
        ("docs_url=None", ("GET /openapi.json", "GET /redoc")),
        (
            "openapi_url='/api.json', redoc_url=None, docs_url='/d'",
            ("GET /api.json", "GET /d", "GET /docs/oauth2-redirect"),
        ),
    ],
)
def test_what_fastapi_serves_by_itself(options: str, extras: tuple[str, ...]):
    loaded = Loaded({"app.py": f"from fastapi import FastAPI\napp = FastAPI({options})\n"})
    (application,) = [fact for fact in loaded.facts("app.py") if isinstance(fact, Application)]
    assert application.extras == extras


def test_a_blueprint_is_mounted_under_its_own_prefix_or_under_another_one():
    code = """
from flask import Blueprint, Flask
app = Flask(__name__)
orders = Blueprint("orders", __name__, url_prefix="/orders")
app.register_blueprint(orders)
app.register_blueprint(orders, url_prefix="/api", name="api")
"""
    mounts = [fact for fact in Loaded({"app.py": code}).facts("app.py") if isinstance(fact, Mount)]
    assert [(mount.replaces, text(mount.prefix, lambda _: 0)) for mount in mounts] == [(False, "''"), (True, "/api")]


def test_a_test_client_calls_no_remote_party():
    code = """
from fastapi import FastAPI
from fastapi.testclient import TestClient
app = FastAPI()
TestClient(app).get("/a")
"""
    assert [fact for fact in Loaded({"app.py": code}).facts("app.py") if isinstance(fact, HttpCall)] == []


def test_settings_of_one_service_are_not_those_of_another():
    service = """
import httpx
from fastapi import FastAPI, Request
app = FastAPI()
app.state.client = httpx.AsyncClient(base_url="http://{name}")

@app.get("/a")
async def load(request: Request):
    await request.app.state.client.get("/x")
"""
    loaded = Loaded({f"{name}/main.py": service.replace("{name}", name) for name in ("one", "two")})
    urls = [
        text(fact.url, loaded.line)
        for name in ("one", "two")
        for fact in loaded.facts(f"{name}/main.py")
        if isinstance(fact, HttpCall)
    ]
    assert urls == ["http://one/x", "http://two/x"]


@pytest.mark.parametrize(
    "use",
    [
        "@app.get('/a')\ndef load(x=Depends(check)): ...",
        "@app.get('/a')\ndef load(x: Annotated[str, Depends(check)]): ...",
        "@app.get('/a', dependencies=[Depends(check)])\ndef load(): ...",
        "app.include_router(APIRouter(), dependencies=[Depends(dependency=check)])",
        "APIRouter(dependencies=[Security(check)])",
    ],
)
def test_a_dependency_runs_in_requests(use: str):
    code = f"""
from typing import Annotated
from fastapi import APIRouter, Depends, FastAPI, Security
app = FastAPI()

def check(): ...

def unused(): ...

{use}
"""
    db = Loaded({"app.py": code}).db
    assert contexts(db, FunctionId("app.py", "check")) == {"request"}
    assert contexts(db, FunctionId("app.py", "unused")) == set()


@pytest.mark.parametrize(
    ("code", "context"),
    [
        ("FastAPI(lifespan=run)", "startup"),
        ("FastAPI().on_event('startup')(run)", None),
        ("app = FastAPI()\n@app.on_event('startup')\ndef start():\n    run()", "startup"),
        ("app = FastAPI()\n@app.exception_handler(ValueError)\ndef failed():\n    run()", "request"),
        ("app = FastAPI()\n@app.middleware('http')\nasync def around(request, call_next):\n    run()", "request"),
        ("app = FastAPI()\n@app.get('/a')\ndef load(tasks: BackgroundTasks):\n    tasks.add_task(run)", "task"),
        ("FastAPI().add_api_route('/a', run)", "request"),
        ("app = Flask('x')\n@app.before_request\ndef before():\n    run()", "request"),
        ("app = Flask('x')\n@app.cli.command()\ndef command():\n    run()", "cli"),
        ("Flask('x').add_url_rule('/a', view_func=run)", "request"),
    ],
)
def test_contexts_that_frameworks_give(code: str, context: str | None):
    head = "from fastapi import BackgroundTasks, FastAPI\nfrom flask import Flask\ndef run(): ...\n"
    db = Loaded({"app.py": head + code + "\n"}).db
    assert contexts(db, FunctionId("app.py", "run")) == ({context} if context else set())
