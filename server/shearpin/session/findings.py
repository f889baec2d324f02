"""Findings of files as they are shown: with suppression, fingerprints and order. Kept per file until it changes."""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import normpath

import msgspec

from shearpin.engine.classify import is_examined
from shearpin.engine.comments import Allowance, plain_allowances, python_allowances
from shearpin.engine.finding import Finding
from shearpin.engine.findings import findings_at, practices
from shearpin.engine.identity import with_fingerprints
from shearpin.engine.selection import Selection
from shearpin.engine.suppression import Unjudged, suppress
from shearpin.facts.site import Site
from shearpin.query import Database
from shearpin.session.index import VerdictIndex
from shearpin.session.model import Report
from shearpin.text.lines import LineIndex
from shearpin.workspace.workspace import Workspace


class Shown(msgspec.Struct, frozen=True):
    """What is shown of one file, and how many of its findings comments allow."""

    findings: tuple[Finding, ...] = ()
    suppressed: int = 0


class Findings:
    """Computes what is shown of a file; positions are read from the text as it is now."""

    def __init__(self, db: Database, workspace: Workspace, index: VerdictIndex) -> None:
        self._db = db
        self._workspace = workspace
        self._index = index
        self._shown: dict[str, tuple[tuple[frozenset[str], bool], Shown]] = {}

    def forget(self, paths: Iterable[str]) -> None:
        """These files, or what marks them, changed."""
        for path in paths:
            self._shown.pop(path, None)

    def forget_all(self) -> None:
        """The settings changed."""
        self._shown.clear()

    def of(self, path: str, selection: Selection, *, include_tests: bool) -> Shown:
        """What is shown of one file."""
        self.forget(self._index.take_changed())
        # Whether code is examined depends on other files, so it is asked each time; the answers are memoised.
        examined = self._examined(path, include_tests=include_tests)
        stamp = examined, self._index.pending == 0
        known = self._shown.get(path)
        if known is None or known[0] != stamp:
            known = self._shown[path] = stamp, self._compute(path, selection, examined, is_complete=stamp[1])
        return known[1]

    def report(self, paths: Iterable[str] | None, selection: Selection, *, include_tests: bool) -> Report:
        """What is shown of all files, or of those in some paths."""
        within = None if paths is None else tuple(normpath(path) for path in paths)
        found: list[Finding] = []
        suppressed = 0
        for path in sorted({*self._index.marked_files(), *self._commented()}):
            if within is None or any(_is_within(path, folder) for folder in within):
                shown = self.of(path, selection, include_tests=include_tests)
                found.extend(shown.findings)
                suppressed += shown.suppressed
        workspace = self._workspace
        counted = {
            path: run.verdicts
            for path, run in self._index.runs().items()
            if include_tests or is_examined(self._db, path)
        }
        return Report(
            findings=tuple(found),
            files=len(workspace.inputs.summaries) + len(workspace.inputs.manifests),
            skipped=tuple(sorted(workspace.skipped.items())),
            suppressed=suppressed,
            practices=practices(counted, selection),
        )

    def locate(self, site: Site) -> tuple[int, int]:
        """Absolute byte range of a site; (0, 0) when its part is gone."""
        start = 0
        if site.part:
            placement = self._workspace.placement(site.path, site.part)
            if placement is None:
                return 0, 0
            start = placement.start
        return start + site.start, start + site.end

    # ------------------------------------------------------------- internal

    def _examined(self, path: str, *, include_tests: bool) -> frozenset[str]:
        """The files that count for what is shown of one: itself and those whose code marks it."""
        files = {path, *(origin for origin, _ in self._index.marks(path))}
        return frozenset(file for file in files if include_tests or is_examined(self._db, file))

    def _compute(self, path: str, selection: Selection, examined: frozenset[str], *, is_complete: bool) -> Shown:
        if path not in examined or not self._workspace.is_tracked(path):
            return Shown()
        marks = [named for origin, named in self._index.marks(path) if origin in examined]
        found = findings_at(path, marks, selection)
        summary = self._workspace.summary(path)
        has_comments = bool(summary.comments) if summary is not None else self._workspace.is_marked(path)
        if not found and not has_comments:
            return Shown()
        text = self._workspace.source(path) or b""
        allowances = self._allowances(path, text) if has_comments else ()
        unjudged = Unjudged(
            hidden=tuple((rule, verdict.site) for rule, verdict in marks),
            silent=frozenset(failure.rule for failure in self._index.run_of(path).failures),
            everything=not is_complete or (summary is not None and summary.has_error),
        )
        result = suppress(path, found, allowances, self.locate, selection, unjudged)
        # Fingerprints count what is suppressed too: a comment on the first of two must not rename the second.
        ordered = sorted((*found, *result.about_comments), key=self._order)
        identified = with_fingerprints(ordered, lambda site: text[slice(*self.locate(site))])
        removed = {id(finding) for finding in result.removed}
        kept = (after for before, after in zip(ordered, identified, strict=True) if id(before) not in removed)
        return Shown(tuple(kept), len(removed))

    def _order(self, finding: Finding) -> tuple[int, int, str, str]:
        return (*self.locate(finding.site), finding.rule, finding.message)

    def _allowances(self, path: str, text: bytes) -> tuple[Allowance, ...]:
        lines = LineIndex(text)
        summary = self._workspace.summary(path)
        return plain_allowances(text, lines) if summary is None else python_allowances(summary, lines)

    def _commented(self) -> Iterable[str]:
        summaries = self._workspace.inputs.summaries
        yield from (path for path, summary in summaries.items() if summary.comments)
        yield from self._workspace.marked_files()


def _is_within(path: str, folder: str) -> bool:
    return folder in {"", "."} or path == folder or path.startswith(f"{folder}/")
