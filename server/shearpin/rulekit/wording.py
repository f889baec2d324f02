"""How effects are called in messages."""

from __future__ import annotations

from shearpin.facts.fact import Effect, HttpCall, Publish, RemoteCall, StoreCall
from shearpin.facts.value import Const, Template, Value

_STORES = {
    "sql": "database", "mongodb": "MongoDB", "redis": "Redis", "elasticsearch": "Elasticsearch", "s3": "S3",
    "dynamodb": "DynamoDB", "gcs": "Cloud Storage", "azureblob": "Blob Storage",
    "cassandra": "Cassandra", "neo4j": "Neo4j", "influxdb": "InfluxDB",
}  # fmt: skip
_LONGEST = 60


def effect_name(effect: Effect) -> str:
    """What is done, for people: "the publish to orders", "POST http://stock/reserve", "the database write"."""
    match effect:
        case Publish(topic=topic, key=key):
            name = readable(topic) or readable(key)
            return f"the publish to {name}" if name else "the publish"
        case HttpCall(method=method, url=url):
            verb = method.value if isinstance(method, Const) and isinstance(method.value, str) else "the request to"
            where = readable(url)
            return f"{verb} {where}" if where else f"the {verb} request" if verb != "the request to" else "the request"
        case StoreCall(store=store, kind=kind):
            return f"the {_STORES.get(store, store)} {'statement' if kind == 'unknown' else kind}"
        case RemoteCall(protocol=protocol, operation=operation):
            name = readable(operation)
            return f"{name} ({protocol})" if name else f"the {protocol} call"
        case _:
            return "the call"


def readable(value: Value) -> str:
    """A text with `{}` for what is not known; "" when nothing of it is known."""
    match value:
        case Const(value=str(text)):
            found = text
        case Template(parts=parts):
            texts = [str(part.value) if isinstance(part, Const) else "{}" for part in parts]
            found = "".join(texts)
            if not found.replace("{}", "").strip("/ "):
                return ""
        case _:
            return ""
    return found if len(found) <= _LONGEST else found[: _LONGEST - 1] + "…"
