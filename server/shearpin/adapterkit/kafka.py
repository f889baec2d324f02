"""Shared by the adapters of the Kafka clients: brokers' addresses, deliveries and subscriptions to several topics."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.adapterkit.messaging import NO_KEY, subscribe
from shearpin.adapterkit.store import blocks, publish
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Publish, Subscribe
from shearpin.facts.value import NONE, UNKNOWN, Const, MappingValue, SequenceValue, Template, Value
from shearpin.meaning.values import template


def broker_url(servers: Value) -> Value:
    """`kafka://host:port` of the first server of a list or of a text with commas."""
    first = servers.items[0] if isinstance(servers, SequenceValue) and servers.items else servers
    if isinstance(first, Const):
        return Const(f"kafka://{first.value.split(',')[0]}") if isinstance(first.value, str) else UNKNOWN
    if isinstance(first, (SequenceValue, MappingValue)):
        return UNKNOWN
    return template((Const("kafka://"), *(first.parts if isinstance(first, Template) else (first,))))


def setting(config: Value, name: str, default: Value) -> Value:
    """An entry of a configuration dict; `default` when the dict is literal and lacks it."""
    if not isinstance(config, MappingValue):
        return UNKNOWN
    return next((value for key, value, _ in config.entries if key == Const(name)), default)


def send(
    call: ResolvedCall, library: str, *, topic: Value, target: Value, is_blocking: bool, is_confirmed: bool | None
) -> Publish:
    """A record is handed to the producer; Kafka keeps it on disk."""
    sent = publish(call, library, "kafka", topic=topic, key=NO_KEY, target=target)
    sent = msgspec.structs.replace(sent, is_confirmed=is_confirmed, is_durable=True)
    return blocks(sent, is_blocking=is_blocking, thread_grade="safe")


def subscriptions(
    call: ResolvedCall, library: str, *, topics: tuple[Value, ...], group: Value, target: Value, commits: bool | None
) -> Iterator[Subscribe]:
    """One fact per topic; `key` is the consumer group, None-group is no key."""
    key = NO_KEY if group == NONE else group
    for topic in topics:
        found = subscribe(call, library, "kafka", topic=topic, key=key, target=target)
        yield msgspec.structs.replace(found, auto_ack=commits)


def listed(value: Value) -> tuple[Value, ...]:
    """The topics of a list, or one topic."""
    return value.items if isinstance(value, SequenceValue) else (value,)
