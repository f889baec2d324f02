"""What exceptions leave open: may the request have been carried out, and who catches it on the way."""

from __future__ import annotations

import builtins

import msgspec

from shearpin.adapterkit.build import exception_names
from shearpin.facts.fact import BaseEffect, HttpCall
from shearpin.facts.model import FailureModel
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.flow.regions import enclosing
from shearpin.meaning.calls import body_of, calls
from shearpin.meaning.modules import models
from shearpin.meaning.queries import evaluator
from shearpin.meaning.scopes import get_part, scope_of, site_of
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.syntax.walk import walk
from shearpin.text.spans import start_of

ALL = frozenset(("not-sent", "unknown", "answered"))
_EVERYTHING = ("Exception", "BaseException")
#: other spellings of classes of the standard library
_SAME = {
    "asyncio.TimeoutError": "TimeoutError",
    "asyncio.exceptions.TimeoutError": "TimeoutError",
    "socket.timeout": "TimeoutError",
    "socket.error": "OSError",
    "IOError": "OSError",
    "EnvironmentError": "OSError",
}


def outcomes_of(db: Database, names: tuple[str, ...] | None, library: str) -> frozenset[str] | None:
    """What may have become of a request of a library when one of these exceptions is raised; None when not known.

    A class of the workspace says nothing by itself; beside others it only adds.
    """
    if names is None:
        return None
    known = {name: model for name, model in models(db).failures.items() if name.partition(".")[0] == library}
    found: set[str] = set()
    is_open = False
    for name in (plain(name) for name in names):
        if name in _EVERYTHING:
            return ALL
        matching = [model for model in known.values() if name in _family(known, model)]
        found.update(outcome for model in matching for outcome in model.outcomes)
        is_open = is_open or not (matching or (known and _builtin(name) is not None))
    return None if is_open and not found else frozenset(found)


def raised(db: Database, library: str, outcomes: frozenset[str]) -> tuple[str, ...]:
    """The exception classes of a library, as wide as possible, whose outcomes are all among those given."""
    known = {name: model for name, model in models(db).failures.items() if name.partition(".")[0] == library}
    fitting = [
        name for name in known if (covered := _covered(known, name)) and covered <= outcomes and name.count(".") == 1
    ]
    return tuple(
        name for name in fitting if not any(base in fitting for base in _family(known, known[name]) if base != name)
    )


def plain(name: str) -> str:
    """One spelling for a class of the standard library."""
    name = name.removeprefix("builtins.")
    return _SAME.get(name, name)


def raises_for_status(db: Database, effect: BaseEffect) -> bool:
    """Does an error status become an exception, in the library or by a check in the function that makes the call?"""
    if not isinstance(effect, HttpCall):
        return False
    if effect.raises_on_status:
        return True
    part = get_part(db, effect.function.path, effect.function.part)
    return part is not None and not set(effect.raising_checks).isdisjoint(part.mentions)


class Mistake(msgspec.Struct, frozen=True):
    """An exception that code raises about what it was given: no attempt will change it."""

    name: str
    site: Site


_MISTAKES = ("ValueError", "KeyError", "TypeError", "IndexError", "LookupError", "NotImplementedError")


def mistake_in(db: Database, function: FunctionId, within: tuple[int, int] | None) -> Mistake | None:
    """The first `raise ValueError(...)` of a function, or of the block `within` it, that nothing there catches."""
    scope = scope_of(db, function)
    for stmt in body_of(db, scope) if scope is not None else ():
        for node in walk(stmt):
            if not isinstance(node, ir.Raise) or node.exc is None:
                continue
            called = node.exc.func if isinstance(node.exc, ir.Call) else node.exc
            start = start_of(node.span)
            if not isinstance(called, ir.Name) or called.id not in _MISTAKES:
                continue
            if (within is None or within[0] <= start < within[1]) and not _is_tried(db, function, start, within):
                return Mistake(called.id, site_of(function.path, function.part, node.span))
    return None


def _is_tried(db: Database, function: FunctionId, position: int, within: tuple[int, int] | None) -> bool:
    found = [region for region in enclosing(db, function, position) if region.kind in ("try", "handler")]
    return any((region.start, region.end) != within for region in found)


def looks_at_status(db: Database, effect: BaseEffect) -> bool:
    """Does the function that makes a request look at the status otherwise than by raising?"""
    if not isinstance(effect, HttpCall):
        return False
    part = get_part(db, effect.function.path, effect.function.part)
    looking = set(effect.checks) - set(effect.raising_checks)
    return part is None or not looking.isdisjoint(part.mentions)


def escapes(
    db: Database, function: FunctionId, hops: tuple[Hop, ...], effect: BaseEffect, within: tuple[int, int] | None
) -> bool:
    """Do failures of an effect reach the retry around it? False when something on the way may catch them.

    `within` bounds the part of `function` that is tried; handlers outside it do not count. A handler that raises lets
    failures through.
    """
    places = [(function, (hops[0].site if hops else effect.site).start, within)]
    steps = [hop.site for hop in hops[1:]] + ([effect.site] if hops else [])
    owners = _owners(db, hops, effect)
    places.extend((owner, site.start, None) for owner, site in zip(owners, steps, strict=False))
    return all(_passes(db, owner, position, bounds, effect.library) for owner, position, bounds in places)


def _owners(db: Database, hops: tuple[Hop, ...], effect: BaseEffect) -> list[FunctionId]:
    """The functions in which the second and later steps stand; the last is that of the effect."""
    return [*(function_at(db, hop.site) for hop in hops[1:]), effect.function] if hops else []


def function_at(db: Database, site: Site) -> FunctionId:
    """The function in which a call stands."""
    found = (call.function for call in calls(db, site.path, site.part) if call.site == site)
    return next(found, FunctionId(site.path, site.part))


def _passes(db: Database, function: FunctionId, position: int, within: tuple[int, int] | None, library: str) -> bool:
    for region in enclosing(db, function, position):
        inside = within is None or (within[0] <= region.start and region.end <= within[1])
        if region.kind != "try" or not inside or not isinstance(region.node, ir.Try):
            continue
        if within is not None and (region.start, region.end) == within:
            continue
        for handler in region.node.handlers:
            is_relevant = outcomes_of(db, caught_by(db, function, handler), library) != frozenset()
            if is_relevant and not _raises(handler.body):
                return False
    return True


def _raises(body: tuple[ir.Stmt, ...]) -> bool:
    return bool(body) and isinstance(body[-1], ir.Raise)


def caught_by(db: Database, function: FunctionId, handler: ir.Handler) -> tuple[str, ...] | None:
    """Exception classes that a handler catches; None when any of them is not known."""
    if handler.caught is None:
        return ("BaseException",)
    known = evaluator(db, function)
    return None if known is None else exception_names(known.value(handler.caught))


def _family(known: dict[str, FailureModel], model: FailureModel) -> frozenset[str]:
    """A class and all its bases."""
    found = {model.name}
    for base in model.bases:
        parent = known.get(base)
        native = _builtin(base)
        found |= _family(known, parent) if parent is not None else {base}
        found |= {cls.__name__ for cls in native.__mro__} if native is not None else set()
    return frozenset(found)


def _covered(known: dict[str, FailureModel], name: str) -> frozenset[str]:
    matching = (model for model in known.values() if name in _family(known, model))
    return frozenset(outcome for model in matching for outcome in model.outcomes)


def _builtin(name: str) -> type[BaseException] | None:
    found = getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, BaseException) else None
