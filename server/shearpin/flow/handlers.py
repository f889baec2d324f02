"""Exception handlers around effects: which failures they take, and what they do with them.

A `try` in a called function counts too: a failure that is handled there never reaches the caller's handler.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Ack, BaseEffect, Effect, HttpCall, Publish, RemoteCall, StoreCall
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.value import Extern, ExternMethod, FuncRef
from shearpin.flow.concerns import concern
from shearpin.flow.effects import Reached, calls_in
from shearpin.flow.endings import all_raise, deep, names_in, nodes
from shearpin.flow.failures import ALL, caught_by, outcomes_of
from shearpin.flow.given import is_left_out
from shearpin.flow.order import effects_at, effects_through
from shearpin.flow.regions import Region, enclosing
from shearpin.flow.ways import describe
from shearpin.meaning.calls import body_of
from shearpin.meaning.queries import evaluator
from shearpin.meaning.scopes import scope_of
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

FAILING = (HttpCall, RemoteCall, StoreCall, Publish)
_WAITED = frozenset((Mode.DIRECT, Mode.THREAD))
_MOST = 48
_EVERYTHING = frozenset(("Exception", "BaseException"))
_WIRE = frozenset(("OSError", "IOError", "ConnectionError", "TimeoutError", "socket.timeout", "socket.error"))
#: classes of a library by which it answers; the request itself succeeded
_ANSWERS = re.compile(
    r"Integrity|NotFound|NoResult|MultipleResults|Duplicate|Conflict|Stale|Watch|Lock|Exists|DoesNotExist|Data|"
    r"Programming|Validation|JSON|Json|Decode|Unmapped|Value"
)
#: classes of the workspace that stand for a failure of something remote
_STANDS_FOR_FAILURE = re.compile(r"Unavailable|Timeout|Connect|Remote|Service|Upstream|Gateway|Publish|Network|Client")
LOGGING = frozenset(
    ("debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print", "print_exc", "format_exc",
     "print_exception", "capture_exception", "capture_message", "record_exception", "set_status", "add_event", "write",
     "inc", "increment", "incr", "observe", "labels",
     "str", "repr", "type", "format", "echo", "secho", "set_attribute", "bind", "getLogger", "get_logger", "join",
     "time", "monotonic", "now", "utcnow", "sleep", "isoformat", "get", "len"),
)  # fmt: skip


#: of these, those by which nobody learns anything
_SILENT = frozenset(
    ("str", "repr", "type", "format", "join", "time", "monotonic", "now", "utcnow", "sleep", "isoformat", "get", "len",
     "bind", "getLogger", "get_logger"),
)  # fmt: skip

# ---------------------------------------------------------------- what is caught


def takes(db: Database, function: FunctionId, handler: ir.Handler, reached: Reached) -> str:
    """Does a handler take failures of an effect: "all", "some", "none" or "unknown"?"""
    names = caught_by(db, function, handler)
    if names is None:
        return "unknown"
    if not _EVERYTHING.isdisjoint(names):
        return "all"
    library = reached.effect.library.replace("-", "_")
    outcomes = outcomes_of(db, names, library) if isinstance(reached.effect, HttpCall) else None
    if outcomes is not None:
        return "all" if outcomes >= ALL else "some" if outcomes else "none"
    return "some" if any(_is_failure(name, library, is_below=bool(reached.hops)) for name in names) else "none"


def _is_failure(name: str, library: str, *, is_below: bool) -> bool:
    path, is_ours, last = name.rpartition(":")
    if is_ours and path:
        return is_below and bool(_STANDS_FOR_FAILURE.search(last))
    if name in _WIRE:
        return True
    top, _, rest = name.partition(".")
    return top == library.partition(".")[0] and not _ANSWERS.search(rest.rpartition(".")[2])


@query(bottom=())
def failing_effects(db: Database, function: FunctionId) -> tuple[Reached, ...]:
    """Effects whose failure can leave a function, one way each, in order of the places that lead there."""
    leaving = (item for item in reached_effects(db, function) if not _is_contained(db, function, item, None))
    return tuple({(item.effect.site, type(item.effect)): item for item in reversed(tuple(leaving))}.values())[::-1]


@query(bottom=())
def reached_effects(db: Database, function: FunctionId) -> tuple[Reached, ...]:
    """Effects of a function's own calls, and those whose failure leaves a function it waits for, for each call."""
    found: dict[tuple[Site, Site, type], Reached] = {}
    for effect in effects_at(db, function):
        if isinstance(effect, FAILING):
            found[effect.site, effect.site, type(effect)] = Reached(effect, ())
    for call in calls_in(db, function):
        for callee in call.callees:
            if callee.mode not in _WAITED or callee.function == function or callee.context:
                continue
            hop = Hop(call.site, f"calls {describe(db, callee.function)}")
            for inner in failing_effects(db, callee.function):
                if is_left_out(db, call, callee.function, inner.first):
                    continue
                key = call.site, inner.effect.site, type(inner.effect)
                found.setdefault(key, Reached(inner.effect, (hop, *inner.hops)))
    ordered = sorted(found.values(), key=lambda item: (len(item.hops), item.first.start))[:_MOST]
    return tuple(sorted(ordered, key=lambda item: (item.first.start, len(item.hops))))


