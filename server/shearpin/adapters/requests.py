"""requests: blocking HTTP calls that wait for ever unless the call itself says otherwise.

`Session` takes no timeout, so only `timeout=` of the call counts. A number bounds connecting and every read, never the
whole call. A status of 4xx or 5xx is returned, not raised. Nothing is tried again, unless an `HTTPAdapter` with
`max_retries` is mounted: then failed connections are repeated for every method and unknown outcomes for the idempotent
ones.
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import (
    NOT_GIVEN,
    Limit,
    argument_of,
    class_name,
    number,
    pair,
    texts,
    to_thread,
)
from shearpin.adapterkit.effects import client_created
from shearpin.adapterkit.http import IDEMPOTENT, VERBS, Client, Response, verb
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Remedy, Timeout, TransportMounted
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Instance, Value

ADAPTER = Adapter("requests", version="2.34.2")

_SESSION = "requests.Session"
_ADAPTER = "requests.adapters.HTTPAdapter"
_RESPONSE = "requests.Response"
_CLIENT = Client(
    "requests",
    Response(
        checks=("raise_for_status", "ok", "status_code"),
        raising_checks=("raise_for_status",),
        bodies=("json", "text", "content", "iter_content", "iter_lines", "raw"),
    ),
)
_CHECK = Remedy("check-status", "after", "{result}.raise_for_status()")
_TIMEOUT = Remedy("set-timeout", "argument", "timeout=({connect}, {read})")

ADAPTER.alias("requests.sessions.Session", _SESSION)
ADAPTER.alias("requests.session", _SESSION)
ADAPTER.alias("requests.sessions.session", _SESSION)
ADAPTER.alias("requests.models.Response", _RESPONSE)
ADAPTER.alias("requests.api", "requests")
ADAPTER.alias("requests.HTTPAdapter", _ADAPTER)
for _name in ("ConnectionError", "ConnectTimeout", "ReadTimeout", "Timeout", "HTTPError", "RequestException"):
    ADAPTER.alias(f"requests.exceptions.{_name}", f"requests.{_name}")
ADAPTER.models(
    ClassModel(_SESSION),
    ClassModel(_RESPONSE),
    ClassModel(_ADAPTER),
    *(CallModel(f"requests.{name}", returns=_RESPONSE) for name in (*VERBS, "request")),
    *(CallModel(f"{_SESSION}.{name}", returns=_RESPONSE) for name in (*VERBS, "request", "send")),
)


def _phases(value: Value) -> Value:
    """`urllib3.Timeout(connect=, read=, total=)` as a pair; numbers and tuples stay."""
    if class_name(value) != "urllib3.Timeout":
        return value
    total = argument_of(value, "total", 0, NONE)
    connect = argument_of(value, "connect", 1, total)
    read = argument_of(value, "read", 2, total)
    return pair(connect if total == NONE else total, read if total == NONE else total)


LIMIT = Limit(NONE, bounds="phase", normal=_phases)
_SESSION_REQUEST = Limit(NONE, position=8, bounds="phase", normal=_phases)


@ADAPTER.calls(*(f"requests.{name}" for name in VERBS))
def _function(call: ResolvedCall) -> Iterable[Fact]:
    """`requests.post(url, ...)`"""
    yield _request(call, verb(call), call.value("url", 0), LIMIT.of(call))


@ADAPTER.calls("requests.request")
def _function_by_name(call: ResolvedCall) -> Iterable[Fact]:
    """`requests.request(method, url, ...)`"""
    yield _request(call, call.value("method", 0), call.value("url", 1), LIMIT.of(call))


@ADAPTER.methods(_SESSION, *VERBS)
def _method(call: ResolvedCall) -> Iterable[Fact]:
    """`session.post(url, ...)`"""
    yield _request(call, verb(call), call.value("url", 0), LIMIT.of(call))


@ADAPTER.methods(_SESSION, "request")
def _method_by_name(call: ResolvedCall) -> Iterable[Fact]:
    """`session.request(method, url, ...)`"""
    yield _request(call, call.value("method", 0), call.value("url", 1), _SESSION_REQUEST.of(call))


@ADAPTER.methods(_SESSION, "send")
def _prepared(call: ResolvedCall) -> Iterable[Fact]:
    """`session.send(prepared)`: what it asks for was said elsewhere."""
    yield _request(call, UNKNOWN, UNKNOWN, LIMIT.of(call))


@ADAPTER.calls(_SESSION)
def _session(call: ResolvedCall) -> Iterable[Fact]:
    yield client_created(call, "requests", UNKNOWN, Timeout(NONE, "default", site=call.site, bounds="phase"))


@ADAPTER.methods(_SESSION, "mount")
def _mount(call: ResolvedCall) -> Iterable[Fact]:
    """`session.mount("https://", HTTPAdapter(max_retries=Retry(...)))`"""
    adapter = call.value("adapter", 1)
    attempts, methods = _retries(argument_of(adapter, "max_retries", 2, Const(0)))
    is_ours = class_name(adapter) != _ADAPTER
    yield TransportMounted(
        site=call.site,
        head=call.head,
        function=call.function,
        library="requests",
        client=UNKNOWN if call.receiver is None else call.receiver,
        prefix=call.value("prefix", 0),
        attempts=UNKNOWN if is_ours else attempts,
        methods=() if is_ours else methods,
        timeout=UNKNOWN_TIMEOUT if is_ours else None,
    )


def _retries(value: Value) -> tuple[Value, tuple[str, ...]]:
    """Total tries and the methods that are sent again: from a number, or from `urllib3.Retry(total, ...)`."""
    if class_name(value) == "urllib3.Retry":
        total = number(argument_of(value, "total", 0, Const(10)))
        allowed = argument_of(value, "allowed_methods", 6, argument_of(value, "method_whitelist", -1, NOT_GIVEN))
        methods = (
            IDEMPOTENT
            if allowed == NOT_GIVEN
            else ("*",)
            if allowed in (NONE, Const(value=False))
            else texts(allowed) or ()
        )
        return (UNKNOWN if total is None else Const(int(total) + 1)), methods
    count = number(value)
    return (UNKNOWN, ()) if count is None else (Const(int(count) + 1), IDEMPOTENT if count else ())


def _request(call: ResolvedCall, method: Value, url: Value, timeout: Timeout) -> Fact:
    is_session = call.receiver is not None
    owns = isinstance(call.receiver, Instance) and call.receiver.site is not None
    return _CLIENT.request(
        call,
        method,
        url,
        timeout,
        is_blocking=True,
        # A hook of the session may raise; a session that is only received may have one.
        raises_on_status=False if owns or not is_session else None,
        # A mounted adapter may repeat; `TransportMounted` says so.
        transport_attempts=None if is_session else 1,
        remedies=(_TIMEOUT, _CHECK, to_thread("review" if is_session else "safe")),
    )
