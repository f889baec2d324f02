"""Time limits that stand around a call: blocks, `wait_for`, decorators, and those of every caller."""

from __future__ import annotations

import sys

import msgspec

from shearpin.adapterkit.facts import adapters, facts_of
from shearpin.facts.fact import BaseEffect, BaseFact, Timeout, TimeoutRegion, TransportMounted
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import ClassRef, Const, Extern, ExternMethod, Field, FuncRef, Instance, Param, Result, Value
from shearpin.flow.contexts import contexts
from shearpin.flow.regions import enclosing
from shearpin.flow.settled import settled
from shearpin.meaning.callers import callers, mentioning_parts
from shearpin.meaning.calls import decorators
from shearpin.meaning.queries import evaluator
from shearpin.meaning.scopes import get_part, site_of
from shearpin.meaning.values import options_of
from shearpin.query import Database, keys, query
from shearpin.syntax import ir

#: libraries that watch what runs and change nothing of it
_OBSERVERS = frozenset(
    (
        "ddtrace",
        "elasticapm",
        "logfire",
        "loguru",
        "newrelic",
        "opentelemetry",
        "prometheus_client",
        "sentry_sdk",
        "structlog",
    )
)
#: names by which a program, or the workers of a task queue, end what takes too long
_ALARMS = ("setitimer", "alarm")
_LIMIT_NAMES = ("time_limit", "soft_time_limit", "timeout")
_WORKER_LIMITS = ("task_time_limit", "task_soft_time_limit", "CELERY_TASK_TIME_LIMIT", "CELERY_TASK_SOFT_TIME_LIMIT")
#: methods through which all requests of a client go
_SENDING = ("request", "send")


class Protection(msgspec.Struct, frozen=True):
    """`answer`: "yes", "no" or "unknown"; `note` names the protection, or what hides it."""

    answer: str
    note: str = ""
    site: Site | None = None


ABSENT = Protection("no")


def time_limit(db: Database, effect: BaseEffect) -> Protection:
    """Is the effect ended by a time limit around it? Limits of the event loop do not stop a call that blocks."""
    around = _limit_at(db, effect.function, effect.site, effect.is_blocking)
    return _hidden_limit(db, effect) if around.answer == "no" else around


def limit_around(db: Database, fact: BaseFact, *, is_blocking: bool) -> Protection:
    """Does a time limit stand around the place of a loop or decorator, or around all its callers?"""
    return _limit_at(db, fact.function, fact.site, is_blocking)


def _hidden_limit(db: Database, effect: BaseEffect) -> Protection:
    """Limits that are set apart from the call: for all sockets, by a transport, by a method that is replaced."""
    timeout = getattr(effect, "timeout", None)
    follows = isinstance(timeout, Timeout) and timeout.origin == "default" and timeout.follows_sockets
    if follows and db.get(keys.mentions("setdefaulttimeout")):
        return Protection("unknown", "a time limit for all sockets may be set")
    part = get_part(db, effect.function.path, effect.function.part)
    if part is not None and not frozenset(_ALARMS).isdisjoint(part.mentions):
        return Protection("unknown", "an alarm of the process may end it")
    if "task" in contexts(db, effect.function) and any(db.get(keys.mentions(name)) for name in _WORKER_LIMITS):
        return Protection("unknown", "the workers limit the time of a task")
    client = getattr(effect, "client", None)
    if not isinstance(client, Instance) or client.site is None:
        return ABSENT
    for path, part in mentioning_parts(db, "mount"):
        for item in settled(db, path, part):
            mounted = item.fact
            if (
                isinstance(mounted, TransportMounted)
                and mounted.timeout is not None
                and _is_same(mounted.client, client)
            ):
                return Protection("unknown", "a transport that is written by hand may limit the time", mounted.site)
    return _replaced(db, client.site)


def _is_same(value: Value, client: Instance) -> bool:
    return any(isinstance(option, Instance) and option.site == client.site for option in options_of(value))


def _replaced(db: Database, construction: Site) -> Protection:
    """A method of a client is assigned in the file that makes it."""
    for name in _SENDING:
        writes = db.get(keys.attribute_writes(name))
        if any(path == construction.path for path, _ in (writes if isinstance(writes, tuple) else ())):
            return Protection("unknown", f"{name} of a client is replaced")
    return ABSENT


