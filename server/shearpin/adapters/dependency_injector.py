"""dependency-injector: containers whose providers make objects, and parameters that are filled from them.

`providers.Configuration` is not followed: what it is filled from is known at run time only.

## A client from a container
```python
import httpx
from dependency_injector import containers, providers
from dependency_injector.wiring import Provide, inject

class Orders:
    def __init__(self, base_url: str, timeout: float) -> None:
        self.http = httpx.Client(base_url=base_url, timeout=timeout)

    def load(self) -> None:
        self.http.get("/open")

class Service:
    def __init__(self, orders: Orders) -> None:
        self.orders = orders

class Container(containers.DeclarativeContainer):
    orders = providers.Singleton(Orders, "http://orders", timeout=2)
    service = providers.Factory(Service, orders=orders)

@inject
def main(service: Service = Provide[Container.service]) -> None:
    service.orders.http.get("/all")

Container().orders().http.get("/one")
```
```facts
7: ClientCreated http target={base_url} timeout={timeout}(call) costly
10: HttpCall GET {}/open timeout=?(unknown) raises=? attempts=? blocking
22: HttpCall GET http://orders/all timeout=2(client) blocking
24: HttpCall GET http://orders/one timeout=2(client) blocking
```
"""

from __future__ import annotations

from shearpin.adapterkit import Adapter
from shearpin.facts.model import CallModel, ClassModel, Injection

ADAPTER = Adapter("dependency-injector", version="4.49.1")

_PROVIDERS = "dependency_injector.providers"
_MAKING = (
    *("Factory", "Singleton", "ThreadSafeSingleton", "ThreadLocalSingleton", "ContextLocalSingleton"),
    *("Resource", "Callable", "Coroutine"),
)

ADAPTER.models(
    *(ClassModel(f"{_PROVIDERS}.{name}", makes="call") for name in _MAKING),
    ClassModel(f"{_PROVIDERS}.Object", makes="itself"),
    Injection("dependency_injector.wiring.Provide"),
    Injection("dependency_injector.wiring.Closing"),
    CallModel("dependency_injector.wiring.inject", transparent_decorator=True),
)
