"""Facts with their values settled: parameters replaced by what the callers pass."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.adapterkit.facts import adapters, facts_of_call, facts_of_decorator, handed_over, may_have_facts
from shearpin.facts.call import Argument, ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.site import FunctionId, Hop
from shearpin.facts.value import ExternMethod, Field, Param, Value
from shearpin.flow.ways import Way, ways
from shearpin.meaning.calls import calls, decorators
from shearpin.meaning.objects import substitute
from shearpin.meaning.queries import Meaning
from shearpin.meaning.values import is_symbolic, params_of
from shearpin.query import Database, query
from shearpin.services.classify import is_script


class Settled(msgspec.Struct, frozen=True):
    """A fact for one way of being reached.

    `hops` are the calls that settled its values, outermost first (() when it is closed by itself); `outer` is the
    function in which they begin: it decides which service's environment applies.
    """

    fact: Fact
    hops: tuple[Hop, ...]
    outer: FunctionId


@query(bottom=())
def settled(db: Database, path: str, part: str) -> tuple[Settled, ...]:
    """All facts of a part in order of position, one for each way in which its values come together."""
    if not may_have_facts(db, path, part):
        return ()
    found: dict[Fact, Settled] = {}
    for use in decorators(db, path, part):
        for one, hops, outer in _by_ways(db, use.call):
            for fact in facts_of_decorator(db, msgspec.structs.replace(use, call=one)):
                _keep(db, found, Settled(fact, hops, outer if hops else use.function))
    written = calls(db, path, part)
    for call in (made for outer_call in written for made in (outer_call, *handed_over(db, outer_call))):
        for one, hops, outer in _expanded(db, call):
            for fact in facts_of_call(db, one):
                _keep(db, found, Settled(fact, hops, outer))
    return tuple(sorted(found.values(), key=lambda item: (item.fact.site.start, item.fact.site.end)))


def _keep(db: Database, found: dict[Fact, Settled], item: Settled) -> None:
    """Of several ways to the same fact the first counts that no script begins, which may be started by nobody."""
    old = found.setdefault(item.fact, item)
    if old is not item and is_script(db, old.outer.path) and not is_script(db, item.outer.path):
        found[item.fact] = item


def _expanded(db: Database, call: ResolvedCall) -> Iterator[tuple[ResolvedCall, tuple[Hop, ...], FunctionId]]:
    known = adapters(db)
    is_open_callee = isinstance(call.callee, Field) and call.callee.name in known.method_names
    if is_open_callee or known.subscribes(call.name):
        yield from _by_ways(db, call)


def _by_ways(db: Database, call: ResolvedCall) -> Iterator[tuple[ResolvedCall, tuple[Hop, ...], FunctionId]]:
    """The call once for each way in which the functions around it are called."""
    symbols = _symbols(call)
    if not symbols:
        yield call, (), call.function
        return
    world = Meaning(db)
    owners = {param.function for param in symbols}
    owner = call.function if call.function in owners else next(iter(sorted(owners)))
    found: tuple[Way, ...] = ways(db, owner)
    if not found:
        yield call, (), call.function
        return
    for way in found:
        mapping = way.mapping(owner)
        yield _substituted(world, call, mapping), way.hops, way.outer


def _symbols(call: ResolvedCall) -> frozenset[Param]:
    found = params_of(call.callee)
    for arg in call.args:
        found |= params_of(arg.value)
    return found


def _substituted(world: Meaning, call: ResolvedCall, mapping: dict[Param, Value]) -> ResolvedCall:
    args = tuple(
        Argument(arg.name, substitute(world, arg.value, mapping), arg.site, arg.whole)
        if is_symbolic(arg.value)
        else arg
        for arg in call.args
    )
    callee = substitute(world, call.callee, mapping)
    if not isinstance(callee, type(call.callee)) and not isinstance(callee, ExternMethod):
        callee = call.callee
    return msgspec.structs.replace(call, callee=callee, args=args)
