"""Connexion: an application serves what an OpenAPI description says; `operationId` names the handler.

`add_api(base_path=...)` takes the place of the description's own base path.

## Descriptions
```python
import connexion

app = connexion.FlaskApp(__name__, specification_dir="openapi/")
app.add_api("orders.yaml")
app.add_api("stock.yaml", base_path="/stock/v1")
```
```facts
3: Application FlaskApp@3 extras=[GET /ui/{rest:path}, GET /openapi.json] slash=exact
4: ContractServed orders.yaml on FlaskApp@3
5: ContractServed stock.yaml base=/stock/v1 on FlaskApp@3
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import basis, made
from shearpin.adapterkit.routes import application
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import ContractServed, Fact
from shearpin.facts.model import ClassModel
from shearpin.facts.value import NONE, UNKNOWN

ADAPTER = Adapter("connexion", version="3.3.0")

_APPS = ("connexion.FlaskApp", "connexion.AsyncApp")

ADAPTER.alias("connexion.App", _APPS[0])
ADAPTER.alias("connexion.apps.flask.FlaskApp", _APPS[0])
ADAPTER.alias("connexion.apps.asynchronous.AsyncApp", _APPS[1])
ADAPTER.models(*(ClassModel(name) for name in _APPS))


@ADAPTER.calls(*_APPS)
def _application(call: ResolvedCall) -> Iterable[Fact]:
    """`connexion.FlaskApp(__name__)`"""
    extras = ("GET /ui/{rest:path}", "GET /openapi.json")
    yield application(basis(call, "connexion"), made(call), extras=extras, slash="exact")


@ADAPTER.calls(*(f"{app}.add_api" for app in _APPS))
def _api(call: ResolvedCall) -> Iterable[Fact]:
    """`app.add_api("openapi.yaml", base_path="/v1")`"""
    yield ContractServed(
        site=call.site,
        head=call.head,
        function=call.function,
        library="connexion",
        app=UNKNOWN if call.receiver is None else call.receiver,
        contract=call.value("specification", 0),
        base=call.value("base_path", 1, NONE),
    )
