"""What imported names denote."""

from __future__ import annotations

import pytest

from .notation import revealed

LIBRARY = "def get(): ...\nclass Client: ...\nURL = 'http://a'\n"

ONE_FILE = [
    ("import requests\nreveal(requests.get)", ["requests.get"]),
    ("import requests as r\nreveal(r.get)", ["requests.get"]),
    ("import os.path\nreveal(os.path.join, os.getenv)", ["os.path.join", "os.getenv"]),
    ("import os.path as p\nreveal(p.join)", ["os.path.join"]),
    ("from requests import get\nreveal(get)", ["requests.get"]),
    ("from requests import get as fetch\nreveal(fetch)", ["requests.get"]),
    ("from requests.sessions import Session\nreveal(Session)", ["requests.Session"]),
    ("import redis.asyncio as redis\nreveal(redis.Redis)", ["redis.asyncio.Redis"]),
    ("from redis import asyncio as aioredis\nreveal(aioredis.Redis)", ["redis.asyncio.Redis"]),
    ("from . import nothing\nreveal(nothing)", ["?"]),
    ("from .nothing import get\nreveal(get)", ["?"]),
    ("reveal(len, print)", ["builtins.len", "builtins.print"]),
    ("def f():\n    import requests\n    reveal(requests.get)", ["requests.get"]),
    ("def f():\n    from requests import get\n    return get\nreveal(f())", ["requests.get"]),
    ("class A:\n    import requests\n    reveal(requests.get)\nreveal(A.requests)", ["requests.get", "requests"]),
    ("try:\n    import ujson as json\nexcept ImportError:\n    import json\nreveal(json.loads)",
     ["json.loads | ujson.loads"]),
    ("try:\n    import httpx\nexcept ImportError:\n    httpx = None\nreveal(httpx.get)", ["httpx.get"]),
    ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from httpx import Client\nreveal(Client)",
     ["httpx.Client"]),
    ("if x > 3:\n    import tomllib\nelse:\n    import tomli as tomllib\nreveal(tomllib.load)",
     ["tomli.load | tomllib.load"]),
    ("import requests\nrequests = object\nreveal(requests)", ["builtins.object"]),
    ("import requests\ndef requests(): ...\nreveal(requests)", ["def requests"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), ONE_FILE)
def test_in_one_file(code: str, expected: list[str]) -> None:
    assert revealed(code) == expected


ABSOLUTE = "import lib\nreveal(lib.get, lib.Client)"
MANY_FILES = [
    ({"main.py": ABSOLUTE, "lib.py": LIBRARY}, ["def lib.py:get", "class lib.py:Client"]),
    ({"main.py": ABSOLUTE, "lib/__init__.py": LIBRARY}, ["def lib/__init__.py:get", "class lib/__init__.py:Client"]),
    ({"main.py": "from lib import get\nreveal(get)", "lib.py": LIBRARY}, ["def lib.py:get"]),
    ({"main.py": "from lib import URL as BASE\nreveal(BASE)", "lib.py": LIBRARY}, ["'http://a'"]),
    ({"main.py": "from lib import none\nreveal(none)", "lib.py": LIBRARY}, ["?"]),
    ({"main.py": "import lib.a\nreveal(lib.a.get)", "lib/__init__.py": "", "lib/a.py": LIBRARY}, ["def lib/a.py:get"]),
    ({"main.py": "import lib.a as x\nreveal(x.get)", "lib/__init__.py": "", "lib/a.py": LIBRARY}, ["def lib/a.py:get"]),
    ({"main.py": "from lib import a\nreveal(a)", "lib/__init__.py": "", "lib/a.py": ""}, ["module lib/a.py"]),
    ({"main.py": "from lib.a import get\nreveal(get)", "lib/a.py": LIBRARY}, ["def lib/a.py:get"]),
    ({"main.py": "import lib.a\nreveal(lib.a.get)", "lib/a.py": LIBRARY}, ["def lib/a.py:get"]),
    # re-exports
    ({"main.py": "from lib import get\nreveal(get)", "lib/__init__.py": "from .a import get", "lib/a.py": LIBRARY},
     ["def lib/a.py:get"]),
    ({"main.py": "from lib import fetch\nreveal(fetch)", "lib/__init__.py": "from .a import get as fetch",
      "lib/a.py": LIBRARY}, ["def lib/a.py:get"]),
    ({"main.py": "import lib\nreveal(lib.get)", "lib/__init__.py": "from lib.b import get",
      "lib/b.py": "from .a import *", "lib/a.py": LIBRARY}, ["def lib/a.py:get"]),
    ({"main.py": "from lib import requests\nreveal(requests.get)", "lib.py": "import requests"}, ["requests.get"]),
    # relative
    ({"a/main.py": "from . import lib\nreveal(lib.get)", "a/lib.py": LIBRARY}, ["def a/lib.py:get"]),
    ({"a/main.py": "from .lib import get\nreveal(get)", "a/lib.py": LIBRARY}, ["def a/lib.py:get"]),
    ({"a/b/main.py": "from ..lib import get\nreveal(get)", "a/lib.py": LIBRARY}, ["def a/lib.py:get"]),
    ({"a/b/main.py": "from .. import lib\nreveal(lib)", "a/lib.py": LIBRARY}, ["module a/lib.py"]),
    ({"a/main.py": "from ... import x\nreveal(x)"}, ["?"]),
    ({"a/main.py": "from . import get\nreveal(get)", "a/__init__.py": LIBRARY}, ["def a/__init__.py:get"]),
    # stars
    ({"main.py": "from lib import *\nreveal(get)", "lib.py": LIBRARY}, ["def lib.py:get"]),
    ({"main.py": "from lib import *\nreveal(_shown)", "lib.py": "__all__ = ['_shown']\n_shown = 1"}, ["1"]),
    ({"main.py": "from lib import *\nreveal(get)", "lib.py": "from a import *", "a.py": LIBRARY}, ["def a.py:get"]),
    ({"main.py": "from lib import *\ndef get(): ...\nreveal(get)", "lib.py": LIBRARY}, ["def get"]),
    # circles
    ({"main.py": "from a import x\nreveal(x)", "a.py": "from main import x"}, ["nothing"]),
    ({"main.py": "from a import x\nreveal(x)\ny = 1", "a.py": "from main import y as x"}, ["1"]),
    # a workspace module hides a library, a folder without Python does not
    ({"main.py": "import requests\nreveal(requests.get)", "requests.py": LIBRARY}, ["def requests.py:get"]),
    ({"main.py": "import requests\nreveal(requests.get)", "requests/x.txt": ""}, ["requests.get"]),
    ({"main.py": "import redis\nreveal(redis.Redis)", "redis/dump.py": ""}, ["redis.Redis"]),
    # a name of the package wins over a module of the same name
    ({"main.py": "from lib import get\nreveal(get)", "lib/__init__.py": "def get(): ...", "lib/get.py": ""},
     ["def lib/__init__.py:get"]),
]  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), MANY_FILES)
def test_across_files(files: dict[str, str], expected: list[str]) -> None:
    asked = next(path for path in files if path.endswith("main.py"))

    assert revealed(files, asked) == expected


