"""Topics and tasks that only one side knows: sent and never consumed, or consumed and never sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from fnmatch import fnmatchcase

import msgspec

from shearpin.facts.fact import Binding, Publish, RemoteCall, Subscribe
from shearpin.facts.service import Service
from shearpin.facts.site import Site
from shearpin.facts.value import NONE, Const, Instance, Value
from shearpin.flow.settled import settled
from shearpin.graph.addresses import HOLE, texts
from shearpin.graph.edges import belongs
from shearpin.graph.reach import services_running
from shearpin.graph.topic_names import MANAGED, topic_name
from shearpin.meaning.scopes import get_part, part_ids
from shearpin.query import Database, keys, query
from shearpin.services.classify import PathClass, path_class
from shearpin.services.layout import service_of_folder
from shearpin.services.system import system
from shearpin.syntax import ir
from shearpin.syntax.walk import walk

_NEAR = 0.7
#: names that the broker itself fills or that keep what failed
_ASIDE = frozenset(
    ("dlq", "dlx", "dlt", "dead", "deadletter", "error", "errors", "failed", "parking", "retry", "reply", "replies")
)
_WORDS = re.compile("[a-z]+")
_OF_THE_BROKER = ("__", "amq.", "$", "_")
_SET_UP = "the settings of the cloud may connect it"
#: services that speak to people or pass requests on, whatever they are written in
_NO_CONSUMERS = frozenset(("frontend", "gateway", "loadgen"))


class Use(msgspec.Struct, frozen=True):
    """A topic as one side names it; `name` None when it is computed. AMQP exchanges are "exchange:NAME"."""

    service: str
    protocol: str
    name: str | None
    site: Site


class Bound(msgspec.Struct, frozen=True):
    """A queue that is bound to an exchange; either is None when it is not known."""

    service: str
    exchange: str | None
    queue: str | None


class Topics(msgspec.Struct, frozen=True):
    """Who sends and who consumes what, in the whole workspace.

    `others` names a service whose code is not read.
    """

    sent: tuple[Use, ...]
    consumed: tuple[Use, ...]
    bound: tuple[Bound, ...]
    others: str
    is_shared: bool


class TopicFate(msgspec.Struct, frozen=True):
    """`answer`: "known" (the other side exists), "orphan" or "unknown"; `near` is a name of the other side like it."""

    answer: str
    note: str
    name: str = ""
    near: str = ""
    #: the places of the same service that name it, in order
    places: tuple[Site, ...] = ()


# ------------------------------------------------------------------- index


@query()
def topics(db: Database) -> Topics:
    """The topics of the workspace."""
    known = system(db)
    sent: dict[Use, None] = {}
    consumed: dict[Use, None] = {}
    bound: dict[Bound, None] = {}
    paths = db.get(keys.python_paths())
    for path in paths if isinstance(paths, tuple) else ():
        if path_class(db, path) is not PathClass.APPLICATION:
            continue
        for service in services_running(db, path):
            uses = file_topics(db, path, service)
            sent.update(dict.fromkeys(uses.sent))
            consumed.update(dict.fromkeys(uses.consumed))
            bound.update(dict.fromkeys(uses.bound))
    ours = [service for service in known.services if service.language == "python" and service.kind != "loadgen"]
    return Topics(tuple(sent), tuple(consumed), tuple(bound), _others(known.services), is_shared=len(ours) > 1)


@query()
def file_topics(db: Database, path: str, service: str) -> Topics:
    """The topics that one file names, as one service sees them."""
    sent: list[Use] = []
    consumed: list[Use] = []
    bound: list[Bound] = []
    for part in part_ids(db, path):
        for item in settled(db, path, part):
            if not belongs(db, item, service, path):
                continue
            match item.fact:
                case Publish() as fact:
                    sent.extend(Use(service, fact.broker, name, fact.site) for name in names_of(db, fact, service))
                case RemoteCall(protocol="nats") as fact:
                    # A request is a message that somebody subscribes to and answers.
                    subjects = known_names(db, fact.operation, service)
                    sent.extend(Use(service, "nats", name, fact.site) for name in subjects)
                case Subscribe() as fact if not isinstance(fact.key, Instance):
                    # A queue that the server names is known by what it is bound to.
                    consumed.extend(Use(service, fact.broker, name, fact.site) for name in names_of(db, fact, service))
                case Binding(broker="amqp") as fact:
                    queues = known_names(db, fact.queue, service)
                    bound.extend(Bound(service, e, q) for e in known_names(db, fact.exchange, service) for q in queues)
                case _:
                    continue
    return Topics(tuple(sent), tuple(consumed), tuple(bound), "", is_shared=False)


def names_of(db: Database, fact: Publish | Subscribe, service: str) -> tuple[str | None, ...]:
    """The topics of a fact; None for one that is computed."""
    found: list[str | None] = []
    for name in known_names(db, fact.topic, service, fact.broker):
        if fact.broker == "amqp" and name == "":
            found.extend(known_names(db, fact.key, service))
        elif fact.broker == "amqp" and name is not None:
            found.append(f"exchange:{name}")
        else:
            found.append(name)
    return tuple(dict.fromkeys(found))


def known_names(db: Database, value: Value, service: str, protocol: str = "") -> tuple[str | None, ...]:
    """A name in the environment of a service; None when any piece of it is computed."""
    found = [topic_name(protocol, text.text) for text in texts(db, value, service)]
    return tuple(dict.fromkeys(None if HOLE in name else name for name in found)) or (None,)


def _others(services: tuple[Service, ...]) -> str:
    """A service whose code we do not read and which may send or consume."""
    return next((s.id for s in services if s.language != "python" and s.kind not in _NO_CONSUMERS), "")


@query()
def exact_names(db: Database, protocol: str, side: str) -> frozenset[str | None]:
    """The names that are certainly "sent" to, or "consumed"; the usual answer without a search."""
    known = topics(db)
    uses = known.sent if side == "sent" else known.consumed
    return frozenset(use.name for use in uses if use.protocol == protocol and use.name is not None)


# ------------------------------------------------------------------- topics


def unconsumed(db: Database, fact: Publish, service: str) -> TopicFate:
    """Does anybody consume what is sent here?"""
    known = topics(db)
    names = names_of(db, fact, service)
    if None in names:
        return TopicFate("unknown", "the name of the topic is computed")
    if exact_names(db, fact.broker, "consumed").issuperset(names):
        return TopicFate("known", "somebody consumes it")
    if fact.broker in MANAGED:
        return TopicFate("unknown", _SET_UP)
    theirs = [use for use in known.consumed if use.protocol == fact.broker]
    fate = worst([_fate(db, known, name, theirs, "consumes", is_sent=True) for name in names if name is not None])
    if fate.answer != "orphan":
        return fate
    named = [
        use.site for use in known.sent if use.name in names and use.service == service and use.protocol == fact.broker
    ]
    return msgspec.structs.replace(fate, places=tuple(dict.fromkeys(named)))


def unproduced(db: Database, fact: Subscribe, service: str) -> TopicFate:
    """Does anybody send what is consumed here? A queue gets what its exchanges get."""
    known = topics(db)
    names = names_of(db, fact, service)
    if names and not exact_names(db, fact.broker, "sent").isdisjoint(names):
        return TopicFate("known", "somebody sends to it")
    if fact.broker in MANAGED:
        return TopicFate("unknown", _SET_UP)
    theirs = [use for use in known.sent if use.protocol == fact.broker]
    if None in names and not _sources(db, fact, service):
        return TopicFate("unknown", "the name of the topic is computed")
    if not theirs:
        return TopicFate("unknown", "nobody in the workspace sends messages of this kind")
    if fact.broker == "amqp" and not _sources(db, fact, service) and _is_unbound_exchange(known):
        return TopicFate("unknown", "the queue may be bound elsewhere")
    sources = _sources(db, fact, service)
    if sources is None:
        return TopicFate("unknown", "what the queue is bound to is computed")
    own = [_fate(db, known, name, theirs, "sends to", is_sent=False) for name in names if name is not None]
    fates = [_fate(db, known, name, theirs, "sends to", is_sent=False) for name in sources]
    both = [*own, *fates]
    if any(fate.answer != "orphan" for fate in both):
        return next(fate for fate in both if fate.answer != "orphan")
    return worst(fates or own)


def _sources(db: Database, fact: Subscribe, service: str) -> tuple[str, ...] | None:
    """The exchanges that the queue of a subscription is bound to; None when one is computed."""
    if fact.broker != "amqp":
        return ()
    found: list[str] = []
    for binding in bindings_of(db, fact):
        for name in known_names(db, binding.exchange, service):
            if name is None:
                return None
            found.append(f"exchange:{name}")
    queues = [name for name in names_of(db, fact, service) if name is not None]
    for item in topics(db).bound:
        if item.queue in queues and item.exchange is not None:
            found.append(f"exchange:{item.exchange}")
        elif item.queue in queues:
            return None
    return tuple(dict.fromkeys(found))


def bindings_of(db: Database, fact: Subscribe) -> tuple[Binding, ...]:
    """The bindings of a subscription's queue in the same file."""
    queue = fact.key if fact.topic in {Const(""), NONE} else fact.topic
    parts = part_ids(db, fact.site.path)
    found = [item.fact for part in parts for item in settled(db, fact.site.path, part)]
    return tuple(item for item in found if isinstance(item, Binding) and item.queue == queue)


