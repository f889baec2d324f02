"""All derived facts of a part, for the rules."""

from __future__ import annotations

from shearpin.adapterkit.facts import may_have_facts
from shearpin.facts.derived import DerivedFact
from shearpin.flow.loop_blocking import loop_blocks
from shearpin.flow.responses import response_fates
from shearpin.flow.retry_loops import retry_loops
from shearpin.meaning.scopes import blocks, get_part
from shearpin.query import Database, query
from shearpin.syntax import ir


@query()
def derived(db: Database, path: str, part: str) -> tuple[DerivedFact, ...]:
    """Derived facts in order of position."""
    source = get_part(db, path, part)
    if source is None:
        return ()
    has_coroutine, has_retry = _shape(source.body)
    found: list[DerivedFact] = list(response_fates(db, path, part))
    if has_coroutine or may_have_facts(db, path, part):
        found.extend(loop_blocks(db, path, part))
    if has_retry:
        found.extend(retry_loops(db, path, part))
    return tuple(sorted(found, key=lambda fact: (fact.site.start, fact.site.end)))


def _shape(body: tuple[ir.Stmt, ...]) -> tuple[bool, bool]:
    """(holds a coroutine function, holds a loop with a `try` in it): cheap, so that most parts end here."""
    has_coroutine = has_retry = False
    pending = [(stmt, False) for stmt in body]
    while pending:
        stmt, in_loop = pending.pop()
        match stmt:
            case ir.FunctionDef(is_async=is_async, body=inner):
                has_coroutine = has_coroutine or is_async
                pending.extend((s, False) for s in inner)
            case ir.ClassDef(body=inner):
                pending.extend((s, False) for s in inner)
            case ir.Try() if in_loop:
                has_retry = True
            case _:
                looping = in_loop or isinstance(stmt, (ir.For, ir.While))
                pending.extend((s, looping) for block in blocks(stmt) for s in block)
    return has_coroutine, has_retry
