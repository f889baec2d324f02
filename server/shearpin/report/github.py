"""Findings as workflow commands, which GitHub shows beside the changed lines."""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.engine.finding import Finding
from shearpin.report.checked import Checked
from shearpin.report.places import Places
from shearpin.rulekit.verdict import Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "notice"}


def github_annotations(checked: Checked) -> str:
    """One command a line."""
    return "".join(_annotation(finding, checked.places) + "\n" for finding in checked.findings)


def _annotation(finding: Finding, places: Places) -> str:
    where = places.range_of(finding.site)
    place = {
        "file": f"{places.prefix}{finding.site.path}",
        "line": str(where.start.line + 1),
        "endLine": str(where.end.line + 1),
    }
    if where.start.line == where.end.line:
        place |= {"col": str(where.start.column + 1), "endColumn": str(where.end.column + 1)}
    place["title"] = f"shearpin: {finding.rule}"
    properties = ",".join(f"{name}={_property(value)}" for name, value in place.items())
    return f"::{_COMMANDS[finding.severity]} {properties}::{_message(finding, places)}"


def _message(finding: Finding, places: Places) -> str:
    return "%0A".join(_data(text) for text in _sentences(finding, places))


def _sentences(finding: Finding, places: Places) -> Iterator[str]:
    yield finding.message
    for hop in finding.related:
        yield f"{places.address(hop.site)}: {hop.note}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
