"""The ways in which a function is called: what its parameters are, and the calls that made them so."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.facts.call import Callee, ResolvedCall
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.value import Bound, ClassRef, Instance, Param, Value
from shearpin.meaning.callers import CallerEdge, callers, mentioning_parts
from shearpin.meaning.calls import calls
from shearpin.meaning.objects import substitute
from shearpin.meaning.queries import Meaning, evaluator, function_info
from shearpin.meaning.values import is_symbolic, params_of
from shearpin.query import Database, query

_MAX_WAYS = 48


class Way(msgspec.Struct, frozen=True):
    """One way to be called. `bindings` are the parameters' values, `hops` the calls, outermost first.

    `outer` is the function in which the chain of calls begins.
    """

    bindings: tuple[Bound, ...]
    hops: tuple[Hop, ...]
    outer: FunctionId

    def mapping(self, function: FunctionId) -> dict[Param, Value]:
        """The bindings by parameter."""
        return bound_params(function, self.bindings)


def bound_params(function: FunctionId, bindings: tuple[Bound, ...]) -> dict[Param, Value]:
    """Bindings as `Callee` and `Instance` spell them ("name@index"), by parameter."""
    found: dict[Param, Value] = {}
    for bound in bindings:
        name, separator, index = bound.name.rpartition("@")
        if separator:
            found[Param(function, int(index), name)] = bound.value
    return found


@query(bottom=())
def ways(db: Database, function: FunctionId) -> tuple[Way, ...]:
    """All ways a function is called, as far as calls are resolved; () when nothing calls it.

    More than 48 are cut: each one is a valid witness, so silence on the rest is the only loss.
    """
    found: dict[tuple[tuple[Bound, ...], FunctionId], Way] = {}
    edges = _from_outside(db, function)
    for edge in edges:
        for way in _through(db, edge.call, edge.callee):
            old = found.get((way.bindings, way.outer))
            # The shortest way counts: in a circle of calls there are ever longer ones.
            if old is None or _rank(way) < _rank(old):
                found[way.bindings, way.outer] = way
            if len(found) >= _MAX_WAYS:
                return _ordered(found.values())
    if not edges:
        for way in _constructed(db, function):
            found.setdefault((way.bindings, way.outer), way)
    return _ordered(found.values())


def _ordered(found: Iterable[Way]) -> tuple[Way, ...]:
    """In one order, wherever a circle of calls was entered."""
    return tuple(sorted(found, key=_rank))


def _rank(way: Way) -> tuple[int, tuple[Site, ...]]:
    return len(way.hops), tuple(hop.site for hop in way.hops)


def _from_outside(db: Database, function: FunctionId) -> tuple[CallerEdge, ...]:
    """Calls of a function by others; what it passes to itself came from them."""
    return tuple(edge for edge in callers(db, function) if edge.call.function != function)


def _through(db: Database, call: ResolvedCall, callee: Callee) -> list[Way]:
    hop = Hop(call.site, f"called from {describe(db, call.function)}")
    if not any(is_symbolic(bound.value) for bound in callee.bindings):
        return [Way(callee.bindings, (hop,), call.function)]
    world = Meaning(db)
    outer_ways = ways(db, call.function)
    if not outer_ways:
        # Nothing calls the caller, or only those do whose ways are still to come.
        return [] if _from_outside(db, call.function) else [Way(callee.bindings, (hop,), call.function)]
    found: list[Way] = []
    for outer in outer_ways:
        mapping = outer.mapping(call.function)
        bindings = tuple(Bound(bound.name, substitute(world, bound.value, mapping)) for bound in callee.bindings)
        found.append(Way(bindings, (*outer.hops, hop), outer.outer))
    return found


def _constructed(db: Database, function: FunctionId) -> list[Way]:
    """A method that nothing calls by a resolved receiver: its object is one of those that are constructed."""
    info = function_info(db, function)
    if info is None or not info.owner or not info.params:
        return []
    found: list[Way] = []
    for call, value in constructions(db, ClassRef(function.path, info.owner)):
        hop = Hop(call.site, f"constructed in {describe(db, call.function)}")
        found.append(Way((Bound(f"{info.params[0].name}@0", value),), (hop,), call.function))
    return found


@query(bottom=())
def constructions(db: Database, cls: ClassRef) -> tuple[tuple[ResolvedCall, Instance], ...]:
    """Calls that construct an object of the class, with the object, where its arguments are known.

    As of ways, more than 48 are cut.
    """
    found: list[tuple[ResolvedCall, Instance]] = []
    world = Meaning(db)
    for path, part in mentioning_parts(db, cls.name.rpartition(":")[2].rpartition(".")[2]):
        for call in calls(db, path, part):
            if call.callee != cls:
                continue
            made = _made(db, call)
            if made is None:
                continue
            if not is_symbolic(made):
                found.append((call, made))
                continue
            for mapping in _mappings(made, call.function, ways(db, call.function)):
                inner = substitute(world, made, mapping)
                if isinstance(inner, Instance):
                    found.append((call, inner))
            if len(found) >= _MAX_WAYS:
                return tuple(found[:_MAX_WAYS])
    return tuple(found[:_MAX_WAYS])


def _mappings(value: Value, function: FunctionId, found: tuple[Way, ...]) -> Iterable[dict[Param, Value]]:
    """What ways say about the parameters in a value, each saying once: most ways differ in other parameters."""
    wanted = params_of(value)
    mappings = (way.mapping(function) for way in found)
    told = ({param: bound for param, bound in mapping.items() if param in wanted} for mapping in mappings)
    return {tuple(mapping.items()): mapping for mapping in told}.values()


def _made(db: Database, call: ResolvedCall) -> Instance | None:
    known = evaluator(db, call.function)
    if known is None:
        return None
    for callee in call.callees:
        for bound in callee.bindings:
            if bound.name.endswith("@0") and isinstance(bound.value, Instance):
                return bound.value
    return None


def describe(db: Database, function: FunctionId) -> str:
    """A function's name for people."""
    info = function_info(db, function)
    if info is None:
        return "the class body" if function.inner else "the module"
    return f"{info.owner.rpartition(':')[2]}.{info.name}" if info.owner else info.name
