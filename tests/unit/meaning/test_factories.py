"""Objects that functions, properties, context managers and frameworks give.

Each block of code is a file of its own behind the imports; `#` says what is revealed.
"""

from __future__ import annotations

import pytest

from .notation import blocks, marked

HEAD = """\
import abc, contextlib, functools, requests
from contextlib import closing
from dataclasses import dataclass
from typing import Annotated, Optional, Union
from fastapi import Depends, FastAPI, Request
"""
FACTORIES = """
def make():
    return requests.Session()
reveal(make())  # requests.Session()

def make(url):
    return C(url)
class C:
    def __init__(self, url):
        self.url = url
reveal(make('a').url)  # 'a'

async def make():
    return requests.Session()
async def f():
    reveal(await make())  # requests.Session()

def make():
    s = requests.Session()
    s.auth = 1
    return s
reveal(make())  # requests.Session()

def make(x):
    if x:
        return None
    return requests.Session()
reveal(make(1))  # requests.Session()

@functools.lru_cache
def make():
    return requests.Session()
reveal(make())  # requests.Session()

@functools.cache
def make():
    return requests.Session()
reveal(make())  # requests.Session()

_s = None
def get():
    global _s
    if _s is None:
        _s = requests.Session()
    return _s
reveal(get())  # requests.Session()

class C:
    @property
    def s(self):
        return requests.Session()
    def m(self):
        reveal(self.s)  # requests.Session()

class C:
    @functools.cached_property
    def s(self):
        return requests.Session()
reveal(C().s)  # requests.Session()

class C:
    @property
    def s(self): return self._s
    @s.setter
    def s(self, v): self._s = v
    def __init__(self): self._s = 1
reveal(C().s)  # 1 | <v>

class C:
    @staticmethod
    def make(x): return x
reveal(C.make(1), C().make(2))  # 1; 2

class C:
    @classmethod
    def make(cls): return cls()
reveal(C.make(), C().make())  # C(); C()

class C:
    _one = None
    @classmethod
    def get(cls):
        if cls._one is None:
            cls._one = C()
        return cls._one
reveal(C.get())  # C()

class C:
    def m(self): return self
reveal(C().m().m())  # C()

def outer():
    def inner():
        return 1
    return inner
reveal(outer()())  # 1

f = lambda x: x
reveal(f(1))  # 1
"""
CONTEXT_MANAGERS = """
@contextlib.contextmanager
def made():
    yield requests.Session()
def f():
    with made() as s:
        reveal(s)  # requests.Session()

@contextlib.asynccontextmanager
async def made():
    s = requests.Session()
    try:
        yield s
    finally:
        s.close()
async def f():
    async with made() as s:
        reveal(s)  # requests.Session()

class C:
    def __enter__(self):
        return requests.Session()
    def __exit__(self, *e): ...
def f():
    with C() as s:
        reveal(s)  # requests.Session()

class C:
    async def __aenter__(self):
        self.s = 1
        return self
async def f():
    async with C() as c:
        reveal(c.s)  # 1

def f():
    with requests.Session() as s:
        reveal(s.get)  # requests.Session.get of requests.Session()

def f():
    with closing(requests.Session()) as s:
        reveal(s)  # requests.Session()
"""
INJECTION = """
def make():
    return requests.Session()
def f(s=Depends(make)):
    reveal(s)  # requests.Session()

def make():
    yield requests.Session()
def f(s: Annotated[object, Depends(make)]):
    reveal(s)  # requests.Session()

def make():
    return requests.Session()
Dep = Annotated[object, Depends(make)]
def f(s: Dep):
    reveal(s)  # requests.Session()

class C:
    def __init__(self, s=Depends(lambda: 1)):
        self.s = s
def f(c: C = Depends()):
    reveal(c)  # C(s=1)
    reveal(c.s)  # 1

def a(): return 1
def b(x=Depends(a)): return x
def f(y=Depends(b)):
    reveal(y)  # 1
"""
REQUEST_STATE_OF_A_FRAMEWORK = """
app = FastAPI()
async def start():
    app.state.s = requests.Session()
def f(request: Request):
    reveal(request.app.state.s)  # requests.Session()
"""
CASES = blocks(FACTORIES, CONTEXT_MANAGERS, INJECTION, REQUEST_STATE_OF_A_FRAMEWORK)


@pytest.mark.parametrize("code", CASES)
def test_reveals(code: str) -> None:
    assert marked(HEAD + code) == [line for line in code.splitlines() if "reveal(" in line]