def _is_contained(db: Database, function: FunctionId, reached: Reached, within: tuple[int, int] | None) -> bool:
    """True when a handler inside `within` (or anywhere) takes every failure of the effect and does not raise."""
    for region in enclosing(db, function, reached.first.start):
        attempt = attempt_of(db, function, region.node) if region.kind in ("try", "with") else None
        if attempt is None:
            continue
        if within is not None and not (within[0] <= region.start and region.end <= within[1]):
            continue
        if within == (region.start, region.end):
            continue
        for handler in attempt.handlers:
            if takes(db, function, handler, reached) == "all" and not all_raise(db, function, handler.body):
                return True
    return False


def attempt_of(db: Database, function: FunctionId, node: object) -> ir.Try | None:
    """A `try` with handlers; `with suppress(OSError):` is one whose only handler does nothing."""
    if isinstance(node, ir.Try):
        return node if node.handlers and node.body else None
    if not isinstance(node, ir.With):
        return None
    known = evaluator(db, function)
    for item in node.items:
        call = item.context
        if known is None or not isinstance(call, ir.Call) or not call.args:
            continue
        if known.value(call.func) == Extern("contextlib.suppress"):
            caught = ir.Sequence("tuple", call.args, call.span)
            handler = ir.Handler(caught, "", (), item.span, item.span)
            return ir.Try(node.body, (handler,), (), (), node.span, node.head)
    return None


class Handled(msgspec.Struct, frozen=True):
    """A handler, the `try` it belongs to, and the effects whose failures may end in it, those that change first."""

    attempt: ir.Try
    handler: ir.Handler
    effects: tuple[Reached, ...]

    @property
    def tried(self) -> tuple[int, int]:
        """Where the statements stand that are tried."""
        return block(self.attempt.body)


def handled(db: Database, function: FunctionId) -> Iterator[Handled]:
    """The handlers of a function that take failures of remote, store or publish effects."""
    scope = scope_of(db, function)
    if scope is None or not isinstance(scope.node, ir.FunctionDef):
        return
    reaching: tuple[Reached, ...] | None = None
    for stmt in deep(body_of(db, scope)):
        attempt = attempt_of(db, function, stmt)
        if attempt is None:
            continue
        if reaching is None:
            reaching = reached_effects(db, function)
        bounds = block(attempt.body)
        inside = [
            item
            for item in reaching
            if bounds[0] <= item.first.start < bounds[1] and not _is_contained(db, function, item, bounds)
        ]
        for handler in attempt.handlers:
            if not inside:
                break
            taken = {id(item): takes(db, function, handler, item) for item in inside}
            found = [item for item in inside if taken[id(item)] in ("all", "some")]
            if found:
                yield Handled(attempt, handler, tuple(sorted(found, key=lambda item: _rank(db, item.effect))))
            inside = [item for item in inside if taken[id(item)] != "all"]


def _rank(db: Database, effect: Effect) -> int:
    return {"change": 0, "read": 1}.get(concern(db, effect), 2)


def block(body: tuple[ir.Stmt, ...]) -> tuple[int, int]:
    """Start and end of some statements; (0, 0) for none."""
    return (start_of(body[0].span), end_of(body[-1].span)) if body else (0, 0)


# ------------------------------------------------------------ what the handler does


class Reaction(msgspec.Struct, frozen=True):
    """What a handler does besides leaving.

    kind: "compensates" (an effect that changes something, or a message that is put back), "keeps" (it stores the error
    or hands it on), "unknown" (what it calls is not known), "logs" or "nothing".
    """

    kind: str
    note: str


