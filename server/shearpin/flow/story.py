"""What a function does to the outside, as a story: its effects and the functions it calls for them, in source order."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Effect, HttpCall
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Site
from shearpin.flow.contexts import contexts, is_coroutine
from shearpin.flow.dataflow import Dependence, dependences
from shearpin.flow.effects import EFFECTS, calls_in
from shearpin.flow.loop_blocking import runs_on_loop
from shearpin.flow.order import effects_at
from shearpin.flow.protections import ABSENT, Protection, time_limit
from shearpin.flow.regions import enclosing
from shearpin.flow.settled import Settled, settled
from shearpin.meaning.callers import callers
from shearpin.meaning.calls import body_of
from shearpin.meaning.scopes import part_ids, scope_of, scopes, site_of
from shearpin.query import Database, query
from shearpin.text.spans import pack

_DEEPEST = 8
#: what a call does may differ by caller
_WAYS_SHOWN = 3


class Step(msgspec.Struct, frozen=True):
    """One call of a function that has an effect, by itself (`effects`) or in the functions that it runs (`calls`).

    `uses` and `guards` are sites of other steps of the same function. `around` are the kinds of the compound statements
    that hold it, outermost first, as in `regions.Region`.
    """

    site: Site
    effects: tuple[Told, ...]
    calls: tuple[Called, ...]
    uses: tuple[Site, ...]
    guards: tuple[Site, ...]
    around: tuple[str, ...]


class Told(msgspec.Struct, frozen=True):
    """An effect and the time limit around it."""

    effect: Effect
    limit: Protection


class Called(msgspec.Struct, frozen=True):
    """A function that a call runs, how, and its own steps; `is_cut`: told already further out, or too deep."""

    function: FunctionId
    mode: Mode
    steps: tuple[Step, ...]
    is_cut: bool = False


class Loop(msgspec.Struct, frozen=True):
    """Does a function run on an event loop: "yes", "no", "sometimes"; `by` is a coroutine that calls it."""

    answer: str
    by: FunctionId | None = None


def functions_of(db: Database, path: str) -> dict[str, FunctionId]:
    """The functions of a file by the name that people call them: `function`, `Class.method`, `outer.inner`."""
    found: dict[str, FunctionId] = {}
    for part in part_ids(db, path):
        for inner, scope in scopes(db, path, part).items():
            if scope.node is not None and "<lambda" not in inner:
                name = f"{part}.{inner}" if inner else part
                found.setdefault(name, scope.function)
    return found


def story(db: Database, function: FunctionId) -> tuple[Step, ...]:
    """The steps of a function in source order."""
    return tuple(_steps(db, _Way((function,), ())))


class _Way(msgspec.Struct, frozen=True):
    """How the story came to a function: the functions so far, it included, and the calls between them."""

    functions: tuple[FunctionId, ...]
    calls: tuple[Site, ...]

    def on(self, call: Site, function: FunctionId) -> _Way:
        """One call further."""
        return _Way((*self.functions, function), (*self.calls, call))


def _steps(db: Database, way: _Way) -> Iterator[Step]:
    function = way.functions[-1]
    depends = _dependences(db, function)
    effects: dict[Site, list[Effect]] = {}
    for effect in _effects(db, way):
        effects.setdefault(effect.site, []).append(effect)
    made = {call.site: call for call in calls_in(db, function)}
    for site in sorted({*effects, *made}, key=lambda site: (site.end, -site.start)):
        told = tuple(Told(effect, _limit(db, effect)) for effect in effects.get(site, ()))
        called = tuple(_called(db, made[site], way)) if site in made else ()
        if told or called:
            found = depends.get(site, Dependence())
            yield Step(
                site,
                told,
                called,
                tuple(_site(function, span) for span in found.uses),
                tuple(_site(function, span) for span in found.guards),
                tuple(region.kind for region in enclosing(db, function, site.start)),
            )


def _effects(db: Database, way: _Way) -> Iterator[Effect]:
    """The effects of the last function with the values that they have on this way; at most a few for each call."""
    function = way.functions[-1]
    by_call: dict[tuple[Site, type], list[Settled]] = {}
    for item in settled(db, function.path, function.part):
        if isinstance(item.fact, EFFECTS) and item.fact.function == function:
            by_call.setdefault((item.fact.site, type(item.fact)), []).append(item)
    for items in by_call.values():
        fitting = [item for item in items if _fits(item, way.calls)]
        for item in (fitting or items)[:_WAYS_SHOWN]:
            if isinstance(item.fact, EFFECTS):
                yield item.fact


def _fits(item: Settled, calls: tuple[Site, ...]) -> bool:
    """The calls that settled a fact are those that the story took, as far as both are known."""
    nearest = zip((hop.site for hop in reversed(item.hops)), reversed(calls), strict=False)
    return all(one == other for one, other in nearest)


def _called(db: Database, call: ResolvedCall, way: _Way) -> Iterator[Called]:
    for callee in call.callees:
        if not has_effects(db, callee.function):
            continue
        if callee.function in way.functions or len(way.functions) >= _DEEPEST:
            yield Called(callee.function, callee.mode, (), is_cut=True)
        else:
            yield Called(callee.function, callee.mode, tuple(_steps(db, way.on(call.site, callee.function))))


@query(bottom=False)
def has_effects(db: Database, function: FunctionId) -> bool:
    """True when a function, or one that runs because of it, has an effect."""
    if effects_at(db, function):
        return True
    return any(has_effects(db, callee.function) for call in calls_in(db, function) for callee in call.callees)


@query()
def _dependences(db: Database, function: FunctionId) -> dict[Site, Dependence]:
    """What each step depends on."""
    scope = scope_of(db, function)
    if scope is None:
        return {}
    raising: dict[int, tuple[str, ...]] = {}
    for effect in effects_at(db, function):
        checks = effect.raising_checks if isinstance(effect, HttpCall) else ()
        raising[pack(effect.site.start, effect.site.end)] = checks
    for call in calls_in(db, function):
        if any(has_effects(db, callee.function) for callee in call.callees):
            raising.setdefault(pack(call.site.start, call.site.end), ())
    found = dependences(body_of(db, scope), raising)
    return {_site(function, span): depends for span, depends in found.items()}


def _site(function: FunctionId, span: int) -> Site:
    return site_of(function.path, function.part, span)


def _limit(db: Database, effect: Effect) -> Protection:
    return time_limit(db, effect) if hasattr(effect, "timeout") else ABSENT


def runs_as(db: Database, function: FunctionId) -> tuple[str, ...]:
    """The contexts in which a function runs, sorted: "request", "consumer", "task"..."""
    return tuple(sorted(contexts(db, function)))


def loop_of(db: Database, function: FunctionId) -> Loop:
    """Whether a function runs on an event loop: because of what it is, or of who calls it in place."""
    if runs_on_loop(db, function):
        return Loop("yes")
    if is_coroutine(db, function):
        return Loop("no")
    seen: set[FunctionId] = {function}
    pending = [function]
    elsewhere = False
    by: FunctionId | None = None
    while pending:
        current = pending.pop()
        known = [edge for edge in callers(db, current) if edge.callee.mode is Mode.DIRECT]
        edges = [edge for edge in known if edge.call.function != current]
        if not edges:
            elsewhere = True
        for edge in edges:
            caller = edge.call.function
            if runs_on_loop(db, caller):
                by = by or caller
            elif caller not in seen:
                seen.add(caller)
                pending.append(caller)
    if by is None:
        return Loop("no")
    return Loop("sometimes" if elsewhere else "yes", by)
