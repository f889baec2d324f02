"""Publishers and consumers of the same topic, and the functions that treat what is published."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.fact import Subscribe, TaskDefinition
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import FuncRef
from shearpin.flow.settled import Settled, settled
from shearpin.graph.addresses import HOLE, texts
from shearpin.graph.model import Edge, ServiceGraph
from shearpin.graph.reach import files_of
from shearpin.meaning.queries import function_info
from shearpin.meaning.scopes import part_ids
from shearpin.query import Database


def is_publish(edge: Edge) -> bool:
    """The edge hands messages to a topic."""
    return edge.target_kind == "topic" and edge.op.partition(" ")[0] == "publish"


def is_consume(edge: Edge) -> bool:
    """The edge takes messages from a topic."""
    return edge.target_kind == "topic" and edge.op.partition(" ")[0] == "consume"


def consumers(db: Database, graph: ServiceGraph, publish: Edge) -> Iterator[Site]:
    """Functions that treat what an edge publishes; where they are not known, the places that subscribe."""
    for edge in graph.edges:
        if not is_consume(edge) or edge.target != publish.target:
            continue
        tasks = list(_tasks(db, edge.source, _key(publish)))
        if tasks:
            yield from tasks
        elif fits(_key(edge), _key(publish)):
            yield _handler_site(db, edge) or edge.site


def publishers(db: Database, graph: ServiceGraph, function: FunctionId) -> Iterator[Site]:
    """Places that publish what a function consumes, or that hand over the task that it is."""
    treated = [
        item.fact
        for item in settled(db, function.path, function.part)
        if isinstance(item.fact, (Subscribe, TaskDefinition)) and item.fact.handler == function
    ]
    info = function_info(db, function)
    name = "" if info is None else info.name
    tasks = {text for fact in treated if isinstance(fact, TaskDefinition) for text in _task_names(db, fact)}
    sites = {edge.site for edge in graph.edges if is_consume(edge) and _handler(db, edge) == function}
    topics = {(edge.target, _key(edge)) for edge in graph.edges if is_consume(edge) and edge.site in sites}
    for edge in graph.edges:
        if not is_publish(edge):
            continue
        if (tasks and _key(edge) in {*tasks, name}) or any(
            edge.target == topic and fits(pattern, _key(edge)) for topic, pattern in topics
        ):
            yield edge.site


def published_to(graph: ServiceGraph, consume: Edge) -> Iterator[Edge]:
    """The edges that publish what an edge consumes."""
    for edge in graph.edges:
        if is_publish(edge) and edge.target == consume.target and fits(_key(consume), _key(edge)):
            yield edge


def fits(pattern: str, key: str) -> bool:
    """A routing key fits a pattern of AMQP; what one of them does not say, or computes, fits everything."""
    if not pattern or not key or "{}" in pattern or "{}" in key:
        return True
    return any(_fits(one.split("."), key.split(".")) for one in pattern.split("|"))


def _fits(pattern: list[str], key: list[str]) -> bool:
    if not pattern:
        return not key
    if pattern[0] == "#":
        return _fits(pattern[1:], key) or (bool(key) and _fits(pattern, key[1:]))
    return bool(key) and pattern[0] in ("*", key[0]) and _fits(pattern[1:], key[1:])


def _key(edge: Edge) -> str:
    """The routing key, or the task; "" when the operation names the topic only."""
    key = edge.op.partition(" ")[2]
    topic = edge.target.partition("/")[2]
    return "" if key in (topic, re.sub(r"^\w+:", "", topic)) else key


def _handler(db: Database, edge: Edge) -> FunctionId | None:
    for item in settled(db, edge.site.path, edge.site.part):
        if isinstance(item.fact, Subscribe) and item.fact.site == edge.site:
            return item.fact.handler
    return None


def _handler_site(db: Database, edge: Edge) -> Site | None:
    function = _handler(db, edge)
    info = None if function is None else function_info(db, function)
    return None if info is None else info.name_site


def _tasks(db: Database, service: str, name: str) -> Iterator[Site]:
    """The functions of a service that workers know by the name of a task."""
    for path in files_of(db, service):
        for part in part_ids(db, path):
            for item in settled(db, path, part):
                yield from _task(db, item, name)


def _task(db: Database, item: Settled, name: str) -> Iterator[Site]:
    fact = item.fact
    if isinstance(fact, TaskDefinition) and name and name in _task_names(db, fact):
        info = function_info(db, fact.handler)
        if info is not None:
            yield info.name_site


def _task_names(db: Database, fact: TaskDefinition) -> set[str]:
    """The name that is written, and the function's, which stands for a name that is made of the module."""
    own = {fact.handler.part.rpartition(".")[2]}
    if isinstance(fact.name, FuncRef):
        return own
    return own | {text.text for text in texts(db, fact.name, "") if HOLE not in text.text}
