"""Which effects are somebody's concern when they fail.

Those that change something are, those that only read sometimes, and those that are made as well as they can be
(metrics, caches, messages to people) are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.adapterkit.store import argument_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Effect, HttpCall, Publish, RemoteCall, StoreCall
from shearpin.facts.site import FunctionId
from shearpin.facts.value import (
    NONE,
    Bound,
    Choice,
    Const,
    Env,
    Extern,
    ExternMethod,
    Field,
    Instance,
    Param,
    Template,
    Unknown,
    Value,
)
from shearpin.flow.effects import calls_in
from shearpin.meaning.queries import function_info
from shearpin.query import Database

_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
_READING = ("get", "list", "describe", "head", "read", "search", "check", "fetch", "query", "scan", "validate")
#: words of addresses, topics and functions whose effects tell people or machines that watch
_BEST_EFFORT = re.compile(
    r"notif|mail|smtp|sms|slack|webhook|push|telegram|discord|metric|telemetr|statsd|prometheus|analytics|tracing|"
    r"tracking|audit_?log|heartbeat|avatar",
    re.IGNORECASE,
)
_TO_PEOPLE = frozenset(("smtp", "ses", "sms", "push"))
_CACHE = re.compile(r"cache|memoi[sz]e", re.IGNORECASE)
_CACHES = frozenset(("memcached",))
_EXPIRING = frozenset(("setex", "psetex", "expire", "pexpire", "expireat", "delete", "unlink", "getex", "flushdb"))
_LIMITING = frozenset(("expire", "pexpire", "expireat", "pexpireat"))
_HEALTH = re.compile(r"health|ready|readi|liveness|\blive\b|alive|\bping\b|is_up|heartbeat|probe", re.IGNORECASE)


def concern(db: Database, effect: Effect) -> str:
    """Answer "change" (it changes something that lasts), "read", or "" (nobody must know when it fails)."""
    match effect:
        case Publish():
            return "change"
        case HttpCall(method=method, url=url, asks=asks):
            if asks or method_name(method) in _SAFE or not method_name(method):
                return "read"
            return "" if _BEST_EFFORT.search(words_of(url)) else "change"
        case RemoteCall(protocol=protocol, operation=operation, target=target):
            if protocol in _TO_PEOPLE or _BEST_EFFORT.search(words_of(target)):
                return ""
            name = re.split(r"[./]", words_of(operation))[-1].lower().lstrip("_")
            return "read" if name.startswith(_READING) else "change"
        case StoreCall():
            return _stored(db, effect)
        case _:
            return ""


def _stored(db: Database, effect: StoreCall) -> str:
    if effect.store in _CACHES or effect.kind not in ("read", "write", "commit"):
        return ""
    if effect.store == "redis":
        return "change" if effect.kind == "write" and not _is_cached(db, effect) else ""
    return "read" if effect.kind == "read" else "change"


def _is_cached(db: Database, effect: StoreCall) -> bool:
    """A key with an expiry, one that is forgotten, or code that calls itself a cache."""
    call = next((call for call in calls_in(db, effect.function) if call.site == effect.site), None)
    if call is None or call.name.rpartition(".")[2] in _EXPIRING or call.has_open_arguments:
        return True
    if any(call.argument(name) is not None for name in ("ex", "px", "exat", "pxat")):
        return True
    if _gives_back(call) or _expires(db, effect, call):
        return True
    return bool(_CACHE.search(f"{effect.site.path} {full_name(db, effect.function)} {_receiver_words(call)}"))


def _gives_back(call: ResolvedCall) -> bool:
    """The release of a lock that ends by itself."""
    lease = argument_of(call.receiver, "timeout", 1, NONE)
    return call.name.rpartition(".")[2] == "release" and lease != NONE and not isinstance(lease, Unknown)


def _expires(db: Database, effect: StoreCall, call: ResolvedCall) -> bool:
    """Another call of the function gives the key an expiry."""
    key = call.args[0].value if call.args else None
    return key is not None and any(
        other.args and other.args[0].value == key
        for other in calls_in(db, effect.function)
        if other.name.rpartition(".")[2] in _LIMITING and other is not call
    )


def _receiver_words(call: ResolvedCall) -> str:
    return "" if call.receiver is None else words_of(call.receiver)


def method_name(method: Value) -> str:
    """The HTTP method, upper case; "" when it is not known."""
    return str(method.value).upper() if isinstance(method, Const) else ""


def is_health(db: Database, function: FunctionId, path: str = "") -> bool:
    """True for what only reports whether something is up, by its name or path."""
    return bool(_HEALTH.search(f"{full_name(db, function)} {path.replace('_', ' ')}"))


def full_name(db: Database, function: FunctionId) -> str:
    """Class and name of a function."""
    info = function_info(db, function)
    return "" if info is None else f"{info.owner}.{info.name}"


def words_of(value: Value | None) -> str:
    """Everything readable in a value: texts, variables, attributes and classes it is made of."""
    return " ".join(_words(value)) if value is not None else ""


def _words(value: Value) -> Iterator[str]:
    match value:
        case Const(value=str(text)):
            yield text
        case Template(parts=parts):
            for part in parts:
                yield from _words(part)
        case Choice(options=options):
            for option in options:
                yield from _words(option)
        case Env(name=name, default=default):
            yield name
            if default is not None:
                yield from _words(default)
        case Field(base=base, name=name):
            yield from _words(base)
            yield name
        case Param(name=name) | Extern(name=name):
            yield name
        case ExternMethod(name=name, receiver=receiver):
            yield name
            yield from _words(receiver)
        case Instance(args=args):
            for arg in args:
                if isinstance(arg, Bound):
                    yield from _words(arg.value)
        case _:
            return
