"""Tasks that only one side knows: sent and known to no worker, or defined and never sent."""

from __future__ import annotations

import msgspec

from shearpin.facts.fact import Publish, TaskDefinition
from shearpin.facts.site import FunctionId
from shearpin.facts.value import Const, FuncRef
from shearpin.flow.settled import settled
from shearpin.graph.orphans import TopicFate, near, topics
from shearpin.meaning.callers import mentioning_parts
from shearpin.meaning.queries import function_info
from shearpin.meaning.scopes import get_part, part_ids
from shearpin.query import Database, keys, query
from shearpin.services.classify import PathClass, path_class

TASK_BROKERS = frozenset(("celery", "dramatiq", "rq", "arq", "taskiq", "huey"))


class Tasks(msgspec.Struct, frozen=True):
    """Tasks that workers know and tasks that are sent: by name, or by the function that stands for them.

    `defined`: broker, name ("" when the function stands for it) and function.
    """

    defined: tuple[tuple[str, str, FunctionId], ...]
    sent_names: frozenset[str]
    sent_functions: frozenset[FunctionId]
    sends_unknown: bool


@query()
def tasks(db: Database) -> Tasks:
    """The tasks of the workspace."""
    defined: dict[tuple[str, str, FunctionId], None] = {}
    names: set[str] = set()
    functions: set[FunctionId] = set()
    is_open = False
    paths = db.get(keys.python_paths())
    for path in paths if isinstance(paths, tuple) else ():
        if path_class(db, path) is PathClass.APPLICATION:
            found = file_tasks(db, path)
            defined.update(dict.fromkeys(found.defined))
            names |= found.sent_names
            functions |= found.sent_functions
            is_open = is_open or found.sends_unknown
    return Tasks(tuple(defined), frozenset(names), frozenset(functions), is_open)


@query()
def file_tasks(db: Database, path: str) -> Tasks:
    """The tasks that one file defines and sends: a small answer that most edits leave equal."""
    found = [part_tasks(db, path, part) for part in part_ids(db, path)]
    return Tasks(
        tuple(dict.fromkeys(item for tasks_ in found for item in tasks_.defined)),
        frozenset(name for tasks_ in found for name in tasks_.sent_names),
        frozenset(function for tasks_ in found for function in tasks_.sent_functions),
        any(tasks_.sends_unknown for tasks_ in found),
    )


@query()
def part_tasks(db: Database, path: str, part: str) -> Tasks:
    """The tasks that one part defines and sends."""
    defined: dict[tuple[str, str, FunctionId], None] = {}
    names: set[str] = set()
    functions: set[FunctionId] = set()
    is_open = False
    for item in settled(db, path, part):
        fact = item.fact
        if isinstance(fact, TaskDefinition):
            name = fact.name.value if isinstance(fact.name, Const) else ""
            defined[fact.broker, str(name), fact.handler] = None
        elif isinstance(fact, Publish) and fact.broker in TASK_BROKERS:
            match fact.topic:
                case FuncRef(function=function):
                    functions.add(function)
                case Const(value=str(name)):
                    names.add(name)
                case _:
                    is_open = True
    return Tasks(tuple(defined), frozenset(names), frozenset(functions), is_open)


def unsent(db: Database, task: TaskDefinition) -> TopicFate:
    """Does anybody send this task, call its function, or name it?"""
    known = tasks(db)
    info = function_info(db, task.handler)
    name = task.name.value if isinstance(task.name, Const) and isinstance(task.name.value, str) else ""
    short = info.name if info is not None else ""
    if task.handler in known.sent_functions or (name and name in known.sent_names):
        return TopicFate("known", "somebody sends it", name or short)
    if any(sent.rpartition(".")[2] == short for sent in known.sent_names):
        return TopicFate("known", "somebody sends it by name", name or short)
    if not topics(db).is_shared:
        return TopicFate("unknown", "who sends it is not in this workspace", name or short)
    if known.sends_unknown or topics(db).others:
        return TopicFate("unknown", "a task is sent whose name is computed, or by code that is not read", name or short)
    if _is_mentioned(db, task, short):
        return TopicFate("unknown", "something else mentions its function", name or short)
    return TopicFate("orphan", f"nobody sends {name or short}", name or short)


def _is_mentioned(db: Database, task: TaskDefinition, name: str) -> bool:
    """Code other than the definition, imports and tests mentions the function."""
    for path, part_id in mentioning_parts(db, name):
        part = get_part(db, path, part_id)
        if (path, part_id) == (task.handler.path, task.handler.part) or part is None or part.kind == "imports":
            continue
        if path_class(db, path) is not PathClass.TEST:
            return True
    return False


def undefined(db: Database, fact: Publish) -> TopicFate:
    """Does any worker know the task that is sent by its name?"""
    known = tasks(db)
    if not isinstance(fact.topic, Const) or not isinstance(fact.topic.value, str):
        return TopicFate("known" if isinstance(fact.topic, FuncRef) else "unknown", "the task is given by its function")
    name = fact.topic.value
    defined = [(task, function) for broker, task, function in known.defined if broker == fact.broker]
    shorts = {function.part.rpartition(".")[2] for _, function in defined}
    if any(name == task for task, _ in defined) or name.rpartition(".")[2] in shorts:
        return TopicFate("known", f"a worker knows {name}", name)
    if not topics(db).is_shared or topics(db).others or not defined:
        return TopicFate("unknown", "the worker is not in this workspace", name)
    candidates = {*(task for task, _ in defined if task), *shorts}
    other = near(name, sorted(candidates)) or near(name.rpartition(".")[2], sorted(candidates))
    return TopicFate("orphan", f"no worker knows {name}", name, other)
