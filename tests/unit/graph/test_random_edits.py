"""The graph after any sequence of edits of classes, re-exports and registries equals that of a fresh session."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from shearpin.session import Session
from shearpin.workspace.files import MemoryFiles

from .drawing import DOCKERFILE, FASTAPI

BASE = """\
import abc, requests
class Base(abc.ABC):
    path = "/base"
    client = None
    def __init__(self, url): self.url = url
    @abc.abstractmethod
    def number(self): ...
    def send(self): return requests.get(f"{self.url}{self.path}/{self.number()}")
    @classmethod
    def get(cls):
        if cls.client is None:
            cls.client = cls("http://b")
        return cls.client
"""
CLIENT = """\
from base import Base
class Client(Base):
    path = "/client"
    def __init__(self): super().__init__("http://b")
    def number(self): return 3
class Other(Base):
    def number(self): return 4
"""
MAIN = """\
from names import Fetcher, call
def run(client: "Fetcher | None", url):
    client.send()
    call(url)
class App:
    def __init__(self, client=None): self.client = client or Fetcher()
    def go(self): return self.client.send()
App().go()
run(Fetcher(), "http://b/x")
"""
NAMES = """\
import requests
from client import Client as Fetcher
from calls import call as call
"""
CALLS = "import requests\ndef call(url):\n    requests.post(url)\n"
TEXTS: dict[str, tuple[str, ...]] = {
    "a/base.py": (
        BASE,
        BASE.replace('    path = "/base"\n', ""),
        BASE.replace("    @abc.abstractmethod\n", ""),
        BASE.replace("self.url = url", "self.url = url.rstrip('/')"),
        BASE.replace("self.url = url", "self.url: str = self.url or url"),
        BASE.replace("class Base(abc.ABC)", "class Base(Other)"),
        "",
    ),
    "a/client.py": (
        CLIENT,
        CLIENT.replace('    path = "/client"\n', ""),
        CLIENT.replace('super().__init__("http://b")', 'Base.__init__(self, url="http://a")'),
        CLIENT.replace("class Other(Base)", "class Other(Client)"),
        CLIENT.replace("    def number(self): return 3\n", ""),
        CLIENT.replace("from base import Base", "from names import *"),
        CLIENT + "class Base: ...\n",
    ),
    "a/names.py": (
        NAMES,
        NAMES.replace("from client import Client as Fetcher", "from client import Other as Fetcher"),
        NAMES.replace("from calls import call as call", "import calls\ncall = calls.call"),
        NAMES.replace("from calls import call as call", "from calls import *\nfrom main import *"),
        "from client import *\nFetcher = {'a': Client}['a']\nfrom calls import call\n",
    ),
    "a/calls.py": (
        CALLS,
        CALLS.replace("post", "get"),
        "import requests\ndef call(url): other(url)\ndef other(url): requests.put(url + '/put'); call(url)\n",
        "import functools, requests\ncall = functools.partial(requests.get)\n",
        "def call(url",
    ),
    "a/main.py": (
        MAIN,
        MAIN.replace('"Fetcher | None"', "Fetcher"),
        MAIN.replace("App().go()", "for app in (App(), App(Fetcher.get())): app.go()"),
        MAIN.replace("App().go()", "import importlib"),
        "import base\nbase.Base.get().send()\n",
    ),
    "b/main.py": (
        f"{FASTAPI}@app.get('/x')\ndef x(): ...\n",
        f"{FASTAPI}@app.get('/base/{{n}}')\ndef x(): ...\n",
        f"{FASTAPI}router = APIRouter(prefix='/client')\n@router.get('/3')\ndef x(): ...\napp.include_router(router)\n",
    ),
}
COMPOSE = "services:\n  a: {build: a}\n  b: {build: b}\n"
EDITS = st.lists(
    st.sampled_from(sorted(TEXTS)).flatmap(
        lambda path: st.tuples(st.just(path), st.sampled_from((*TEXTS[path], None)), st.booleans())
    ),
    min_size=1,
    max_size=12,
)


def first_files() -> dict[str, bytes]:
    """The system before any edit."""
    manifests = {"compose.yaml": COMPOSE, "a/Dockerfile": DOCKERFILE, "b/Dockerfile": DOCKERFILE}
    return {path: text.encode() for path, text in ({p: t[0] for p, t in TEXTS.items()} | manifests).items()}


def opened(files: dict[str, bytes]) -> Session:
    session = Session(MemoryFiles(dict(files)), rules=(), strict=True)
    session.read_all()
    return session


@settings(max_examples=60)
@given(EDITS)
def test_edits(edits: list[tuple[str, str | None, bool]]) -> None:
    tree = MemoryFiles(first_files())
    session = Session(tree, rules=(), strict=True)
    session.read_all()
    for path, text, is_asked in edits:
        if text is None:
            tree.files.pop(path, None)
        else:
            tree.files[path] = text.encode()
        session.refresh([path])
        if is_asked:
            session.graph()

    assert session.graph() == opened(tree.files).graph()


def test_the_system_has_something_to_lose() -> None:
    found = opened(first_files()).graph()

    assert {f"{edge.target} {edge.op}" for edge in found.edges} == {"b GET /client/3", "b GET /client/4", "b POST /x"}
