"""Places at which the content of a message makes code fail: text that does not parse, keys that are missing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.facts.call import FunctionInfo, ResolvedCall
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.value import ClassRef, Const, Env, Extern, Value
from shearpin.flow.effects import calls_in
from shearpin.flow.order import catches, every_statement, takes
from shearpin.flow.statements import expressions_of
from shearpin.flow.ways import describe
from shearpin.meaning.calls import body_of
from shearpin.meaning.lineage import linearise
from shearpin.meaning.queries import Meaning, function_info
from shearpin.meaning.scopes import scope_of, walk
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

_VALUE = frozenset(("builtins.ValueError", "json.JSONDecodeError", "json.decoder.JSONDecodeError"))
_KEY = frozenset(("builtins.KeyError", "builtins.LookupError", "builtins.TypeError"))
#: calls that fail on text of another form than they expect
_PARSERS = frozenset((
    "json.loads", "orjson.loads", "ujson.loads", "simplejson.loads", "rapidjson.loads", "msgpack.unpackb",
    "pickle.loads", "yaml.safe_load", "uuid.UUID", "datetime.datetime.fromisoformat", "datetime.datetime.strptime",
    "decimal.Decimal", "builtins.int", "builtins.float", "msgspec.json.decode",
))  # fmt: skip
_VALIDATORS = ("model_validate", "model_validate_json", "parse_raw", "parse_obj", "from_json", "from_dict")
_MODELS = frozenset(("pydantic.BaseModel", "pydantic.main.BaseModel"))
_DEPTH = 4


class Risk(msgspec.Struct, frozen=True):
    """A place that fails on some messages, the exceptions it raises, and the calls that lead to it."""

    site: Site
    note: str
    exceptions: frozenset[str]
    hops: tuple[Hop, ...] = ()

    @property
    def first(self) -> Site:
        """The place in the function that leads there."""
        return self.hops[0].site if self.hops else self.site


@query(bottom=())
def risks(db: Database, function: FunctionId) -> tuple[Risk, ...]:
    """Places in a function, and in those it calls with what it parsed, from which such a failure can leave it."""
    return tuple(sorted(_risks(db, function, None, _DEPTH), key=lambda risk: risk.first.start))


class _Given(msgspec.Struct, frozen=True):
    """Parameters that hold the message or a piece of its text (`raw`), and those that hold something parsed."""

    raw: frozenset[str]
    parsed: frozenset[str]


def _risks(db: Database, function: FunctionId, given: _Given | None, depth: int) -> Iterator[Risk]:
    scope = scope_of(db, function)
    if scope is None:
        return
    body = body_of(db, scope)
    if given is None:
        # Whatever the consumer itself handles may be the message.
        raw = frozenset((*scope.bindings, *(param.name for param in scope.params)))
        parsed = [call for call in calls_in(db, function) if _parses(db, call)]
    else:
        raw = _spread(body, given.raw, set())
        known = raw | given.parsed
        parsed = [call for call in calls_in(db, function) if _parses(db, call) and _gets(body, call, known)]
    for call in parsed:
        yield Risk(call.site, "fails on a message of another form", _VALUE)
    before = frozenset() if given is None else given.parsed
    tainted = _spread(body, before, {(call.site.start, call.site.end) for call in parsed})
    for expr in _expressions(body):
        for node in walk(expr):
            if _is_lookup(node, tainted):
                site = Site(function.path, function.part, start_of(node.span), end_of(node.span))
                yield Risk(site, "fails when the message lacks this key", _KEY)
    if depth:
        yield from _below(db, function, _Given(raw, tainted), depth)


def _gets(body: tuple[ir.Stmt, ...], call: ResolvedCall, names: frozenset[str]) -> bool:
    node = _node_at(body, call.site)
    return node is not None and _uses(node, names)


def _below(db: Database, function: FunctionId, given: _Given, depth: int) -> Iterator[Risk]:
    for call in calls_in(db, function):
        for callee in call.callees:
            if callee.mode is not Mode.DIRECT or callee.function == function:
                continue
            info = function_info(db, callee.function)
            if info is None:
                continue
            passed = _Given(_passed(db, call, given.raw, info), _passed(db, call, given.parsed, info))
            if not passed.raw and not passed.parsed:
                continue
            hop = Hop(call.site, f"calls {describe(db, callee.function)}")
            for risk in _risks(db, callee.function, passed, depth - 1):
                if not _is_caught(db, callee.function, risk):
                    yield Risk(risk.site, risk.note, risk.exceptions, (hop, *risk.hops))


def _is_caught(db: Database, function: FunctionId, risk: Risk) -> bool:
    around = catches(db, function, risk.first.start)
    return any(takes(catch, risk.exceptions) and not catch.raises for catch in around)


def _passed(db: Database, call: ResolvedCall, names: frozenset[str], info: FunctionInfo) -> frozenset[str]:
    """Parameters that get something out of the message."""
    scope = scope_of(db, call.function)
    node = _node_at(body_of(db, scope), call.site) if scope is not None else None
    if node is None:
        return frozenset()
    params = [param.name for param in info.params][1 if info.owner else 0 :]
    found = {name for name, arg in zip(params, node.args, strict=False) if _uses(arg, names)}
    found.update(keyword.name for keyword in node.keywords if keyword.name and _uses(keyword.value, names))
    return frozenset(found)


def _node_at(body: tuple[ir.Stmt, ...], site: Site) -> ir.Call | None:
    for expr in _expressions(body):
        for node in walk(expr):
            if isinstance(node, ir.Call) and (start_of(node.span), end_of(node.span)) == (site.start, site.end):
                return node
    return None


def _parses(db: Database, call: ResolvedCall) -> bool:
    if call.name in _PARSERS:
        return bool(call.args) and not all(_is_plain(arg.value) for arg in call.args)
    if isinstance(call.callee, ClassRef):
        return call.has_open_arguments and _is_model(db, call.callee)
    return getattr(call.callee, "name", "").rpartition(".")[2] in _VALIDATORS


def _is_plain(value: Value) -> bool:
    """What no message decides."""
    return isinstance(value, (Const, Env))


def _is_model(db: Database, cls: ClassRef) -> bool:
    return any(isinstance(base, Extern) and base.name in _MODELS for base in linearise(Meaning(db), cls))


def _spread(body: tuple[ir.Stmt, ...], given: frozenset[str], parsed: set[tuple[int, int]]) -> frozenset[str]:
    """Names that hold what the given names hold or the given calls return."""
    found = set(given)
    for _ in range(2):
        for stmt in every_statement(body):
            if isinstance(stmt, ir.Assign) and stmt.value is not None:
                source = any(
                    (isinstance(node, ir.Call) and (start_of(node.span), end_of(node.span)) in parsed)
                    or (isinstance(node, ir.Name) and node.id in found)
                    for node in walk(stmt.value)
                )
                if source:
                    found.update(target.id for target in stmt.targets if isinstance(target, ir.Name))
    return frozenset(found)


def _is_lookup(node: ir.Expr, tainted: frozenset[str]) -> bool:
    if not isinstance(node, ir.Subscript) or not isinstance(node.index, ir.Literal):
        return False
    base = node.value
    while isinstance(base, (ir.Subscript, ir.Attribute)):
        base = base.value
    return isinstance(base, ir.Name) and base.id in tainted and isinstance(node.index.value, str)


def _uses(expr: ir.Expr, names: frozenset[str]) -> bool:
    return any(isinstance(node, ir.Name) and node.id in names for node in walk(expr))


def _expressions(body: tuple[ir.Stmt, ...]) -> Iterator[ir.Expr]:
    for stmt in every_statement(body):
        if not isinstance(stmt, (ir.FunctionDef, ir.ClassDef)):
            yield from expressions_of(stmt)
