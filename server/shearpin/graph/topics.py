"""Edges to topics: exchanges, channels, queues and task queues, named the same by producer and consumer."""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.facts.fact import Binding, Publish, Subscribe, TaskDefinition
from shearpin.facts.site import Site
from shearpin.facts.value import Const, FuncRef, Value
from shearpin.flow.settled import Settled, settled
from shearpin.graph.addresses import HOLE, addresses, texts
from shearpin.graph.model import Edge
from shearpin.graph.reach import is_celery_worker, services_running
from shearpin.graph.topic_names import topic_name
from shearpin.meaning.scopes import part_ids
from shearpin.query import Database, query
from shearpin.services.addresses import host_owner

#: the kind of broker that stands behind a protocol when its address does not say which one
BROKERS = {
    "amqp": "rabbitmq", "redis-pubsub": "redis", "redis": "redis", "redis-streams": "redis", "redis-lists": "redis",
    "kafka": "kafka", "nats": "nats", "celery": "celery", "nameko-event": "rabbit",
}  # fmt: skip

#: queues of tasks that both sides know by the name of the task
_BY_TASK = frozenset(("dramatiq", "rq", "arq", "taskiq", "huey"))


@query()
def bindings(db: Database, path: str) -> tuple[Binding, ...]:
    """Queue bindings that a file declares."""
    return tuple(
        item.fact for part in part_ids(db, path) for item in settled(db, path, part) if isinstance(item.fact, Binding)
    )


def topic_edges(
    db: Database, item: Settled, fact: Publish | Subscribe | TaskDefinition, service_id: str, site: Site
) -> Iterator[Edge]:
    """The edges of one publish, subscription or task definition."""
    broker = _broker(db, fact, service_id)
    match fact:
        case Publish(broker="celery" as protocol, topic=task, key=queue):
            # workers consume a queue, by default the one called like the broker; which task it is says the operation
            name = _known(db, queue, service_id)[0] or protocol
            yield _edge(service_id, broker, protocol, name, "publish", _task(db, task, service_id), site, fact, item)
        case Publish(broker=protocol, topic=task) if protocol in _BY_TASK:
            yield _edge(service_id, broker, protocol, _named(db, task, service_id), "publish", "", site, fact, item)
        case Publish(broker=protocol, topic=topic, key=key):
            for name in _names(db, protocol, topic, key, service_id):
                yield _edge(service_id, broker, protocol, name, "publish", _text(db, key, service_id), site, fact, item)
        case Subscribe(broker=protocol, topic=topic, key=key):
            for name, pattern in _consumed(db, fact, topic, key, service_id):
                yield _edge(service_id, broker, protocol, name, "consume", pattern, site, fact, item)
        case TaskDefinition(broker="celery") if not _works(db, service_id, fact.site.path):
            return
        case TaskDefinition(broker=protocol, name=task) if protocol in _BY_TASK:
            name = _named(db, task, service_id)
            yield _edge(service_id, broker, protocol, name, "consume", "", fact.site, None, item)
        case TaskDefinition(broker=protocol, name=name_value):
            owner = getattr(fact.app, "site", None) or fact.site
            op = _text(db, name_value, service_id)
            queue = _known(db, fact.queue, service_id)[0] or protocol
            yield _edge(
                service_id, broker, protocol, queue, "consume", "" if owner != fact.site else op, owner, None, item
            )


def _works(db: Database, service_id: str, path: str) -> bool:
    """False for a service that only loads a file's tasks, while another is a worker that runs them."""
    workers = [name for name in services_running(db, path) if is_celery_worker(db, name)]
    return not workers or service_id in workers


