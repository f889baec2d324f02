"""smtplib and aiosmtplib: sending mail. smtplib blocks and waits for ever by default, aiosmtplib waits 60 seconds.

`SMTP(host)` connects when it is constructed; `SMTP()` connects with `connect(host, port)`. The timeout belongs to the
constructor.

## Blocking and awaited
```python
import smtplib
import aiosmtplib

def send(message: object) -> None:
    with smtplib.SMTP("mail", 25) as server:
        server.send_message(message)

async def send_later(message: object) -> None:
    await aiosmtplib.send(message, hostname="mail", port=25)
```
```facts
5: ClientCreated smtp target=smtp://mail:25 timeout=None(client)
5: RemoteCall smtp connect smtp://mail:25 timeout=None(client) blocking
6: RemoteCall smtp send_message smtp://mail:25 timeout=None(client) blocking
9: RemoteCall smtp send smtp://mail:25 timeout=60.0(default) awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Limit, client_value, made, to_thread
from shearpin.adapterkit.effects import connection_created, remote
from shearpin.adapterkit.http import host_url
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, Remedy, RemoteCall, Timeout
from shearpin.facts.model import ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Value

ADAPTER = Adapter("smtplib", version="3.11", distributions=("python", "aiosmtplib"))

#: position of `timeout` in each constructor; that of SMTP_SSL moved between versions, so only the keyword counts
_CLIENTS = {"smtplib.SMTP": 3, "smtplib.SMTP_SSL": -1}
_ASYNC = "aiosmtplib.SMTP"
_CALL_REMEDY = Remedy("set-timeout", "argument", "timeout={read}")
_REMEDY = Remedy("set-client-timeout", "argument", "timeout={read}")

ADAPTER.alias("aiosmtplib.smtp.SMTP", _ASYNC)
ADAPTER.alias("aiosmtplib.api.send", "aiosmtplib.send")
ADAPTER.models(*(ClassModel(name) for name in (*_CLIENTS, _ASYNC)))


@ADAPTER.calls(*_CLIENTS)
def _construction(call: ResolvedCall) -> Iterable[Fact]:
    """`SMTP(host, port)`; without a host nothing is connected."""
    target = _target(call.value("host", 0), call.value("port", 1, NONE))
    limit = Limit(NONE, client_position=_CLIENTS[call.name], bounds="phase").of_constructor(made(call))
    yield connection_created(call, "smtplib", "smtp", target, limit, _REMEDY)
    if call.argument("host", 0) is not None:
        yield _remote(call, Const("connect"), target, limit)


@ADAPTER.calls(
    *(f"{client}.{name}" for client in _CLIENTS for name in ("connect", "sendmail", "send_message", "login"))
)
def _method(call: ResolvedCall) -> Iterable[Fact]:
    cls, _, operation = call.name.rpartition(".")
    client = call.receiver
    limit = Limit(NONE, client_position=_CLIENTS[cls], bounds="phase")
    host, port = client_value(client, "host", 0, UNKNOWN), client_value(client, "port", 1, NONE)
    if operation == "connect":
        host, port = call.value("host", 0), call.value("port", 1, NONE)
    yield _remote(call, Const(operation), _target(host, port), limit.of_constructor(client))


@ADAPTER.calls("aiosmtplib.send")
def _send(call: ResolvedCall) -> Iterable[Fact]:
    """`await aiosmtplib.send(message, hostname=..., port=...)`"""
    target = _target(call.value("hostname", -1, Const("localhost")), call.value("port", -1, NONE))
    timeout = Limit(Const(60.0)).of(call)
    yield remote(call, "aiosmtplib", ("smtp", target, Const("send")), timeout, _CALL_REMEDY, is_blocking=False)


@ADAPTER.methods(_ASYNC, "connect", "sendmail", "send_message", "login")
def _async_method(call: ResolvedCall) -> Iterable[Fact]:
    client = call.receiver
    limit = Limit(Const(60.0), client_position=-1)
    host = client_value(client, "hostname", -1, Const("localhost"))
    where = ("smtp", _target(host, client_value(client, "port", -1, NONE)), Const(call.name.rpartition(".")[2]))
    yield remote(call, "aiosmtplib", where, limit.of_constructor(client), is_blocking=False)


def _remote(call: ResolvedCall, operation: Value, target: Value, timeout: Timeout) -> RemoteCall:
    return remote(call, "smtplib", ("smtp", target, operation), timeout, to_thread("review"), is_blocking=True)


def _target(host: Value, port: Value) -> Value:
    return host_url("smtp", host, port, Const(""))
