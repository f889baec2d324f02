"""What one `check` has to show, whatever the format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shearpin.engine.finding import Finding
from shearpin.report.places import Places
from shearpin.rulekit.verdict import FixPlan, Grade, Severity

if TYPE_CHECKING:
    from shearpin.session import Counts, FileEdit


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings in order of position, and counts over all that was examined.

    `root` is the workspace as the JSON names it; `fail_on` is the severity from which the settings want a failure, or
    "never". `edits` builds the text edits of a fix; None leaves them out.
    """

    root: str
    findings: tuple[Finding, ...]
    places: Places
    files: int
    skipped: tuple[tuple[str, str], ...] = ()
    suppressed: int = 0
    practices: Mapping[str, Counts] = field(default_factory=dict)
    edits: Callable[[Finding, FixPlan], tuple[FileEdit, ...]] | None = None
    fail_on: str = "warning"

    def by_severity(self) -> dict[str, int]:
        """Number of findings of every severity, worst first."""
        counts = Counter(finding.severity for finding in self.findings)
        return {severity.value: counts[severity] for severity in sorted(Severity, key=lambda item: -item.rank)}

    def by_rule(self) -> dict[str, int]:
        """Number of findings of every rule that found something, by name."""
        return dict(sorted(Counter(finding.rule for finding in self.findings).items()))

    def fixable(self) -> tuple[int, int]:
        """Number of findings that have a safe fix, and of those that only have one to review."""
        grades = [{fix.grade for fix in finding.fixes} for finding in self.findings]
        safe = sum(Grade.SAFE in found for found in grades)
        return safe, sum(Grade.REVIEW in found and Grade.SAFE not in found for found in grades)
