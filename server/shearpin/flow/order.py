"""What happens before what in one function: effects at their places, and the branches between two places."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import BaseFact, Effect
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.value import Const, Extern, SequenceValue, Value
from shearpin.flow.effects import EFFECTS, Reached, calls_in
from shearpin.flow.given import is_left_out
from shearpin.flow.regions import Region, enclosing
from shearpin.flow.settled import settled
from shearpin.flow.ways import describe
from shearpin.meaning.queries import evaluator
from shearpin.meaning.scopes import blocks, leaves
from shearpin.meaning.values import options_of
from shearpin.query import Database, query
from shearpin.syntax import ir
from shearpin.text.spans import end_of, start_of

#: the caller waits for these, so their effects come before what follows the call
_WAITED = frozenset((Mode.DIRECT, Mode.THREAD))
_MOST = 64
BROAD = frozenset(("builtins.Exception", "builtins.BaseException"))


@query()
def effects_at(db: Database, function: FunctionId) -> tuple[Effect, ...]:
    """Effects of calls that stand in a function, also those that only its callers make known (callbacks)."""
    found: dict[tuple[Site, type], Effect] = {}
    for item in settled(db, function.path, function.part):
        if isinstance(item.fact, EFFECTS) and item.fact.function == function:
            found.setdefault((item.fact.site, type(item.fact)), item.fact)
    return tuple(found.values())


@query(bottom=())
def effects_through(db: Database, function: FunctionId) -> tuple[Reached, ...]:
    """Effects that happen before a call of the function returns, one way each, ordered by where they start."""
    found: dict[tuple[Site, type], Reached] = {}
    for effect in effects_at(db, function):
        found[effect.site, type(effect)] = Reached(effect, ())
    for call in calls_in(db, function):
        for callee in call.callees:
            if callee.mode not in _WAITED or callee.function == function or callee.context:
                continue
            hop = Hop(call.site, f"calls {describe(db, callee.function)}")
            for inner in effects_through(db, callee.function):
                if not is_left_out(db, call, callee.function, inner.first):
                    found.setdefault((inner.effect.site, type(inner.effect)), Reached(inner.effect, (hop, *inner.hops)))
    ordered = sorted(found.values(), key=lambda item: (len(item.hops), item.first.start))[:_MOST]
    return tuple(sorted(ordered, key=lambda item: (item.first.start, len(item.hops))))


def call_at(db: Database, site: Site, function: FunctionId) -> ResolvedCall | None:
    """The call that stands at a place."""
    return next((call for call in calls_in(db, function) if call.site == site), None)


def literal_of(db: Database, fact: BaseFact, value: Value) -> Site | None:
    """The literal text, written in the call of a fact, that has a value."""
    call = call_at(db, fact.site, fact.function)
    text = value.value if isinstance(value, Const) else None
    if call is None or not isinstance(text, str):
        return None
    sites = [arg.site for arg in call.args if arg.value == value]
    # Two quotes around it: what is longer or shorter is a name, or is written in pieces.
    return next((site for site in sites if site.end - site.start == len(text.encode()) + 2), None)


def follows(db: Database, function: FunctionId, first: int, second: int) -> bool:
    """True when control can go from one place on to a later one in the same round."""
    if second <= first:
        return False
    around = enclosing(db, function, second)
    for region in enclosing(db, function, first):
        if region.kind == "try" and _is_last(region, first) and any(_handles(other, region) for other in around):
            return False
        if region in around or region.kind in {"try", "with", "for", "while", "finally", "try-else"}:
            continue
        if any(_is_other_branch(region, other) for other in around) or leaves(_rest(region, first)):
            return False
    return not any(
        region.kind in {"for", "while"} and region not in around and _always_leaves(region, first)
        for region in enclosing(db, function, first)
    )


def _is_last(region: Region, position: int) -> bool:
    """Nothing of the block runs behind the statement that holds a place."""
    return all(start_of(stmt.span) <= position for stmt in statements(region))


def _handles(other: Region, attempt: Region) -> bool:
    return other.kind == "handler" and isinstance(attempt.node, ir.Try) and other.node in attempt.node.handlers


def _always_leaves(region: Region, position: int) -> bool:
    """The block that holds a place returns or raises behind it."""
    return any(
        start_of(stmt.span) >= position and isinstance(stmt, (ir.Return, ir.Raise)) for stmt in statements(region)
    )


def _is_other_branch(one: Region, other: Region) -> bool:
    """Two branches of which only one runs."""
    if one.kind == "handler" and isinstance(other.node, ir.Try):
        return one.node in other.node.handlers and other.kind in {"try", "try-else"}
    if one.kind == "handler" and other.kind == "handler":
        return one.start != other.start
    same = one.node is other.node or one.node == other.node
    return same and {one.kind, other.kind} == {"then", "else"}


def statements(region: Region) -> tuple[ir.Stmt, ...]:
    """The statements of a region's block."""
    node = region.node
    match region.kind:
        case "else":
            return getattr(node, "orelse", ())
        case "try-else":
            return getattr(node, "orelse", ())
        case "finally":
            return getattr(node, "final", ())
        case _:
            return getattr(node, "body", ())


