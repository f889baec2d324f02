"""How long a function may last at worst: a proved lower bound, from time limits, attempts and pauses.

Calls that follow each other add up, branches count by the longest one. What is not known counts nothing; parts that
nothing ends are named. A limit of a phase (connecting, reading) bounds a call from below only, which is what is
wanted here: a call with a limit of 10 seconds may take 10 seconds.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit.facts import facts_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.derived import RetryLoop
from shearpin.facts.fact import BaseEffect, HttpCall, RemoteCall, RetryPolicy, Sleep, Timeout, TimeoutRegion
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.timeouts import timeout_state
from shearpin.facts.value import Const, SequenceValue
from shearpin.flow.contexts import is_coroutine
from shearpin.flow.effects import calls_in, own_effects
from shearpin.flow.regions import enclosing
from shearpin.flow.retries import retried_outcomes, retry_of, transport_of, tried_again
from shearpin.flow.retry_loops import retry_loops
from shearpin.flow.settled import settled
from shearpin.flow.statements import expressions_of
from shearpin.flow.ways import describe
from shearpin.graph.mesh_calls import meshes
from shearpin.graph.reach import services_running
from shearpin.meaning.calls import body_of
from shearpin.meaning.modules import models
from shearpin.meaning.queries import evaluator
from shearpin.meaning.scopes import scope_of, site_of
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_MAX_STEPS = 12


class Budget(msgspec.Struct, frozen=True):
    """Seconds that a function or a part of it may last at least, at worst; `steps` tell how they add up.

    `unbounded` are the parts that nothing ends; they count nothing.
    """

    seconds: float = 0.0
    steps: tuple[Hop, ...] = ()
    unbounded: tuple[Hop, ...] = ()

    def then(self, other: Budget) -> Budget:
        """One after the other."""
        if not other.seconds and not other.unbounded:
            return self
        steps = (*self.steps, *other.steps)[:_MAX_STEPS]
        return Budget(self.seconds + other.seconds, steps, (*self.unbounded, *other.unbounded)[:_MAX_STEPS])

    def times(self, attempts: int, pause: float, site: Site) -> Budget:
        """So many attempts with a pause between them."""
        if attempts <= 1 or not self.seconds:
            return self
        seconds = self.seconds * attempts + pause * (attempts - 1)
        steps = (*self.steps, Hop(site, f"{attempts} times: {seconds:g} s"))[:_MAX_STEPS]
        return Budget(seconds, steps, self.unbounded)

    def within(self, limit: float) -> Budget:
        """Inside a block that ends after some seconds."""
        return Budget(min(self.seconds, limit), self.steps)


NOTHING = Budget()


class _Ways(msgspec.Struct, frozen=True):
    """The longest way through statements that goes on behind them, that leaves the loop, that leaves the function."""

    through: Budget | None = NOTHING
    jump: Budget | None = None
    left: Budget | None = None

    @property
    def longest(self) -> Budget:
        """Of all three."""
        return longest(self.through, self.jump, self.left) or NOTHING


@query(bottom=NOTHING)
def budget(db: Database, function: FunctionId) -> Budget:
    """The lower bound of the worst case of a function, with its synchronous callees and the retries it declares."""
    scope = scope_of(db, function)
    if scope is None:
        return NOTHING
    found = _Timer(db, function).block(body_of(db, scope)).longest
    for fact in facts_of(db, function.path, function.part):
        if isinstance(fact, RetryPolicy) and fact.form == "decorator" and fact.function == function:
            found = _repeated(db, found, fact)
    return found


def limit_of(timeout: Timeout) -> float | None:
    """Seconds after which a caller gives up waiting for an answer; None when it does not or they are not known."""
    value = timeout.value
    if isinstance(value, SequenceValue) and value.items:
        # Of (connect, read) the second one waits for the answer.
        timeout = msgspec.structs.replace(timeout, value=value.items[-1])
    state, seconds = timeout_state(timeout)
    return seconds if state == "finite" else None


def longest(*found: Budget | None) -> Budget | None:
    """The longest of some ways, of equal ones the one with most parts that nothing ends, else the first."""
    known = (way for way in found if way is not None)
    return max(known, key=lambda way: (way.seconds, len(way.unbounded)), default=None)


def _repeated(db: Database, once: Budget, fact: RetryPolicy | RetryLoop) -> Budget:
    """Attempts count only when a call that lasted until its limit is certainly tried again."""
    retry = retry_of(db, fact)
    waiting = (item for item in tried_again(db, fact) if isinstance(item.effect, (HttpCall, RemoteCall)))
    is_certain = any("unknown" in (retried_outcomes(db, fact, item) or ()) for item in waiting)
    if retry.attempts is None or not is_certain:
        return once
    pause = retry.wait_seconds if retry.wait == "fixed" and retry.wait_seconds else 0.0
    return once.times(retry.attempts, pause, retry.site)


class _Timer:
    """Adds up one function."""

    def __init__(self, db: Database, function: FunctionId) -> None:
        self.db = db
        self.function = function
        self.calls = calls_in(db, function)
        self.effects = {effect.site: effect for effect in own_effects(db, function)}
        facts = facts_of(db, function.path, function.part)
        self.limits = [fact for fact in facts if isinstance(fact, TimeoutRegion) and fact.function == function]
        self.policies = [fact for fact in facts if isinstance(fact, RetryPolicy) and fact.function == function]

    def block(self, body: Iterable[ir.Stmt]) -> _Ways:
        """Statements in order."""
        through, jump, left = NOTHING, None, None
        for stmt in body:
            ways = self._stmt(stmt)
            jump = longest(jump, None if ways.jump is None else through.then(ways.jump))
            left = longest(left, None if ways.left is None else through.then(ways.left))
            if ways.through is None:
                return _Ways(None, jump, left)
            through = through.then(ways.through)
        return _Ways(through, jump, left)

    def _stmt(self, stmt: ir.Stmt) -> _Ways:
        own = self._all(expressions_of(stmt))
        match stmt:
            case ir.Return() | ir.Raise():
                return _Ways(None, None, own)
            case ir.Flow(kind="break") | ir.Flow(kind="continue"):
                return _Ways(None, own)
            case ir.If(body=body, orelse=orelse):
                return _after(own, _either([self.block(body), self.block(orelse)]))
            case ir.Match(cases=cases):
                return _after(own, _either([_Ways(), *(self.block(case.body) for case in cases)]))
            case ir.For() | ir.While():
                return _after(own, self._loop(stmt))
            case ir.Try():
                return self._try(stmt)
            case ir.With():
                return _after(own, self._with(stmt))
            case ir.FunctionDef() | ir.ClassDef():
                return _Ways()
            case _:
                return _Ways(own)

    def _loop(self, loop: ir.For | ir.While) -> _Ways:
        ways = self.block(loop.body)
        once = longest(ways.through, ways.jump) or NOTHING
        head = site_of(self.function.path, self.function.part, loop.head)
        fact = self._retry_of(loop)
        if fact is not None:
            tried = _repeated(self.db, once if once.seconds else ways.longest, fact)
            return _Ways(tried, None, longest(ways.left, tried))
        count = self._rounds(loop) if ways.left is None and ways.jump is None else 1
        return _Ways(once.times(count, 0.0, head), None, ways.left)

    def _retry_of(self, loop: ir.For | ir.While) -> RetryPolicy | RetryLoop | None:
        head = site_of(self.function.path, self.function.part, loop.head)
        written = retry_loops(self.db, self.function.path, self.function.part)
        found = next((fact for fact in written if fact.site == head), None)
        declared = (fact for fact in self.policies if fact.form == "iterator")
        return found or next((fact for fact in declared if head.start <= fact.site.start < head.end), None)

    def _rounds(self, loop: ir.For | ir.While) -> int:
        """How many rounds a loop over a short literal makes."""
        known = evaluator(self.db, self.function)
        value = known.value(loop.iter) if known is not None and isinstance(loop, ir.For) else None
        return len(value.items) if isinstance(value, SequenceValue) else 1

    def _try(self, stmt: ir.Try) -> _Ways:
        tried, otherwise = self.block(stmt.body), self.block(stmt.orelse)
        handled = [_after(tried.longest, self.block(handler.body)) for handler in stmt.handlers]
        normal = tried if tried.through is None else _with_left(_after(tried.through, otherwise), tried)
        ways = _either([normal, *handled])
        final = self.block(stmt.final).longest
        return _Ways(*(None if way is None else way.then(final) for way in (ways.through, ways.jump, ways.left)))

    def _with(self, stmt: ir.With) -> _Ways:
        ways = self.block(stmt.body)
        for item in stmt.items:
            place = site_of(self.function.path, self.function.part, item.context.span)
            for limit in self.limits:
                if limit.form == "with" and limit.site == place and (seconds := _number(limit)) is not None:
                    found = (ways.through, ways.jump, ways.left)
                    return _Ways(*(None if way is None else way.within(seconds) for way in found))
        return ways

    # -------------------------------------------------------- expressions

    def _all(self, exprs: Iterable[ir.Expr]) -> Budget:
        found = NOTHING
        for expr in exprs:
            inside = [c for c in self.calls if start_of(expr.span) <= c.site.start < end_of(expr.span)]
            found = found.then(self._calls(inside))
        return found

    def _calls(self, inside: list[ResolvedCall]) -> Budget:
        found = NOTHING
        rest = list(inside)
        while rest:
            call = rest.pop(0)
            nested = [one for one in rest if call.site.start < one.site.start and one.site.end <= call.site.end]
            model = models(self.db).calls.get(call.name)
            limit = next((fact for fact in self.limits if fact.form == "call" and fact.site == call.site), None)
            if model is not None and model.gathers:
                rest = [one for one in rest if one not in nested]
                found = found.then(longest(*(self._one(one, together=True) for one in nested)) or NOTHING)
            elif limit is not None and (seconds := _number(limit)) is not None:
                rest = [one for one in rest if one not in nested]
                waited = NOTHING
                for one in nested:
                    waited = waited.then(self._one(one, together=True))
                found = found.then(waited.within(seconds))
            else:
                found = found.then(self._one(call))
        return found

    def _one(self, call: ResolvedCall, *, together: bool = False) -> Budget:
        effect = self.effects.get(call.site)
        found = NOTHING if effect is None else self._effect(effect, together=together)
        for callee in call.callees:
            if callee.mode is not Mode.DIRECT or callee.function == self.function:
                continue
            if is_coroutine(self.db, callee.function) and not (call.is_awaited or together):
                continue
            inner = budget(self.db, callee.function)
            if inner.seconds or inner.unbounded:
                found = found.then(Budget(inner.seconds, inner.steps, inner.unbounded))
        return found

    def _effect(self, effect: BaseEffect, *, together: bool) -> Budget:
        if isinstance(effect, Sleep):
            seconds = effect.seconds.value if isinstance(effect.seconds, Const) else None
            if not isinstance(seconds, (int, float)) or self._is_pause(effect):
                return NOTHING
            return Budget(float(seconds), (Hop(effect.site, f"pauses {seconds:g} s"),))
        is_made = effect.is_blocking or effect.is_awaited or effect.usage == "with" or together
        if not isinstance(effect, (HttpCall, RemoteCall)) or not is_made:
            return NOTHING
        return _waiting(self.db, effect)

    def _is_pause(self, effect: Sleep) -> bool:
        """Pauses between attempts are counted with the attempts."""
        around = enclosing(self.db, self.function, effect.site.start)
        return any(region.kind in ("for", "while") for region in around)


@query()
def _waiting(db: Database, effect: HttpCall | RemoteCall) -> Budget:
    """How long one call may wait: the shortest limit of all the ways in which it is made."""
    found: list[Budget] = []
    for item in settled(db, effect.site.path, effect.site.part):
        fact = item.fact
        if fact.site != effect.site or not isinstance(fact, (HttpCall, RemoteCall)):
            continue
        state, _ = timeout_state(fact.timeout)
        seconds = limit_of(fact.timeout)
        services = services_running(db, item.outer.path) or services_running(db, effect.site.path)
        limits = [mesh.limit for mesh in meshes(db, fact, services) if mesh.limit is not None]
        if limits and state != "unknown":
            seconds, state = min(limits if seconds is None else (*limits, seconds)), "finite"
        if state == "infinite":
            found.append(Budget(0.0, (), (Hop(effect.site, "nothing ends this call"),)))
        elif seconds is None:
            found.append(NOTHING)
        else:
            transport = transport_of(db, fact)
            attempts = transport.attempts if transport is not None and transport.resends else 1
            note = f"waits up to {seconds:g} s in {describe(db, effect.function)}"
            found.append(Budget(seconds, (Hop(effect.site, note),)).times(attempts, 0.0, effect.site))
    return min(found, key=lambda one: one.seconds, default=NOTHING)


def _after(first: Budget, ways: _Ways) -> _Ways:
    return _Ways(*(None if way is None else first.then(way) for way in (ways.through, ways.jump, ways.left)))


def _with_left(ways: _Ways, other: _Ways) -> _Ways:
    return _Ways(ways.through, longest(ways.jump, other.jump), longest(ways.left, other.left))


def _either(ways: list[_Ways]) -> _Ways:
    return _Ways(
        longest(*(way.through for way in ways)),
        longest(*(way.jump for way in ways)),
        longest(*(way.left for way in ways)),
    )


def _number(limit: TimeoutRegion) -> float | None:
    value = limit.seconds.value if isinstance(limit.seconds, Const) else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
