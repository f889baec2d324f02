"""Checks that let everything pass when they fail: what a check guards goes on although nobody knows the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from shearpin.facts.fact import Effect, HttpCall, RemoteCall
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.flow.concerns import concern, full_name, words_of
from shearpin.flow.contexts import contexts
from shearpin.flow.effects import Reached
from shearpin.flow.endings import Ending, deep, endings
from shearpin.flow.failures import function_at
from shearpin.flow.handlers import Handled, block, effects_by_call
from shearpin.flow.ways import describe
from shearpin.meaning.callers import callers
from shearpin.meaning.calls import body_of
from shearpin.meaning.scopes import blocks, scope_of, walk
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_WAITED = frozenset((Mode.DIRECT, Mode.THREAD))
_WORKING = frozenset(("request", "consumer", "task", "periodic"))
#: what a check is about, by name
_SUBJECT = re.compile(
    r"auth(?!or\b|ors\b)|permission|privilege|fraud|\brisk|limit|quota|throttl|stock|availab|balance|funds|\bkyc|\baml\b|"
    r"sanction|blocked|blacklist|blocklist|banned|denied|allowed|eligib|\block(?:ed|s)?\b|licen[cs]e|entitle|token",
    re.IGNORECASE,
)
#: functions that do something instead of asking
_DOING = re.compile(
    r"^(?:release|cancel|refund|undo|delete|remove|update|notify|record|log|audit|publish|emit|send|sync|refresh|create|"
    r"save|store|insert|add|register|set|put|increment|decrement|revoke|invalidate|clean|clear|write|index|process|handle)",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"^(?:check|is|can|has|may|verify|validate|ensure|authori[sz]e|authenticate|require|assert|acquire|get|fetch|lookup|"
    r"score|evaluate|screen|query|reserve|try|should|allow|enforce|read|load)(?:_|$)"
)
#: getting credentials is no check of them
_OBTAINING = re.compile(r"^(?:get|fetch|load|read|obtain|acquire|request|issue)_.*(?:token|credential|auth)")
_ALLOWED = re.compile(r"fail_?open|open_on|allow_on|bypass|fail_?mode", re.IGNORECASE)


class Opening(msgspec.Struct, frozen=True):
    """`answer`: "open" or "allowed" (a setting says so: `note`); the guarded effect is led to from `use`."""

    answer: str
    guard: str
    use: Site | None
    use_note: str
    note: str = ""
    way: tuple[Hop, ...] = ()


def opening(db: Database, function: FunctionId, item: Handled, outs: tuple[Ending, ...]) -> Opening | None:
    """How a handler around a check lets the guarded effect go on; None when it is no check, or closed."""
    found = next(((r, name) for r in item.effects if (name := guard_name(db, function, r))), None)
    if found is None:
        return None
    if any(_ALLOWED.search(word) for word in _words(item.handler)):
        return Opening("allowed", found[1], None, "", "a setting says what a failure means")
    if not contexts(db, function) & _WORKING:
        return None
    returned = next((e.stmt for e in outs if e.kind == "return"), None)
    if isinstance(returned, ir.Return):
        return _through_callers(db, function, found[1], returned.value)
    if any(ending.kind != "falls" for ending in outs):
        return None
    return _behind(db, function, found[1], item)


def guard_name(db: Database, function: FunctionId, reached: Reached) -> str:
    """What the effect checks, in words of the code; "" when it is no check."""
    names = [describe(db, function_at(db, hop.site)) for hop in reached.hops[1:]]
    names.extend(hop.note.removeprefix("calls ") for hop in reached.hops)
    names.append(full_name(db, function))
    effect: Effect = reached.effect
    if isinstance(effect, HttpCall) and _is_question(words_of(effect.url)):
        return _last(words_of(effect.url))
    if isinstance(effect, RemoteCall) and _is_question(words_of(effect.operation)):
        return words_of(effect.operation)
    for name in names:
        last = name.rpartition(".")[2].lstrip("_")
        if _OBTAINING.search(last):
            continue
        if any(map(_DOING.search, last.split("_and_"))):
            continue
        if _ASKING.search(last) and _SUBJECT.search(last.replace("_", " ")):
            return last
    return ""


def _is_question(text: str) -> bool:
    """The last segments of a path or an operation ask something."""
    words = re.split(r"[/\s]+", re.sub(r"\{[^}]*\}", "", text).strip("/ "))[-2:]
    return any(_ASKING.search(word) or _SUBJECT.search(word) for word in words) and not any(
        _DOING.search(word) or word in ("login", "token", "tokens") for word in words
    )


def _last(text: str) -> str:
    return text.strip().split()[-1] if text.strip() else "check"


def _words(handler: ir.Handler) -> Iterator[str]:
    for stmt in deep(handler.body):
        if isinstance(stmt, ir.If):
            for node in walk(stmt.test):
                if isinstance(node, ir.Name):
                    yield node.id
                elif isinstance(node, ir.Attribute):
                    yield node.attr


# --------------------------------------------------------- in the same function


def _behind(db: Database, function: FunctionId, guard: str, item: Handled) -> Opening | None:
    """The handler falls through: what it sets decides, else everything behind it runs."""
    scope = scope_of(db, function)
    if scope is None:
        return None
    known: dict[str, object] = {
        target.id: stmt.value.value
        for stmt in item.handler.body
        if isinstance(stmt, ir.Assign) and isinstance(stmt.value, ir.Literal)
        for target in stmt.targets
        if isinstance(target, ir.Name)
    }
    changed = {
        target.id
        for stmt in deep((*item.attempt.body, *item.handler.body))
        if isinstance(stmt, ir.Assign)
        for target in stmt.targets
        if isinstance(target, ir.Name)
    }
    use = _goes_on(db, function, _after(body_of(db, scope), item.attempt), known, frozenset(changed - known.keys()))
    return None if use is None else Opening("open", guard, use, "this goes on although the check did not answer")


def _after(body: tuple[ir.Stmt, ...], attempt: ir.Try) -> list[ir.Stmt]:
    position = start_of(attempt.span)
    for index, stmt in enumerate(body):
        if not start_of(stmt.span) <= position < end_of(stmt.span):
            continue
        if stmt == attempt:
            return list(body[index + 1 :])
        inner: list[ir.Stmt] = []
        for block_ in blocks(stmt):
            inner.extend(_after(block_, attempt))
        return [*inner, *body[index + 1 :]]
    return []


def _goes_on(
    db: Database, function: FunctionId, stmts: list[ir.Stmt], known: dict[str, object], unknown: frozenset[str]
) -> Site | None:
    """The first change behind a failed check; None when a test of what the handler set leaves first."""
    for stmt in stmts:
        if isinstance(stmt, ir.If):
            names = {node.id for node in walk(stmt.test) if isinstance(node, ir.Name)}
            if names & unknown:
                return None
            if names & known.keys():
                truth = truth_of(stmt.test, known)
                if truth is None:
                    return None
                taken = stmt.body if truth else stmt.orelse
                if any(ending.kind != "falls" for ending in endings(db, function, taken)):
                    return None
                inner = _goes_on(db, function, list(taken), known, unknown)
                if inner is not None:
                    return inner
                continue
        change = _change_in(db, function, stmt)
        if change is not None:
            return change
        if isinstance(stmt, (ir.Return, ir.Raise)):
            return None
    return None


def _change_in(db: Database, function: FunctionId, stmt: ir.Stmt) -> Site | None:
    start, end = block((stmt,))
    for reached in effects_by_call(db, function):
        if start <= reached.first.start < end and concern(db, reached.effect) == "change":
            return reached.first
    return None


# ------------------------------------------------------------- in the callers


def _through_callers(db: Database, function: FunctionId, guard: str, value: ir.Expr | None) -> Opening | None:
    """The handler returns: do callers that test the value go on to the guarded effect?"""
    if value is not None and not isinstance(value, ir.Literal):
        return None
    constant = None if value is None else value.value
    for edge in callers(db, function):
        if edge.callee.mode not in _WAITED:
            continue
        outer, call = edge.call.function, edge.call
        scope = scope_of(db, outer)
        known: dict[str, object]
        if scope is None:
            continue
        if call.result_name:
            known = {call.result_name: constant}
            rest = _from(body_of(db, scope), call.site, inclusive=False)
        elif call.usage in ("value", "dropped", "awaited"):
            known = {"": constant}
            rest = _from(body_of(db, scope), call.site, inclusive=call.usage == "value")
        else:
            continue
        if not _is_tested(rest, known, call.site):
            continue
        use = _goes_on_tested(db, outer, rest, known, call.site)
        if use is not None:
            hop = Hop(call.site, f"{describe(db, outer)} asks {describe(db, function)}")
            return Opening("open", guard, use, "this goes on although the check did not answer", way=(hop,))
    return None


def _from(body: tuple[ir.Stmt, ...], site: Site, *, inclusive: bool) -> list[ir.Stmt]:
    for index, stmt in enumerate(body):
        if not start_of(stmt.span) <= site.start < end_of(stmt.span):
            continue
        for block_ in blocks(stmt):
            inner = _from(block_, site, inclusive=inclusive)
            if inner:
                return [*inner, *body[index + 1 :]]
        return list(body[index if inclusive else index + 1 :])
    return []


def _is_tested(stmts: list[ir.Stmt], known: dict[str, object], site: Site) -> bool:
    return any(isinstance(stmt, ir.If) and (_names(stmt.test, site) & known.keys()) for stmt in stmts)


def _names(test: ir.Expr, site: Site) -> set[str]:
    return {n.id for n in walk(test) if isinstance(n, ir.Name)} | ({""} if _holds(test, site) else set())


def _holds(test: ir.Expr, site: Site) -> bool:
    return start_of(test.span) <= site.start and site.end <= end_of(test.span)


def _goes_on_tested(
    db: Database, function: FunctionId, stmts: list[ir.Stmt], known: dict[str, object], site: Site
) -> Site | None:
    for stmt in stmts:
        if isinstance(stmt, ir.If) and _names(stmt.test, site) & known.keys():
            truth = truth_of(stmt.test, known, site)
            if truth is None:
                return None
            taken = stmt.body if truth else stmt.orelse
            if any(ending.kind != "falls" for ending in endings(db, function, taken)):
                change = next((found for inner in taken if (found := _change_in(db, function, inner))), None)
                return change if truth else None
            for inner in taken:
                change = _change_in(db, function, inner)
                if change is not None:
                    return change
            continue
        change = _change_in(db, function, stmt)
        if change is not None:
            return change
        if isinstance(stmt, (ir.Return, ir.Raise)):
            return None
    return None


def truth_of(test: ir.Expr, known: dict[str, object], site: Site | None = None) -> bool | None:
    """The truth of a condition when some names have known values; the expression at `site` has that of the name ""."""
    inner = test.value if isinstance(test, ir.Await) else test
    if site is not None and (start_of(inner.span), end_of(inner.span)) == (site.start, site.end):
        return bool(known.get(""))
    match test:
        case ir.Name(id=name) if name in known:
            return bool(known[name])
        case ir.Not(value=value):
            found = truth_of(value, known, site)
            return None if found is None else not found
        case ir.Compare(left=left, ops=(op,), rights=(ir.Literal(value=literal),)) if op in (
            "==",
            "!=",
            "is",
            "is not",
        ):
            name = left.id if isinstance(left, ir.Name) else ""
            if name not in known:
                return None
            same = known[name] == literal and type(known[name]) is type(literal)
            return same if op in ("==", "is") else not same
        case ir.Boolean(op=op, values=values):
            found_all = [truth_of(value, known, site) for value in values]
            if op == "and":
                return False if False in found_all else None if None in found_all else True
            return True if True in found_all else None if None in found_all else False
        case _:
            return None
