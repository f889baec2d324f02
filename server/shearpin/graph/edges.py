"""Edges that one file adds to the graph, for one service in whose processes it runs."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.adapterkit.facts import facts_of
from shearpin.facts.fact import ClientCreated, Fact, HttpCall, Publish, RemoteCall, StoreCall, Subscribe, TaskDefinition
from shearpin.facts.site import Hop, Site
from shearpin.facts.value import Const, Template, Unknown, Value
from shearpin.flow.settled import Settled, settled
from shearpin.graph.addresses import HOLE, Address, Text, addresses, texts
from shearpin.graph.attributes import breaker_of, guarded, limited, multiplied, timeout_of, tries_of
from shearpin.graph.lists import sent_to_list
from shearpin.graph.mesh import NOTHING, mesh_of
from shearpin.graph.model import Edge
from shearpin.graph.reach import services_running
from shearpin.graph.remotes import operation_name, remote_target
from shearpin.graph.topics import topic_edges
from shearpin.meaning.calls import calls
from shearpin.meaning.scopes import part_ids
from shearpin.query import Database, query
from shearpin.services.addresses import host_owner
from shearpin.services.classify import is_script
from shearpin.services.routed import Routed, routed

_STORES = {
    "sql": "sql",
    "redis": "redis",
    "mongodb": "mongodb",
    "elasticsearch": "elasticsearch",
    "memcached": "memcached",
    "dynamodb": "dynamodb",
    "s3": "s3",
    "gcs": "gcs",
    "cassandra": "cassandra",
    "neo4j": "neo4j",
    "influxdb": "influxdb",
    "azureblob": "azureblob",
}
#: stores of a cloud, known by their kind and, where there is one, the name of the instance
_MANAGED = {"alloydb", "azureblob", "cloudsql", "dynamodb", "gcs", "s3"}
_SCHEMES = {"http", "https", "ws", "wss"}


class Target(msgspec.Struct, frozen=True):
    """Where one alternative of a call goes: `kind` as in Edge.target_kind."""

    kind: str
    id: str
    address: Address
    reason: str = ""


@query()
def edges_of(db: Database, service_id: str, path: str) -> tuple[Edge, ...]:
    """Edges of a service from the calls in one file, in order of position."""
    found: list[Edge] = []
    for part in part_ids(db, path):
        found.extend(part_edges(db, service_id, path, part))
    return tuple(dict.fromkeys(found))


@query()
def part_edges(db: Database, service_id: str, path: str, part: str) -> tuple[Edge, ...]:
    """Edges of a service from the calls in one part."""
    found: list[Edge] = []
    for item in settled(db, path, part):
        if not belongs(db, item, service_id, path):
            continue
        found.extend(_edges(db, item, service_id))
    return tuple(dict.fromkeys(found))


def belongs(db: Database, item: Settled, service_id: str, path: str) -> bool:
    """True when this way of reaching a fact happens in the service."""
    outer = services_running(db, item.outer.path)
    if not outer and item.outer.path != path and is_script(db, item.outer.path):
        # What only a script reaches that no process is happens in no service.
        return False
    return service_id in (outer or services_running(db, path))


def _edges(db: Database, item: Settled, service_id: str) -> Iterator[Edge]:
    match item.fact:
        case HttpCall() as call:
            yield from _http(db, item, call, service_id)
        case ClientCreated(protocol=protocol, target=target) as made if protocol in _STORES:
            yield from _store(db, item, made, protocol, target, service_id, "connect")
        case StoreCall(store=store, kind="connect", target=target) as call:
            yield from _store(db, item, call, store, target, service_id, "connect")
        case StoreCall() as call:
            sent = sent_to_list(db, call, service_id)
            if sent is not None:
                yield from topic_edges(db, item, sent, service_id, anchor(db, item))
        case RemoteCall() as call:
            yield from _remote(db, item, call, service_id)
        case Publish() | Subscribe() | TaskDefinition() as fact:
            yield from topic_edges(db, item, fact, service_id, anchor(db, item))
        case _:
            return


# ------------------------------------------------------------------------ http


def targets(db: Database, call: HttpCall, service_id: str) -> list[Target]:
    """Where an HTTP call can go, seen from one service."""
    return [_target(db, address, service_id) for address in addresses(db, call.url, service_id)]


def _target(db: Database, address: Address, service_id: str) -> Target:
    if address.host is None:
        reason = address.text.reason or (
            "no host in the URL" if HOLE not in address.text.text else "the host is computed"
        )
        return Target("unknown", "unknown", address, reason)
    if address.scheme not in _SCHEMES:
        return Target("unknown", "unknown", address, f"scheme {address.scheme} is not HTTP")
    port = address.port or (443 if address.scheme in ("https", "wss") else 80)
    kind, found = host_owner(db, address.host, address.port or port, service_id)
    if kind == "infra":
        return Target("datastore", found, address)
    if kind != "service" and (behind := routed(db, address.host, address.path)) is not None:
        return _behind(address, behind)
    if kind == "external":
        return Target("external", f"external:{address.host}", address)
    if kind == "unknown":
        return Target("unknown", f"unknown:{address.host}", address, f"nobody is called {address.host}")
    return Target("service", found, address)


def _behind(address: Address, found: Routed) -> Target:
    """The service to which the cluster sends requests for a public host name."""
    note = Hop(found.site, f"{found.origin} sends {address.host}{address.path} to {found.service}")
    via = tuple(dict.fromkeys((*address.text.via, "host-route")))
    text = msgspec.structs.replace(address.text, via=via, evidence=(*address.text.evidence, note))
    seen = "/{}" if found.path is None else found.path
    return Target("service", found.service, msgspec.structs.replace(address, path=seen, text=text))


def method_of(db: Database, call: HttpCall, service_id: str) -> str:
    """The method in capitals, "ANY" when it is not known."""
    found = texts(db, call.method, service_id)
    return found[0].text.upper() if len(found) == 1 and HOLE not in found[0].text else "ANY"


def _http(db: Database, item: Settled, call: HttpCall, service_id: str) -> Iterator[Edge]:
    method = method_of(db, call, service_id)
    for target in targets(db, call, service_id):
        op = f"{method} {target.address.path}"
        norm = f"{method} {_without_numbers(target.address.path)}"
        is_other = target.kind == "service" and target.id != service_id
        mesh = mesh_of(db, target.id, method, target.address.path) if is_other else NOTHING
        yield Edge(
            source=service_id,
            target=target.id,
            target_kind=target.kind,
            protocol="http",
            op=op,
            op_norm=norm,
            site=anchor(db, item),
            mode="sync",
            style="blocking" if call.is_blocking else "asyncio",
            confidence="certain" if target.kind != "unknown" else "possible",
            resolved_via=_via(item, target.address.text),
            timeout=limited(timeout_of(call.timeout), call.timeout, mesh),
            attempts=multiplied(tries_of(db, call, item.hops), mesh),
            breaker=guarded(breaker_of(db, call), mesh),
            unknown_reason=target.reason,
            evidence=(*target.address.text.evidence, *item.hops),
        )


def _without_numbers(path: str) -> str:
    """A path whose numbers stand for any: they are values of parameters."""
    return "/".join("{}" if piece.isdigit() else piece for piece in path.split("/"))


def _via(item: Settled, text: Text) -> tuple[str, ...]:
    extra = ("call-chain",) if item.hops else ()
    table = ("url-table",) if text.entry is not None else ()
    return (*text.via, *table, *extra)


def anchor(db: Database, item: Settled) -> Site:
    """The call itself when it names the operation, else the nearest caller that does."""
    fact = item.fact
    if not item.hops:
        return fact.site
    for own in facts_of(db, fact.site.path, fact.site.part):
        if own.site == fact.site and type(own) is type(fact):
            return fact.site if _is_named(own, fact) else item.hops[-1].site
    # What is called is known only by a caller, but a path may be written at the call.
    written = (call for call in calls(db, fact.site.path, fact.site.part) if call.site == fact.site)
    return fact.site if any(map(_is_path, (arg.value for call in written for arg in call.args))) else item.hops[-1].site


def _is_path(value: Value) -> bool:
    start = value.parts[0] if isinstance(value, Template) else value
    return isinstance(start, Const) and isinstance(start.value, str) and start.value.startswith("/")


def _is_named(own: Fact, settled_fact: Fact) -> bool:
    """True when a fact says its operation by itself, apart from values that fill one segment of its path."""
    if isinstance(own, HttpCall) and isinstance(settled_fact, HttpCall) and own.method == settled_fact.method:
        segments = [segment for segment in _shape(own.url).split("/") if segment]
        filled = [segment for segment in _shape(settled_fact.url).split("/") if segment]
        if any("{}" not in segment for segment in segments) and len(segments) == len(filled):
            return all("{}" in one or one == other for one, other in zip(segments, filled, strict=True))
    return _operation(own) == _operation(settled_fact)


def _operation(fact: Fact) -> object:
    """What must be equal for a fact to name its operation by itself: its path or key, with holes."""
    match fact:
        case HttpCall(url=url, method=method):
            return _shape(url), method
        case Publish(topic=topic, key=key) | Subscribe(topic=topic, key=key):
            return topic, _constant(key)
        case _:
            return None


def _constant(value: Value) -> Value:
    return value if isinstance(value, Const) else Unknown()


def _shape(url: Value) -> str:
    """The text behind the part that names the host; holes as `{}`."""
    parts = list(url.parts if isinstance(url, Template) else (url,))
    while parts and not isinstance(parts[0], Const):
        parts.pop(0)
        # A base URL may stand before an absolute URL, which then replaces it.
        if len(parts) > 2 and parts[0] == Const("/") and not isinstance(parts[1], Const) and _is_path(parts[2]):
            parts.pop(0)
    pieces = [str(part.value) if isinstance(part, Const) else "{}" for part in parts]
    if pieces and "://" in pieces[0]:
        pieces[0] = pieces[0].split("://", 1)[1].partition("/")[2]
    return "".join(pieces).lstrip("/")


# ------------------------------------------------------------- stores, remotes


def _store(  # noqa: PLR0917 - one parameter for each thing an edge says
    db: Database, item: Settled, fact: ClientCreated | StoreCall, protocol: str, target: Value, service_id: str, op: str
) -> Iterator[Edge]:
    style = "asyncio" if isinstance(fact, StoreCall) and not fact.is_blocking else "blocking"
    for address in addresses(db, target, service_id):
        kind, found, reason = _store_target(db, address, protocol, service_id)
        yield Edge(
            source=service_id,
            target=found,
            target_kind=kind,
            protocol=_STORES.get(protocol, protocol),
            op=op,
            op_norm=op,
            site=fact.site,
            mode="sync",
            style=style,
            confidence="certain" if kind == "datastore" else "possible",
            resolved_via=address.text.via,
            timeout=timeout_of(fact.timeout),
            unknown_reason=reason,
            evidence=(*address.text.evidence, *item.hops),
        )


def _store_target(db: Database, address: Address, protocol: str, service_id: str) -> tuple[str, str, str]:
    if address.scheme.startswith("sqlite"):
        return "datastore", "sqlite", ""
    if address.scheme in _MANAGED:
        name = address.text.text.split("://", 1)[1].partition("/")[0]
        return "datastore", address.scheme if HOLE in name or not name else f"{address.scheme}/{name}", ""
    host = address.host
    port = address.port
    if host is None and address.text.text and "://" not in address.text.text and HOLE not in address.text.text:
        name, _, number = address.text.text.partition(":")
        host, port = name.lower() or None, int(number) if number.isdigit() else None
    if host is None:
        return "unknown", f"unknown:{protocol}", address.text.reason or "the address is computed"
    kind, found = host_owner(db, host, port, service_id)
    if kind == "infra":
        return "datastore", found, ""
    if kind == "external":
        return "external", f"external:{host}", ""
    if kind == "service":
        return "datastore", found, ""
    return "unknown", f"unknown:{host}", f"nobody is called {host}"


def _remote(db: Database, item: Settled, call: RemoteCall, service_id: str) -> Iterator[Edge]:
    protocol = call.protocol
    operations = texts(db, call.operation, service_id)
    op = operations[0].text.replace(HOLE, "{}") if operations else ""
    for text in texts(db, call.target, service_id):
        kind, found, reason = remote_target(db, text, protocol, service_id)
        name = operation_name(db, protocol, op, call.site.path)
        is_meshed = protocol == "grpc" and kind == "service" and found != service_id
        mesh = mesh_of(db, found, "POST", "/{}") if is_meshed else NOTHING
        yield Edge(
            source=service_id,
            target=found,
            target_kind=kind,
            protocol=protocol,
            op=name,
            op_norm=name,
            site=call.site,
            mode="sync",
            style="blocking" if call.is_blocking else "asyncio",
            confidence="possible" if kind == "unknown" else "certain",
            resolved_via=_via(item, text),
            timeout=limited(timeout_of(call.timeout), call.timeout, mesh),
            attempts=multiplied(None, mesh),
            breaker=guarded(None, mesh),
            unknown_reason=reason,
            evidence=(*text.evidence, *item.hops),
        )
