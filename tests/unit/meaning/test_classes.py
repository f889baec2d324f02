"""Objects of classes with bases, dataclasses, registries, nested classes.

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
DATACLASSES = """
@dataclass
class C:
    url: str
    n: int = 3
reveal(C('a').url, C(url='b').url, C('a').n)  # 'a'; 'b'; 3

@dataclass
class C:
    s: requests.Session
    def m(self):
        reveal(self.s.get)  # requests.Session.get of <self:C>.s
"""
SINGLETONS = """
class A:
    one = None
    @staticmethod
    def get():
        if A.one is None:
            A.one = A()
        return A.one
    def n(self): return 1
reveal(A.get().n())  # 1

class A:
    one = None
    def __init__(self):
        A.one = self
    @classmethod
    def get(cls):
        if cls.one is None:
            cls.one = cls()
        return cls.one
    def n(self): return 1
reveal(A.get().n())  # 1
"""
INHERITANCE = """
class A:
    def __init__(self):
        self.s = requests.Session()
class B(A):
    def m(self):
        reveal(self.s)  # requests.Session()

class A:
    def m(self): return 1
class B(A): ...
reveal(B().m())  # 1

class A:
    def m(self): return 1
class B(A):
    def m(self): return 2
reveal(B().m(), A().m())  # 2; 1

class A:
    def m(self): return self.n()
    @abc.abstractmethod
    def n(self): ...
class B(A):
    def n(self): return 2
reveal(B().m())  # 2

class A(abc.ABC):
    @abc.abstractmethod
    def n(self): ...
class B(A):
    def n(self): return 2
class C(A):
    def n(self): return 3
def f(a: A):
    reveal(a.n())  # 2 | 3

class A:
    def m(self): return self.u
class B(A):
    u = 2
reveal(B().m())  # 2

class A:
    u = 'a'
    def m(self): return self.u
class B(A):
    u = 'b'
reveal(B().m(), A().m())  # 'b'; 'a'

class A:
    def __init__(self, u):
        self.u = u
class B(A):
    def __init__(self):
        super().__init__('a')
reveal(B().u)  # 'a'

class A:
    def m(self): return 1
class B(A):
    def m(self): return super().m()
reveal(B().m())  # 1

class A:
    def m(self): return self.u
class B(A):
    u = 2
    def m(self): return super().m()
reveal(B().m())  # 2

class S(requests.Session): ...
reveal(S().get)  # requests.Session.get of S()

class S(requests.Session):
    def get(self, url): return 1
reveal(S().get('x'), S().post)  # 1; requests.Session.post of S()

class S(requests.Session):
    def request(self, m, u):
        return super().request
reveal(S().request(1, 2))  # requests.Session.request of requests.Session()

class A(unknown.Base):
    def m(self):
        reveal(self.x)  # builtins.unknown.Base.x of <self:A>
"""
PARTIAL = """
def f(a, b): return [a, b]
g = functools.partial(f, 1)
reveal(g(2))  # [1, 2]

def f(a, b): return [a, b]
g = functools.partial(f, b=1)
reveal(g(2))  # [2, 1]

get = functools.partial(requests.get, timeout=3)
reveal(get)  # ?

class A: ...
class B: ...
R = {'a': A, 'b': B}
reveal(R['b']())  # B()

class A:
    def m(self): return 1
R = {'a': A()}
reveal(R['a'].m(), R.get('a').m())  # 1; 1

def f(): return 1
R = [f]
reveal(R[0]())  # 1

def f(): return 1
def g(): return 2
h = f if x() else g
reveal(h())  # 1 | 2
"""
CALLS_OF_OBJECTS = """
class C:
    def __call__(self, x): return x
reveal(C()(1))  # 1
"""
NESTED_CLASSES = """
class A:
    class B:
        u = 1
reveal(A.B.u, A.B().u)  # 1; 1

def make():
    class C:
        def __init__(self):
            self.u = 1
    return C()
reveal(make().u)  # 1
"""
CASES = blocks(DATACLASSES, SINGLETONS, INHERITANCE, PARTIAL, CALLS_OF_OBJECTS, NESTED_CLASSES)


@pytest.mark.parametrize("code", CASES)
def test_reveals(code: str) -> None:
    assert marked(HEAD + code) == [line for line in code.splitlines() if "reveal(" in line]
