"""Runs rules over settled facts. A rule that fails is silent in the file where it failed, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import msgspec

from shearpin.facts.derived import DerivedFact
from shearpin.facts.fact import Fact
from shearpin.facts.site import Hop
from shearpin.flow.derived import derived
from shearpin.flow.settled import settled
from shearpin.graph.reach import services_running
from shearpin.query import Cancelled, Database, keys, query
from shearpin.rulekit.ask import Ask
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Verdict

T = TypeVar("T")
#: settings that the session sets: the rules that run, and whether their failures are raised (in tests)
RULES = keys.setting("active-rules")
STRICT = keys.setting("strict")
#: stands for a rule's name when the facts themselves could not be computed
FACTS = "(facts)"


class Failure(msgspec.Struct, frozen=True):
    """A rule failed; `error` is its type and text."""

    rule: str
    error: str


class _Seen(msgspec.Struct, frozen=True):
    """A fact, the calls that settled its values, and the file in which they begin."""

    fact: Fact | DerivedFact
    hops: tuple[Hop, ...]
    outer: str


class Run(msgspec.Struct, frozen=True):
    """What rules said about one part or file, in order of the facts, and which of them failed."""

    verdicts: tuple[tuple[str, Verdict], ...]
    failures: tuple[Failure, ...] = ()


def active_rules(db: Database) -> tuple[Rule, ...]:
    """The rules that run."""
    found = db.get(RULES)
    return found if isinstance(found, tuple) else ()


@query()
def part_run(db: Database, path: str, part: str) -> Run:
    """Run all rules over one part."""
    rules = active_rules(db)
    facts, failed = _guarded(db, FACTS, partial(_facts, db, path, part))
    verdicts: list[tuple[str, Verdict]] = []
    failures = list(failed)
    kinds = {type(item.fact) for item in facts}
    for rule in rules:
        if kinds.isdisjoint(rule.checks):
            continue
        found, failed = _guarded(db, rule.name, partial(_judged, db, rule, facts))
        verdicts.extend((rule.name, verdict) for verdict in found)
        failures.extend(failed)
    return Run(tuple(verdicts), tuple(failures))


def part_verdicts(db: Database, path: str, part: str) -> tuple[tuple[str, Verdict], ...]:
    """Verdicts of all rules on one part."""
    return part_run(db, path, part).verdicts


@query()
def file_run(db: Database, path: str) -> Run:
    """Run all rules over one file; those that failed in a part are silent about all of it."""
    part_ids = db.get(keys.part_ids(path))
    runs = [part_run(db, path, part) for part in part_ids] if isinstance(part_ids, tuple) else []
    failures = {failure.rule: failure for run in runs for failure in reversed(run.failures)}
    verdicts = (item for run in runs for item in run.verdicts if item[0] not in failures)
    return Run(tuple(verdicts), tuple(failures[rule] for rule in sorted(failures)))


def file_verdicts(db: Database, path: str) -> tuple[tuple[str, Verdict], ...]:
    """Verdicts of all rules on one file."""
    return file_run(db, path).verdicts


def _facts(db: Database, path: str, part: str) -> tuple[_Seen, ...]:
    """Facts of adapters as their callers settle them, and what follows from several facts together."""
    found = [_Seen(item.fact, item.hops, item.outer.path) for item in settled(db, path, part)]
    return (*found, *(_Seen(fact, (), path) for fact in derived(db, path, part)))


def _judged(db: Database, rule: Rule, facts: tuple[_Seen, ...]) -> tuple[Verdict, ...]:
    found: list[Verdict] = []
    for item in facts:
        for check in rule.checks.get(type(item.fact), ()):
            found.extend(check(item.fact, Ask(db, item.hops, services_running(db, item.outer))))
    return tuple(found)


def _guarded(db: Database, name: str, run: Callable[[], tuple[T, ...]]) -> tuple[tuple[T, ...], tuple[Failure, ...]]:
    try:
        return run(), ()
    except Cancelled:
        raise
    except Exception as error:
        if db.get(STRICT):
            raise
        return (), (Failure(name, f"{type(error).__name__}: {error}"),)
