"""elasticsearch: the official client, blocking and asynchronous.

A request ends after 10 s unless `request_timeout=` of the client, of `.options()` or of the call says otherwise, and
is tried up to 4 times on connection errors and on 429, 502, 503 and 504. The client raises on error status.

## Searching and indexing
```python
from elasticsearch import AsyncElasticsearch, Elasticsearch, helpers

client = Elasticsearch("http://search:9200", request_timeout=3)
other = AsyncElasticsearch(["http://search:9200"])

def find(words):
    client.search(index="orders", query=words)
    client.options(request_timeout=1).index(index="orders", document=words)
    client.indices.create(index="orders")
    helpers.bulk(client, [])

async def find_later(words):
    await other.search(index="orders", query=words)
```
```facts
3: ClientCreated elasticsearch target=http://search:9200 timeout=3(client) costly
4: ClientCreated elasticsearch target=http://search:9200 timeout=10(default) costly
7: StoreCall elasticsearch read object=orders target=http://search:9200 timeout=3(client) blocking
8: StoreCall elasticsearch write object=orders target=http://search:9200 timeout=1(client) blocking
9: StoreCall elasticsearch write object=orders target=http://search:9200 timeout=3(client) blocking
10: StoreCall elasticsearch write target=http://search:9200 blocking
13: StoreCall elasticsearch read object=orders target=http://search:9200 timeout=10(default) awaited
```

## OpenSearch
```python
from opensearchpy import OpenSearch

client = OpenSearch(hosts=[{"host": "search", "port": 9200}], timeout=3)

def find():
    client.search(index="orders", body={})
```
```facts
3: ClientCreated elasticsearch target=http://search:9200 timeout=3(client) costly
6: StoreCall elasticsearch read object=orders target=http://search:9200 timeout=3(client) blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.store import (
    Store,
    addresses,
    argument_of,
    class_of,
    client_timeout,
    host_url,
    made,
    made_from,
    timeout_of,
    words,
)
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Timeout
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import UNKNOWN, Const, MappingValue, SequenceValue, Value

ADAPTER = Adapter("elasticsearch", version="9.5.1", distributions=("elasticsearch", "opensearch-py"))

_OPEN = ("opensearchpy.OpenSearch", "opensearchpy.AsyncOpenSearch")
_CLIENTS = ("elasticsearch.Elasticsearch", "elasticsearch.AsyncElasticsearch", *_OPEN)
_READS = words("search get get_source mget msearch count exists scroll ping info explain field_caps termvectors")
_WRITES = words("index create update delete bulk delete_by_query update_by_query reindex")
_INDICES_READS = words("exists get get_mapping get_settings get_alias stats analyze")
_INDICES_WRITES = words("create delete put_mapping put_settings refresh put_alias delete_alias rollover flush")
ADAPTER.alias("opensearchpy.helpers", "elasticsearch.helpers")
_HELPER_READS = ("elasticsearch.helpers.scan", "elasticsearch.helpers.async_scan")
_HELPER_WRITES = tuple(
    f"elasticsearch.helpers.{name}"
    for name in words("bulk streaming_bulk parallel_bulk async_bulk async_streaming_bulk")
)

for _client in _CLIENTS:
    ADAPTER.models(
        ClassModel(_client, attributes=(("indices", f"{_client}.indices"), ("cluster", f"{_client}.cluster"))),
        ClassModel(f"{_client}.indices"),
        ClassModel(f"{_client}.cluster"),
        CallModel(f"{_client}.options", returns=_client),
    )


def _by_hosts(value: Value) -> Value:
    """The first host; the others belong to the same cluster."""
    hosts = argument_of(value, "hosts", 0)
    first = hosts.items[0] if isinstance(hosts, SequenceValue) and hosts.items else hosts
    if not isinstance(first, MappingValue):
        return first
    given = {key: item for key, item, _ in first.entries}
    host = given.get(Const("host"), UNKNOWN)
    return host_url("http", host, given.get(Const("port"), Const(9200)))


STORE = Store(
    "elasticsearch",
    "elasticsearch",
    lambda handle: addresses(handle, dict.fromkeys(_CLIENTS, _by_hosts)),
    thread_grade="safe",
)


def _timeout(call: ResolvedCall, client: Value | None) -> Timeout:
    """Of the call, else of the nearest client that gives one, else 10 s."""
    limit = UNKNOWN_TIMEOUT
    for item in made_from(client):
        if class_of(item) in _CLIENTS:
            limit = client_timeout(item, _limit_name(class_of(item)), Const(10))
            if limit.origin != "default":
                break
    return timeout_of(call.argument("request_timeout"), limit)


@ADAPTER.calls(*_CLIENTS)
def _create(call: ResolvedCall) -> Iterable[Fact]:
    client = made(call)
    limit = client_timeout(client, _limit_name(call.name), Const(10))
    yield STORE.created(call, target=_by_hosts(client), timeout=limit)


def _limit_name(cls: str) -> str:
    return "timeout" if cls in _OPEN else "request_timeout"


def _operation(call: ResolvedCall, kind: str) -> Fact:
    is_sync = ".Async" not in call.name
    limit = _timeout(call, call.receiver)
    return STORE.call(call, kind, is_blocking=is_sync, obj=call.value("index"), timeout=limit)


@ADAPTER.calls(*(f"{client}.{name}" for client in _CLIENTS for name in _READS))
@ADAPTER.calls(*(f"{client}.indices.{name}" for client in _CLIENTS for name in _INDICES_READS))
@ADAPTER.calls(*(f"{client}.cluster.health" for client in _CLIENTS))
def _read(call: ResolvedCall) -> Iterable[Fact]:
    yield _operation(call, "read")


@ADAPTER.calls(*(f"{client}.{name}" for client in _CLIENTS for name in _WRITES))
@ADAPTER.calls(*(f"{client}.indices.{name}" for client in _CLIENTS for name in _INDICES_WRITES))
def _write(call: ResolvedCall) -> Iterable[Fact]:
    yield _operation(call, "write")


@ADAPTER.calls(*_HELPER_READS, *_HELPER_WRITES)
def _helper(call: ResolvedCall) -> Iterable[Fact]:
    kind = "read" if call.name in _HELPER_READS else "write"
    is_sync = ".async_" not in call.name
    yield STORE.through(call, call.value("client", 0), kind, is_blocking=is_sync, obj=call.value("index"))
