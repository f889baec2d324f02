"""The score: how far practices hold, by practice, zone and service, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from shearpin import __version__
from shearpin.report.places import Places
from shearpin.report.practices import bar_line
from shearpin.report.styled import BLANK, Line, Piece, Tone, faint, line, strong
from shearpin.rulekit.verdict import Outcome

if TYPE_CHECKING:
    from shearpin.session import Counts, Score, ScoredSite

SCHEMA_VERSION = 1
_NO_SERVICE = "(no service)"
_LABELS = {
    Outcome.VIOLATED: Piece("violated", Tone.ERROR),
    Outcome.UNKNOWN: Piece("unknown ", Tone.WARNING),
    Outcome.OK: Piece("holds   ", Tone.GOOD),
}


def score_text(score: Score) -> Iterator[Line]:
    """Bars for all practices, for the zones when there are several, and for each service with its practices."""
    total = score.total()
    if not total.examined:
        yield line("Nothing was examined.")
        return
    practices, zones, services = score.by_practice(), score.by_zone(), score.by_service()
    width = max(map(len, (*practices, *zones, *(name or _NO_SERVICE for name in services), "all")))
    yield line(strong("How far practices hold"))
    yield from _bars(practices, width)
    yield bar_line("all", total, width)
    if len(zones) > 1:
        yield BLANK
        yield line(strong("By zone"))
        yield from _bars(zones, width)
    for name, counts in services.items():
        yield BLANK
        yield line(strong(name or _NO_SERVICE), faint(f" ({score.zone_of(name)})"))
        yield from _bars(score.only(service=name).by_practice(), width)
        yield bar_line("all", counts, width)


def why_text(score: Score, places: Places) -> Iterator[Line]:
    """Every site with what a rule says about it, the worst first."""
    for outcome, label in _LABELS.items():
        for site in _in_order(score, places):
            if site.outcome is outcome:
                yield line(label, " ", faint(f"{places.address(site.site)}: "), f"{site.rule}: {site.message}")
    counts = score.total()
    yield line(f"{counts.hold} of {counts.examined} hold, {counts.violated} violated, {counts.unknown} unknown")


def _in_order(score: Score, places: Places) -> list[ScoredSite]:
    return sorted(score.sites, key=lambda site: (site.site.path, places.line_of(site.site), site.rule))


def _bars(counts: Mapping[str, Counts], width: int) -> Iterator[Line]:
    for name, one in counts.items():
        yield bar_line(name, one, width)


# ------------------------------------------------------------------------- JSON


class CountsJson(msgspec.Struct, frozen=True):
    """Sites; `share` is the percent of them that hold, null when there are none."""

    examined: int
    hold: int
    violated: int
    unknown: int
    share: int | None


class ServiceJson(msgspec.Struct, frozen=True):
    """One service; `id` is "" for code of none."""

    id: str
    zone: str
    total: CountsJson
    practices: dict[str, CountsJson]


class VerdictJson(msgspec.Struct, frozen=True):
    """What one rule says about one place; `line` counts from 1."""

    practice: str
    rule: str
    outcome: str
    path: str
    line: int
    message: str
    services: tuple[str, ...]


class ToolJson(msgspec.Struct, frozen=True):
    """Who wrote this."""

    name: str
    version: str


class ScoreJson(msgspec.Struct, frozen=True, omit_defaults=True):
    """The whole answer; `verdicts` are there when they are asked for."""

    schema_version: int
    tool: ToolJson
    root: str
    total: CountsJson
    practices: dict[str, CountsJson]
    zones: dict[str, CountsJson]
    services: tuple[ServiceJson, ...]
    verdicts: tuple[VerdictJson, ...] | None = None


def score_json(score: Score, places: Places, root: str, *, with_verdicts: bool) -> bytes:
    """The score as JSON, ending with a line feed."""
    answer = ScoreJson(
        schema_version=SCHEMA_VERSION,
        tool=ToolJson("shearpin", __version__),
        root=root,
        total=_counts(score.total()),
        practices=_all(score.by_practice()),
        zones=_all(score.by_zone()),
        services=tuple(
            ServiceJson(name, score.zone_of(name), _counts(counts), _all(score.only(service=name).by_practice()))
            for name, counts in score.by_service().items()
        ),
        verdicts=tuple(_verdict(site, places) for site in _in_order(score, places)) if with_verdicts else None,
    )
    return msgspec.json.format(msgspec.json.encode(answer), indent=2) + b"\n"


def _verdict(site: ScoredSite, places: Places) -> VerdictJson:
    return VerdictJson(
        site.practice,
        site.rule,
        {Outcome.OK: "hold"}.get(site.outcome, site.outcome.value),
        site.site.path,
        places.line_of(site.site),
        site.message,
        site.services,
    )


def _all(counts: Mapping[str, Counts]) -> dict[str, CountsJson]:
    return {name: _counts(one) for name, one in counts.items()}


def _counts(counts: Counts) -> CountsJson:
    share = counts.hold * 100 // counts.examined if counts.examined else None
    return CountsJson(counts.examined, counts.hold, counts.violated, counts.unknown, share)
