"""Clients of Vault (hvac), Consul (py-consul, python-consul), ZooKeeper (kazoo) and etcd (etcd3).

All block. Vault's requests end after 30 s, Consul's as well; a ZooKeeper client gives up a session after 10 s, and its
requests wait for a new one. etcd's wait for ever without `timeout`.

## Requests
```python
import consul
import etcd3
import hvac
from kazoo.client import KazooClient

vault = hvac.Client(url="http://vault:8200")
registry = consul.Consul(host="consul")
zookeeper = KazooClient(hosts="zk:2181")
store = etcd3.client(host="etcd")

def load():
    vault.secrets.kv.v2.read_secret_version(path="shop")
    registry.agent.service.register("shop")
    registry.kv.get("shop")
    zookeeper.ensure_path("/shop")
    store.put("shop", "1")
```
```facts
6: ClientCreated vault target=http://vault:8200 timeout=30(default) costly
7: ClientCreated consul target=http://consul:8500 timeout=30(default) costly
8: ClientCreated zookeeper target=zookeeper://zk:2181 costly
9: ClientCreated etcd target=etcd://etcd:2379 timeout=None(default) costly
12: RemoteCall vault secrets.kv.v2.read_secret_version http://vault:8200 timeout=30(default) blocking
13: RemoteCall consul agent.service.register http://consul:8500 timeout=30(default) blocking
14: RemoteCall consul kv.get http://consul:8500 timeout=30(default) blocking
15: RemoteCall zookeeper ensure_path zookeeper://zk:2181 timeout=?(unknown) blocking
16: RemoteCall etcd put etcd://etcd:2379 timeout=None(client) blocking
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import to_thread
from shearpin.adapterkit.chains import chain, client_of, path_of
from shearpin.adapterkit.effects import remote
from shearpin.adapterkit.store import Store, argument_of, host_url, joined, made, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Remedy, Timeout
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Env, Instance, Value

ADAPTER = Adapter(
    "coordination", version="hvac 2.4.0", distributions=("hvac", "py-consul", "python-consul", "kazoo", "etcd3")
)

_VAULT, _CONSUL = "hvac.Client", "consul.Consul"
_ZOOKEEPER, _ETCD = "kazoo.client.KazooClient", "etcd3.Etcd3Client"


def _vault_url(value: Value | None) -> Value:
    return argument_of(value, "url", 0, Env("VAULT_ADDR", Const("http://localhost:8200")))


def _consul_url(value: Value | None) -> Value:
    host = argument_of(value, "host", 0, Const("127.0.0.1"))
    scheme = argument_of(value, "scheme", 3, Const("http"))
    return joined(scheme, "://", host, ":", argument_of(value, "port", 1, Const(8500)))


def _zookeeper_url(value: Value | None) -> Value:
    hosts = argument_of(value, "hosts", 0, Const("127.0.0.1:2181"))
    first = Const(hosts.value.partition(",")[0]) if isinstance(hosts, Const) and isinstance(hosts.value, str) else hosts
    return UNKNOWN if first == UNKNOWN else joined("zookeeper://", first)


def _etcd_url(value: Value | None) -> Value:
    host = argument_of(value, "host", 0, Const("localhost"))
    return host_url("etcd", host, argument_of(value, "port", 1, Const(2379)))


class _Kind(msgspec.Struct, frozen=True):
    """`timeout` and `position` say where a client takes a limit, `default` is the library's."""

    protocol: str
    cls: str
    url: Callable[[Value | None], Value]
    default: Value = UNKNOWN
    timeout: str = ""
    position: int = -1

    def limit(self, client: Value | None) -> Timeout:
        """The limit of all requests of a client; a default that is none is the client's to change."""
        site = client.site if isinstance(client, Instance) else None
        if self.default == UNKNOWN or site is None:
            return UNKNOWN_TIMEOUT
        given = argument_of(client, self.timeout, self.position, self.default)
        is_default = given == self.default and self.default != NONE
        return Timeout(given, "default" if is_default else "client", site=site)

    def created(self, call: ResolvedCall) -> Iterator[Fact]:
        """A client is made."""
        store = Store("coordination", self.protocol, self.url)
        client = made(call, self.cls)
        limit = self.limit(client)
        if self.default == NONE and limit.value == NONE:
            limit = msgspec.structs.replace(limit, origin="default")
        yield store.created(call, cls=self.cls, target=self.url(client), timeout=limit)

    def request(self, call: ResolvedCall, client: Value | None, operation: str) -> Fact:
        """A request through a client."""
        remedies = (to_thread("review"),)
        if self.timeout and self.default == NONE:
            remedies = (Remedy("set-client-timeout", "argument", f"{self.timeout}={{read}}"), *remedies)
        where = (self.protocol, self.url(client), Const(operation))
        return remote(call, "coordination", where, self.limit(client), *remedies, is_blocking=True)


_KINDS = (
    _Kind("vault", _VAULT, _vault_url, Const(30), "timeout", 4),
    _Kind("consul", _CONSUL, _consul_url, Const(30), "connections_timeout"),
    _Kind("zookeeper", _ZOOKEEPER, _zookeeper_url),
    _Kind("etcd", _ETCD, _etcd_url, NONE, "timeout", 5),
)
_PLAIN = {
    _ZOOKEEPER: words("start get set create delete exists ensure_path get_children sync"),
    _ETCD: words("get get_prefix put put_if_not_exists replace delete delete_prefix transaction lease status"),
}

ADAPTER.alias("kazoo.client.Client", _ZOOKEEPER)
ADAPTER.alias("hvac.v1.Client", _VAULT)
ADAPTER.models(
    ClassModel(_ZOOKEEPER),
    ClassModel(_ETCD),
    CallModel("etcd3.client", returns=_ETCD),
)


def _chained(kind: _Kind) -> None:
    def handle(call: ResolvedCall) -> Iterable[Fact]:
        operation = path_of(call)
        if operation:
            yield kind.request(call, client_of(call, kind.cls), operation)

    chain(ADAPTER, kind.cls, handle)


def _methods(kind: _Kind) -> None:
    ADAPTER.methods(kind.cls, *_PLAIN[kind.cls])(
        lambda call: [kind.request(call, call.receiver, call.name.rpartition(".")[2])]
    )


for _kind in _KINDS:
    ADAPTER.calls("etcd3.client" if _kind.cls == _ETCD else _kind.cls)(_kind.created)
    (_methods if _kind.cls in _PLAIN else _chained)(_kind)
