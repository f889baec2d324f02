"""May a remote call be made twice: is it safe, idempotent, or unsafe?"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from shearpin.facts.fact import BaseEffect, HttpCall, RemoteCall
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.value import Const, Extern, ExternMethod, MappingValue, Result, Value
from shearpin.flow.effects import calls_in
from shearpin.flow.settled import settled
from shearpin.graph.calls import CallTarget, call_targets
from shearpin.graph.chains import handlers_of
from shearpin.graph.digests import digest
from shearpin.graph.reach import services_running
from shearpin.meaning.calls import body_of
from shearpin.meaning.scopes import scope_of
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.syntax.walk import walk

_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
_IDEMPOTENT = ("PUT", "DELETE")
_RPC = ("grpc", "rpc", "nameko-rpc")
_KEY = re.compile(r"idempoten", re.IGNORECASE)
#: last words of paths under which a POST asks and changes nothing, by convention
_ASKING = re.compile(
    r"search|query|list|graphql|find|lookup|token|login|auth\w*|introspect|verify|validate|check|count|predict\w*|completions?"
    r"|embeddings?|messages:count|quote|estimate|calculate|preview|batch_?get|_search|_msearch|render|translate",
    re.IGNORECASE,
)
_ASKING_CALLS = re.compile(
    r"(?:get|list|search|check|validate|find|read|describe|lookup|fetch|count)(?:[A-Z_]|$)", re.IGNORECASE
)
_FRESH = frozenset(
    ("uuid.uuid4", "uuid.uuid1", "secrets.token_hex", "secrets.token_urlsafe", "time.time", "time.time_ns",
     "datetime.datetime.now", "datetime.datetime.utcnow", "random.random", "random.randint")
)  # fmt: skip


class Kind(msgspec.Struct, frozen=True):
    """`kind`: "safe", "idempotent", "unsafe" or "unknown"; `note` says why. `site` is the proof, elsewhere.

    `key`: where the key is made by which the target knows the request again, when it is a new one each time.
    """

    kind: str
    note: str
    site: Site | None = None
    key: Site | None = None


@query()
def remote_kind(db: Database, effect: BaseEffect, services: tuple[str, ...]) -> Kind:
    """What kind of call an effect is, seen from the services in which it happens."""
    match effect:
        case HttpCall(method=Const(value=str(method))):
            return _http(db, effect, method.upper(), services)
        case HttpCall():
            return Kind("unknown", "the method is not known")
        case RemoteCall(protocol=protocol, operation=Const(value=str(name))) if protocol in _RPC:
            name = name.rpartition("/")[2].rpartition(".")[2]
            return Kind("safe", f"{name} reads") if _ASKING_CALLS.match(name) else Kind("unsafe", f"{name} is called")
        case _:
            return Kind("unknown", "what is called is not known")


class SeenKind(msgspec.Struct, frozen=True):
    """The kind of a call for one way of being reached; `hops` are the calls that settled it, outermost first."""

    kind: Kind
    hops: tuple[Hop, ...]


@query(bottom=())
def kinds_of(db: Database, effect: BaseEffect, through: tuple[Site, ...]) -> tuple[SeenKind, ...]:
    """The kinds of a call for all ways of being reached that pass through some calls."""
    found: dict[Kind, SeenKind] = {}
    for item in settled(db, effect.site.path, effect.site.part):
        fact = item.fact
        if not isinstance(fact, type(effect)) or fact.site != effect.site or not isinstance(fact, BaseEffect):
            continue
        if not _passes(item.hops, through):
            continue
        kind = remote_kind(db, fact, services_running(db, item.outer.path) or services_running(db, effect.site.path))
        found.setdefault(kind, SeenKind(kind, item.hops))
    return tuple(found.values())


def _passes(hops: tuple[Hop, ...], through: tuple[Site, ...]) -> bool:
    """As far as both are known, the last calls are the same. Where an object is constructed is no call on the way."""
    called = [hop.site for hop in hops if hop.note.startswith("called")]
    length = min(len(called), len(through))
    return not length or called[-length:] == list(through[-length:])


def _http(db: Database, call: HttpCall, method: str, services: tuple[str, ...]) -> Kind:
    if method in _SAFE:
        return Kind("safe", method)
    if call.asks:
        return Kind("safe", "it asks and changes nothing")
    if method in _IDEMPOTENT:
        return Kind("idempotent", method)
    key = _key_of(db, call)
    if key is not None:
        return key
    targets = [target for service in services for target in call_targets(db, call, service)]
    if targets and all(target.kind == "service" and handlers_of(target) for target in targets):
        return _served(db, targets)
    if any(_ASKING.fullmatch(_last_word(path)) for path in _paths(call, targets)):
        return Kind("unknown", f"a {method} to a path that is named as a question")
    return Kind("unsafe", method)


def _served(db: Database, targets: list[CallTarget]) -> Kind:
    digests = [digest(db, handler) for target in targets for handler in handlers_of(target)]
    if all(found.repeat == "same" for found in digests):
        return Kind("safe", digests[0].note)
    if all(found.repeat == "changes" for found in digests):
        return Kind("unsafe", digests[0].note, digests[0].site)
    return Kind("unknown", next(found.note for found in digests if found.repeat != "same"))


def _paths(call: HttpCall, targets: list[CallTarget]) -> Iterable[str]:
    found = [target.path for target in targets]
    parts = getattr(call.url, "parts", (call.url,))
    last = parts[-1] if parts else call.url
    return found or ([str(last.value)] if isinstance(last, Const) else [])


def _last_word(path: str) -> str:
    words = [word for word in path.rstrip("/").split("/") if word and "{" not in word]
    return words[-1] if words else ""


# --------------------------------------------------------------------- keys


def _key_of(db: Database, call: HttpCall) -> Kind | None:
    """A key among the headers or in the body by which the target may know a repeat; None when there is certainly none.

    Headers that are not known may hold one.
    """
    made = next((one for one in calls_in(db, call.function) if one.site == call.site), None)
    if made is None:
        return None
    if made.has_open_arguments:
        return Kind("unknown", "arguments that are not known may hold an idempotency key")
    named = next((arg for arg in made.args if _KEY.search(arg.name)), None)
    if named is not None:
        return Kind("idempotent", "it carries an idempotency key", key=_made_at(named.value))
    for name in ("headers", "json", "data", "params", "options"):
        argument = made.argument(name)
        if argument is None or argument.value == Const(None):
            continue
        if isinstance(argument.value, MappingValue):
            for key, value, _ in argument.value.entries:
                if isinstance(key, Const) and isinstance(key.value, str) and _KEY.search(key.value):
                    return Kind("idempotent", "it carries an idempotency key", key=_made_at(value))
        elif name == "headers":
            return Kind("unknown", "headers that are not known may hold an idempotency key")
    if _mentions_key(db, call.function):
        return Kind("unknown", "an idempotency key is made beside it")
    return None


def _mentions_key(db: Database, function: FunctionId) -> bool:
    """`headers["Idempotency-Key"] = key` in front of the call."""
    scope = scope_of(db, function)
    nodes = (node for stmt in body_of(db, scope) for node in walk(stmt)) if scope is not None else ()
    words = (node.value for node in nodes if isinstance(node, ir.Literal) and isinstance(node.value, str))
    return any(_KEY.search(word) for word in words)


def _made_at(value: Value) -> Site | None:
    """Where a fresh key is made: `str(uuid4())`."""
    match value:
        case Result(name=name, site=site) if name in _FRESH:
            return site
        case Result(receiver=receiver) if receiver is not None and not isinstance(receiver, (Extern, ExternMethod)):
            return _made_at(receiver)
        case _:
            for child in getattr(value, "parts", ()):
                found = _made_at(child)
                if found is not None:
                    return found
            return None