@query(bottom=ABSENT)
def _limit_at(db: Database, function: FunctionId, site: Site, is_blocking: bool) -> Protection:  # noqa: FBT001 - a query takes positional arguments
    found = _own_limit(db, function, site, is_blocking=is_blocking)
    if found.answer != "no":
        return found
    edges = [edge for edge in callers(db, function) if edge.callee.mode is Mode.DIRECT]
    if not edges:
        return ABSENT
    around = [_limit_at(db, edge.call.function, edge.call.site, is_blocking) for edge in edges]
    # One way without a limit is a witness; only when every way has one is the call protected.
    return next((protection for protection in around if protection.answer == "no"), around[0])


def _own_limit(db: Database, function: FunctionId, site: Site, *, is_blocking: bool) -> Protection:
    decorated = _decorated(db, function)
    if decorated.answer != "no":
        return decorated
    limits = [fact for fact in facts_of(db, function.path, function.part) if isinstance(fact, TimeoutRegion)]
    for fact in () if is_blocking else limits:
        if fact.form == "call" and fact.site.start <= site.start < fact.site.end and fact.site != site:
            return _limit_of(fact)
    for region in enclosing(db, function, site.start):
        if region.kind != "with" or not isinstance(region.node, ir.With):
            continue
        for item in region.node.items:
            place = site_of(function.path, function.part, item.context.span)
            fact = next((f for f in limits if f.form == "with" and f.site == place), None)
            if fact is not None and not is_blocking:
                return _limit_of(fact)
            if fact is None and not _is_known_context(db, function, item.context):
                return Protection("unknown", "a context manager that is not known", place)
    return ABSENT


def _limit_of(fact: TimeoutRegion) -> Protection:
    if fact.seconds == Const(None):
        return ABSENT
    return Protection("yes", f"{fact.library} limits the time", fact.site)


def _is_known_context(db: Database, function: FunctionId, context: ir.Expr) -> bool:
    known = evaluator(db, function)
    if known is None:
        return False
    call = context.value if isinstance(context, ir.Await) else context
    value = known.value(call.func if isinstance(call, ir.Call) else call)
    return all(_is_known(db, option) for option in options_of(value)) and bool(options_of(value))


def _is_known(db: Database, value: Value) -> bool:
    """True for what certainly limits no time: as a decorator, or as a context manager."""
    match value:
        case Extern(name=name) | ExternMethod(name=name) | Result(name=name):
            return name.partition(".")[0] in known_libraries(db)
        case FuncRef(function=function):
            return not _limits_time(db, function)
        case ClassRef(path=path, name=name):
            part = get_part(db, path, name)
            return part is not None and not _mentions_time(part)
        case Field(base=base) if isinstance(base, (Extern, Instance, Result)):
            return _is_known(db, base)
        case Instance(cls=cls) | Field(cls=cls) | Param(cls=cls) if cls is not None:
            return _is_known(db, cls)
        case _:
            return False


@query()
def known_libraries(db: Database) -> frozenset[str]:
    """Top-level modules of which we know what they do: those with an adapter, the standard library, observers."""
    found = adapters(db)
    names = (*found.call_handlers, *found.decorator_handlers, *found.models.calls, *found.models.classes)
    return sys.stdlib_module_names | _OBSERVERS | {"builtins", *(name.partition(".")[0] for name in names)}


def _decorated(db: Database, function: FunctionId) -> Protection:
    for use in decorators(db, function.path, function.part):
        if use.function != function:
            continue
        limit = next((arg for arg in use.call.args if arg.name in _LIMIT_NAMES and arg.value != Const(None)), None)
        if limit is not None:
            return Protection("yes", f"{limit.name} of the decorator", use.call.site)
        if not all(_is_known(db, option) for option in options_of(use.call.callee)):
            return Protection("unknown", "a decorator that is not known", use.call.site)
    return ABSENT


@query(bottom=False)
def _limits_time(db: Database, function: FunctionId) -> bool:
    """True when a workspace wrapper sets, or could set, a time limit."""
    part = get_part(db, function.path, function.part)
    return part is None or _mentions_time(part)


def _mentions_time(part: ir.Part) -> bool:
    return any(
        "timeout" in name.lower() or name in ("fail_after", "move_on_after", "wait_for") for name in part.mentions
    )
