"""Findings as JSON; `schemas/check.schema.json` describes it. Ranges are 0-based with UTF-16 columns, as in LSP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from shearpin import __version__
from shearpin.engine.finding import Finding
from shearpin.report.checked import Checked
from shearpin.report.places import Places, Position, Range
from shearpin.rulekit.verdict import FixPlan

if TYPE_CHECKING:
    from shearpin.session import FileEdit

SCHEMA_VERSION = 1


class PositionJson(msgspec.Struct, frozen=True):
    """A place in a file."""

    line: int
    character: int


class RangeJson(msgspec.Struct, frozen=True):
    """Half-open."""

    start: PositionJson
    end: PositionJson


class RelatedJson(msgspec.Struct, frozen=True):
    """One step of the witness."""

    path: str
    range: RangeJson
    message: str


class EditJson(msgspec.Struct, frozen=True):
    """A replacement in a file whose text has the given hash."""

    path: str
    sha256: str
    range: RangeJson
    new_text: str


class FixJson(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fix; `edits` are there with `--fixes`."""

    id: str
    title: str
    grade: str
    edits: tuple[EditJson, ...] | None = None


class FindingJson(msgspec.Struct, frozen=True):
    """One problem."""

    rule: str
    pack: str
    severity: str
    confidence: str
    path: str
    range: RangeJson
    message: str
    services: tuple[str, ...]
    deployment: str
    fingerprint: str
    related: tuple[RelatedJson, ...]
    fixes: tuple[FixJson, ...]


class CountsJson(msgspec.Struct, frozen=True):
    """Sites that the rules of a practice examined."""

    examined: int
    hold: int
    violated: int
    unknown: int


class SummaryJson(msgspec.Struct, frozen=True):
    """Counts."""

    by_severity: dict[str, int]
    by_rule: dict[str, int]
    suppressed: int
    baseline: int
    practices: dict[str, CountsJson]


class SkippedJson(msgspec.Struct, frozen=True):
    """A file that could not be analysed."""

    path: str
    reason: str


class ToolJson(msgspec.Struct, frozen=True):
    """Who answers."""

    name: str
    version: str


class CheckJson(msgspec.Struct, frozen=True):
    """The whole answer."""

    schema_version: int
    tool: ToolJson
    root: str
    files: int
    skipped: tuple[SkippedJson, ...]
    findings: tuple[FindingJson, ...]
    summary: SummaryJson


def findings_json(checked: Checked) -> bytes:
    """Indented UTF-8 JSON with a final line feed."""
    answer = CheckJson(
        schema_version=SCHEMA_VERSION,
        tool=ToolJson("shearpin", __version__),
        root=checked.root,
        files=checked.files,
        skipped=tuple(SkippedJson(path, reason) for path, reason in checked.skipped),
        findings=tuple(_finding(finding, checked) for finding in checked.findings),
        summary=_summary(checked),
    )
    return msgspec.json.format(msgspec.json.encode(answer), indent=2) + b"\n"


def _finding(finding: Finding, checked: Checked) -> FindingJson:
    places = checked.places
    return FindingJson(
        rule=finding.rule,
        pack=finding.pack,
        severity=finding.severity.value,
        confidence=finding.confidence.value,
        path=finding.site.path,
        range=_range(places.range_of(finding.site)),
        message=finding.message,
        services=finding.services,
        deployment=finding.deployment,
        fingerprint=finding.fingerprint,
        related=tuple(
            RelatedJson(hop.site.path, _range(places.range_of(hop.site)), hop.note) for hop in finding.related
        ),
        fixes=tuple(_fix(finding, number, fix, checked) for number, fix in enumerate(finding.fixes, 1)),
    )


def _fix(finding: Finding, number: int, fix: FixPlan, checked: Checked) -> FixJson:
    edits = None
    if checked.edits is not None:
        edits = tuple(_edit(edit, checked.places) for edit in checked.edits(finding, fix))
    return FixJson(f"{finding.fingerprint}.{number}", fix.title, fix.grade.value, edits)


def _edit(edit: FileEdit, places: Places) -> EditJson:
    return EditJson(
        edit.path, edit.sha256, _range(places.range_between(edit.path, edit.start, edit.end)), edit.new_text
    )


def _range(where: Range) -> RangeJson:
    return RangeJson(_position(where.start), _position(where.end))


def _position(position: Position) -> PositionJson:
    return PositionJson(position.line, position.utf16)


def _summary(checked: Checked) -> SummaryJson:
    practices = {
        name: CountsJson(counts.examined, counts.hold, counts.violated, counts.unknown)
        for name, counts in sorted(checked.practices.items())
    }
    return SummaryJson(
        by_severity=checked.by_severity(),
        by_rule=checked.by_rule(),
        suppressed=checked.suppressed,
        # nothing is compared with a baseline yet, so nothing is in it
        baseline=0,
        practices=practices,
    )
