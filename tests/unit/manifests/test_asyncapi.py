from __future__ import annotations

from shearpin.facts.manifest import ManifestFacts

from .reading import at, read_text

OLD = """\
asyncapi: 2.6.0
info: {title: Mail, version: 1.0.0}
servers: {main: {url: broker, protocol: kafka-secure}}
channels:
  orders.created:
    publish: {message: {name: created}}
  mail/sent:
    subscribe: {message: {name: sent}}
    bindings: {kafka: {topic: mail.sent}}
  user/{id}:
    publish: {}
"""


def drawn(facts: ManifestFacts) -> list[tuple[str, str, str]]:
    return [(item.action, item.protocol, item.channel) for found in facts.messages for item in found.operations]


def test_version_2_says_what_others_may_do() -> None:
    facts = read_text("mail/asyncapi.yaml", OLD)
    assert facts.kind == "asyncapi"
    assert facts.messages[0].title == "Mail"
    assert drawn(facts) == [("receive", "kafka", "orders.created"), ("send", "kafka", "mail.sent")]
    assert at({"mail/asyncapi.yaml": OLD}, facts.messages[0].operations[0].site) == "publish"


def test_version_3_speaks_for_itself() -> None:
    text = (
        "asyncapi: 3.0.0\nservers: {main: {host: broker, protocol: amqp}}\n"
        "channels:\n  made: {address: order.made, bindings: {amqp: {is: routingKey, exchange: {name: orders}}}}\n"
        "  jobs: {bindings: {amqp: {is: queue, queue: {name: work}}}}\n  none: {address: null}\n"
        "operations:\n  a: {action: send, channel: {$ref: '#/channels/made'}}\n"
        "  b: {action: receive, channel: {$ref: '#/channels/jobs'}}\n"
        "  c: {action: send, channel: {$ref: '#/channels/none'}}\n  d: {action: send, channel: {$ref: 'x.yaml#/y'}}\n"
    )
    facts = read_text("api.yml", text)
    assert drawn(facts) == [("send", "amqp", "order.made"), ("receive", "amqp", "jobs")]
    assert [(item.exchange, item.queue) for item in facts.messages[0].operations] == [("orders", ""), ("", "work")]


def test_json_and_servers_of_several_kinds() -> None:
    text = '{"asyncapi": "2.0.0", "channels": {"a": {"publish": {"bindings": {"nats": {}}}, "subscribe": {}}}}'
    assert drawn(read_text("asyncapi.json", text)) == [("receive", "nats", "a")]


def test_sockets_of_browsers_have_no_topics() -> None:
    assert read_text("a.yaml", OLD.replace("kafka-secure", "ws").replace("kafka:", "ws:")).messages == ()
