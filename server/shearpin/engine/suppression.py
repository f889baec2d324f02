"""Takes away what comments allow, and reports comments without a reason or without a use."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from shearpin.engine.comments import Allowance
from shearpin.engine.finding import Finding
from shearpin.engine.selection import SUPPRESSION_PACK, UNUSED, WITHOUT_REASON, Selection
from shearpin.facts.site import Site
from shearpin.rulekit.verdict import Confidence, Severity


class Suppressed(msgspec.Struct, frozen=True):
    """What remains, what comments took away, and findings about the comments themselves."""

    kept: tuple[Finding, ...]
    removed: tuple[Finding, ...]
    about_comments: tuple[Finding, ...]


class Unjudged(msgspec.Struct, frozen=True):
    """Why a comment without a finding may be needed all the same.

    `hidden` are violations (rule, site) that are not shown, for their confidence or because their rule yields;
    `silent` rules failed in the file; `everything`: the file does not parse or is not yet examined.
    """

    hidden: tuple[tuple[str, Site], ...] = ()
    silent: frozenset[str] = frozenset()
    everything: bool = False


def suppress(
    path: str,
    findings: Iterable[Finding],
    allowances: tuple[Allowance, ...],
    locate: Callable[[Site], tuple[int, int]],
    selection: Selection,
    unjudged: Unjudged,
) -> Suppressed:
    """Apply the allowances of one file to its findings."""
    kept: list[Finding] = []
    removed: list[Finding] = []
    used: set[tuple[int, str]] = set()
    for finding in findings:
        start, end = locate(finding.site)
        by = [item for item in allowances if finding.rule in item.rules and _covers(item, start, end)]
        used.update((item.start, finding.rule) for item in by)
        (removed if by else kept).append(finding)
    for rule, site in unjudged.hidden:
        start, end = locate(site)
        used.update((item.start, rule) for item in allowances if rule in item.rules and _covers(item, start, end))
    about: list[Finding] = []
    for item in allowances:
        about.extend(_complaints(path, item, used, selection, unjudged))
    return Suppressed(tuple(kept), tuple(removed), tuple(about))


def _covers(item: Allowance, start: int, end: int) -> bool:
    first, last = item.covers
    # A comment may also stand on a later line of the marked range, where a formatter put it.
    return first <= start <= last or start <= item.start < end


def _complaints(
    path: str, item: Allowance, used: set[tuple[int, str]], selection: Selection, unjudged: Unjudged
) -> Iterable[Finding]:
    site = Site(path, "", item.start, item.end)
    if not item.reason and selection.speaks(WITHOUT_REASON, path):
        names = ", ".join(item.rules) or "rule"
        message = (
            f"This comment does not say why: readers cannot judge whether it still holds. Write `allow[{names}] reason`"
        )
        yield _complaint(WITHOUT_REASON, site, message, selection)
    if unjudged.everything or not selection.speaks(UNUSED, path):
        return
    for name in item.rules:
        if (item.start, name) in used or name in unjudged.silent:
            continue
        if selection.rule(name) is None and name not in {WITHOUT_REASON, UNUSED}:
            message = f'There is no rule "{name}"{selection.near(name)}: this comment allows nothing'
        elif selection.speaks(name, path):
            message = f"Nothing here violates {name}: the comment would hide a later one. Remove it"
        else:
            continue
        yield _complaint(UNUSED, site, message, selection)


def _complaint(rule: str, site: Site, message: str, selection: Selection) -> Finding:
    return Finding(
        rule=rule,
        pack=SUPPRESSION_PACK,
        severity=selection.severity(rule, site.path, Severity.WARNING),
        confidence=Confidence.CERTAIN,
        site=site,
        message=message,
        services=(),
        deployment="",
        fingerprint="",
        related=(),
        fixes=(),
    )
