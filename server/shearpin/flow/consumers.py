"""Where the code stands that treats one message: the callback, or the body of the loop that takes messages."""

from __future__ import annotations

import msgspec

from shearpin.adapterkit.facts import facts_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import (
    Ack,
    Effect,
    HttpCall,
    Publish,
    QueueDeclared,
    RemoteCall,
    StoreCall,
    Subscribe,
    TaskDefinition,
)
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import NONE, Const, Extern, Field, Instance, Value
from shearpin.flow.effects import Reached, calls_in
from shearpin.flow.order import call_at, effects_through
from shearpin.flow.regions import Region, regions
from shearpin.flow.settled import settled
from shearpin.meaning.modules import models
from shearpin.meaning.queries import evaluator
from shearpin.meaning.scopes import part_ids, scopes
from shearpin.meaning.values import class_of, options_of
from shearpin.query import Database, keys, query
from shearpin.services.layout import service_of_folder
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
#: operations of stores that forget: doing them once more, or not at all, loses nothing that cannot be read again
_FORGETTING = frozenset(("delete", "unlink", "expire", "pexpire", "expireat", "flushdb", "ltrim"))
_EVERYTHING = 1 << 60


class Handling(msgspec.Struct, frozen=True):
    """The code that treats one message: the part of `function` between `start` and `end`.

    `shape`: "callback" (a library calls it), "loop" (it takes the messages itself) or "task".
    """

    function: FunctionId
    start: int
    end: int
    shape: str

    def holds(self, position: int) -> bool:
        """True when a place of the function is run for each message."""
        return self.start <= position < self.end


@query()
def handling(db: Database, fact: Subscribe | TaskDefinition) -> Handling | None:
    """The code that treats the messages of a subscription; None when it is not found."""
    if isinstance(fact, TaskDefinition):
        return Handling(fact.handler, 0, _EVERYTHING, "task")
    if fact.handler is not None:
        return Handling(fact.handler, 0, _EVERYTHING, "callback")
    own = [loop for loop in message_loops(db, fact.function) if _is_loop_of(loop, fact, in_function=True)]
    if own:
        return _handled(own[0])
    for part in part_ids(db, fact.site.path):
        for scope in scopes(db, fact.site.path, part).values():
            for loop in message_loops(db, scope.function):
                if _is_loop_of(loop, fact, in_function=False):
                    return _handled(loop)
    return None


def _handled(loop: MessageLoop) -> Handling:
    return Handling(loop.function, loop.region.start, loop.region.end, "loop")


class MessageLoop(msgspec.Struct, frozen=True):
    """A loop that takes messages; `taken` is the call or object that gives them, `library` its top-level module."""

    function: FunctionId
    region: Region
    taken: Site
    library: str
    handle: Value | None


@query()
def message_loops(db: Database, function: FunctionId) -> tuple[MessageLoop, ...]:
    """The loops of a function that take messages, innermost first."""
    loops = [region for region in regions(db, function) if region.kind in {"for", "while"}]
    if not loops:
        return ()
    found: list[MessageLoop] = []
    for call in calls_in(db, function):
        if _receives(db, call):
            region = _loop_around(loops, call.site.start)
            if region is not None:
                found.append(MessageLoop(function, region, call.site, call.name.partition(".")[0], call.receiver))
    known = evaluator(db, function)
    for region in loops:
        if isinstance(region.node, ir.For) and known is not None:
            value = known.value(region.node.iter)
            cls = class_of(value)
            model = models(db).class_model(cls.name) if isinstance(cls, Extern) else None
            if model is not None and model.gives_messages and isinstance(cls, Extern):
                span = region.node.iter.span
                site = Site(function.path, function.part, start_of(span), end_of(span))
                found.append(MessageLoop(function, region, site, cls.name.partition(".")[0], value))
    return tuple(sorted(found, key=lambda loop: -loop.region.start))


def _receives(db: Database, call: ResolvedCall) -> bool:
    model = models(db).calls.get(call.name)
    return model is not None and model.receives


def _loop_around(loops: list[Region], position: int) -> Region | None:
    """The loop that takes messages by a call: the `for` over it, else the innermost loop that holds it."""
    for region in loops:
        if isinstance(region.node, ir.For):
            span = region.node.iter.span
            if start_of(span) <= position < end_of(span):
                return region
    around = [region for region in loops if region.start <= position < region.end]
    return around[-1] if around else None


