"""Violated verdicts to findings: one per cause, without those that yield, as loud as the settings say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import msgspec

from shearpin.engine.finding import Finding
from shearpin.engine.selection import Selection
from shearpin.facts.site import Hop, Site
from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Confidence, FixPlan, Grade, Outcome, Verdict

Named: TypeAlias = tuple[str, Verdict]

#: related places beyond the witness that one finding shows
_MOST_RELATED = 20
_CONFIDENCE = {Confidence.CERTAIN: 0, Confidence.LIKELY: 1, Confidence.POSSIBLE: 2}


class _Group(msgspec.Struct):
    """All verdicts about one cause; `first` is the one that speaks."""

    rule: Rule
    first: Verdict
    verdicts: list[Verdict]

    @property
    def anchors(self) -> frozenset[Site]:
        examined = (verdict.examined for verdict in self.verdicts)
        return frozenset({self.first.site, *(site for site in examined if site is not None)})


def findings_at(path: str, verdicts: Iterable[Named], selection: Selection) -> tuple[Finding, ...]:
    """Findings of one file in no particular order, without fingerprints.

    `verdicts` are all violated ones whose site stands in the file, wherever the examined call stands.
    """
    groups = _grouped(path, verdicts, selection)
    return tuple(_finding(group, selection) for group in groups if not _yields(group, groups))


def _grouped(path: str, verdicts: Iterable[Named], selection: Selection) -> list[_Group]:
    groups: dict[tuple[str, Site, str], _Group] = {}
    for name, verdict in verdicts:
        rule = selection.rule(name)
        if rule is None or verdict.outcome is not Outcome.VIOLATED or verdict.site.path != path:
            continue
        if not selection.shows(verdict.confidence) or not selection.speaks(name, path):
            continue
        group = groups.setdefault((name, verdict.site, verdict.cause), _Group(rule, verdict, []))
        group.verdicts.append(verdict)
        if _weight(verdict, rule) > _weight(group.first, rule):
            group.first = verdict
    return list(groups.values())


def _weight(verdict: Verdict, rule: Rule) -> tuple[int, int]:
    return (verdict.severity or rule.severity).rank, -_CONFIDENCE[verdict.confidence]


def _yields(group: _Group, groups: list[_Group]) -> bool:
    return any(
        other.rule.name in group.rule.yields_to and not other.anchors.isdisjoint(group.anchors) for other in groups
    )


def _finding(group: _Group, selection: Selection) -> Finding:
    rule, first = group.rule, group.first
    others = _other_calls(group)
    related = [*first.witness, *(Hop(site, "the same holds for this call") for site in others[:_MOST_RELATED])]
    count = len(others) + 1
    services = tuple(sorted({name for verdict in group.verdicts for name in verdict.services}))
    is_critical = selection.is_critical(first.site.path, services)
    return Finding(
        rule=rule.name,
        pack=rule.pack,
        severity=selection.severity(rule.name, first.site.path, first.severity or rule.severity),
        confidence=first.confidence,
        site=first.site,
        message=f"{first.message} ({count} calls)" if count > 1 else first.message,
        services=services,
        deployment=first.deployment,
        fingerprint="",
        related=tuple(related),
        fixes=tuple(_graded(plan, is_critical=is_critical) for plan in first.fixes),
    )


def _graded(plan: FixPlan, *, is_critical: bool) -> FixPlan:
    """In a critical zone, and with a new dependency, no fix is applied without somebody's look."""
    if plan.grade is Grade.SAFE and (is_critical or plan.dependency):
        return msgspec.structs.replace(plan, grade=Grade.REVIEW)
    return plan


def _other_calls(group: _Group) -> list[Site]:
    own = group.first.examined or group.first.site
    examined = {verdict.examined or verdict.site for verdict in group.verdicts}
    return sorted(examined - {own})


class Counts(msgspec.Struct, frozen=True):
    """How many sites the rules of one practice examined; what is unknown counts neither as good nor as bad."""

    examined: int = 0
    hold: int = 0
    violated: int = 0
    unknown: int = 0


def practices(files: Mapping[str, Iterable[Named]], selection: Selection) -> dict[str, Counts]:
    """Counts by practice over the verdicts of the given files. The worst verdict about a site counts."""
    worst: dict[tuple[str, str, Site], Outcome] = {}
    for path, verdicts in files.items():
        for name, verdict in verdicts:
            rule = selection.rule(name)
            if rule is None or not selection.speaks(name, path):
                continue
            key = (rule.practice, name, verdict.examined or verdict.site)
            if _badness(verdict.outcome) > _badness(worst.get(key)):
                worst[key] = verdict.outcome
    found: dict[str, list[Outcome]] = {}
    for (practice, _, _), outcome in worst.items():
        found.setdefault(practice, []).append(outcome)
    return {practice: _counts(found[practice]) for practice in sorted(found)}


def _badness(outcome: Outcome | None) -> int:
    return -1 if outcome is None else (Outcome.OK, Outcome.UNKNOWN, Outcome.VIOLATED).index(outcome)


def _counts(outcomes: list[Outcome]) -> Counts:
    return Counts(
        examined=len(outcomes),
        hold=outcomes.count(Outcome.OK),
        violated=outcomes.count(Outcome.VIOLATED),
        unknown=outcomes.count(Outcome.UNKNOWN),
    )
