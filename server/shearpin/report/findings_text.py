"""Findings as a compiler shows them: what, where, the source with carets, the witness, and the help."""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.engine.finding import Finding
from shearpin.report.checked import Checked
from shearpin.report.excerpt import excerpt, gutter_width
from shearpin.report.pages import TONES
from shearpin.report.places import Places
from shearpin.report.practices import practice_bars
from shearpin.report.styled import BLANK, Line, Piece, Tone, faint, frame, line, strong
from shearpin.rulekit.verdict import Confidence


def findings_text(checked: Checked) -> Iterator[Line]:
    """All findings, what was skipped, the practices and a summary."""
    for finding in checked.findings:
        yield from finding_text(finding, checked.places)
        yield BLANK
    for path, reason in checked.skipped:
        yield line(Piece("skipped", Tone.WARNING), f" {checked.places.prefix}{path}: {reason}")
    if checked.skipped:
        yield BLANK
    bars = tuple(practice_bars(checked.practices))
    yield from bars
    if bars:
        yield BLANK
    yield from _summary(checked)


def finding_text(finding: Finding, places: Places) -> Iterator[Line]:
    """One finding."""
    where = places.range_of(finding.site)
    tone = TONES[finding.severity]
    margin = " " * gutter_width(where)
    yield line(Piece(f"{finding.severity.value}[{finding.rule}]", tone), strong(f": {finding.message}"))
    address = f"{places.prefix}{finding.site.path}:{where.start.line + 1}:{where.start.column + 1}"
    yield line(frame(f"{margin}--> "), address)
    yield from excerpt(places, finding.site.path, where, tone)
    for hop in finding.related:
        yield line(frame(f"{margin} = "), strong("note: "), faint(f"{places.address(hop.site)}: "), hop.note)
    about = _about(finding)
    if about:
        yield line(frame(f"{margin} = "), strong("note: "), about)
    for fix in finding.fixes:
        yield line(frame(f"{margin} = "), Piece("help: ", Tone.GOOD), f"fix available ({fix.grade.value}): {fix.title}")


def findings_concise(checked: Checked) -> Iterator[Line]:
    """One line a finding."""
    for finding in checked.findings:
        start = checked.places.range_of(finding.site).start
        address = f"{checked.places.prefix}{finding.site.path}:{start.line + 1}:{start.column + 1}: "
        label = Piece(f"{finding.severity.value}[{finding.rule}]", TONES[finding.severity])
        yield line(faint(address), label, f" {finding.message}")


def _about(finding: Finding) -> str:
    words = []
    if finding.services:
        words.append(f"in service{'s' if len(finding.services) > 1 else ''} {', '.join(finding.services)}")
    if finding.deployment:
        words.append(f"as deployed by {finding.deployment}")
    if finding.confidence is not Confidence.CERTAIN:
        words.append(f"{finding.confidence.value}, not certain")
    return "; ".join(words)


def _summary(checked: Checked) -> Iterator[Line]:
    files = _count(checked.files, "file")
    hidden = f"; {checked.suppressed} allowed by comments" if checked.suppressed else ""
    if not checked.findings:
        yield line(Piece("No problems found", Tone.GOOD), f" in {files}{hidden}.")
        return
    worst = next(iter(sorted((finding.severity for finding in checked.findings), key=lambda item: -item.rank)))
    counts = [_severity_count(name, number) for name, number in checked.by_severity().items() if number]
    total = _count(len(checked.findings), "problem")
    yield line(Piece(total, TONES[worst]), f" in {files}: {', '.join(counts)}{hidden}.")
    safe, review = checked.fixable()
    command = f"shearpin fix {checked.places.prefix.rstrip('/')}".rstrip()
    if safe:
        yield line(f"{safe} with a safe fix: {command} --apply (look first: {command} --diff).")
    if review:
        more = "more " if safe else ""
        yield line(f"{review} {more}with a fix that needs a look: {command} --unsafe --diff.")


def _severity_count(name: str, number: int) -> str:
    return f"{number} {name}" if name == "information" or number == 1 else f"{number} {name}s"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
