"""Which environment variables code reads, by the rules of what reads them.

Each block of code is a file of its own behind the imports; `#` says what is revealed.
"""

from __future__ import annotations

import pytest

from .notation import blocks, marked

HEAD = """\
import os
from os import environ, getenv
from environs import Env
from decouple import config
from pydantic import AliasChoices, BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict
"""
READS = """
reveal(os.environ["A"], environ.get("B", "b"), getenv("C"), getenv(key="D", default="d"))  # $A; $B='b'; $C; $D='d'
reveal(config("E"), config("F", default="f"))  # $E; $F='f'

env = Env()
reveal(env("A"), env.str("B", "b"))  # $A; $B='b'
with env.prefixed("SHOP_"):
    reveal(env("A"))  # $SHOP_A
    with env.prefixed("DB_"):
        reveal(env.str("URL"))  # $SHOP_DB_URL
with env.prefixed(os.name):
    reveal(env("A"))  # ?

def f():
    env = Env()
    with env.prefixed("SHOP_"):
        url = env("URL")
    reveal(url, env("B"))  # $SHOP_URL; $B

if "A" in os.environ:
    a = os.environ["A"]
else:
    a = "b"
reveal(a)  # 'b' | $A
"""
CLASSES = """
class S(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    url: str = "http://d"
    required: str
    other: str = Field("o", alias="OTHER")
    several: str = Field("s", validation_alias=AliasChoices("FIRST", "second"))
    must: str = Field(...)
s = S()
reveal(s.url, s.required, s.other)  # $SHOP_URL='http://d'; $SHOP_REQUIRED; $OTHER='o'
reveal(s.several, s.must)  # $FIRST=$SECOND='s'; $SHOP_MUST

class S(BaseSettings):
    url: str = "u"
    third: str = Field("t", env=["A", "B"])
    listed: str = "l"
    class Config:
        env_prefix = "Shop_"
        case_sensitive = True
        fields = {"listed": {"env": "LISTED"}}
reveal(S().url, S().third, S().listed)  # $Shop_url='u'; $A=$B='t'; $LISTED='l'

class S(BaseSettings, env_prefix="SHOP_"):
    url: str = "u"
class T(S):
    more: str = "m"
reveal(S().url, T().more, T().url)  # $SHOP_URL='u'; $SHOP_MORE='m'; $SHOP_URL='u'

class Inner(BaseModel):
    host: str = "h"
    port: int = 80
class S(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_", env_nested_delimiter="__")
    inner: Inner = Inner()
    changed: Inner = Inner(host="c")
reveal(S().inner.host, S().inner.port)  # $SHOP_INNER__HOST='h'; $SHOP_INNER__PORT=80
reveal(S().changed.host)  # $SHOP_CHANGED__HOST='c'
reveal(f"http://{S().inner.host}:{S().inner.port}/x")  # f'http://{$SHOP_INNER__HOST='h'}:{$SHOP_INNER__PORT=80}/x'

class Inner(BaseModel):
    host: str = "h"
class S(BaseSettings):
    inner: Inner = Inner(host="i")
reveal(S().inner.host)  # 'i'

class Db(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="DB_")
    url: str = "u"
class S(BaseSettings):
    db: Db = Field(default_factory=Db)
reveal(S().db.url)  # $DB_URL='u'

class S(BaseSettings):
    url: str = "u"
reveal(S(url="given").url)  # 'given'

class M(BaseModel):
    port: int = Field(80)
    name: str = Field(default="n", alias="called")
    listed: list = Field(default_factory=list)
reveal(M().port, M(port=1).port, M().name, M(called="x").name)  # 80; 1; 'n'; 'x'
"""


@pytest.mark.parametrize("code", blocks(READS, CLASSES))
def test_reveals(code: str) -> None:
    assert marked(f"{HEAD}{code}") == [line for line in code.splitlines() if "reveal(" in line]
