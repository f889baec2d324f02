"""What becomes of the response of an HTTP call: is its status tested before anybody relies on it?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.derived import ResponseFate
from shearpin.facts.fact import HttpCall, Publish, RemoteCall, StoreCall
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.value import Const, Env, Instance, Template, Value
from shearpin.flow.effects import own_effects
from shearpin.flow.regions import enclosing
from shearpin.flow.response_uses import LOGGING, uses_of
from shearpin.flow.settled import settled
from shearpin.flow.ways import describe
from shearpin.meaning.callers import callers
from shearpin.meaning.calls import body_of
from shearpin.meaning.scopes import blocks, scope_of, site_of
from shearpin.query import Database, keys
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

#: words of addresses that take messages to people
_TO_PEOPLE = frozenset((
    *("alert", "alerts", "discord", "email", "emails", "mail", "mails", "mailer", "notification", "notifications"),
    *("notify", "push", "slack", "sms", "telegram", "webhook", "webhooks"),
))  # fmt: skip
_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
_MAX_DEPTH = 3


def response_fates(db: Database, path: str, part: str) -> tuple[ResponseFate, ...]:
    """The fate of each response that a part receives, and of tests of a response that a part throws away."""
    found: list[ResponseFate] = []
    for item in settled(db, path, part):
        if isinstance(item.fact, HttpCall):
            fate = _fate(db, item.fact)
            if fate not in found:
                found.append(fate)
            found.extend(fate for fate in _thrown_away(db, item.fact) if fate not in found)
    return tuple(found)


# ------------------------------------------------------------------ one call


def _fate(db: Database, call: HttpCall) -> ResponseFate:
    if call.raises_on_status:
        return _result(call, "tested", "the library raises on a bad status")
    if call.raises_on_status is None:
        return _result(call, "unknown", "the client may raise on a bad status")
    if _has_hooks(db, call):
        return _result(call, "unknown", "a hook of the client may raise on a bad status")
    return _in_function(db, call, call.function, call.site, 0)


def _has_hooks(db: Database, call: HttpCall) -> bool:
    """Code of the file that makes the client mentions hooks, which may look at each response."""
    made = call.client.site if isinstance(call.client, Instance) else None
    if made is None:
        return False
    mentions = (db.get(keys.mentions(name)) for name in ("hooks", "event_hooks"))
    return any(path == made.path for found in mentions for path, _ in (found if isinstance(found, tuple) else ()))


def _in_function(db: Database, call: HttpCall, function: FunctionId, at: Site, depth: int) -> ResponseFate:
    uses = list(uses_of(db, function, call))
    kinds = {use.kind for use in uses}
    if "raise" in kinds:
        return _result(call, "tested", next(use.note for use in uses if use.kind == "raise"))
    if "test" in kinds:
        return _result(call, "tested", next(use.note for use in uses if use.kind == "test"))
    if "returned-test" in kinds:
        return _result(call, "tested", "the outcome is returned to the caller")
    if "returned" in kinds:
        return _returned(db, call, function, depth)
    if "passed" in kinds:
        return _result(call, "unknown", "the response is passed on")
    body = next((use for use in uses if use.kind == "body"), None)
    if body is not None:
        return _result(call, "untested", "its status is never tested", use=body.site, use_note=body.note)
    return _unread(db, call, function, at)


def _returned(db: Database, call: HttpCall, function: FunctionId, depth: int) -> ResponseFate:
    edges = callers(db, function)
    if not edges or depth >= _MAX_DEPTH:
        return _result(call, "unknown", "the response is returned to a caller that is not known")
    fates = [_in_function(db, call, edge.call.function, edge.call.site, depth + 1) for edge in edges]
    worst = next((fate for fate in fates if fate.outcome == "untested"), None)
    if worst is not None and all(fate.outcome in ("untested", "tested") for fate in fates):
        edge = edges[fates.index(worst)]
        hop = Hop(edge.call.site, f"the response comes back to {describe(db, edge.call.function)}")
        # The wrapper's own caller is where the test is missing; the fix belongs there, not at the request.
        return _result(call, "untested", worst.note, use=worst.use, use_note=worst.use_note, hops=(hop, *worst.hops))
    return next((fate for fate in fates if fate.outcome == "unknown"), fates[0])


def _unread(db: Database, call: HttpCall, function: FunctionId, at: Site) -> ResponseFate:
    """Nothing reads the response: it matters when the code then goes on as if the call had succeeded."""
    if call.usage == "assigned" and not call.result_name:
        return _result(call, "unknown", "what comes of it is kept for later")
    method = call.method.value if isinstance(call.method, Const) else None
    if method in _SAFE_METHODS:
        return _result(call, "unknown", "the response is not used")
    following = next(goes_on(db, function, at), None)
    if following is None:
        return _result(call, "unknown", "nothing follows that relies on the response")
    if _tells_people(call.url):
        return _result(call, "unknown", "a message to people, which nobody waits for")
    if _is_best_effort(db, function, at):
        return _result(call, "unknown", "failures are ignored here")
    return _result(call, "untested", "its status is never tested", use=following[0], use_note=following[1])


def _tells_people(value: Value) -> bool:
    """By its words, the address takes messages to people."""
    match value:
        case Const(value=str() as text):
            return not _TO_PEOPLE.isdisjoint(re.split(r"[^a-z]+", text.lower()))
        case Template(parts=parts):
            return any(map(_tells_people, parts))
        case Env(name=name, default=default):
            return _tells_people(Const(name)) or (default is not None and _tells_people(default))
        case _:
            return False


def _is_best_effort(db: Database, function: FunctionId, at: Site) -> bool:
    """Failures of the call are caught and nothing but logged: a bad status changes nothing either."""
    for region in enclosing(db, function, at.start):
        node = region.node
        if isinstance(node, ir.With) and any(_name(item.context) == "suppress" for item in node.items):
            return True
        if region.kind == "try" and isinstance(node, ir.Try) and node.handlers:
            return all(_only_logs(handler.body) for handler in node.handlers)
    return False


def _only_logs(body: tuple[ir.Stmt, ...]) -> bool:
    return all(
        (isinstance(stmt, ir.Flow) and stmt.kind != "break")
        or (isinstance(stmt, ir.ExprStmt) and _name(stmt.value) in LOGGING)
        for stmt in body
    )


def _name(expr: ir.Expr) -> str:
    """The last name of what is called."""
    func = expr.func if isinstance(expr, ir.Call) else None
    return func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""


def _result(
    call: HttpCall, outcome: str, note: str, *, use: Site | None = None, use_note: str = "", hops: tuple[Hop, ...] = ()
) -> ResponseFate:
    return ResponseFate(
        site=call.site, head=call.head, function=call.function, library=call.library, remedies=call.remedies,
        call=call, outcome=outcome, note=note, use=use, use_note=use_note, result_name=call.result_name, hops=hops,
    )  # fmt: skip


# ------------------------------------------------------------- thrown-away tests


def _thrown_away(db: Database, call: HttpCall) -> Iterator[ResponseFate]:
    """Callers that drop the answer of a wrapper which says nothing but whether its request succeeded."""
    if not _is_answer(db, call):
        return
    name = describe(db, call.function)
    for edge in callers(db, call.function):
        site = edge.call.site
        if edge.callee.mode is not Mode.DIRECT or edge.call.usage not in ("dropped", "awaited"):
            continue
        following = next(goes_on(db, edge.call.function, site), None)
        if following is not None:
            hop = Hop(call.site, f"{name} answers whether this request succeeded")
            yield ResponseFate(
                site=site, head=edge.call.head, function=edge.call.function, library=call.library, call=call,
                outcome="untested", note="the answer is dropped", use=following[0], use_note=following[1], hops=(hop,),
            )  # fmt: skip


def _is_answer(db: Database, call: HttpCall) -> bool:
    """True when a function returns nothing of an unsafe request but whether it succeeded."""
    if isinstance(call.method, Const) and call.method.value in _SAFE_METHODS:
        return False
    kinds = {use.kind for use in uses_of(db, call.function, call)}
    return "returned-test" in kinds and not kinds & {"raise", "body", "returned", "test"}


# ------------------------------------------------------------------- going on


def goes_on(db: Database, function: FunctionId, at: Site) -> Iterator[tuple[Site, str]]:
    """Places after a call, on the path of its success, that record or answer success or change more state."""
    scope = scope_of(db, function)
    if scope is None:
        return
    for stmt in _following(body_of(db, scope), at.start):
        yield from _relies(db, function, stmt)


def _following(body: tuple[ir.Stmt, ...], position: int) -> Iterator[ir.Stmt]:
    """Statements that run after the one at a position when nothing fails, inner blocks first; handlers are left out."""
    for index, stmt in enumerate(body):
        if not start_of(stmt.span) <= position < end_of(stmt.span):
            continue
        for block in blocks(stmt):
            yield from _following(block, position)
        if isinstance(stmt, ir.Try) and any(start_of(s.span) <= position < end_of(s.span) for s in stmt.body):
            yield from stmt.orelse
        yield from body[index + 1 :]
        return


def _relies(db: Database, function: FunctionId, stmt: ir.Stmt) -> Iterator[tuple[Site, str]]:
    site = site_of(function.path, function.part, stmt.span)
    match stmt:
        case ir.Return(value=value) if value is not None and not _is_failure(value):
            yield site, "success is answered"
        case ir.Assign(targets=(ir.Subscript() | ir.Attribute(), *_), value=ir.Literal()):
            yield site, "the outcome is recorded"
        case _:
            for effect in own_effects(db, function):
                if start_of(stmt.span) <= effect.site.start < end_of(stmt.span) and _changes_state(effect):
                    yield effect.site, "another effect follows"


def _is_failure(value: ir.Expr) -> bool:
    return isinstance(value, ir.Literal) and value.value in (None, False)


def _changes_state(effect: object) -> bool:
    match effect:
        case HttpCall(method=method):
            return not (isinstance(method, Const) and method.value in _SAFE_METHODS)
        case Publish() | RemoteCall():
            return True
        case StoreCall(kind=kind):
            return kind in ("write", "commit")
        case _:
            return False