def _fate(db: Database, known: Topics, name: str, theirs: list[Use], verb: str, *, is_sent: bool) -> TopicFate:
    plain = name.removeprefix("exchange:")
    if any(use.name is not None and _meet(name, use.name) for use in theirs) or _is_bound(known, name, is_sent=is_sent):
        return TopicFate("known", f"somebody {verb} {plain}", plain)
    if not known.is_shared or db.get(keys.is_partial()):
        return TopicFate("unknown", "the other side is not in this workspace", plain)
    if known.others:
        return TopicFate("unknown", f"{known.others} is not written in Python", plain)
    if any(use.name is None for use in theirs):
        return TopicFate("unknown", "the other side computes a name", plain)
    if plain.startswith(_OF_THE_BROKER) or not _ASIDE.isdisjoint(_WORDS.findall(plain.lower())):
        return TopicFate("unknown", "the broker, or people, look after it", plain)
    if name.startswith("exchange:") and _is_bound_elsewhere(known):
        return TopicFate("unknown", "a queue is bound elsewhere", plain)
    if _is_named_elsewhere(db, plain, _naming(known, plain, is_sent=is_sent)):
        return TopicFate("unknown", "another service names it", plain)
    others = [use.name for use in theirs if use.name is not None]
    others += [f"exchange:{item.exchange}" for item in known.bound if is_sent and item.exchange is not None]
    return TopicFate("orphan", f"nobody {verb} {plain}", plain, near(name, others))