def reaction(db: Database, function: FunctionId, handler: ir.Handler) -> Reaction:
    """The strongest thing that the statements of a handler do."""
    start, end = block(handler.body)
    for item in effects_by_call(db, function):
        if start <= item.first.start < end and (told := _told(db, item.effect)):
            return Reaction("compensates", told)
    outer = scope_names(db, function)
    if any(_stores(stmt, outer) for stmt in deep(handler.body)):
        return Reaction("keeps", "the failure is kept")
    resolved = {(call.site.start, call.site.end): call for call in calls_in(db, function)}
    logs = False
    is_open = ""
    for node in nodes(handler.body):
        if not isinstance(node, ir.Call):
            continue
        word = callee_word(node)
        if word in LOGGING:
            logs = logs or word not in _SILENT
            continue
        call = resolved.get((start_of(node.span), end_of(node.span)))
        if handler.name and any(handler.name in names_in(arg) for arg in arguments(node)):
            is_open = is_open or "the error is handed on"
        elif call is None or not _is_resolved(call):
            is_open = is_open or "what the handler calls is not known"
    if is_open:
        return Reaction("unknown", is_open)
    return Reaction("logs", "it is only logged") if logs else Reaction("nothing", "nothing is said")


@query(bottom=())
def effects_by_call(db: Database, function: FunctionId) -> tuple[Reached, ...]:
    """Effects that a function waits for; unlike `effects_through`, again for each call that leads to them."""
    found = [Reached(effect, ()) for effect in effects_at(db, function)]
    for call in calls_in(db, function):
        for callee in call.callees:
            if callee.mode in _WAITED and callee.function != function and not callee.context:
                hop = Hop(call.site, f"calls {describe(db, callee.function)}")
                below = (
                    inner
                    for inner in effects_through(db, callee.function)
                    if not is_left_out(db, call, callee.function, inner.first)
                )
                found.extend(Reached(inner.effect, (hop, *inner.hops)) for inner in below)
    return tuple(sorted(found, key=lambda item: (item.first.start, len(item.hops))))


def _told(db: Database, effect: Effect) -> str:
    if isinstance(effect, Ack):
        return "the message is put back or rejected" if effect.kind in ("nack", "reject") else ""
    if isinstance(effect, Publish):
        return "a message says so"
    if isinstance(effect, BaseEffect) and concern(db, effect) == "change":
        return "it is made good or recorded"
    return ""


def _stores(stmt: ir.Stmt, outer: frozenset[str]) -> bool:
    """Something outlives the handler: an attribute, an entry, a name of the module, an element of a list."""
    match stmt:
        case ir.Assign(targets=targets):
            return any(_is_kept(target, outer) for target in targets)
        case ir.AugAssign():
            return True
        case (
            ir.ExprStmt(value=ir.Call(func=ir.Attribute(attr=attr)))
            | ir.ExprStmt(value=ir.Await(value=ir.Call(func=ir.Attribute(attr=attr))))
        ):
            return attr in ("append", "add", "put", "put_nowait", "extend", "appendleft", "set_exception", "setdefault")
        case _:
            return False


def _is_kept(target: ir.Expr, outer: frozenset[str]) -> bool:
    return isinstance(target, (ir.Attribute, ir.Subscript)) or (isinstance(target, ir.Name) and target.id in outer)


def scope_names(db: Database, function: FunctionId) -> frozenset[str]:
    """Names that a function assigns for others: declared global or nonlocal."""
    scope = scope_of(db, function)
    return frozenset() if scope is None else frozenset(scope.outer_names)


def callee_word(node: ir.Call) -> str:
    """The last name of what is called, as it is written."""
    func = node.func
    return func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""


def arguments(node: ir.Call) -> tuple[ir.Expr, ...]:
    """The expressions that a call is given."""
    return (*node.args, *(keyword.value for keyword in node.keywords))


def _is_resolved(call: ResolvedCall) -> bool:
    return bool(call.callees) or isinstance(call.callee, (Extern, ExternMethod, FuncRef))


def loops_around(db: Database, function: FunctionId, position: int) -> tuple[Region, ...]:
    """The loops around a place, innermost first."""
    return tuple(region for region in reversed(enclosing(db, function, position)) if region.kind in ("for", "while"))
