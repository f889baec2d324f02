"""Objects that belong to one thread, and whether several threads use one of them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.adapterkit.facts import facts_of
from shearpin.adapterkit.store import made_from
from shearpin.facts.fact import Publish, Route, StoreCall
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.value import UNKNOWN, ClassRef, Extern, Instance, Value
from shearpin.flow.contexts import own_contexts
from shearpin.flow.regions import enclosing, statement_at
from shearpin.flow.ways import constructions, describe
from shearpin.meaning.callers import callers
from shearpin.meaning.calls import calls
from shearpin.meaning.modules import models
from shearpin.meaning.queries import decorator_names, evaluator, function_info
from shearpin.meaning.scopes import scope_of
from shearpin.meaning.values import class_of, options_of
from shearpin.query import Database
from shearpin.syntax import ir

_THREADED = frozenset(("thread", "worker"))
_LOCKS = ("lock", "mutex", "semaphore")
_DEPTH = 8


class Sharing(msgspec.Struct, frozen=True):
    """`answer`: "shared" (`place` makes what all threads use; `runs`: who they are), "own", "locked" or "unknown"."""

    answer: str
    note: str
    place: Site | None = None
    runs: str = ""
    hops: tuple[Hop, ...] = ()


class Threads(msgspec.Struct, frozen=True):
    """Who runs a function: `runs` is "thread" (a pool), "worker" (of a WSGI server), "loop", or "" when not known."""

    runs: str
    hops: tuple[Hop, ...] = ()


def sharing(db: Database, fact: Publish | StoreCall) -> Sharing | None:
    """Whether several threads use the object behind an operation; None when the object may be used by several."""
    bound = _bound(db, fact.handle)
    if not bound:
        return None
    kept = [found for item in bound if (found := _kept(db, item)) is not None]
    if not kept:
        return Sharing("own", "made where it is used")
    place, note = next((found for found in kept if found[0] is not None), kept[0])
    if place is None:
        return Sharing("unknown", note)
    threads = next((found for found in threads_of(db, fact.function) if found.runs in _THREADED), None)
    if threads is None:
        return Sharing("own", "one thread uses it")
    if _is_locked(db, fact.function, fact.site.start) or any(_is_locked_at(db, hop.site) for hop in threads.hops):
        return Sharing("locked", "a lock lets one thread in at a time")
    return Sharing("shared", note, place, threads.runs, threads.hops)


def is_one_threads(db: Database, fact: object) -> bool:
    """Another thread must not make the call: its object belongs to one thread and outlives the call."""
    return any(_kept(db, item) is not None for item in _bound(db, getattr(fact, "handle", None)))


def _bound(db: Database, handle: Value | None) -> list[Instance]:
    """The objects behind a handle that belong to one thread and whose construction is known.

    None of them counts where a subclass hands each thread its own (`scoped_session`).
    """
    known = models(db)
    found: list[Instance] = []
    for item in made_from(handle):
        cls = class_of(item)
        model = known.class_model(cls.name) if isinstance(cls, Extern) else None
        if model is None:
            continue
        above = [known.class_model(base) for base in model.bases]
        if not model.one_thread and any(base is not None and base.one_thread for base in above):
            return []
        if model.one_thread and isinstance(item, Instance) and item.site is not None:
            found.append(item)
    return found


def _kept(db: Database, made: Instance) -> tuple[Site | None, str] | None:
    """Where an object is made that outlives a call: (place, note); a place of None when that is not known."""
    site = made.site
    if site is None:
        return None, "where it is made is not known"
    call = next((c for c in calls(db, site.path, site.part) if c.site == site), None)
    if call is None:
        return None, "where it is made is not known"
    scope = scope_of(db, call.function)
    if "cli" in own_contexts(db, call.function):
        return None
    if scope is None or not isinstance(scope.node, ir.FunctionDef):
        return site, "it is made once, when its module is loaded"
    if _is_cached(db, call.function):
        return site, "its maker answers with the same object each time"
    stmt = statement_at(db, call.function, site.start)
    targets = stmt.targets if isinstance(stmt, ir.Assign) else ()
    if any(isinstance(target, ir.Name) and target.id in scope.outer_names for target in targets):
        return site, "a module's name holds it"
    if any(isinstance(target, ir.Attribute) for target in targets) and scope.owner:
        return _of_object(db, ClassRef(call.function.path, scope.owner))
    return None


def _of_object(db: Database, cls: ClassRef) -> tuple[Site | None, str]:
    """An object holds it: is that object one for all?"""
    for call, _ in constructions(db, cls):
        if function_info(db, call.function) is None and not call.function.inner:
            return call.site, "the object that holds it is made once, when its module is loaded"
        if _is_cached(db, call.function):
            return call.site, "the object that holds it is the same for all callers"
    return None, "how long the object lives that holds it is not known"


def _is_cached(db: Database, function: FunctionId) -> bool:
    known = models(db).calls
    found = [known.get(name) for name in decorator_names(db, function)]
    return any(model is not None and model.cached for model in found)


# ------------------------------------------------------------------ threads


def threads_of(db: Database, function: FunctionId) -> Iterator[Threads]:
    """Who runs a function, along its callers."""
    yield from _threads(db, function, (), frozenset((function,)))


def _threads(
    db: Database, function: FunctionId, hops: tuple[Hop, ...], seen: frozenset[FunctionId]
) -> Iterator[Threads]:
    for fact in facts_of(db, function.path, function.part):
        if isinstance(fact, Route) and fact.handler == function:
            yield Threads(fact.runs, hops)
    if len(hops) >= _DEPTH:
        return
    for edge in callers(db, function):
        if edge.call.function in seen:
            continue
        further = (Hop(edge.call.site, f"called from {describe(db, edge.call.function)}"), *hops)
        if edge.callee.mode is Mode.THREAD:
            if _in_request(db, edge.call.function, seen):
                yield Threads("thread", further)
        elif edge.callee.mode is Mode.DIRECT and not edge.callee.context:
            yield from _threads(db, edge.call.function, further, seen | {edge.call.function})


def _in_request(db: Database, function: FunctionId, seen: frozenset[FunctionId]) -> bool:
    """Requests hand it to threads, so that several run at a time."""
    return any(found.runs for found in _threads(db, function, (), seen | {function}))


def _is_locked(db: Database, function: FunctionId, position: int) -> bool:
    known = evaluator(db, function)
    for region in enclosing(db, function, position):
        if region.kind != "with" or not isinstance(region.node, ir.With):
            continue
        for item in region.node.items:
            word = getattr(item.context, "attr", getattr(item.context, "id", ""))
            value = UNKNOWN if known is None else known.value(item.context)
            names = [cls.name for option in options_of(value) if isinstance(cls := class_of(option), Extern)]
            if any(lock in text.lower() for lock in _LOCKS for text in (word, *names)):
                return True
    return False


def _is_locked_at(db: Database, site: Site) -> bool:
    call = next((c for c in calls(db, site.path, site.part) if c.site == site), None)
    return call is not None and _is_locked(db, call.function, site.start)
