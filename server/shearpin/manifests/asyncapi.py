"""AsyncAPI descriptions, YAML or JSON: which channels a service sends to and receives from.

In version 2 `publish` says what others may publish, so the service receives it; in version 3 it speaks for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.manifest import ManifestFacts, MessageContract, MessageOperation, Problem
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, read_yaml

_FORMAT = re.compile(rb"^[ \t{]*[\"']?asyncapi[\"']?[ \t]*:[ \t]*[\"']?[23]\.", re.MULTILINE)
_HEAD = 4096
_ACTIONS = {"publish": "receive", "subscribe": "send"}
#: how protocols are called here; others, such as those of browsers, have no topics
_PROTOCOLS = {
    "kafka": "kafka", "kafka-secure": "kafka", "amqp": "amqp", "amqps": "amqp", "nats": "nats", "redis": "redis-pubsub",
    "rediss": "redis-pubsub", "mqtt": "mqtt", "secure-mqtt": "mqtt", "mqtts": "mqtt", "sns": "sns", "sqs": "sqs",
    "googlepubsub": "pubsub", "pulsar": "pulsar", "jms": "jms", "stomp": "stomp",
}  # fmt: skip


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    file = read_yaml(source)
    found = tuple(
        contract
        for document in file.documents
        if isinstance(document, YamlMapping) and (contract := _contract(path, document)) is not None
    )
    problems = tuple(Problem(Site(path, "", place.start, place.end), place.message) for place in file.problems)
    return ManifestFacts("asyncapi", path, messages=found, problems=problems)


def _contract(path: str, document: YamlMapping) -> MessageContract | None:
    is_old = _text(document.get("asyncapi")).startswith("2")
    operations = tuple(_old(path, document) if is_old else _new(path, document))
    return MessageContract(path, _text(_walk(document, "info", "title")), operations) if operations else None


def _old(path: str, document: YamlMapping) -> Iterator[MessageOperation]:
    for name, channel in _entries(document.get("channels")):
        for key, operation in _entries(channel):
            action = _ACTIONS.get(key.value)
            if action is not None:
                yield from _operation(path, document, action, name.value, (operation, channel), key)


def _new(path: str, document: YamlMapping) -> Iterator[MessageOperation]:
    for name, operation in _entries(document.get("operations")):
        action = _text(_walk(operation, "action"))
        reference = _text(_walk(operation, "channel", "$ref"))
        if action not in {"send", "receive"} or not reference.startswith("#/channels/"):
            continue
        key = reference.removeprefix("#/channels/").replace("~1", "/").replace("~0", "~")
        channel = _walk(document, "channels", key)
        address = _text(_walk(channel, "address")) or (key if _walk(channel, "address") is None else "")
        if address:
            yield from _operation(path, document, action, address, (operation, channel), name)


def _operation(
    path: str, document: YamlMapping, action: str, channel: str, bound: tuple[YamlNode | None, ...], key: YamlScalar
) -> Iterator[MessageOperation]:
    bindings = [_walk(node, "bindings") for node in bound]
    named = {name.value for node in bindings for name, _ in _entries(node)}
    served = {_text(_walk(server, "protocol")).lower() for _, server in _entries(document.get("servers"))}
    protocols = {_PROTOCOLS[name] for name in named or served if name in _PROTOCOLS}
    if len(protocols) != 1 or "{" in channel:
        return
    amqp = next((found for node in bindings if (found := _walk(node, "amqp")) is not None), None)
    kafka = next((topic for node in bindings if (topic := _text(_walk(node, "kafka", "topic")))), "")
    yield MessageOperation(
        action=action,
        channel=kafka or channel,
        protocol=protocols.pop(),
        site=Site(path, "", key.start, key.end),
        exchange=_text(_walk(amqp, "exchange", "name")),
        queue=_text(_walk(amqp, "queue", "name")),
    )


def _walk(node: YamlNode | None, *keys: str) -> YamlNode | None:
    for key in keys:
        node = node.get(key) if isinstance(node, YamlMapping) else None
    return node


def _entries(node: YamlNode | None) -> tuple[tuple[YamlScalar, YamlNode], ...]:
    return node.entries if isinstance(node, YamlMapping) else ()


def _text(node: YamlNode | None) -> str:
    return node.value if isinstance(node, YamlScalar) and not node.is_null else ""


def _matches(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name.endswith((".yml", ".yaml")) or (name.endswith(".json") and "asyncapi" in name)


READER = Reader("asyncapi", _matches, _read, lambda _path, source: bool(_FORMAT.search(source[:_HEAD])), rank=1)
