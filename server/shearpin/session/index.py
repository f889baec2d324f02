"""All verdicts of the workspace by the file they mark, kept up to date by re-running only what became suspect."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from shearpin.engine.findings import Named
from shearpin.engine.verdicts import FACTS, Run, file_run
from shearpin.query import Database
from shearpin.rulekit.verdict import Outcome

_LOG = logging.getLogger(__name__)
_NOTHING: Run = Run(())


class VerdictIndex:
    """A verdict may mark another file than the one whose code was examined: a client's constructor for its calls."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._runs: dict[str, Run] = {}
        #: marked file -> examined file -> violated verdicts
        self._marks: dict[str, dict[str, tuple[Named, ...]]] = {}
        self._due: set[str] = set()
        self._changed: set[str] = set()
        self._reported: set[tuple[str, str]] = set()
        db.watch(file_run)

    def add(self, paths: Iterable[str]) -> None:
        """Python files that appeared."""
        self._due.update(paths)

    @property
    def pending(self) -> int:
        """How many files have to be examined before everything is known."""
        self._take_suspects()
        return len(self._due)

    def bring_up_to_date(self, first: str | None = None) -> None:
        """Examine what became suspect, the file `first` before others. May raise `Cancelled` and go on later."""
        self._take_suspects()
        for path in sorted(self._due, key=lambda path: (path != first, path)):
            self._examine(path)

    def examine(self, path: str) -> None:
        """Examine one file only."""
        self._take_suspects()
        if path in self._due:
            self._examine(path)

    def take_changed(self) -> frozenset[str]:
        """Files whose marks changed since the last call."""
        found = frozenset(self._changed)
        self._changed.clear()
        return found

    def run_of(self, path: str) -> Run:
        """What rules said about the code of one file, as far as it was examined."""
        return self._runs.get(path, _NOTHING)

    def runs(self) -> Mapping[str, Run]:
        """What rules said, by examined file."""
        return MappingProxyType(self._runs)

    def marks(self, path: str) -> Iterable[tuple[str, Named]]:
        """Violated verdicts that mark a file, each with the file whose code was examined, in a fixed order."""
        found = self._marks.get(path, {})
        return ((origin, named) for origin in sorted(found) for named in found[origin])

    def marked_files(self) -> Iterable[str]:
        """Files that at least one violated verdict marks."""
        return self._marks.keys()

    def _take_suspects(self) -> None:
        self._due.update(str(key[0]) for key in self._db.take_suspects(file_run))

    def _examine(self, path: str) -> None:
        run = file_run(self._db, path)
        self._due.discard(path)
        before = self._runs.get(path, _NOTHING)
        if run == before:
            return
        if run.verdicts or run.failures:
            self._runs[path] = run
        else:
            self._runs.pop(path, None)
        self._report(path, run)
        self._replace_marks(path, _by_file(before), _by_file(run))

    def _replace_marks(
        self, origin: str, before: dict[str, tuple[Named, ...]], after: dict[str, tuple[Named, ...]]
    ) -> None:
        changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
        for path in changed:
            marks = self._marks.setdefault(path, {})
            if path in after:
                marks[origin] = after[path]
            else:
                del marks[origin]
            if not marks:
                del self._marks[path]
        # A failed rule changes what is said about comments, so the examined file counts as changed too.
        self._changed |= {origin, *changed}

    def _report(self, path: str, run: Run) -> None:
        for failure in run.failures:
            if (path, failure.rule) not in self._reported:
                self._reported.add((path, failure.rule))
                what = "the analysis of a part" if failure.rule == FACTS else f"rule {failure.rule}"
                _LOG.warning("%s: %s failed and is silent in this file: %s", path, what, failure.error)


def _by_file(run: Run) -> dict[str, tuple[Named, ...]]:
    found: dict[str, list[Named]] = {}
    for named in run.verdicts:
        if named[1].outcome is Outcome.VIOLATED:
            found.setdefault(named[1].site.path, []).append(named)
    return {path: tuple(verdicts) for path, verdicts in found.items()}
