"""aiohttp-retry: a client around aiohttp's that sends a request again, POST as well, when the answer is 500 or above.

It makes 3 attempts in all unless its options say otherwise, and returns the last answer; time limits are those of the
session inside. It does not raise for a status by itself.

## Requests
```python
from aiohttp_retry import ExponentialRetry, RetryClient

async def load():
    async with RetryClient(retry_options=ExponentialRetry(attempts=5), base_url="http://orders/") as client:
        async with client.post("orders", json={}) as response:
            response.raise_for_status()
    async with RetryClient().get("http://orders/1") as response:
        print(await response.json())
```
```facts
4: ClientCreated http target=http://orders/ timeout=300.0(default) costly
5: HttpCall POST http://orders/orders timeout=300.0(default) attempts=5 resends
7: ClientCreated http timeout=300.0(default) costly
7: HttpCall GET http://orders/1 timeout=300.0(default) attempts=3 resends
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Limit, made, number
from shearpin.adapterkit.effects import client_created
from shearpin.adapterkit.http import VERBS, Client, Response, rooted, verb
from shearpin.adapterkit.store import argument_of, class_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Remedy, Timeout
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Value

ADAPTER = Adapter("aiohttp_retry", version="2.9.1", distributions=("aiohttp-retry",))

_CLIENT, _RESPONSE = "aiohttp_retry.RetryClient", "aiohttp.ClientResponse"
_OPTIONS = tuple(f"aiohttp_retry.{name}Retry" for name in ("Exponential", "Random", "Fibonacci", "Jitter", "List"))
_ANSWER = Response(
    checks=("raise_for_status", "ok", "status"),
    raising_checks=("raise_for_status",),
    bodies=("json", "text", "read", "content"),
)
_LIMIT = Limit(Const(300.0), client_position=-1, zero_is_forever=True)

ADAPTER.alias("aiohttp_retry.client.RetryClient", _CLIENT)
ADAPTER.models(
    ClassModel(_CLIENT),
    *(ClassModel(name) for name in _OPTIONS),
    *(CallModel(f"{_CLIENT}.{name}", returns=_RESPONSE, enters=_RESPONSE) for name in (*VERBS, "request")),
)


def _attempts(call: ResolvedCall) -> int | None:
    """Attempts of the options of the call, else of the client, else 3."""
    options = call.value("retry_options", -1, NONE)
    if options == NONE:
        options = argument_of(call.receiver, "retry_options", 2, NONE)
    if options == NONE:
        return 3
    if class_of(options) not in _OPTIONS[:-1]:
        return None
    count = number(argument_of(options, "attempts", 0, Const(3)))
    return None if count is None else int(count)


def _limit(call: ResolvedCall) -> Timeout:
    """aiohttp's, as far as the session is made by the client itself."""
    own = call.argument("timeout")
    if own is None and (call.receiver is None or argument_of(call.receiver, "client_session", 0, NONE) != NONE):
        return UNKNOWN_TIMEOUT
    return _LIMIT.of(call)


def _request(call: ResolvedCall, method: Value, path: Value) -> Fact:
    inside = argument_of(call.receiver, "client_session", 0, NONE)
    base = argument_of(call.receiver if inside == NONE else inside, "base_url", -1 if inside == NONE else 0, NONE)
    raises = argument_of(call.receiver, "raise_for_status", 3, Const(value=False))
    attempts = _attempts(call)
    return Client("aiohttp_retry", _ANSWER).request(
        call,
        method,
        path if base == NONE else rooted(base, path),
        _limit(call),
        is_blocking=False,
        raises_on_status=raises.value if isinstance(raises, Const) and isinstance(raises.value, bool) else None,
        transport_attempts=attempts,
        transport_resends=attempts != 1,
        remedies=(Remedy("check-status", "after", "{result}.raise_for_status()"),),
    )


@ADAPTER.calls(_CLIENT)
def _create(call: ResolvedCall) -> Iterable[Fact]:
    client = made(call)
    given = call.argument("client_session", 0)
    if given is None:
        yield client_created(call, "aiohttp_retry", call.value("base_url", -1, UNKNOWN), _LIMIT.of_client(client))


@ADAPTER.methods(_CLIENT, *VERBS)
def _method(call: ResolvedCall) -> Iterable[Fact]:
    yield _request(call, verb(call), call.value("url", 0))


@ADAPTER.methods(_CLIENT, "request")
def _method_by_name(call: ResolvedCall) -> Iterable[Fact]:
    yield _request(call, call.value("method", 0), call.value("url", 1))
