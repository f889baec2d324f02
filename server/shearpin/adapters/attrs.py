"""attrs: classes whose fields are declared by calls.

A field is given to the constructor under its name without leading underscores, or under its `alias`.

## Fields
```python
import attrs
import httpx

@attrs.define
class Orders:
    _base_url: str = attrs.field(alias="url")
    _timeout: float = attrs.field(default=3)
    _client: httpx.Client | None = attrs.field(default=None, init=False)

orders = Orders(url="http://orders")
httpx.get(orders._base_url, timeout=orders._timeout)
```
```facts
11: HttpCall GET http://orders timeout=3(call) blocking
```
"""

from __future__ import annotations

from shearpin.adapterkit import Adapter
from shearpin.facts.model import ClassModel

ADAPTER = Adapter("attrs", version="26.1.0")

ADAPTER.alias("attr.ib", "attrs.field")
ADAPTER.alias("attr.attrib", "attrs.field")
ADAPTER.alias("attr.field", "attrs.field")
ADAPTER.models(ClassModel("attrs.field", declares="stripped"))
