"""What object a method is called on: names, attributes, constructor arguments, annotations.

Each block of code is a file of its own behind the imports; `#` says what is revealed.
"""

from __future__ import annotations

from textwrap import dedent

import pytest

from .notation import blocks, marked, revealed

HEAD = """\
import abc, contextlib, functools, requests
from contextlib import closing
from dataclasses import dataclass
from typing import Annotated, Optional, Union
from fastapi import Depends, FastAPI, Request
"""
NAMES = """
s = requests.Session()
reveal(s)  # requests.Session()
reveal(s.get)  # requests.Session.get of requests.Session()

s = requests.Session()
def f():
    reveal(s.get)  # requests.Session.get of requests.Session()

def f():
    s = requests.Session()
    t = s
    reveal(t)  # requests.Session()

s = None
def start():
    global s
    s = requests.Session()
def f():
    reveal(s)  # requests.Session()

def f():
    reveal(requests.Session().get)  # requests.Session.get of requests.Session()
"""
ATTRIBUTES_OF_SELF = """
class C:
    def __init__(self):
        self.s = requests.Session()
    def m(self):
        reveal(self.s)  # requests.Session()

class C:
    def m(self):
        reveal(self.s)  # requests.Session()
    def open(self):
        self.s = requests.Session()

class C:
    s = requests.Session()
    def m(self):
        reveal(self.s)  # requests.Session()
reveal(C.s)  # requests.Session()

class C:
    s = None
    def open(self):
        self.s = requests.Session()
    def m(self):
        reveal(self.s)  # requests.Session()

class C:
    def __init__(self):
        self.a, self.b = 1, 2
    def m(self):
        reveal(self.b)  # 2

class C:
    def open(self):
        with requests.Session() as self.s:
            reveal(self.s)  # requests.Session()

class C:
    def m(self):
        reveal(self.s)  # <self:C>.s

class C:
    def m(this):
        this.s = 1
        reveal(this.s)  # 1

class C:
    def __init__(self):
        self.n = 0
    def m(self):
        self.n += 1
        reveal(self.n)  # 0 | ?
"""
CONSTRUCTOR_ARGUMENTS = """
class C:
    def __init__(self, s):
        self.s = s
reveal(C(requests.Session()).s)  # requests.Session()

class C:
    def __init__(self, s):
        self.s = s
c = C(s=requests.Session())
def f():
    reveal(c.s)  # requests.Session()

class C:
    def __init__(self, s=None):
        self.s = s or requests.Session()
reveal(C().s)  # requests.Session()

class C:
    def __init__(self, url='a'):
        self.url = url + '/x'
reveal(C().url, C('b').url)  # 'a/x'; 'b/x'

class C:
    def __init__(self, url):
        self.url = url
    def m(self):
        return self.url + '/m'
reveal(C('a').m())  # 'a/m'

class C:
    def __init__(self, url):
        self.url = url
    def m(self):
        reveal(self.url)  # <self:C>.url

class D:
    def __init__(self, u):
        self.u = u
class C:
    def __init__(self, u):
        self.d = D(u)
reveal(C('a').d.u)  # 'a'

class C:
    def __init__(self, *args, **kw):
        self.a = args
reveal(C(1).a)  # ?

class C:
    def __init__(self, a, b=2):
        self.a, self.b = a, b
reveal(C(*x).b, C(1, **y).b)  # ?; ?
"""
ANNOTATIONS = """
def f(s: requests.Session):
    reveal(s.get)  # requests.Session.get of <s:requests.Session>

def f(s: 'requests.Session'):
    reveal(s)  # <s:requests.Session>

def f(s: requests.Session | None = None):
    reveal(s)  # <s:requests.Session>

def f(s: None | requests.Session):
    reveal(s)  # <s:requests.Session>

def f(s: Optional[requests.Session] = None):
    reveal(s)  # <s:requests.Session>

def f(s: Optional['requests.Session']):
    reveal(s)  # <s:requests.Session>

def f(s: 'Optional[requests.Session]'):
    reveal(s)  # <s:requests.Session>

def f(s: 'requests.Session | None'):
    reveal(s)  # <s:requests.Session>

def f(s: Union[requests.Session, None]):
    reveal(s)  # <s:requests.Session>

def f(s: Annotated[requests.Session, 'x']):
    reveal(s)  # <s:requests.Session>

def f(s: list[requests.Session]):
    reveal(s)  # <s>

Alias = requests.Session
def f(s: Alias):
    reveal(s)  # <s:requests.Session>

class C:
    def m(self): return 1
def f(c: C):
    reveal(c.m())  # 1

class C:
    s: requests.Session
    def m(self):
        reveal(self.s.get)  # requests.Session.get of <self:C>.s

class C:
    def __init__(self, s: requests.Session):
        self.s = s
    def m(self):
        reveal(self.s.get)  # requests.Session.get of <self:C>.s

class C:
    def __init__(self, s):
        self.s: requests.Session = s
    def m(self):
        reveal(self.s.get)  # requests.Session.get of <self:C>.s

def f(x):
    s: requests.Session = x.made()
    reveal(s)  # requests.Session()
"""
CASES = blocks(NAMES, ATTRIBUTES_OF_SELF, CONSTRUCTOR_ARGUMENTS, ANNOTATIONS)


@pytest.mark.parametrize("code", CASES)
def test_reveals(code: str) -> None:
    assert marked(HEAD + code) == [line for line in code.splitlines() if "reveal(" in line]


def test_through_files_and_constructors() -> None:
    files = {
        "http.py": dedent("""\
            import requests
            class Client:
                def __init__(self, base):
                    self.base = base
                    self.session = requests.Session()
                def url(self, path):
                    return f"{self.base}/{path}"
            """),
        "service.py": dedent("""\
            from .http import Client
            class Orders:
                def __init__(self, client: "Client | None" = None):
                    self.client = client or Client("http://orders")
                def one(self, number):
                    return self.client.url(f"orders/{number}")
            """),
        "main.py": dedent("""\
            from .service import Orders
            orders = Orders()
            def show(number):
                reveal(orders.one(number), orders.one(3), orders.client.session)
            """),
    }

    found = revealed({f"app/{path}": text for path, text in files.items()}, "app/main.py")

    assert found == ["f'http://orders/orders/{<number>}'", "'http://orders/orders/3'", "requests.Session()"]