FIRST = """
class Base:
    base_url = 'http://base'
    def __init__(self, base_url=None):
        self.url = base_url or self.base_url
class Orders(Base):
    base_url = 'http://orders'
class Users(Base):
    def __init__(self):
        super().__init__(base_url='http://users')
reveal(Base().url, Base('http://x').url)  # 'http://base'; 'http://x'
reveal(Orders().url, Users().url)  # 'http://orders'; 'http://users'

class C:
    def __init__(self, url=None):
        self.url = (url or 'http://d').rstrip('/')
reveal(C().url, C('http://x').url, C('').url)  # 'http://d'; 'http://x'; 'http://d'

class C:
    def __init__(self, url=None):
        self.url = url if url is not None else 'http://d'
reveal(C().url, C('http://x').url, C('').url)  # 'http://d'; 'http://x'; ''

class C:
    def __init__(self, url=None):
        self.url = 'http://d' if not url else url
reveal(C().url, C('http://x').url)  # 'http://d'; 'http://x'

class C:
    def __init__(self, url=None):
        if url is None:
            url = 'http://d'
        self.url = f'{url}/v1'
reveal(C().url, C('http://x').url)  # 'http://d/v1'; 'http://x/v1'

class C:
    def __init__(self, session=None):
        self.session = session or requests.Session()
reveal(C().session, C(requests.Session()).session)  # requests.Session(); requests.Session()

def first(a, b):
    return a or b or 'c'
reveal(first('a', 'b'), first(None, 'b'), first('', None))  # 'a'; 'b'; 'c'

def first(a):
    return a or 'b'
def outer(x):
    return first(x)
reveal(outer('a'), outer(None))  # 'a'; 'b'

import os
def first(a=None):
    return a or os.getenv('A') or 'http://d'
reveal(first(), first('x'))  # $A='http://d'; 'x'

def first(a):
    if c():
        a = 'b'
    return a
reveal(first('a'))  # 'a' | 'b'
"""


@pytest.mark.parametrize("code", blocks(FIRST))
def test_the_first_that_is_given_counts(code: str) -> None:
    assert marked(f"{HEAD}{code}") == [line for line in code.splitlines() if "reveal(" in line]


PROTOCOLS = """
from typing import Protocol
class Gateway(Protocol):
    def pay(self): ...
class Http:
    def pay(self): return 1
def f(gateway: Gateway):
    reveal(gateway.pay)  # <gateway:Gateway>.pay

from typing import Protocol
class Gateway(Protocol):
    def pay(self): ...
class Http(Gateway):
    def pay(self): return 1
def f(gateway: Gateway):
    reveal(gateway.pay())  # 1

from typing import Protocol
class Gateway(Protocol):
    def pay(self): ...
class Http:
    def pay(self): return 1
class Service:
    def __init__(self, gateway: Gateway): self.gateway = gateway
reveal(Service(Http()).gateway.pay())  # 1

import enum
class Url(str, enum.Enum):
    ORDERS = 'http://orders'
reveal(Url.ORDERS.value, f'{Url.ORDERS.value}/x')  # 'http://orders'; 'http://orders/x'

@dataclass
class C:
    s: requests.Session = field(default_factory=requests.Session)
    url: str = field(default='u')
reveal(C().s, C().url, C(url='v').url)  # requests.Session(); 'u'; 'v'
"""


@pytest.mark.parametrize("code", blocks(PROTOCOLS))
def test_interfaces_and_carriers(code: str) -> None:
    head = HEAD.replace("import dataclass\n", "import dataclass, field\n")

    assert marked(f"{head}{code}") == [line for line in code.splitlines() if "reveal(" in line]


CONTAINER = """\
from typing import Annotated
import requests
from dependency_injector import containers, providers
from dependency_injector.wiring import Provide, inject
from fastapi import Depends
class Client:
    def __init__(self, url, session=None):
        self.url = url
        self.session = session
class Service:
    def __init__(self, client):
        self.client = client
class Container(containers.DeclarativeContainer):
    config = providers.Configuration()
    url = providers.Object('http://u')
    session = providers.Resource(requests.Session)
    client = providers.Singleton(Client, url=url, session=session)
    other = providers.Factory(Client, config.url)
    service = providers.Factory(Service, client=client)
"""
INJECTED = """
container = Container()
reveal(container.client().url, Container.client().session)  # 'http://u'; requests.Session()
reveal(container.service().client.url, container.client(url='x').url)  # 'http://u'; 'x'

@inject
def f(service: Service = Provide[Container.service]):
    reveal(service.client.url)  # 'http://u'

@inject
def f(client: Client = Depends(Provide[Container.client])):
    reveal(client.url)  # 'http://u'

@inject
def f(client: Annotated[Client, Depends(Provide[Container.client])]):
    reveal(client.url)  # 'http://u'

@inject
def f(client: Client = Provide['client']):
    reveal(client)  # <client:Client>
"""


@pytest.mark.parametrize("code", blocks(INJECTED))
def test_containers(code: str) -> None:
    assert marked(f"{CONTAINER}{code}") == [line for line in code.splitlines() if "reveal(" in line]


TABLES = """
import os
class Dev:
    URL = 'http://dev'
class Prod:
    URL = 'http://prod'
    def __init__(self, x=1): self.x = x
config = {'dev': Dev, 'prod': Prod}[os.environ['STAGE']]
reveal(config.URL, {'prod': Prod}[c()]().x)  # 'http://dev' | 'http://prod'; 1

class A:
    url = 'http://a'
class B:
    url = 'http://b'
TABLE = {'a': A, 'b': B}
def make(kind):
    return TABLE[kind]()
reveal(make('a').url, TABLE['b'].url)  # 'http://a'; 'http://b'

from yarl import URL
reveal(URL('http://a') / 'b' / 'c', str(URL('http://a/') / 'b'))  # 'http://a/b/c'; 'http://a/b'
"""


@pytest.mark.parametrize("code", blocks(TABLES))
def test_tables_and_addresses(code: str) -> None:
    assert marked(f"{HEAD}{code}") == [line for line in code.splitlines() if "reveal(" in line]
