"""treq: requests on Twisted's reactor; nothing ends one that has no `timeout`.

## Requests
```python
import treq

async def load():
    response = await treq.get("http://orders/1", timeout=5)
    await treq.request("POST", "http://orders", json={})
```
```facts
4: HttpCall GET http://orders/1 timeout=5(call) awaited
5: HttpCall POST http://orders timeout=None(default) awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Limit
from shearpin.adapterkit.http import VERBS, Client, Response, verb
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, Remedy
from shearpin.facts.value import NONE, Value

ADAPTER = Adapter("treq", version="26.7.0")

_CLIENT = Client("treq", Response(checks=("code",), raising_checks=(), bodies=("json", "text", "content", "collect")))
#: a limit of 0 is no limit either
_LIMIT = Limit(NONE, zero_is_forever=True)


def _request(call: ResolvedCall, method: Value, url: Value) -> Fact:
    remedy = Remedy("set-timeout", "argument", "timeout={read}")
    return _CLIENT.request(call, method, url, _LIMIT.of(call), is_blocking=False, remedies=(remedy,))


@ADAPTER.calls(*(f"treq.{name}" for name in VERBS))
def _function(call: ResolvedCall) -> Iterable[Fact]:
    yield _request(call, verb(call), call.value("url", 0))


@ADAPTER.calls("treq.request")
def _by_name(call: ResolvedCall) -> Iterable[Fact]:
    yield _request(call, call.value("method", 0), call.value("url", 1))