def _naming(known: Topics, plain: str, *, is_sent: bool) -> frozenset[str]:
    """The services that stand on a side of a topic, as far as their code is read."""
    uses = known.sent if is_sent else known.consumed
    found = {use.service for use in uses if use.name is not None and use.name.removeprefix("exchange:") == plain}
    return frozenset(found | {item.service for item in known.bound if not is_sent and item.exchange == plain})


def _is_named_elsewhere(db: Database, plain: str, ours: frozenset[str]) -> bool:
    """Another service has the name in its code: perhaps in a call that we cannot read."""
    paths = db.get(keys.python_paths())
    for path in paths if isinstance(paths, tuple) else ():
        owners = service_of_folder(db, path)
        if not owners or not ours.isdisjoint(owners) or path_class(db, path) is not PathClass.APPLICATION:
            continue
        if plain in texts_in(db, path):
            return True
    return False


@query()
def texts_in(db: Database, path: str) -> frozenset[str]:
    """The texts that are written in a file."""
    found: set[str] = set()
    for part_id in part_ids(db, path):
        part = get_part(db, path, part_id)
        for stmt in part.body if part is not None else ():
            found.update(
                node.value for node in walk(stmt) if isinstance(node, ir.Literal) and isinstance(node.value, str)
            )
    return frozenset(found)


def _is_bound(known: Topics, name: str, *, is_sent: bool) -> bool:
    """An exchange with a queue that somebody consumes, or whose queue is not known."""
    if not is_sent or not name.startswith("exchange:"):
        return False
    consumed = {use.name for use in known.consumed}
    queues = [item.queue for item in known.bound if item.exchange is None or f"exchange:{item.exchange}" == name]
    return any(queue is None or queue in consumed for queue in queues)


def _meet(one: str, other: str) -> bool:
    """Two names of one topic; either may be a pattern."""
    if one == other:
        return True
    for name, pattern in ((one, other), (other, one)):
        if any(mark in pattern for mark in "*?[#>+") and _matches(name, pattern):
            return True
    return False


def _matches(name: str, pattern: str) -> bool:
    glob = re.sub(r"(?<=[./])[#>]$|^[#>]$", "*", pattern)
    try:
        return fnmatchcase(name, glob) or re.fullmatch(pattern, name) is not None
    except re.error:
        return False


def _is_unbound_exchange(known: Topics) -> bool:
    bound = {item.exchange for item in known.bound}
    sent = [use.name.removeprefix("exchange:") for use in known.sent if use.name and use.name.startswith("exchange:")]
    return any(exchange not in bound for exchange in sent)


def _is_bound_elsewhere(known: Topics) -> bool:
    """A queue is consumed that no code binds and nobody sends to by its name: the broker's own files bind it."""
    names = {item.queue for item in known.bound} | {use.name for use in known.sent}
    return any(use.protocol == "amqp" and use.name is not None and use.name not in names for use in known.consumed)


def near(name: str, others: Iterable[str]) -> str:
    """The most similar of the other names, "" when none is similar; exchanges are compared with exchanges."""
    kind, plain = name.startswith("exchange:"), name.removeprefix("exchange:")
    same = [other.removeprefix("exchange:") for other in others if other.startswith("exchange:") == kind]
    scored = max(((SequenceMatcher(None, plain, other).ratio(), other) for other in same), default=(0.0, ""))
    return scored[1] if scored[0] >= _NEAR else ""


def worst(fates: list[TopicFate]) -> TopicFate:
    """The answer that matters most of several."""
    for answer in ("orphan", "unknown", "known"):
        found = next((fate for fate in fates if fate.answer == answer), None)
        if found is not None:
            return found
    return TopicFate("unknown", "the name of the topic is not known")
