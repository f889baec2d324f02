"""Effects of wrappers, as their callers make them."""

from __future__ import annotations

from shearpin.facts.fact import HttpCall
from shearpin.flow.handlers import effects_by_call
from shearpin.flow.on_way import on_way
from shearpin.rulekit.wording import effect_name

from ..meaning.notation import opened
from .probing import at

CODE = """
import requests

def send(method, path):
    return requests.request(method, f"http://stock{path}", timeout=5)

def read(sku):
    return send("GET", f"/items/{sku}")

def reserve(sku):
    send("POST", "/reservations")

def order(sku):
    read(sku)
    reserve(sku)
"""


def test_each_way_has_its_own_method_and_path():
    session = opened(CODE)
    ways = effects_by_call(session.db, at("order"))
    names = [effect_name(on_way(session.db, way).effect) for way in ways if isinstance(way.effect, HttpCall)]
    assert names == ["GET http://stock/items/{}", "POST http://stock/reservations"]
