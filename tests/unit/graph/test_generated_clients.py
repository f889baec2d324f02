"""Clients as generators write them from a description: the address comes from fields of a class of its own."""

from __future__ import annotations

import pytest

from .drawing import edges, system

#: as openapi-python-client lays them out: an object with lazy clients, and one module for each operation
OBJECT = """\
import httpx
from attrs import define, field

@define
class Client:
    raise_on_unexpected_status: bool = field(default=False, kw_only=True)
    _base_url: str = field(alias="base_url")
    _timeout: httpx.Timeout | None = field(default=None, kw_only=True, alias="timeout")
    _httpx_args: dict = field(factory=dict, kw_only=True, alias="httpx_args")
    _client: httpx.Client | None = field(default=None, init=False)

    def get_httpx_client(self) -> httpx.Client:
        if self._client is None:
            self._client = httpx.Client(base_url=self._base_url, timeout=self._timeout, **self._httpx_args)
        return self._client
"""
OPERATION = """\
from .client import Client

def _get_kwargs(order_id: str) -> dict:
    _kwargs = {"method": "get", "url": "/orders/{order_id}".format(order_id=order_id)}
    return _kwargs

def sync_detailed(order_id: str, *, client: Client):
    kwargs = _get_kwargs(order_id=order_id)
    return client.get_httpx_client().request(**kwargs)

def sync(order_id: str, *, client: Client):
    return sync_detailed(order_id=order_id, client=client).parsed
"""
USES = {
    "keyword": "client = Client(base_url='http://b:8000')\n",
    "environment": "import os\nclient = Client(base_url=os.environ['B'], timeout=3)\n",
}


@pytest.mark.parametrize("made", USES.values(), ids=USES)
def test_a_generated_client_is_followed_to_its_address(made: str) -> None:
    main = f"from orders.client import Client\nfrom orders import get_order\n{made}get_order.sync('1', client=client)\n"
    files = {"a/main.py": main, "a/orders/__init__.py": "", "a/orders/client.py": OBJECT}
    found = edges(system({**files, "a/orders/get_order.py": OPERATION}, environment="B: 'http://b:8000'"))
    assert "a -> b GET /orders/1" in found


DECLARED = """\
import requests
from dataclasses import dataclass, field

@dataclass
class Settings:
    host: str = field(default="http://b:8000")
    port: int = 1
"""


def test_a_declared_default_counts_where_the_construction_gives_nothing() -> None:
    calls = "requests.get(Settings().host + '/x', timeout=1)\nrequests.get(Settings('http://a').host, timeout=1)\n"
    found = edges(system({"a/main.py": DECLARED + calls}))
    assert found == ["a -> b GET /x", "a -> a GET /"]
