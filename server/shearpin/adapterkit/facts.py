"""Facts of a part: every resolved call and decorator offered to the adapter that subscribes to its name."""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.adapterkit.adapter import AdapterSet
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact
from shearpin.meaning.calls import calls, decorators
from shearpin.query import Database, keys, query


def adapters(db: Database) -> AdapterSet:
    """The adapters in force."""
    found = db.get(keys.adapters())
    assert isinstance(found, AdapterSet)
    return found


def facts_of_call(db: Database, call: ResolvedCall) -> Iterator[Fact]:
    """Facts of one call, also of one that was substituted into a caller."""
    handler = adapters(db).handler(call.name) if call.name else None
    if handler is not None:
        yield from handler(call)


def facts_of_decorator(db: Database, use: ResolvedDecorator) -> Iterator[Fact]:
    """Facts of one decorator."""
    handler = adapters(db).decorator_handlers.get(use.call.name)
    if handler is not None:
        yield from handler(use)


@query()
def facts_of(db: Database, path: str, part: str) -> tuple[Fact, ...]:
    """All facts of one part, in order of position, symbolic in the parameters of their functions."""
    found: list[Fact] = []
    for use in decorators(db, path, part):
        found.extend(facts_of_decorator(db, use))
    for call in calls(db, path, part):
        found.extend(facts_of_call(db, call))
    return tuple(sorted(found, key=lambda fact: (fact.site.start, fact.site.end)))
