"""Other parts of the standard library: pauses, child processes, name look-ups, signals, exit hooks.

`time.sleep` and `subprocess.run` block the thread that calls them. What `signal.signal` and `atexit` register runs when
the process ends.

## Pauses, processes, connections
```python
import socket
import subprocess
import time

def main(host: str) -> None:
    time.sleep(2)
    subprocess.run(["ls"], check=True)
    socket.getaddrinfo(host, 80)
    socket.create_connection((host, 5432), timeout=3)
```
```facts
6: Sleep 2 blocking
7: Blocking process (subprocess.run()) blocking
8: Blocking wait (resolving a host name) blocking
9: RemoteCall tcp connect tcp://{host}:5432 timeout=3(call) blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Limit, to_thread
from shearpin.adapterkit.effects import blocking, remote, sleep
from shearpin.adapterkit.http import host_url
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, Remedy
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import NONE, UNKNOWN, Const, SequenceValue, Value

ADAPTER = Adapter("standard", version="3.11", distributions=("python",))

_RUNS = ("run", "call", "check_call", "check_output", "getoutput", "getstatusoutput")
_LOOKUPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getfqdn")

ADAPTER.models(
    ClassModel("subprocess.Popen"),
    ClassModel("subprocess.CompletedProcess"),
    ClassModel("datetime.timedelta"),
    ClassModel("dataclasses.field", declares="named"),
    ClassModel("socket.socket"),
    CallModel("subprocess.run", returns="subprocess.CompletedProcess"),
    CallModel("socket.create_connection", returns="socket.socket"),
    CallModel(
        "signal.signal", callbacks=(Callback(1, "handler", mode=Mode.LATER, context="shutdown", never_awaits=True),)
    ),
    CallModel(
        "atexit.register",
        callbacks=(Callback(0, "func", mode=Mode.LATER, context="shutdown", passes_from=1, never_awaits=True),),
        transparent_decorator=True,
        decorated_context="shutdown",
    ),
)


@ADAPTER.calls("time.sleep")
def _sleep(call: ResolvedCall) -> Iterable[Fact]:
    remedy = Remedy("to-async", "callee", "asyncio.sleep", ("asyncio.",), awaits=True)
    yield sleep(call, "time", call.value("seconds", 0), remedy, to_thread(), is_blocking=True)


@ADAPTER.calls(*(f"subprocess.{name}" for name in _RUNS), "os.system", "os.popen", "os.waitpid")
def _process(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, call.name.partition(".")[0], f"{call.name}()", "process", to_thread())


@ADAPTER.methods("subprocess.Popen", "wait", "communicate")
def _popen(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, "subprocess", "waiting for a child process", "process", to_thread("review"))


@ADAPTER.calls(*(f"socket.{name}" for name in _LOOKUPS))
def _lookup(call: ResolvedCall) -> Iterable[Fact]:
    yield blocking(call, "socket", "resolving a host name", "wait", to_thread())


@ADAPTER.calls("socket.create_connection")
def _connect(call: ResolvedCall) -> Iterable[Fact]:
    """`socket.create_connection((host, port), timeout)`"""
    address = call.value("address", 0)
    target: Value = UNKNOWN
    if isinstance(address, SequenceValue) and len(address.items) == 2:
        target = host_url("tcp", address.items[0], address.items[1], Const(""))
    timeout = Limit(NONE, position=1, bounds="phase").of(call)
    remedy = Remedy("set-timeout", "argument", "timeout={connect}")
    yield remote(
        call, "socket", ("tcp", target, Const("connect")), timeout, remedy, to_thread("review"), is_blocking=True
    )
