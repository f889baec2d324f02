"""Circuit breakers that are written by hand: classes that count failures and stop calls for a while."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.derived import HandBreaker
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import Extern
from shearpin.meaning.calls import calls
from shearpin.meaning.scopes import blocks, get_part, leaves, part_ids, scopes, site_of
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.syntax.walk import walk
from shearpin.text.spans import end_of, start_of

_CLOCKS = frozenset(("time", "monotonic", "perf_counter", "now", "utcnow"))
_WALL = ("time.time", "datetime.datetime.now", "datetime.datetime.utcnow")
_HALF = re.compile(r"half[_-]?\s?open", re.IGNORECASE)
_FAILURES = re.compile(r"fail|error", re.IGNORECASE)
_PROBES = re.compile(
    r"prob(?:e|ing)|trial|half_?open_?(?:call|count|max|request|attempt|in_?flight|success|lock|sem)", re.IGNORECASE
)
_MOMENT = re.compile(r"time|_at$|since|until|last", re.IGNORECASE)


def hand_breakers(db: Database, path: str, part: str) -> tuple[HandBreaker, ...]:
    """The breaker whose way from open to half-open stands in a method, if one does."""
    source = get_part(db, path, part)
    if source is None or source.kind != "method" or not source.attribute_writes or _CLOCKS.isdisjoint(source.mentions):
        return ()
    return tuple(_breakers(db, path, source))


def _breakers(db: Database, path: str, source: ir.Part) -> Iterator[HandBreaker]:
    for scope in scopes(db, path, source.id).values():
        if not isinstance(scope.node, ir.FunctionDef):
            continue
        for test, opened in _transitions(scope.node.body):
            methods = _methods(db, path, source.owner)
            if not any(_counts_failures(method) for method in methods):
                continue
            site = site_of(path, source.id, opened.span)
            yield HandBreaker(
                site=site, head=site, function=scope.function, library="", name=source.owner.rpartition(".")[2],
                probes=_probes(methods, test, opened), wall_clock=_wall_clock(db, scope.node, scope.function),
            )  # fmt: skip


def _transitions(body: tuple[ir.Stmt, ...]) -> Iterator[tuple[ir.If, ir.Assign]]:
    """`self.state = HALF_OPEN` inside a condition, which is the innermost one around it."""
    for stmt in body:
        if isinstance(stmt, ir.If):
            for inner in (*stmt.body, *stmt.orelse):
                if isinstance(inner, ir.Assign) and inner.value is not None and _is_half(inner.value):
                    yield stmt, inner
        if not isinstance(stmt, (ir.FunctionDef, ir.ClassDef)):
            for block in blocks(stmt):
                yield from _transitions(block)


def _is_half(expr: ir.Expr) -> bool:
    return any(_HALF.search(word) for node in walk(expr) for word in (_word(node),) if word)


def _word(node: object) -> str:
    match node:
        case ir.Name(id=name):
            return name
        case ir.Attribute(attr=name):
            return name
        case ir.Literal(value=str(text)):
            return text
        case _:
            return ""


@query()
def _methods(db: Database, path: str, owner: str) -> tuple[ir.FunctionDef, ...]:
    """The methods of a class."""
    parts = (get_part(db, path, part) for part in part_ids(db, path))
    bodies = (part.body[0] for part in parts if part is not None and part.owner == owner and part.body)
    return tuple(node for node in bodies if isinstance(node, ir.FunctionDef))


def _counts_failures(method: ir.FunctionDef) -> bool:
    for node in walk(method):
        counted: object = None
        if isinstance(node, ir.AugAssign) and isinstance(node.target, ir.Attribute):
            counted = node.target
        elif isinstance(node, ir.Call) and isinstance(node.func, ir.Attribute) and node.func.attr == "append":
            counted = node.func.value
        if _FAILURES.search(_word(counted)):
            return True
    return False


def _probes(methods: tuple[ir.FunctionDef, ...], test: ir.If, opened: ir.Assign) -> str:
    """How many calls pass while it is half-open: "limited", "all", or "unknown"."""
    beside = test.body if opened in test.body else test.orelse
    if any(_sets_moment(stmt) for stmt in beside):
        # The pause begins anew with each probe, so the next one has to wait for it.
        return "limited"
    for method in methods:
        for node in walk(method):
            word = _word(node)
            if word and _PROBES.search(word):
                return "limited"
            if isinstance(node, ir.If) and _is_half(node.test) and leaves(node.body) and not _returns_yes(node.body):
                return "limited" if _refuses(node.body) else "unknown"
            if isinstance(node, (ir.With, ir.Call)) and _takes_turns(node):
                return "unknown"
    return "all"


def _sets_moment(stmt: ir.Stmt) -> bool:
    targets = stmt.targets if isinstance(stmt, ir.Assign) else ()
    return any(isinstance(target, ir.Attribute) and _MOMENT.search(target.attr) for target in targets)


def _refuses(body: tuple[ir.Stmt, ...]) -> bool:
    last = body[-1]
    is_no = isinstance(last, ir.Return) and isinstance(last.value, ir.Literal) and last.value.value is False
    return isinstance(last, ir.Raise) or is_no


def _returns_yes(body: tuple[ir.Stmt, ...]) -> bool:
    last = body[-1]
    return isinstance(last, ir.Return) and isinstance(last.value, ir.Literal) and last.value.value is True


def _takes_turns(node: ir.With | ir.Call) -> bool:
    """A call that is made while a lock is held, or a semaphore: nobody else passes then."""
    if isinstance(node, ir.Call):
        return isinstance(node.func, ir.Attribute) and node.func.attr == "acquire"
    is_lock = any("lock" in _word(inner).lower() or "sem" in _word(inner).lower()
                  for item in node.items for inner in walk(item.context))  # fmt: skip
    return is_lock and any(_calls_out(inner) for stmt in node.body for inner in walk(stmt))


def _calls_out(node: object) -> bool:
    """`func(*args)`: the guarded call itself."""
    if not isinstance(node, ir.Call) or not isinstance(node.func, ir.Name):
        return False
    return any(isinstance(argument, ir.Starred) for argument in node.args)


def _wall_clock(db: Database, function: ir.FunctionDef, where: FunctionId) -> Site | None:
    """The reading of a clock that may jump, where it decides in a condition."""
    tests = [node.test.span for node in walk(function) if isinstance(node, ir.If)]
    for call in calls(db, where.path, where.part):
        is_wall = isinstance(call.callee, Extern) and call.callee.name in _WALL
        if is_wall and any(start_of(span) <= call.site.start < end_of(span) for span in tests):
            return call.site
    return None