def _is_loop_of(loop: MessageLoop, fact: Subscribe, *, in_function: bool) -> bool:
    if loop.taken == fact.site:
        return True
    same_library = loop.library == _library(fact)
    if in_function:
        return same_library and loop.region.end > fact.site.start
    ours, theirs = _constructions(fact.handle), _constructions(loop.handle)
    return same_library and (not ours or not theirs or bool(ours & theirs))


def _library(fact: Subscribe) -> str:
    cls = class_of(fact.handle) if fact.handle is not None else None
    name = cls.name if isinstance(cls, Extern) else fact.library.replace("-", "_")
    return name.partition(".")[0]


def _constructions(value: Value | None) -> frozenset[Site]:
    options = () if value is None else options_of(value)
    return frozenset(item.site for item in options if isinstance(item, Instance) and item.site is not None)


# ------------------------------------------------------------------ effects


def effects_of(db: Database, where: Handling) -> tuple[Reached, ...]:
    """Effects of treating one message."""
    return tuple(item for item in effects_through(db, where.function) if where.holds(item.first.start))


def changes_of(db: Database, where: Handling) -> tuple[Reached, ...]:
    """Effects by which treating one message changes something that lasts, here or elsewhere."""
    return tuple(item for item in effects_of(db, where) if changes_state(db, item.effect))


def precedes_consuming(db: Database, function: FunctionId, site: Site) -> bool:
    """True for a place in front of all subscriptions that a function makes by itself."""
    own = [
        fact
        for fact in facts_of(db, function.path, function.part)
        if isinstance(fact, Subscribe) and fact.function == function and fact.handler != function
    ]
    return bool(own) and all(site.end <= fact.site.start for fact in own) and not _treats(db, own, site)


def _treats(db: Database, own: list[Subscribe], site: Site) -> bool:
    found = (handling(db, fact) for fact in own)
    return any(where is not None and where.function == own[0].function and where.holds(site.start) for where in found)


def changes_state(db: Database, effect: Effect) -> bool:
    """True for writes, unsafe requests, mails and messages that are sent on."""
    match effect:
        case StoreCall(kind="write"):
            return operation_of(db, effect) not in _FORGETTING
        case StoreCall(kind="commit", store="sql"):
            return True
        case HttpCall(method=Const(value=str(method)), asks=asks):
            return method.upper() not in _SAFE and not asks
        case RemoteCall(operation=Const(value=str(name))):
            return not name.lower().startswith(("get", "list", "describe", "head", "read", "search", "check"))
        case Publish():
            return True
        case _:
            return False


def operation_of(db: Database, effect: Effect) -> str:
    """The method by which an effect is made, as its library calls it."""
    call = call_at(db, effect.site, effect.function)
    if call is None:
        return ""
    return call.callee.name if isinstance(call.callee, Field) else call.name.rpartition(".")[2]


def settlements(db: Database, where: Handling) -> tuple[Reached, ...]:
    """Acknowledgements and rejections of a message while it is treated."""
    return tuple(item for item in effects_of(db, where) if isinstance(item.effect, Ack))


# ------------------------------------------------------------------- queues


@query()
def declarations(db: Database, path: str) -> tuple[QueueDeclared, ...]:
    """The queues that a file declares."""
    found = (item.fact for part in part_ids(db, path) for item in settled(db, path, part))
    return tuple(fact for fact in found if isinstance(fact, QueueDeclared))


@query()
def declaration(db: Database, fact: Subscribe) -> QueueDeclared | None:
    """How the queue of a subscription is declared, in the same file or elsewhere in the same services."""
    queue = fact.key if fact.topic in {Const(""), NONE} else fact.topic
    found = next((item for item in declarations(db, fact.site.path) if item.queue == queue), None)
    if found is not None or not isinstance(queue, Const):
        return found
    owners = set(service_of_folder(db, fact.site.path))
    paths = db.get(keys.python_paths())
    for path in paths if isinstance(paths, tuple) else ():
        if path == fact.site.path or (owners and owners.isdisjoint(service_of_folder(db, path))):
            continue
        found = next((item for item in declarations(db, path) if item.queue == queue), None)
        if found is not None:
            return found
    return None