STARS = [
    ({"main.py": "from lib import *\nreveal(get, hidden)", "lib.py": "__all__ = ['get']\n" + LIBRARY + "hidden = 1"},
     ["def lib.py:get", "builtins.hidden"]),
    ({"main.py": "from lib import *\nreveal(_hidden)", "lib.py": "_hidden = 1"}, ["builtins._hidden"]),
    ({"main.py": "from a import *\nfrom b import *\nreveal(x)", "a.py": "x = 1", "b.py": "x = 2"}, ["2"]),
    ({"main.py": "from a import *\nreveal(x)", "a.py": "from main import *"}, ["builtins.x"]),
    ({"main.py": "from a import *\nreveal(x)", "a.py": "from main import *\nx = 1"}, ["1"]),
    ({"main.py": "x = 1\nfrom a import *\nreveal(x)\nx = 3\nreveal(x)", "a.py": "x = 2"}, ["2", "3"]),
    ({"main.py": "x = 1\ntry:\n    from a import *\nexcept ImportError:\n    pass\nreveal(x)", "a.py": "x = 2"},
     ["1 | 2"]),
    ({"main.py": "x = 1\nif c():\n    from a import *\nelse:\n    from b import *\nreveal(x)", "a.py": "x = 2",
      "b.py": "x = 3"}, ["2 | 3"]),
    ({"main.py": "from lib import *\nreveal(x)", "lib/__init__.py": "from .a import *\nfrom .b import *",
      "lib/a.py": "x = 1", "lib/b.py": "y = 1"}, ["1"]),
    # of libraries
    ({"main.py": "from requests import *\nimport builtins\nbuiltins.reveal(get, undefined, print)"},
     ["requests.get", "requests.undefined", "builtins.print"]),
    ({"main.py": "from requests import *\nfrom flask import *\nimport builtins\n"
      "builtins.reveal(Session, Flask, undefined)"}, ["requests.Session", "flask.Flask", "?"]),
    ({"main.py": "from .nothing import *\nimport builtins\nbuiltins.reveal(get, print)"}, ["?", "builtins.print"]),
    ({"main.py": "from lib import *\nreveal(Session)", "lib.py": "from requests import *"}, ["requests.Session"]),
]  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), STARS)
def test_stars_take_what_a_module_exports(files: dict[str, str], expected: list[str]) -> None:
    assert revealed(files) == expected


def test_each_service_has_its_own_package_of_the_same_name() -> None:
    files: dict[str, str] = {}
    for name in "ab":
        files[f"{name}/Dockerfile"] = "FROM python\nWORKDIR /srv\nCOPY . /srv\nCMD uvicorn app.main:app\n"
        files[f"{name}/app/main.py"] = "from app.lib import URL\nreveal(URL)\n"
        files[f"{name}/app/lib.py"] = f"URL = 'http://{name}'\n"

    assert revealed(files, "a/app/main.py") == ["'http://a'"]
    assert revealed(files, "b/app/main.py") == ["'http://b'"]


def test_code_that_is_copied_into_the_image_is_found_behind_the_service_s_own() -> None:
    files = {
        "a/Dockerfile": "FROM python\nWORKDIR /srv\nCOPY shared /srv/shared\nCOPY a /srv\nCMD python main.py\n",
        "compose.yaml": "services:\n  a:\n    build: {context: ., dockerfile: a/Dockerfile}\n",
        "a/main.py": "from shared.lib import URL\nimport lib\nreveal(URL, lib.URL)\n",
        "a/lib.py": "URL = 'http://own'\n",
        "shared/lib.py": "URL = 'http://shared'\n",
    }

    assert revealed(files, "a/main.py") == ["'http://shared'", "'http://own'"]


def test_sources_stand_in_src() -> None:
    files = {"pyproject.toml": "[project]\nname = 'shop'\n", "src/shop/__init__.py": "", "src/shop/lib.py": LIBRARY}
    files["src/shop/main.py"] = "from shop.lib import URL\nreveal(URL)\n"

    assert revealed(files, "src/shop/main.py") == ["'http://a'"]
