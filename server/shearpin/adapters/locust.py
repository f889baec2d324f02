"""locust: simulated users that load a system; `self.client` sends requests to the host that is given at the start.

Its client is a requests Session that records and never raises for a status; the library's name marks these facts as
load generation.

## A simulated user
```python
from locust import HttpUser, task

class Buyer(HttpUser):
    @task
    def buy(self) -> None:
        self.client.get("/items")
        self.client.post("/orders", json={})
```
```facts
6: HttpCall GET {$LOCUST_HOST}/items timeout=?(unknown) blocking
7: HttpCall POST {$LOCUST_HOST}/orders timeout=?(unknown) blocking
```

## The host of a class counts when the start gives none
```python
from locust import FastHttpUser, task

class Buyer(FastHttpUser):
    host = "http://shop:8080"

    @task
    def buy(self) -> None:
        with self.client.get("/items", catch_response=True) as response:
            response.success()
```
```facts
8: HttpCall GET {$LOCUST_HOST|http://shop:8080}/items timeout=?(unknown) blocking
```

## Tasks outside the user
```python
from locust import HttpUser, SequentialTaskSet, TaskSet, task

def index(user):
    user.client.get("/")

class Browsing(SequentialTaskSet):
    tasks = [index]

    @task
    class Inner(TaskSet):
        @task
        def view(self):
            self.client.get("/items")

class Buyer(HttpUser):
    tasks = {Browsing: 1}
```
```facts
4: HttpCall GET {$LOCUST_HOST}/ timeout=?(unknown) blocking
13: HttpCall GET {$LOCUST_HOST}/items timeout=?(unknown) blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Limit, text
from shearpin.adapterkit.http import VERBS, Client, Response, appended, verb
from shearpin.adapterkit.store import argument_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, HttpCall
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, Env, Value

ADAPTER = Adapter("locust", version="2.42.0")

_SESSION = "locust.clients.HttpSession"
_RESPONSE = "locust.clients.ResponseContextManager"
_USERS = ("locust.HttpUser", "locust.FastHttpUser")
_CLIENT = Client(
    "locust",
    Response(checks=("raise_for_status", "ok", "status_code"), raising_checks=(), bodies=("json", "text", "content")),
)
_LIMIT = Limit(NONE, bounds="phase")
#: the host is an option of the run, `--host` or this variable
_HOST = "LOCUST_HOST"
_TASK_SETS = ("locust.TaskSet", "locust.SequentialTaskSet")

ADAPTER.alias("locust.user.HttpUser", _USERS[0])
for _tasks in _TASK_SETS:
    ADAPTER.alias(f"locust.user.task.{_tasks.rpartition('.')[2]}", _tasks)
ADAPTER.alias("locust.user.sequential_taskset.SequentialTaskSet", _TASK_SETS[1])
ADAPTER.alias("locust.user.users.HttpUser", _USERS[0])
ADAPTER.alias("locust.contrib.fasthttp.FastHttpUser", _USERS[1])
ADAPTER.models(
    *(ClassModel(user, attributes=(("client", _SESSION),), runs=(("tasks", user),)) for user in _USERS),
    *(ClassModel(tasks, attributes=(("client", _SESSION),), runs=(("tasks", tasks),)) for tasks in _TASK_SETS),
    ClassModel(_SESSION, from_holder=("host",)),
    ClassModel(_RESPONSE),
    *(CallModel(f"{_SESSION}.{name}", returns=_RESPONSE) for name in (*VERBS, "request")),
    CallModel("locust.task", transparent_decorator=True, decorated_context="test"),
)


@ADAPTER.methods(_SESSION, *VERBS)
def _method(call: ResolvedCall) -> Iterable[Fact]:
    """`self.client.get("/orders")`"""
    yield _request(call, verb(call), call.value("url", 0))


@ADAPTER.methods(_SESSION, "request")
def _method_by_name(call: ResolvedCall) -> Iterable[Fact]:
    """`self.client.request("GET", "/orders")`"""
    yield _request(call, call.value("method", 0), call.value("url", 1))


def _request(call: ResolvedCall, method: Value, path: Value) -> HttpCall:
    host = argument_of(call.receiver, "host", -1)
    base = Env(_HOST, host if text(host) else None)
    return _CLIENT.request(call, method, appended(base, path), _LIMIT.of(call), is_blocking=True)