def _consumed(
    db: Database, fact: Subscribe, topic: Value, key: Value, service_id: str
) -> Iterator[tuple[str | None, str]]:
    """A queue is known by the exchanges it is bound to; unbound, by its own name."""
    if fact.broker == "amqp":
        bound = [b for b in bindings(db, fact.site.path) if _same_queue(b, fact)]
        if bound:
            exchanges: dict[str | None, list[str]] = {}
            for binding in bound:
                for exchange in _known(db, binding.exchange, service_id):
                    keys = [text.text.replace(HOLE, "{}") for text in texts(db, binding.key, service_id)]
                    exchanges.setdefault(None if exchange is None else f"exchange:{exchange}", []).extend(keys)
            for exchange, patterns in exchanges.items():
                yield exchange, "|".join(dict.fromkeys(patterns))
            return
    if fact.broker == "pubsub":
        yield from _subscribed(db, fact, service_id)
        return
    for name in _names(db, fact.broker, topic, key, service_id):
        yield name, _text(db, key, service_id)


def _subscribed(db: Database, fact: Subscribe, service_id: str) -> Iterator[tuple[str | None, str]]:
    """A subscription has a name of its own; its topic is known where the same file makes it."""
    for name in _known(db, fact.topic, service_id, fact.broker):
        made = [
            topic
            for binding in bindings(db, fact.site.path)
            if binding.broker == fact.broker and name in _known(db, binding.queue, service_id, fact.broker)
            for topic in _known(db, binding.exchange, service_id, fact.broker)
        ]
        if made and name is not None:
            yield from ((topic, name) for topic in dict.fromkeys(made))
        else:
            yield None if name is None else f"subscription:{name}", name or ""


def _same_queue(binding: Binding, fact: Subscribe) -> bool:
    queue = fact.key if fact.topic in (Const(""), Const(None)) else fact.topic
    if binding.queue == queue:
        return True
    return binding.handle is not None and binding.handle == fact.handle and not isinstance(binding.queue, Const)


def _names(db: Database, protocol: str, topic: Value, key: Value, service_id: str) -> Iterator[str | None]:
    """Topic names; None for one that is computed. On AMQP's default exchange the key names the queue."""
    for name in _known(db, topic, service_id, protocol):
        if protocol == "amqp" and name == "":
            yield from _known(db, key, service_id)
        elif protocol == "amqp" and name is not None:
            yield f"exchange:{name}"
        else:
            yield name


def _known(db: Database, value: Value, service_id: str, protocol: str = "") -> list[str | None]:
    found = [topic_name(protocol, text.text) for text in texts(db, value, service_id)]
    return [None if HOLE in name else name for name in found] or [None]


def _text(db: Database, value: Value, service_id: str) -> str:
    found = texts(db, value, service_id)
    return found[0].text.replace(HOLE, "{}") if found else ""


def _task(db: Database, task: Value, service_id: str) -> str:
    """The task's name, or the function that stands for it when the broker's name is made of its module."""
    return task.function.part.rpartition(".")[2] if isinstance(task, FuncRef) else _text(db, task, service_id)


def _named(db: Database, task: Value, service_id: str) -> str | None:
    """The task's name; None when any piece of it is computed."""
    name = _task(db, task, service_id)
    return name if name and "{}" not in name else None


def _broker(db: Database, fact: Publish | Subscribe | TaskDefinition, service_id: str) -> str:
    for address in addresses(db, fact.target, service_id):
        if address.host is not None:
            kind, found = host_owner(db, address.host, address.port, service_id)
            if kind == "infra":
                return found
    return BROKERS.get(fact.broker, fact.broker)


def _edge(  # noqa: PLR0913, PLR0917 - one parameter for each thing an edge says
    service_id: str, broker: str, protocol: str, name: str | None, verb: str, key: str, site: Site,
    fact: Publish | Subscribe | None, item: Settled,
) -> Edge:  # fmt: skip
    op = f"{verb} {key}".strip() if key not in ("", name) else f"{verb} {name or ''}".strip()
    return Edge(
        source=service_id,
        target="unknown" if name is None else f"topic:{broker}/{name}",
        target_kind="unknown" if name is None else "topic",
        protocol=protocol,
        op=op,
        op_norm=op,
        site=site,
        mode="async",
        style="blocking" if fact is not None and fact.is_blocking else "asyncio",
        confidence="possible" if name is None else "certain",
        resolved_via=("call-chain",) if item.hops else ("literal",),
        unknown_reason="the name of the topic is computed" if name is None else "",
        evidence=item.hops,
    )
