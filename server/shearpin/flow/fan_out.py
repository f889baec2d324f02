"""Work that is started for every element at once: gathered coroutines, tasks and threads in loops or per message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.call import ResolvedCall
from shearpin.facts.derived import FanOut
from shearpin.facts.fact import HttpCall, RemoteCall, Spawn, StoreCall
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.value import Extern, FuncRef, Instance, Value
from shearpin.flow.consumers import message_loops
from shearpin.flow.effects import Reached, calls_in, own_effects
from shearpin.flow.endings import deep
from shearpin.flow.failures import function_at
from shearpin.flow.on_way import on_way
from shearpin.flow.order import effects_through
from shearpin.flow.regions import enclosing
from shearpin.flow.sizes import Size, size_of, span_of
from shearpin.flow.ways import describe
from shearpin.meaning.calls import body_of
from shearpin.meaning.modules import models
from shearpin.meaning.queries import evaluator, function_info
from shearpin.meaning.scopes import Scope, scope_of, scopes, site_of
from shearpin.meaning.values import options_of
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.syntax.walk import walk
from shearpin.text.spans import end_of, start_of

#: messages share one connection, so many of them at once flood nothing
_REMOTE = (HttpCall, RemoteCall, StoreCall)
_LIMITS = re.compile(r"Semaphore|CapacityLimiter|Limiter|Throttle", re.IGNORECASE)
_LIMITING_NAMES = re.compile(r"sem(?:aphore)?$|^sem|limit|throttle|slots?$|permits?$", re.IGNORECASE)
_ENDLESS = frozenset(("while",))


def fan_outs(db: Database, path: str, part: str) -> tuple[FanOut, ...]:
    """One fact for each place of a part that starts work for every element of something."""
    found: list[FanOut] = []
    for scope in scopes(db, path, part).values():
        if isinstance(scope.node, ir.FunctionDef):
            gathered = list(_gathered(db, scope))
            waited = {fact.effect.site for fact in gathered}
            found.extend(gathered)
            # Tasks that a loop starts and that are gathered behind it are reported once.
            found.extend(fact for fact in _spawned(db, scope) if fact.effect.site not in waited)
    return tuple(found)


# --------------------------------------------------------------------- gathered


def _gathered(db: Database, scope: Scope) -> Iterator[FanOut]:
    """`gather(*[fetch(url) for url in urls])`"""
    function = scope.function
    known = models(db).calls
    calls = {(call.site.start, call.site.end): call for call in calls_in(db, function)}
    for node in (node for stmt in body_of(db, scope) for node in walk(stmt)):
        if not isinstance(node, ir.Call):
            continue
        call = calls.get((start_of(node.span), end_of(node.span)))
        model = None if call is None else known.get(call.name)
        if call is None or model is None or not model.gathers:
            continue
        for arg in node.args:
            if isinstance(arg, ir.Starred):
                yield from _group(db, scope, call, arg.value)


def _group(db: Database, scope: Scope, call: ResolvedCall, group: ir.Expr) -> Iterator[FanOut]:
    """Each element of a group of coroutines, however the group is written."""
    function = scope.function
    display, source = _made(db, scope, group)
    if display is None or source is None:
        return
    item = _work(db, function, display)
    if item is None:
        return
    yield _judged(db, function, (call.site, call.head), item, size_of(db, function, source), display)


def _made(db: Database, scope: Scope, group: ir.Expr) -> tuple[ir.Expr | None, ir.Expr | None]:
    """(what is started for each element, what gives the elements)."""
    match group:
        case ir.Comprehension(element=element, generators=generators) if generators:
            return element, generators[0].iter
        case ir.Call(func=ir.Name(id="map"), args=(work, source, *_)):
            return work, source
        case ir.Name(id=name):
            body = body_of(db, scope)
            for stmt in deep(body):
                if (
                    isinstance(stmt, ir.Assign)
                    and isinstance(stmt.value, ir.Comprehension)
                    and any(isinstance(target, ir.Name) and target.id == name for target in stmt.targets)
                ):
                    return _made(db, scope, stmt.value)
            return _appended(body, name)
        case _:
            return None, None


def _appended(body: tuple[ir.Stmt, ...], name: str) -> tuple[ir.Expr | None, ir.Expr | None]:
    for loop in deep(body):
        if not isinstance(loop, ir.For):
            continue
        for stmt in deep(loop.body):
            call = stmt.value if isinstance(stmt, ir.ExprStmt) else None
            func = call.func if isinstance(call, ir.Call) else None
            if (
                not isinstance(call, ir.Call)
                or not isinstance(func, ir.Attribute)
                or func.attr not in ("append", "add")
            ):
                continue
            if isinstance(func.value, ir.Name) and func.value.id == name and call.args:
                return call.args[0], loop.iter
    return None, None


def _work(db: Database, function: FunctionId, element: ir.Expr) -> Reached | None:
    """The effect that one element makes."""
    start, end = start_of(element.span), end_of(element.span)
    for call in calls_in(db, function):
        if not start <= call.site.start < end:
            continue
        own = next((e for e in own_effects(db, function) if e.site == call.site and isinstance(e, _REMOTE)), None)
        if own is not None:
            return Reached(own, ())
        targets = [callee.function for callee in call.callees]
        targets.extend([call.scheduled] if call.scheduled is not None else [])
        for target in targets:
            item = _below(db, target, call.site)
            if item is not None:
                return item
    known = evaluator(db, function)
    value = None if known is None else known.value(element)
    for option in options_of(value) if value is not None else ():
        if isinstance(option, FuncRef):
            return _below(db, option.function, site_of(function.path, function.part, element.span))
    return None


def _below(db: Database, target: FunctionId, site: Site) -> Reached | None:
    inner = next((item for item in effects_through(db, target) if isinstance(item.effect, _REMOTE)), None)
    if inner is None:
        return None
    return Reached(inner.effect, (Hop(site, f"calls {describe(db, target)}"), *inner.hops))


# ---------------------------------------------------------------------- spawned


def _spawned(db: Database, scope: Scope) -> Iterator[FanOut]:
    """`for url in urls: create_task(fetch(url))`, and a task for each message."""
    function = scope.function
    for spawn in own_effects(db, function):
        if not isinstance(spawn, Spawn) or spawn.target is None:
            continue
        loop = next(
            (r for r in reversed(enclosing(db, function, spawn.site.start)) if r.kind in ("for", "while")), None
        )
        display = _display_around(db, scope, spawn.site)
        source = loop.node.iter if loop is not None and isinstance(loop.node, ir.For) else display
        if source is None and not _per_message(db, function, spawn.site):
            continue
        item = _below(db, spawn.target, spawn.site)
        if item is None or _is_pooled(spawn):
            continue
        if _per_message(db, function, spawn.site):
            size = Size("input", "any number of messages")
        elif source is None or (loop is not None and isinstance(loop.node, ir.For) and loop.node.is_async):
            size = Size("input", "whatever arrives")
        else:
            size = size_of(db, function, source)
        if display is None or not _is_gathered_too(db, scope, spawn.site):
            yield _judged(db, function, (spawn.site, spawn.head), item, size, _scheduled(db, scope, spawn))


def _scheduled(db: Database, scope: Scope, spawn: Spawn) -> ir.Expr | None:
    """The call of the coroutine function that a task runs: `work(x)` of `create_task(work(x))`."""
    for node in (node for stmt in body_of(db, scope) for node in walk(stmt)):
        if isinstance(node, ir.Call) and (start_of(node.span), end_of(node.span)) == (spawn.site.start, spawn.site.end):
            first = node.args[0] if node.args else None
            return first if isinstance(first, ir.Call) and spawn.kind == "task" else None
    return None


def _is_pooled(spawn: Spawn) -> bool:
    """A pool runs a limited number at a time and keeps the others waiting."""
    return spawn.library == "concurrent.futures"


def _display_around(db: Database, scope: Scope, site: Site) -> ir.Expr | None:
    displays = (
        node
        for stmt in body_of(db, scope)
        for node in walk(stmt)
        if isinstance(node, ir.Comprehension) and node.generators
    )
    around = (node for node in displays if _spans(node.element, site))
    return next((node.generators[0].iter for node in around), None)


def _spans(expr: ir.Expr, site: Site) -> bool:
    return start_of(expr.span) <= site.start and site.end <= end_of(expr.span)


def _is_gathered_too(db: Database, scope: Scope, site: Site) -> bool:
    """The tasks are made inside the arguments of a gathering call, which is reported itself."""
    known = models(db).calls
    return any(
        call.site != site
        and call.site.start <= site.start
        and site.end <= call.site.end
        and (model := known.get(call.name)) is not None
        and model.gathers
        for call in calls_in(db, scope.function)
    )


def _per_message(db: Database, function: FunctionId, site: Site) -> bool:
    return any(
        loop.region.start <= site.start < loop.region.end and loop.region.kind in ("for", *_ENDLESS)
        for loop in message_loops(db, function)
    )


# ----------------------------------------------------------------------- limits


def _judged(
    db: Database, function: FunctionId, place: tuple[Site, Site], item: Reached, size: Size, element: ir.Expr | None
) -> FanOut:
    answer, note = _answer(db, function, place[0], item, size, element)
    return FanOut(
        site=place[0], head=place[1], function=function, library=item.effect.library, answer=answer, note=note,
        effect=on_way(db, item).effect, hops=item.hops,
        coroutine=site_of(function.path, function.part, element.span) if isinstance(element, ir.Call) else None,
    )  # fmt: skip


def _answer(
    db: Database, function: FunctionId, site: Site, item: Reached, size: Size, element: ir.Expr | None
) -> tuple[str, str]:
    if size.kind in ("constant", "batch", "configured"):
        return "bounded", size.note
    if size.kind == "unknown":
        return "unknown", size.note
    for owner in (function, *_functions_on_the_way(db, item), *_wrapping(db, function, element)):
        limited = _limit_in(db, owner, site if owner == function else None)
        if limited is not None:
            return (
                ("bounded", "a semaphore limits how many run")
                if limited
                else ("unknown", "what limits it is not known")
            )
    if _client_is_limited(item):
        return "bounded", "the client limits its connections"
    if element is not None and _given_limit(element):
        return "bounded", "each of them is given a limit"
    return "unbounded", size.note


def _functions_on_the_way(db: Database, item: Reached) -> tuple[FunctionId, ...]:
    inner = [function_at(db, hop.site) for hop in item.hops[1:]]
    return (*inner, item.effect.function)


def _wrapping(db: Database, function: FunctionId, element: ir.Expr | None) -> tuple[FunctionId, ...]:
    """Functions of the workspace through which the work of one element goes: `limited(fetch(url))`."""
    if element is None:
        return ()
    start, end = start_of(element.span), end_of(element.span)
    inside = (call for call in calls_in(db, function) if start <= call.site.start and call.site.end <= end)
    return tuple(callee.function for call in inside for callee in call.callees)


def _limit_in(db: Database, function: FunctionId, site: Site | None) -> bool | None:
    """Does a function enter or acquire a semaphore (True), something like it by name (False), or none (None)?"""
    scope = scope_of(db, function)
    known = evaluator(db, function)
    info = function_info(db, function)
    if scope is None or known is None or info is None:
        return None
    answer: bool | None = None
    for stmt in deep(body_of(db, scope)):
        contexts = [item.context for item in stmt.items] if isinstance(stmt, ir.With) else []
        if isinstance(stmt, ir.With) and site is not None and not _holds(stmt, site):
            contexts.clear()
        if isinstance(stmt, ir.ExprStmt):
            call = stmt.value.value if isinstance(stmt.value, ir.Await) else stmt.value
            if isinstance(call, ir.Call) and isinstance(call.func, ir.Attribute) and call.func.attr == "acquire":
                contexts.append(call.func.value)
        for context in contexts:
            if any(_is_limit(option) for option in options_of(known.value(context))):
                return True
            if any(_LIMITING_NAMES.search(word) for word in _words(context)):
                answer = answer or False
    return answer


def _holds(stmt: ir.With, site: Site) -> bool:
    start, end = span_of(stmt.body)
    return start <= site.start < end


def _is_limit(value: Value) -> bool:
    name = (
        value.cls.name if isinstance(value, Instance) and isinstance(value.cls, Extern) else getattr(value, "name", "")
    )
    return isinstance(name, str) and bool(_LIMITS.search(name.rpartition(".")[2]))


def _words(expr: ir.Expr) -> Iterator[str]:
    for node in walk(expr):
        if isinstance(node, ir.Name):
            yield node.id
        elif isinstance(node, ir.Attribute):
            yield node.attr


def _given_limit(element: ir.Expr) -> bool:
    calls = (node for node in walk(element) if isinstance(node, ir.Call))
    return any(_LIMITING_NAMES.search(word) for call in calls for arg in call.args for word in _words(arg))


def _client_is_limited(item: Reached) -> bool:
    client = getattr(item.effect, "client", None) or getattr(item.effect, "handle", None)
    args = client.args if isinstance(client, Instance) else ()
    return any(getattr(arg, "name", "") in ("limits", "connector", "max_connections", "pool_size") for arg in args)