def _rest(region: Region, position: int) -> Iterator[ir.Stmt]:
    for stmt in statements(region):
        if end_of(stmt.span) > position:
            yield stmt


def every_statement(body: tuple[ir.Stmt, ...]) -> Iterator[ir.Stmt]:
    """Statements and those inside them, without the bodies of functions and classes."""
    for stmt in body:
        yield stmt
        if not isinstance(stmt, (ir.FunctionDef, ir.ClassDef)):
            for block in blocks(stmt):
                yield from every_statement(block)


# ------------------------------------------------------------------ failures


class Catch(msgspec.Struct, frozen=True):
    """A handler around a place: which exceptions it takes ("" for all) and its region."""

    names: tuple[str, ...]
    is_broad: bool
    region: Region

    @property
    def body(self) -> tuple[ir.Stmt, ...]:
        """The statements of the handler."""
        return statements(self.region)

    @property
    def raises(self) -> bool:
        """The handler raises, if only sometimes."""
        return any(isinstance(stmt, ir.Raise) for stmt in every_statement(self.body))


def catches(db: Database, function: FunctionId, position: int) -> tuple[Catch, ...]:
    """The handlers around a place, innermost `try` first, in their order."""
    found: list[Catch] = []
    for region in reversed(enclosing(db, function, position)):
        if region.kind == "with" and isinstance(region.node, ir.With):
            found.extend(_suppressed(db, function, region.node))
        if region.kind != "try" or not isinstance(region.node, ir.Try):
            continue
        for handler in region.node.handlers:
            names = _caught(db, function, handler.caught)
            block = Region("handler", _start(handler), _end(handler), handler)
            found.append(Catch(names or ("?",), handler.caught is None or bool(BROAD & set(names)), block))
    return tuple(found)


def _suppressed(db: Database, function: FunctionId, node: ir.With) -> Iterator[Catch]:
    """`with suppress(ValueError):` takes it and goes on behind the block."""
    known = evaluator(db, function)
    for item in node.items:
        call = item.context
        if known is None or not isinstance(call, ir.Call) or known.value(call.func) != Extern("contextlib.suppress"):
            continue
        names = tuple(name for arg in call.args for name in _caught(db, function, arg))
        nothing = ir.Handler(None, "", (), item.span, item.span)
        place = start_of(node.span)
        yield Catch(names or ("?",), bool(BROAD & set(names)), Region("handler", place, place, nothing))


def _start(handler: ir.Handler) -> int:
    return start_of(handler.body[0].span) if handler.body else end_of(handler.span)


def _end(handler: ir.Handler) -> int:
    return end_of(handler.body[-1].span) if handler.body else end_of(handler.span)


def _caught(db: Database, function: FunctionId, caught: ir.Expr | None) -> tuple[str, ...]:
    known = evaluator(db, function)
    if caught is None or known is None:
        return ()
    value = known.value(caught)
    items = value.items if isinstance(value, SequenceValue) else options_of(value)
    return tuple(item.name if isinstance(item, Extern) else "?" for item in items)


def takes(catch: Catch, exceptions: frozenset[str]) -> bool:
    """True when a handler takes one of the exceptions; one that is not known may take anything."""
    return catch.is_broad or "?" in catch.names or not exceptions.isdisjoint(catch.names)
