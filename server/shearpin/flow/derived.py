"""All derived facts of a part, for the rules."""

from __future__ import annotations

from shearpin.facts.derived import DerivedFact
from shearpin.flow.loop_blocking import loop_blocks
from shearpin.flow.responses import response_fates
from shearpin.flow.retry_loops import retry_loops
from shearpin.query import Database, query


@query()
def derived(db: Database, path: str, part: str) -> tuple[DerivedFact, ...]:
    """Derived facts in order of position."""
    found: list[DerivedFact] = [*loop_blocks(db, path, part), *retry_loops(db, path, part), *response_fates(db, path, part)]
    return tuple(sorted(found, key=lambda fact: (fact.site.start, fact.site.end)))
