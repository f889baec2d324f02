"""Endpoints: routes under the prefixes of what serves them."""

from __future__ import annotations

import pytest

from shearpin.graph.routing import endpoints as served
from shearpin.graph.serving import joined, path_pattern

from .drawing import FASTAPI, FLASK, endpoints, system

ROUTER = "router = APIRouter()\n@router.get('/x')\ndef x(): ...\n"
PREFIXED = "router = APIRouter(prefix='/p')\n@router.get('/x')\ndef x(): ...\n"
ONE_FILE = [
    (f"{FASTAPI}@app.get('/x')\ndef x(): ...", ["GET /x"]),
    (f"{FASTAPI}@app.get('/x/{{id}}')\ndef x(id): ...", ["GET /x/{id}"]),
    (f"{FASTAPI}@app.api_route('/x', methods=['GET', 'POST'])\ndef x(): ...", ["GET|POST /x"]),
    (f"{FASTAPI}BASE = '/v1'\n@app.get(f'{{BASE}}/x')\ndef x(): ...", ["GET /v1/x"]),
    (f"{FASTAPI}{ROUTER}app.include_router(router)", ["GET /x"]),
    (f"{FASTAPI}{ROUTER}app.include_router(router, prefix='/v1')", ["GET /v1/x"]),
    (f"{FASTAPI}{PREFIXED}app.include_router(router, prefix='/v1')", ["GET /v1/p/x"]),
    (f"{FASTAPI}{PREFIXED}app.include_router(router)\napp.include_router(router, prefix='/v2')",
     ["GET /p/x", "GET /v2/p/x"]),
    (f"{FASTAPI}{PREFIXED}", ["(GET /p/x)"]),
    ((f"{FASTAPI}{PREFIXED}outer = APIRouter(prefix='/o')\nouter.include_router(router)\n"
     "app.include_router(outer, prefix='/v1')"), ["GET /v1/o/p/x"]),
    (f"{FASTAPI}{PREFIXED}outer = APIRouter(prefix='/o')\nouter.include_router(router)", ["(GET /p/x)"]),
    (f"{FASTAPI}{ROUTER}def setup(app):\n    app.include_router(router, prefix='/v1')\nsetup(app)", ["GET /v1/x"]),
    ((f"{FASTAPI}{ROUTER}def make():\n    app = FastAPI()\n    app.include_router(router, prefix='/v1')\n"
     "    return app\napp = make()"), ["GET /v1/x"]),
    (f"{FASTAPI}inner = FastAPI()\n@inner.get('/x')\ndef x(): ...\napp.mount('/in', inner)", ["GET /in/x"]),
    (f"{FLASK}@app.route('/x')\ndef x(): ...", ["GET /x"]),
    (f"{FLASK}@app.route('/x/<int:id>', methods=['PUT'])\ndef x(id): ...", ["PUT /x/{id}"]),
    ((f"{FLASK}bp = Blueprint('b', __name__, url_prefix='/p')\n@bp.route('/x')\ndef x(): ...\n"
     "app.register_blueprint(bp)"), ["GET /p/x"]),
    ((f"{FLASK}bp = Blueprint('b', __name__, url_prefix='/p')\n@bp.route('/x')\ndef x(): ...\n"
     "app.register_blueprint(bp, url_prefix='/q')"), ["GET /q/x"]),
    (f"{FLASK}bp = Blueprint('b', __name__)\n@bp.route('/x')\ndef x(): ...\n", ["(GET /x)"]),
    (f"{FLASK}bp = Blueprint('b', __name__)\n@bp.post('/x')\ndef x(): ...\napp.register_blueprint(bp)", ["POST /x"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), ONE_FILE)
def test_one_file(code: str, expected: list[str]) -> None:
    assert endpoints(system({"a/main.py": code}, names="a")) == expected


LOOPS = [
    "for prefix in ['/a', '/b']:\n    app.include_router(router, prefix=prefix)",
    "for prefix in ('a', 'b'):\n    app.include_router(router, prefix=f'/{prefix}')",
    "for one, prefix in [(router, '/a'), (router, '/b')]:\n    app.include_router(one, prefix=prefix)",
    "for prefix, one in {'/a': router, '/b': router}.items():\n    app.include_router(one, prefix=prefix)",
]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_router_that_a_loop_mounts_twice(loop: str) -> None:
    found = system({"a/main.py": f"{FASTAPI}{ROUTER}{loop}"}, names="a")

    assert endpoints(found) == ["GET /a/x", "GET /b/x"]
    assert served(found.db, "a").is_complete


def test_modules_whose_routers_a_loop_mounts() -> None:
    loop = "for module in (orders, users):\n    app.include_router(module.router)"
    module = "from fastapi import APIRouter\nrouter = APIRouter(prefix='/{}')\n@router.get('/x')\ndef x(): ...\n"
    files = {
        "a/main.py": f"{FASTAPI}import orders, users\n{loop}",
        "a/orders.py": module.format("o"),
        "a/users.py": module.format("u"),
    }
    found = system(files, names="a")

    assert endpoints(found) == ["GET /o/x", "GET /u/x"]
    assert served(found.db, "a").is_complete


def test_routers_of_other_files() -> None:
    files = {
        "a/main.py": f"{FASTAPI}from api import orders, users\napp.include_router(orders.router, prefix='/orders')\n"
        "app.include_router(users, prefix='/users')\n",
        "a/api/__init__.py": "from .users import router as users\n",
        "a/api/orders.py": f"from fastapi import APIRouter\n{ROUTER}",
        "a/api/users.py": f"from fastapi import APIRouter\n{ROUTER}",
    }

    assert endpoints(system(files, names="a")) == ["GET /orders/x", "GET /users/x"]


def test_routes_in_files_that_nothing_imports_are_not_registered() -> None:
    files = {
        "a/main.py": f"{FASTAPI}@app.get('/x')\ndef x(): ...",
        "a/old.py": "from main import app\n@app.get('/y')\ndef y(): ...",
    }

    assert endpoints(system(files, names="a")) == ["(GET /y)", "GET /x"]


COMPLETE = [
    (f"{FASTAPI}@app.get('/x')\ndef x(): ...", True),
    (f"{FASTAPI}@app.get(computed())\ndef x(): ...", False),
    (f"{FASTAPI}app.include_router(computed())", False),
    (f"{FASTAPI}{ROUTER}app.include_router(router, prefix=computed())", False),
    ("@computed().get('/x')\ndef x(): ...", True),
    ("", True),
]


@pytest.mark.parametrize(("code", "expected"), COMPLETE)
def test_are_all_routes_known(code: str, expected: bool) -> None:
    found = served(system({"a/main.py": code}, names="a").db, "a")

    assert found.is_complete is expected
    assert bool(found.gaps) is not expected


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/a/{id}", "/a/{}"),
        ("/a/{id:int}", "/a/{}"),
        ("/a/{rest:path}", "/a/{*}"),
        ("/a/<id>", "/a/{}"),
        ("/a/<int:id>/b", "/a/{}/b"),
        ("/a/<path:rest>", "/a/{*}"),
        ("/a/v{n}.json", "/a/v{}.json"),
        ("/", "/"),
    ],
)
def test_patterns(path: str, pattern: str) -> None:
    assert path_pattern(path) == pattern


@pytest.mark.parametrize(
    ("prefix", "path", "expected"),
    [("", "/x", "/x"), ("/p", "/x", "/p/x"), ("/p/", "/x", "/p/x"), ("/p", "", "/p"), ("", "", "/")],
)
def test_prefix_and_path(prefix: str, path: str, expected: str) -> None:
    assert joined(prefix, path) == expected
