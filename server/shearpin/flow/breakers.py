"""Circuit breakers around a call."""

from __future__ import annotations

import re

from shearpin.adapterkit.facts import facts_of
from shearpin.facts.fact import BaseEffect, BreakerRegion
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import Extern, ExternMethod, FuncRef, Instance, Value
from shearpin.flow.protections import ABSENT, Protection
from shearpin.flow.regions import enclosing
from shearpin.meaning.callers import callers
from shearpin.meaning.calls import decorators
from shearpin.meaning.modules import models
from shearpin.meaning.scopes import get_part, site_of
from shearpin.meaning.values import options_of
from shearpin.query import Database, query
from shearpin.syntax import ir

_NAMED = re.compile(r"breaker|circuit", re.IGNORECASE)


def breaker_around(db: Database, effect: BaseEffect) -> Protection:
    """Does a circuit breaker stand around a call, or around all the ways to it?"""
    return _breaker_at(db, effect.function, effect.site)


@query(bottom=ABSENT)
def _breaker_at(db: Database, function: FunctionId, site: Site) -> Protection:
    found = _own_breaker(db, function, site)
    if found.answer != "no":
        return found
    edges = [edge for edge in callers(db, function) if edge.callee.mode is Mode.DIRECT]
    around = [_breaker_at(db, edge.call.function, edge.call.site) for edge in edges]
    # One way without a breaker is a witness.
    return next((protection for protection in around if protection.answer == "no"), around[0] if around else ABSENT)


def _own_breaker(db: Database, function: FunctionId, site: Site) -> Protection:
    regions = [fact for fact in facts_of(db, function.path, function.part) if isinstance(fact, BreakerRegion)]
    for fact in regions:
        is_around = fact.form == "decorator" and fact.function == function
        is_call = fact.form == "call" and fact.site.start <= site.start < fact.site.end
        if is_around or is_call:
            return Protection("yes", f"{fact.library} breaks the circuit", fact.site)
    for region in enclosing(db, function, site.start):
        if region.kind == "with" and isinstance(region.node, ir.With):
            for item in region.node.items:
                place = site_of(function.path, function.part, item.context.span)
                held = next((fact for fact in regions if fact.form == "with" and _holds(place, fact.site)), None)
                if held is not None:
                    return Protection("yes", f"{held.library} breaks the circuit", held.site)
    return _hidden(db, function)


def _hidden(db: Database, function: FunctionId) -> Protection:
    """What may be a breaker: a decorator that is not known, or a name that says so."""
    for use in decorators(db, function.path, function.part):
        if use.function == function and not all(_is_known(db, option) for option in options_of(use.call.callee)):
            return Protection("unknown", "a decorator that is not known", use.call.site)
    part = get_part(db, function.path, function.part)
    named = None if part is None else next((name for name in part.mentions if _NAMED.search(name)), None)
    return ABSENT if named is None else Protection("unknown", f"{named} may be a circuit breaker")


def _is_known(db: Database, value: Value) -> bool:
    """True for decorators that certainly are no breaker."""
    match value:
        case Extern(name=name) | ExternMethod(name=name):
            known = models(db)
            return name in known.calls or name.startswith(("builtins.", "functools."))
        case FuncRef(function=function):
            part = get_part(db, function.path, function.part)
            return part is not None and not any(_NAMED.search(name) for name in part.mentions)
        case Instance(cls=cls):
            return isinstance(cls, Extern) and _is_known(db, cls)
        case _:
            return False


def _holds(outer: Site, inner: Site) -> bool:
    return outer.path == inner.path and outer.part == inner.part and outer.start <= inner.start < outer.end
