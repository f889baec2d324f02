"""Fixes, tried on an overlay before they are handed out: the file parses, the finding is gone, none is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from shearpin.engine.finding import Finding
from shearpin.engine.identity import Subject, subject_of
from shearpin.facts.site import Site
from shearpin.rulekit.edits import build_edits, file_edits
from shearpin.rulekit.source import FileEdit
from shearpin.rulekit.verdict import FixPlan, Grade
from shearpin.session.model import Attempt, FixOutcome, Refused
from shearpin.syntax.ir import ModuleSummary, Part
from shearpin.text.edits import Edit, apply, difference

if TYPE_CHECKING:
    from shearpin.session.session import Session
    from shearpin.workspace.workspace import Workspace

_GRADES = {Grade.SAFE: frozenset({Grade.SAFE}), Grade.REVIEW: frozenset({Grade.SAFE, Grade.REVIEW})}


class SessionSource:
    """The source port of fixes: the texts and summaries of a session."""

    def __init__(self, session: Session, workspace: Workspace) -> None:
        self._session = session
        self._workspace = workspace

    def text(self, path: str) -> bytes | None:
        """UTF-8 text of a file."""
        return self._workspace.source(path)

    def summary(self, path: str) -> ModuleSummary | None:
        """Summary of that text."""
        return self._workspace.summary(path)

    def part(self, path: str, part_id: str) -> Part | None:
        """One part of the summary."""
        return self._workspace.inputs.part(path, part_id)

    def locate(self, site: Site) -> tuple[int, int]:
        """Absolute byte range of a site."""
        return self._session.locate(site)

    def dependency_files(self, path: str) -> tuple[str, ...]:
        """Files that declare dependencies, in the folders around a file, nearest first."""
        return self._workspace.dependency_files(path)


class Fixing:
    """Builds edits and tries them. Trials leave overlays as they were."""

    def __init__(self, session: Session, workspace: Workspace) -> None:
        self._session = session
        self._workspace = workspace
        self._source = SessionSource(session, workspace)

    def edits(self, finding: Finding, plan: FixPlan) -> tuple[FileEdit, ...]:
        """Edits of one fix after a trial on its files; empty when it does not apply or does not help."""
        built = self._built(plan)
        if not built:
            return ()
        path = finding.site.path
        subject = self._subject(finding)
        before = self._subjects(self._session.findings(path))[subject]
        overlays = self._overlay(built)
        try:
            after = self._subjects(self._session.findings(path))[subject]
        finally:
            self._restore(overlays)
        return built if after < before else ()

    def fix_all(self, grade: Grade, rules: frozenset[str] | None) -> FixOutcome:
        """Apply fixes one after the other on an overlay, keep those that verify, and give the edits of all together."""
        grades = _GRADES.get(grade, _GRADES[Grade.REVIEW])
        originals: dict[str, bytes | None] = {}
        applied: list[tuple[Finding, str]] = []
        dropped: dict[tuple[str, str], Refused] = {}
        try:
            while (candidate := self._next(grades, rules, dropped)) is not None:
                finding, plan = candidate
                reason = self._try(finding, plan, originals)
                if reason:
                    dropped[_key(finding)] = Refused(finding, plan.title, reason)
                else:
                    applied.append((finding, plan.title))
            edits = tuple(self._differences(originals))
        finally:
            self._restore(originals)
        return FixOutcome(edits, tuple(applied), tuple(dropped.values()))

    def attempt(self, texts: Mapping[str, bytes], refused: Container[tuple[str, str]]) -> Attempt | None:
        """Try the first safe fix that is not refused, on files with these texts; None when there is no more."""
        grades = _GRADES[Grade.SAFE]
        before = self._put(texts)
        originals: dict[str, bytes | None] = {}
        try:
            candidate = self._next(grades, None, refused)
            if candidate is None:
                return None
            finding, plan = candidate
            reason = self._try(finding, plan, originals)
            after = {path: self._workspace.source(path) or b"" for path in originals}
            return Attempt(_key(finding), after if not reason else {})
        finally:
            self._restore({**originals, **before})

    # ------------------------------------------------------------- internal

    def _next(
        self, grades: frozenset[Grade], rules: frozenset[str] | None, dropped: Container[tuple[str, str]]
    ) -> tuple[Finding, FixPlan] | None:
        found = (
            (finding, plan)
            for finding in self._session.report().findings
            if (rules is None or finding.rule in rules) and _key(finding) not in dropped
            if (plan := next((plan for plan in finding.fixes if plan.grade in grades), None)) is not None
        )
        return min(found, key=lambda item: item[1].moves_call, default=None)

    def _try(self, finding: Finding, plan: FixPlan, originals: dict[str, bytes | None]) -> str:
        """Apply one fix if it verifies; the reason why not otherwise."""
        built = self._built(plan)
        if not built:
            return "it cannot be written here"
        subject = self._subject(finding)
        before = self._subjects(self._session.report().findings)
        overlays = self._overlay(built)
        after = self._subjects(self._session.report().findings)
        new = [other for other in after if after[other] > before[other]]
        if after[subject] < before[subject] and not new:
            for path, overlay in overlays.items():
                originals.setdefault(path, overlay)
            return ""
        self._restore(overlays)
        return f"it would bring {new[0][0]}" if new else "the finding would remain"

    def _built(self, plan: FixPlan) -> tuple[FileEdit, ...]:
        timeouts = self._session.settings.timeouts
        holes = {"connect": f"{timeouts.connect:g}", "read": f"{timeouts.read:g}"}
        return build_edits(plan, self._source, holes)

    def _subject(self, finding: Finding) -> Subject:
        text = self._workspace.source(finding.site.path) or b""
        return subject_of(finding, text[slice(*self._session.locate(finding.site))])

    def _subjects(self, findings: Iterable[Finding]) -> Counter[Subject]:
        return Counter(self._subject(finding) for finding in findings)

    def _overlay(self, edits: tuple[FileEdit, ...]) -> dict[str, bytes | None]:
        """Put edited texts over the files; returns the overlays that were there."""
        by_path: dict[str, list[Edit]] = {}
        for edit in edits:
            by_path.setdefault(edit.path, []).append(Edit(edit.start, edit.end, edit.new_text.encode()))
        return self._put({path: apply(self._workspace.source(path) or b"", own) for path, own in by_path.items()})

    def _put(self, texts: Mapping[str, bytes]) -> dict[str, bytes | None]:
        """Put texts over the files; returns the overlays that were there."""
        before = {path: self._workspace.files.overlays.get(path) for path in texts}
        for path, text in texts.items():
            self._session.set_overlay(path, text)
        return before

    def _restore(self, overlays: dict[str, bytes | None]) -> None:
        for path, overlay in overlays.items():
            self._session.set_overlay(path, overlay)

    def _differences(self, originals: dict[str, bytes | None]) -> Iterator[FileEdit]:
        after = {path: self._workspace.source(path) or b"" for path in sorted(originals)}
        self._restore(originals)
        for path, text in after.items():
            before = self._workspace.source(path) or b""
            yield from file_edits(path, before, difference(before, text))


def _key(finding: Finding) -> tuple[str, str]:
    return finding.site.path, finding.fingerprint
