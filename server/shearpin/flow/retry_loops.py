"""Hand-written retry loops: a loop that ends when a remote effect succeeds and goes on when it fails.

A loop that goes on after success polls or works; one whose failures all leave does not retry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.facts.derived import RetryLoop
from shearpin.facts.fact import Effect, HttpCall, Publish, RemoteCall, RetryPolicy, StoreCall
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import Const, Instance
from shearpin.flow.effects import Reached, synchronous_effects
from shearpin.flow.failures import caught_by
from shearpin.flow.retry_pace import attempts_of, counter_of, pace_of
from shearpin.flow.statements import expressions_of
from shearpin.meaning.calls import body_of
from shearpin.meaning.queries import evaluator
from shearpin.meaning.scopes import blocks, leaves, scope_of, scopes, site_of, walk
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_REMOTE = (HttpCall, RemoteCall, StoreCall, Publish)
_DEADLINE = "until a deadline"
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
_STATUS = frozenset(("ok", "status", "status_code", "is_success", "is_error", "code"))
_CLOCKS = ("time", "monotonic", "perf_counter", "now", "utcnow", "loop_time")
Loop = ir.For | ir.While


@query(bottom=())
def retry_loops(db: Database, path: str, part: str) -> tuple[RetryLoop, ...]:
    """All hand-written retry loops of a part."""
    found: list[RetryLoop] = []
    for scope in scopes(db, path, part).values():
        for loop in _loops(body_of(db, scope)):
            retry = _retry(db, scope.function, loop)
            if retry is not None:
                found.append(retry)
    return tuple(found)


def _only_asks(effect: Effect) -> bool:
    if isinstance(effect, HttpCall):
        return isinstance(effect.method, Const) and str(effect.method.value).upper() in _SAFE
    return isinstance(effect, StoreCall) and effect.kind in ("read", "connect")


def _polls(attempt: ir.Try) -> bool:
    """Also an answer may send it round again: `if job["state"] == "done": return job`. A status does not count."""
    way = (*attempt.body, *attempt.orelse)
    leaving = [stmt for stmt in way if _leaves_loop(stmt)]
    tests = [stmt.test for stmt in leaving if isinstance(stmt, ir.If)]
    return len(tests) == len(leaving) > 0 and not any(_mentioned(test) & _STATUS for test in tests)


def _count(db: Database, function: FunctionId, loop: Loop) -> int | None:
    counters = {target for stmt in loop.body for target in _counted(stmt)}
    return attempts_of(db, function, loop, counters, list(_guards(loop.body)))


def _block(function: FunctionId, body: tuple[ir.Stmt, ...]) -> Site:
    return Site(function.path, function.part, start_of(body[0].span), end_of(body[-1].span))


def _failures(db: Database, function: FunctionId, going_on: list[ir.Handler]) -> tuple[str, ...] | None:
    found = [caught_by(db, function, handler) for handler in going_on]
    return None if None in found else tuple(dict.fromkeys(name for names in found for name in names or ()))


def _looks_at_error(handler: ir.Handler) -> bool:
    """A condition on the error itself decides whether another attempt follows."""
    tests = (inner.test for stmt in handler.body for inner in _deep(stmt) if isinstance(inner, (ir.If, ir.While)))
    return bool(handler.name) and any(handler.name in _mentioned(test) for test in tests)


@query(bottom=None)
def retried_effect(db: Database, policy: RetryPolicy) -> Reached | None:
    """The remote effect that a declared retry makes again."""
    if policy.around is not None:
        return next((r for r in synchronous_effects(db, policy.around) if isinstance(r.effect, _REMOTE)), None)
    scope = scope_of(db, policy.function)
    for loop in () if scope is None else _loops(body_of(db, scope)):
        if isinstance(loop, ir.For) and start_of(loop.iter.span) <= policy.site.start < end_of(loop.iter.span):
            return _remote_in(db, policy.function, loop.body)
    return None


def _loops(body: Iterable[ir.Stmt]) -> Iterator[Loop]:
    for stmt in body:
        if isinstance(stmt, (ir.For, ir.While)):
            yield stmt
        if not isinstance(stmt, (ir.FunctionDef, ir.ClassDef)):
            for block in blocks(stmt):
                yield from _loops(block)


def _retry(db: Database, function: FunctionId, loop: Loop) -> RetryLoop | None:
    for attempt, after in _attempts(loop.body):
        reached = _remote_in(db, function, attempt.body)
        if reached is None:
            continue
        going_on = [handler for handler in attempt.handlers if not _ends_loop(handler.body)]
        if not going_on or not _success_leaves(loop, attempt, after):
            continue
        limit, note = _limit(db, function, loop, attempt, going_on, after)
        if limit == "bounded" and (counter := _uncounted(loop, attempt, after, reached.effect)):
            limit, note = "none", f"{counter} does not advance when the status of the answer sends it round again"
        wait, seconds = pace_of(db, function, loop, attempt)
        site = site_of(function.path, function.part, loop.head)
        again = going_on[0].caught if len(going_on) == 1 else None
        return RetryLoop(
            site=site, head=site, function=function, library=reached.effect.library, effect=reached.effect,
            limit=limit, limit_note=note, wait=wait, wait_seconds=seconds, hops=reached.hops,
            attempts=_count(db, function, loop) if limit == "bounded" else None,
            tried=_block(function, attempt.body),
            failures=_failures(db, function, going_on),
            caught=None if again is None else site_of(function.path, function.part, again.span),
            handler=_block(function, going_on[0].body[:1]) if len(going_on) == 1 and going_on[0].body else None,
            is_selective=any(map(_looks_at_error, going_on)) or (isinstance(loop, ir.While) and _asks_a_person(loop)),
            counter=counter_of(loop),
            awaits_state=wait != "none" and _only_asks(reached.effect) and (note == _DEADLINE or _polls(attempt)),
        )  # fmt: skip
    return None


def _attempts(body: tuple[ir.Stmt, ...]) -> Iterator[tuple[ir.Try, tuple[ir.Stmt, ...]]]:
    """(try statement, what follows it) for each try of the loop itself, inner loops excluded."""
    for index, stmt in enumerate(body):
        if isinstance(stmt, ir.Try):
            yield stmt, body[index + 1 :]
            yield from _attempts(stmt.body)
        elif isinstance(stmt, (ir.With, ir.If)):
            for block in blocks(stmt):
                for attempt, after in _attempts(block):
                    yield attempt, (*after, *body[index + 1 :])


def _remote_in(db: Database, function: FunctionId, body: tuple[ir.Stmt, ...]) -> Reached | None:
    if not body:
        return None
    start, end = start_of(body[0].span), end_of(body[-1].span)
    for reached in synchronous_effects(db, function):
        if isinstance(reached.effect, _REMOTE) and start <= reached.first.start < end:
            return reached
    return None


# ------------------------------------------------------------------- success


def _success_leaves(loop: Loop, attempt: ir.Try, after: tuple[ir.Stmt, ...]) -> bool:
    """True when the path without a failure can end the loop."""
    way = (*attempt.body, *attempt.orelse, *after)
    if any(_leaves_loop(stmt) for stmt in way):
        return True
    if isinstance(loop, ir.While) and not isinstance(loop.test, ir.Literal):
        tested = {node.id for node in walk(loop.test) if isinstance(node, ir.Name)}
        tested |= {node.attr for node in walk(loop.test) if isinstance(node, ir.Attribute)}
        return any(name in tested for stmt in (*attempt.body, *attempt.orelse) for name in _assigned(stmt))
    return False


def _ends_loop(body: tuple[ir.Stmt, ...]) -> bool:
    """True when no further attempt follows the statements."""
    return leaves(body) and not any(_goes_on(stmt) for stmt in body)


def _goes_on(stmt: ir.Stmt) -> bool:
    match stmt:
        case ir.Flow(kind="continue"):
            return True
        case ir.For() | ir.While() | ir.FunctionDef() | ir.ClassDef():
            return False
        case _:
            return any(_goes_on(inner) for block in blocks(stmt) for inner in block)


def _leaves_loop(stmt: ir.Stmt) -> bool:
    match stmt:
        case ir.Return() | ir.Flow(kind="break"):
            return True
        case ir.For() | ir.While():
            return any(isinstance(inner, ir.Return) for inner in _deep(stmt))
        case ir.FunctionDef() | ir.ClassDef():
            return False
        case ir.Try(handlers=_, body=body, orelse=orelse):
            return any(map(_leaves_loop, (*body, *orelse)))
        case _:
            return any(_leaves_loop(inner) for block in blocks(stmt) for inner in block)


def _deep(stmt: ir.Stmt) -> Iterator[ir.Stmt]:
    yield stmt
    if not isinstance(stmt, (ir.FunctionDef, ir.ClassDef)):
        for block in blocks(stmt):
            for inner in block:
                yield from _deep(inner)


def _assigned(stmt: ir.Stmt) -> Iterator[str]:
    for inner in _deep(stmt):
        if isinstance(inner, ir.Assign):
            for target in inner.targets:
                if isinstance(target, ir.Name):
                    yield target.id
                elif isinstance(target, ir.Attribute):
                    yield target.attr


# --------------------------------------------------------------------- limit


def _limit(
    db: Database, function: FunctionId, loop: Loop, attempt: ir.Try, going_on: list[ir.Handler],
    after: tuple[ir.Stmt, ...],
) -> tuple[str, str]:  # fmt: skip
    if isinstance(loop, ir.For):
        return _for_limit(db, function, loop)
    counters = {target for stmt in loop.body for target in _counted(stmt)}
    tested = _mentioned(loop.test)
    if _asks_a_person(loop):
        return "unknown", "a person decides"
    if not isinstance(loop.test, ir.Literal) and not tested & counters and not _ends_by_success(loop, attempt):
        return ("bounded", _DEADLINE) if _reads_clock(loop, loop.test) else ("unknown", "the loop's condition")
    guards = list(_guards(loop.body))
    if any(_reads_clock(loop, test) for test in guards):
        return "bounded", _DEADLINE
    limiting = counters & (tested | {name for test in guards for name in _mentioned(test)})
    if not limiting:
        # A condition on the failing path that leaves by something we cannot follow may be a limit.
        failing = (*(stmt for handler in attempt.handlers for stmt in handler.body), *attempt.final)
        before = (stmt for stmt in loop.body if end_of(stmt.span) <= start_of(attempt.span))
        others = {name for test in _guards((*failing, *before)) for name in _mentioned(test)}
        return (
            ("unknown", "a condition that leaves the loop") if others - counters else ("none", "no limit of attempts")
        )
    for handler in going_on:
        if not any(_advances(loop, attempt, handler, after, counter) for counter in limiting):
            name = min(limiting)
            return "none", f"{name} does not advance when this handler goes on"
    return "bounded", f"limited by {min(limiting)}"


def _uncounted(loop: Loop, attempt: ir.Try, after: tuple[ir.Stmt, ...], effect: Effect) -> str:
    """The counter that stands still where a test of the answer's status goes on with the loop; "" for none.

    `if response.status_code == 429: continue` in front of `attempts += 1`.
    """
    checks = set(effect.checks) if isinstance(effect, HttpCall) else set()
    if isinstance(loop, ir.For) or any(_reads_clock(loop, test) for test in (loop.test, *_guards(loop.body))):
        return ""
    tested = _mentioned(loop.test) | {name for test in _guards(loop.body) for name in _mentioned(test)}
    counters = tested & {target for stmt in loop.body for target in _counted(stmt)}
    passed = [stmt for stmt in loop.body if end_of(stmt.span) <= start_of(attempt.span)]
    for stmt in (*attempt.body, *attempt.orelse, *after):
        passed.append(stmt)
        if isinstance(stmt, ir.If) and _mentioned(stmt.test) & checks and any(map(_goes_on, stmt.body)):
            advanced = {name for step in (*passed, *attempt.final) for name in _counted(step)}
            return "" if counters & advanced else min(counters, default="")
    return ""


def _for_limit(db: Database, function: FunctionId, loop: ir.For) -> tuple[str, str]:
    known = evaluator(db, function)
    value = None if known is None else known.value(loop.iter)
    name = getattr(value, "name", "")
    if name in ("itertools.count", "itertools.cycle", "itertools.repeat"):
        return "none", f"{name} never ends"
    if isinstance(value, Instance):
        return "unknown", "the iterator decides"
    return "bounded", "a finite loop"


def _ends_by_success(loop: ir.While, attempt: ir.Try) -> bool:
    """True when the condition reads nothing but local names that only a successful attempt assigns."""
    nodes = list(walk(loop.test))
    if any(isinstance(node, (ir.Call, ir.Attribute, ir.Subscript)) for node in nodes):
        return False
    tested = {node.id for node in nodes if isinstance(node, ir.Name)}
    on_success = {name for stmt in (*attempt.body, *attempt.orelse) for name in _assigned(stmt)}
    on_failure = {name for handler in attempt.handlers for stmt in handler.body for name in _assigned(stmt)}
    return bool(tested) and tested <= on_success - on_failure


def _asks_a_person(loop: ir.While) -> bool:
    called = (
        node.func
        for stmt in loop.body
        for inner in _deep(stmt)
        for expr in expressions_of(inner)
        for node in walk(expr)
        if isinstance(node, ir.Call)
    )
    return any(isinstance(func, ir.Name) and func.id == "input" for func in called)


def _counted(stmt: ir.Stmt) -> Iterator[str]:
    for inner in _deep(stmt):
        if isinstance(inner, ir.AugAssign):
            if isinstance(inner.target, ir.Name):
                yield inner.target.id
            elif isinstance(inner.target, ir.Attribute):
                yield inner.target.attr
        elif isinstance(inner, ir.Assign) and isinstance(inner.value, ir.Binary) and len(inner.targets) == 1:
            target = inner.targets[0]
            if isinstance(target, ir.Name) and target.id in _mentioned(inner.value):
                yield target.id


def _mentioned(expr: ir.Expr) -> set[str]:
    found = {node.id for node in walk(expr) if isinstance(node, ir.Name)}
    return found | {node.attr for node in walk(expr) if isinstance(node, ir.Attribute)}


def _guards(body: Iterable[ir.Stmt]) -> Iterator[ir.Expr]:
    """Conditions whose branch leaves the loop by `raise`, `return` or `break` (the success path included)."""
    for stmt in body:
        if isinstance(stmt, ir.If) and (leaves(stmt.body) or leaves(stmt.orelse)) and _compares(stmt.test):
            yield stmt.test
        if not isinstance(stmt, (ir.FunctionDef, ir.ClassDef)):
            for block in blocks(stmt):
                yield from _guards(block)


def _compares(test: ir.Expr) -> bool:
    return any(
        isinstance(node, ir.Compare) and any(op in ("<", ">", "<=", ">=", "==", "!=") for op in node.ops)
        for node in walk(test)
    )


def _reads_clock(loop: Loop, test: ir.Expr) -> bool:
    """A condition looks at the time, or at a name that the loop gives one: `elapsed = monotonic() - start`."""
    read = {node.id for node in walk(test) if isinstance(node, ir.Name)}
    given = (
        stmt.value
        for outer in loop.body
        for stmt in _deep(outer)
        if isinstance(stmt, ir.Assign) and stmt.value is not None
        if any(isinstance(target, ir.Name) and target.id in read for target in stmt.targets)
    )
    return _asks_time(test) or any(map(_asks_time, given))


def _asks_time(expr: ir.Expr) -> bool:
    for node in walk(expr):
        if isinstance(node, ir.Call):
            func = node.func
            name = func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""
            if name in _CLOCKS:
                return True
    return False


def _advances(loop: ir.While, attempt: ir.Try, handler: ir.Handler, after: tuple[ir.Stmt, ...], counter: str) -> bool:
    """True when the counter moves on the way through this handler."""
    position = start_of(attempt.span)
    before = [stmt for stmt in loop.body if end_of(stmt.span) <= position]
    ends_early = any(isinstance(stmt, ir.Flow) and stmt.kind == "continue" for stmt in handler.body)
    ways: list[Iterable[ir.Stmt]] = [before, attempt.body[:1], handler.body, attempt.final, () if ends_early else after]
    return any(counter in _counted(stmt) for way in ways for stmt in way)
