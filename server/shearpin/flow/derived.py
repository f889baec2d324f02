"""All derived facts of a part, for the rules."""

from __future__ import annotations

from dataclasses import dataclass

from shearpin.adapterkit.facts import may_have_facts
from shearpin.facts.derived import DerivedFact
from shearpin.flow.coroutines import coroutine_calls
from shearpin.flow.fan_out import fan_outs
from shearpin.flow.hand_breakers import hand_breakers
from shearpin.flow.loop_blocking import loop_blocks
from shearpin.flow.responses import response_fates
from shearpin.flow.retry_loops import retry_loops
from shearpin.flow.rounds import repeated_calls
from shearpin.flow.swallowing import caught_failures
from shearpin.flow.unbound import unbound_names
from shearpin.meaning.scopes import blocks, get_part
from shearpin.query import Database, query
from shearpin.syntax import ir

#: names without which a part starts nothing for each element
_STARTING = frozenset(
    ("gather", "create_task", "ensure_future", "start", "start_soon", "submit", "run_coroutine_threadsafe", "wait")
)  # fmt: skip


@query()
def derived(db: Database, path: str, part: str) -> tuple[DerivedFact, ...]:
    """Derived facts in order of position."""
    source = get_part(db, path, part)
    if source is None:
        return ()
    shape = _shape(source.body)
    found: list[DerivedFact] = list(response_fates(db, path, part))
    found.extend(hand_breakers(db, path, part))
    if shape.has_coroutine or may_have_facts(db, path, part):
        found.extend(loop_blocks(db, path, part))
        found.extend(coroutine_calls(db, path, part))
    if shape.has_retry:
        found.extend(retry_loops(db, path, part))
    if shape.has_loop or may_have_facts(db, path, part):
        found.extend(repeated_calls(db, path, part))
    if not _STARTING.isdisjoint(source.mentions):
        found.extend(fan_outs(db, path, part))
    if shape.has_handler:
        found.extend(caught_failures(db, path, part))
        found.extend(unbound_names(db, path, part))
    return tuple(sorted(found, key=lambda fact: (fact.site.start, fact.site.end)))


@dataclass(slots=True)
class _Shape:
    """What a part holds: a coroutine function, a loop with a `try` in it, a handler, a loop."""

    has_coroutine: bool = False
    has_retry: bool = False
    has_handler: bool = False
    has_loop: bool = False


def _shape(body: tuple[ir.Stmt, ...]) -> _Shape:
    """Cheap, so that most parts end here."""
    found = _Shape()
    pending = [(stmt, False) for stmt in body]
    while pending:
        stmt, in_loop = pending.pop()
        looping = in_loop
        match stmt:
            case ir.FunctionDef(is_async=is_async, body=inner):
                found.has_coroutine = found.has_coroutine or is_async
                pending.extend((s, False) for s in inner)
                continue
            case ir.ClassDef(body=inner):
                pending.extend((s, False) for s in inner)
                continue
            case ir.Try(handlers=handlers):
                found.has_retry = found.has_retry or in_loop
                found.has_handler = found.has_handler or bool(handlers)
            case ir.With(items=items):
                found.has_handler = found.has_handler or any(_suppresses(item.context) for item in items)
            case ir.For() | ir.While():
                found.has_loop = looping = True
            case _:
                pass
        pending.extend((s, looping) for block in blocks(stmt) for s in block)
    return found


def _suppresses(context: ir.Expr) -> bool:
    func = context.func if isinstance(context, ir.Call) else None
    name = func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""
    return name == "suppress"
