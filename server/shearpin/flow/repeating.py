"""What happens when a message is treated a second time.

Effects that add something each time, and looks at a record of what was treated before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

import msgspec

from shearpin.adapterkit.sql import sql_text
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import RemoteCall, StoreCall
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import ClassRef, Const, Instance, MappingValue, Value
from shearpin.flow.consumers import Handling, effects_of, operation_of
from shearpin.flow.effects import Reached, calls_in
from shearpin.flow.order import call_at, catches, effects_at, effects_through, every_statement
from shearpin.flow.regions import Region, enclosing
from shearpin.flow.rows import allows_equal_rows
from shearpin.flow.statements import expressions_of
from shearpin.meaning.callers import callers
from shearpin.meaning.calls import body_of, calls
from shearpin.meaning.scopes import leaves, scope_of, walk
from shearpin.query import Database
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_INCREMENT = re.compile(r"\b(\w+)\s*=\s*(?:COALESCE\s*\(\s*)?(?:\w+\.)?\1\b[^,]*?[+-]\s*[:%$\w(]", re.IGNORECASE)
#: counters of the row's own versions and attempts, and conditions that let one treatment through
_OWN_COUNTERS = frozenset(("version", "revision", "lock_version", "row_version", "attempts", "retries", "retry_count"))
_CONDITION = re.compile(
    r"\bwhere\b.*?(?:version|last_|event_id|message_id|processed|sequence|not\s+exists)", re.IGNORECASE | re.DOTALL
)
_IGNORES = re.compile(r"on\s+conflict.*do\s+nothing|insert\s+(?:or\s+)?ignore", re.IGNORECASE | re.DOTALL)
_ADDING = {
    "incr": "counts up each time", "incrby": "counts up each time", "incrbyfloat": "counts up each time",
    "decr": "counts down each time", "decrby": "counts down each time", "hincrby": "counts up each time",
    "zincrby": "counts up each time", "lpush": "adds an entry each time", "rpush": "adds an entry each time",
}  # fmt: skip
_EXPIRING = frozenset(("expire", "pexpire", "expireat", "pexpireat"))
_SEEN = re.compile(r"processed|seen|duplicat|idempot|dedup|already|handled|exists", re.IGNORECASE)
_CLAIMS = frozenset(("setnx", "sadd", "set", "hsetnx", "insert_one", "execute"))
_UNIQUE = ("IntegrityError", "UniqueViolation", "UniqueViolationError", "DuplicateKeyError", "ConflictError")


class Repeated(msgspec.Struct, frozen=True):
    """An effect that a second treatment of the same message makes once more. `note`: what it does each time."""

    reached: Reached
    note: str


class Repeats(msgspec.Struct, frozen=True):
    """`found`: effects that happen again with nothing that would stop them; `guard`: what recognises a message.

    `ignores`: an insert that ignores what is there already, while its outcome is dropped: repeats are expected.
    """

    found: tuple[Repeated, ...]
    guard: str = ""
    ignores: Site | None = None


def repeats(db: Database, where: Handling) -> Repeats:
    """The effects of treating a message that are not the same when it is treated twice."""
    reached = effects_of(db, where)
    candidates = [Repeated(item, note) for item in reached if (note := _adds(db, item))]
    candidates += [Repeated(item, note) for item, note in _counted(db, reached)]
    guards = {item.reached.effect.site: guard_of(db, where, item.reached) for item in candidates}
    found = tuple(item for item in candidates if not guards[item.reached.effect.site])
    guard = next((guard for guard in guards.values() if guard), "")
    return Repeats(found, guard, _ignored(db, reached))


# ------------------------------------------------------------------ effects


def _adds(db: Database, item: Reached) -> str:
    """What an effect adds each time, "" when it does not, or not certainly."""
    match item.effect:
        case StoreCall(kind="write", store=store) as effect:
            call = call_at(db, effect.site, effect.function)
            if call is None:
                return ""
            return _sql(db, effect, call) if store == "sql" else _document(db, effect, call, operation_of(db, effect))
        case RemoteCall(protocol="smtp", operation=Const(value=str(name))) if name.startswith("send"):
            return "sends a mail each time"
        case _:
            return ""


def _sql(db: Database, effect: StoreCall, call: ResolvedCall) -> str:
    text = statement_text(call)
    if counting(text) is not None:
        return "counts up each time"
    if operation_of(db, effect) not in {"add", "add_all"} or not call.args:
        return ""
    made = call.args[0].value
    if isinstance(made, Instance) and isinstance(made.cls, ClassRef) and made.site is not None:
        return "inserts a row each time" if allows_equal_rows(db, made.cls, made.site) else ""
    return ""


def counting(text: str) -> re.Match[str] | None:
    """Where an SQL text changes a column by a difference, whatever was done before."""
    if text.lstrip().upper().startswith("SELECT") or _CONDITION.search(text):
        return None
    return next((found for found in _INCREMENT.finditer(text) if found[1].lower() not in _OWN_COUNTERS), None)


def statement_text(call: ResolvedCall) -> str:
    """The SQL text that a call is given, also inside `text(...)`; "" when it has none."""
    value: Value | None = call.args[0].value if call.args else None
    while isinstance(value, Instance) and value.args and not isinstance(value.cls, ClassRef):
        value = value.args[0].value
    return (sql_text(value) or "") if value is not None else ""


def _document(db: Database, effect: StoreCall, call: ResolvedCall, operation: str) -> str:
    if effect.store == "redis":
        return "" if _is_rough(db, effect, operation) else _ADDING.get(operation, "")
    first = call.args[0].value if call.args else None
    if effect.store == "mongodb":
        keys = {key.value for arg in call.args for key in _keys(arg.value)}
        if operation.startswith(("update", "find_one_and_update")) and keys & {"$inc", "$mul", "$push"}:
            return "counts up each time"
        is_literal = isinstance(first, MappingValue) and all(isinstance(key, Const) for key, _, _ in first.entries)
        return "inserts a document each time" if operation == "insert_one" and is_literal and "_id" not in keys else ""
    if effect.store == "elasticsearch" and operation == "index":
        is_named = call.argument("id", 1) is not None or call.has_open_arguments
        return "" if is_named else "adds a document each time"
    return ""


def _is_rough(db: Database, effect: StoreCall, operation: str) -> bool:
    """A counter that its function lets expire: of failures lately, of calls per minute; nobody keeps books with it."""
    return operation.startswith(("incr", "decr", "hincr", "zincr")) and any(
        isinstance(item.effect, StoreCall) and operation_of(db, item.effect) in _EXPIRING
        for item in effects_through(db, effect.function)
    )


def _keys(value: Value) -> Iterator[Const]:
    if isinstance(value, MappingValue):
        yield from (key for key, _, _ in value.entries if isinstance(key, Const))


def _counted(db: Database, reached: tuple[Reached, ...]) -> Iterator[tuple[Reached, str]]:
    """`row.count += 1` on a row that was read, and a commit."""
    commits = any(isinstance(item.effect, StoreCall) and item.effect.kind == "commit" for item in reached)
    for item in reached:
        effect = item.effect
        if not isinstance(effect, StoreCall) or effect.store != "sql" or effect.kind != "read":
            continue
        if commits and _adds_to_row(db, effect):
            yield item, "counts up each time"


def _adds_to_row(db: Database, read: StoreCall) -> bool:
    """An attribute of what was read is changed by a difference."""
    scope = scope_of(db, read.function)
    if scope is None:
        return False
    held = {
        name
        for name, found in scope.bindings.items()
        for binding in found
        if binding.source is not None and start_of(binding.source.span) <= read.site.start < end_of(binding.source.span)
    }
    return any(
        isinstance(stmt, ir.AugAssign)
        and stmt.op in {"+", "-"}
        and isinstance(stmt.target, ir.Attribute)
        and _root(stmt.target) in held
        for stmt in every_statement(body_of(db, scope))
    )


def _root(expr: ir.Expr) -> str:
    while isinstance(expr, (ir.Attribute, ir.Subscript)):
        expr = expr.value
    return expr.id if isinstance(expr, ir.Name) else ""


def _ignored(db: Database, reached: tuple[Reached, ...]) -> Site | None:
    for item in reached:
        effect = item.effect
        if isinstance(effect, StoreCall) and effect.kind == "write" and effect.store == "sql":
            call = call_at(db, effect.site, effect.function)
            if call is not None and call.usage in {"dropped", "awaited"} and _IGNORES.search(statement_text(call)):
                return effect.site
    return None


# ------------------------------------------------------------------- guards


def guard_of(db: Database, where: Handling, item: Reached) -> str:
    """What keeps an effect of treating a message from happening twice; "" for nothing."""
    for function, position in _frames(db, where, item):
        for catch in catches(db, function, position):
            if any(name.rpartition(".")[2] in _UNIQUE for name in catch.names):
                return "a constraint of the store refuses the second one"
        if _is_recognised(db, function, position):
            return "it looks whether the message was treated before"
    return ""


def _frames(db: Database, where: Handling, item: Reached) -> list[tuple[FunctionId, int]]:
    """The functions from the handler to the effect, each with the place that leads on."""
    frames = [(where.function, item.first.start)]
    for hop in item.hops[1:]:
        found = next((call for call in calls(db, hop.site.path, hop.site.part) if call.site == hop.site), None)
        if found is not None:
            frames.append((found.function, hop.site.start))
    if item.hops:
        frames.append((item.effect.function, item.effect.site.start))
    return frames


def _is_recognised(db: Database, function: FunctionId, position: int) -> bool:
    scope = scope_of(db, function)
    if scope is None:
        return False
    body = body_of(db, scope)
    asked = _asked(db, function, body)
    around = enclosing(db, function, position)
    for stmt in every_statement(body):
        if isinstance(stmt, ir.If) and _stops_repeats(stmt, position, around, asked):
            return True
    return False


class _Asked(msgspec.Struct, frozen=True):
    """Calls that look into a store, by place, and names that hold what they answered; with those that claim."""

    places: frozenset[tuple[int, int]]
    names: frozenset[str]
    claims: frozenset[str]
    claiming: frozenset[tuple[int, int]]


def _asked(db: Database, function: FunctionId, body: tuple[ir.Stmt, ...]) -> _Asked:
    places: set[tuple[int, int]] = set()
    claiming: set[tuple[int, int]] = set()
    for call in calls_in(db, function):
        place = (call.site.start, call.site.end)
        inner = [item.effect for callee in call.callees for item in effects_through(db, callee.function)]
        own = [effect for effect in effects_at(db, function) if effect.site == call.site]
        stores = [effect for effect in (*inner, *own) if isinstance(effect, StoreCall)]
        if stores:
            places.add(place)
        if any(_claims(db, effect) for effect in stores):
            claiming.add(place)
    names: set[str] = set()
    claims: set[str] = set()
    for _ in range(2):
        for stmt in every_statement(body):
            if isinstance(stmt, ir.Assign) and stmt.value is not None:
                targets = {target.id for target in stmt.targets if isinstance(target, ir.Name)}
                if _touches(stmt.value, places, names):
                    names |= targets
                if _touches(stmt.value, claiming, claims):
                    claims |= targets
    return _Asked(frozenset(places), frozenset(names), frozenset(claims), frozenset(claiming))


def _claims(db: Database, effect: StoreCall) -> bool:
    """A write that says whether it was the first: `SET NX`, `SADD`, an insert that ignores what is there."""
    if effect.kind != "write" or operation_of(db, effect) not in _CLAIMS:
        return False
    if effect.store == "redis":
        call = call_at(db, effect.site, effect.function)
        return operation_of(db, effect) != "set" or (call is not None and call.argument("nx") is not None)
    call = call_at(db, effect.site, effect.function)
    return call is not None and bool(_IGNORES.search(statement_text(call)))


def _touches(expr: ir.Expr, places: AbstractSet[tuple[int, int]], names: AbstractSet[str]) -> bool:
    for node in walk(expr):
        if isinstance(node, ir.Call) and (start_of(node.span), end_of(node.span)) in places:
            return True
        if isinstance(node, ir.Name) and node.id in names:
            return True
    return False


def _stops_repeats(stmt: ir.If, position: int, around: tuple[Region, ...], asked: _Asked) -> bool:
    claims = _touches(stmt.test, asked.claiming, asked.claims)
    if not claims and not _touches(stmt.test, asked.places, asked.names) and not _SEEN.search(_words(stmt.test)):
        return False
    then = next((region for region in around if region.node is stmt or region.node == stmt), None)
    if then is None:
        if end_of(stmt.span) > position or not leaves(stmt.body):
            return False
        # Behind a branch that leaves: `if seen: return`.
        return claims or _means_present(stmt.test) >= 0
    present = _means_present(stmt.test)
    return claims or (present <= 0 if then.kind == "then" else present >= 0)


def _means_present(test: ir.Expr) -> int:
    """1 when the test holds for what is there already, -1 for what is not, 0 for another condition."""
    match test:
        case ir.Not(value=value):
            return -_means_present(value)
        case ir.Compare(ops=(op,), rights=(right,)) if isinstance(right, ir.Literal) and right.value is None:
            return -1 if op in {"is", "=="} else 1
        case ir.Compare(ops=("in",)):
            return 1
        case ir.Compare(ops=("not in",)):
            return -1
        case ir.Compare():
            return 0
        case ir.Boolean(values=values):
            return next((found for value in values if (found := _means_present(value))), 0)
        case ir.Await(value=value):
            return _means_present(value)
        case _:
            return 1


def _words(expr: ir.Expr) -> str:
    names = (getattr(node, "attr", getattr(node, "id", "")) for node in walk(expr))
    return " ".join(name for name in names if name)


# ------------------------------------------------------------------- places


def place_of(db: Database, where: Handling, item: Reached) -> Site:
    """Where to look: the effect, or the call that leads to it when a helper makes it that others use as well."""
    frames = _frames(db, where, item)
    sites = [hop.site for hop in item.hops]
    for function, _ in reversed(frames[1:]):
        edges = {edge.call.site for edge in callers(db, function)}
        if len(edges) < 2:
            break
        sites, last = sites[:-1], sites[-1]
        if not sites:
            return last
        frames = frames[:-1]
    if len(frames) == len(item.hops) + 1:
        return _in_text(db, item) or item.effect.head
    return item.hops[len(frames) - 1].site


def _in_text(db: Database, item: Reached) -> Site | None:
    """The words in an SQL text that count up."""
    effect = item.effect
    call = call_at(db, effect.site, effect.function)
    text = statement_text(call) if call is not None and isinstance(effect, StoreCall) else ""
    found = counting(text)
    scope = scope_of(db, effect.function)
    if found is None or scope is None:
        return None
    for stmt in every_statement(body_of(db, scope)):
        for expr in expressions_of(stmt):
            for node in walk(expr):
                if isinstance(node, ir.Literal) and node.value == text:
                    start, end = start_of(node.span), end_of(node.span)
                    quotes = end - start - len(text.encode())
                    if quotes in {2, 6} and effect.site.start <= start < effect.site.end:
                        begin = start + quotes // 2 + len(text[: found.start()].encode())
                        return Site(effect.site.path, effect.site.part, begin, begin + len(found[0].encode()))
    return None
