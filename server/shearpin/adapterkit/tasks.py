"""Shared by adapters of task queues: decorated functions that workers run, and the calls that hand them over."""

from __future__ import annotations

from fnmatch import fnmatchcase

import msgspec

from shearpin.adapterkit.store import argument_of, blocks, publish
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Publish, TaskDefinition
from shearpin.facts.model import Callback, CallModel, Mode
from shearpin.facts.value import NONE, UNKNOWN, Const, FuncRef, MappingValue, Unknown, Value


def handing(name: str, *, passes: bool, mode: Mode = Mode.LATER) -> CallModel:
    """A method of a task that makes a worker run its function; `passes`: it is given the function's own arguments."""
    context = "task" if mode is Mode.LATER else ""
    callback = Callback(-1, "function", mode, context=context, passes_from=0 if passes else -1, of_receiver=True)
    return CallModel(name, callbacks=(callback,))


def definition(
    use: ResolvedDecorator, library: str, name: str, target: Value, *, acks_late: bool | None
) -> TaskDefinition:
    """A decorated function becomes a task; the decorator's argument `name` names it, else the function does."""
    named = use.call.value(name, -1, NONE)
    return TaskDefinition(
        site=use.call.site,
        head=use.call.head,
        function=use.function,
        library=library,
        broker=library,
        name=FuncRef(use.function) if named == NONE else named,
        handler=use.function,
        app=use.call.receiver if use.call.receiver is not None else UNKNOWN,
        target=target,
        acks_late=acks_late,
    )


def handed_over(call: ResolvedCall, library: str, task: Value | None, name: str, target: Value) -> Publish:
    """A task is sent: by the name that its decorator was given, else by its function."""
    function = argument_of(task, "function", -1)
    plain: Value = FuncRef(function.function) if isinstance(function, FuncRef) else function
    named = argument_of(task, name, -1, NONE)
    topic = plain if named == NONE or isinstance(named, Unknown) else named
    return sent(call, library, topic, target, is_blocking=True)


def sent(call: ResolvedCall, library: str, topic: Value, target: Value, *, is_blocking: bool) -> Publish:
    """A task is sent by its name or function; queues of tasks keep them."""
    found = publish(call, library, library, topic=topic, key=Const(""), target=target)
    found = msgspec.structs.replace(found, is_durable=True)
    return blocks(found, is_blocking=is_blocking, thread_grade="safe") if is_blocking else found


def routed(routes: Value, name: Value) -> Value:
    """The queue to which literal routes (`{"mails.*": {"queue": "slow"}}`) send a task; unknown when none does."""
    if not (isinstance(routes, MappingValue) and isinstance(name, Const) and isinstance(name.value, str)):
        return UNKNOWN
    for pattern, route, _ in routes.entries:
        if not isinstance(pattern, Const):
            return UNKNOWN
        if fnmatchcase(name.value, str(pattern.value)):
            entries = route.entries if isinstance(route, MappingValue) else ()
            return next((queue for key, queue, _ in entries if key == Const("queue")), UNKNOWN)
    return UNKNOWN
