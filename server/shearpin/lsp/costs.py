"""What the last edit cost: from the text that arrived to the findings that were known. Used in the worker's thread."""

from __future__ import annotations

import time
from dataclasses import dataclass

from shearpin.query import Database

#: the query that runs the rules over one part of a file
_RULES = "engine.verdicts.part_run"


@dataclass(frozen=True, slots=True)
class Cost:
    """Parts read anew, queries computed, parts over which rules ran, milliseconds that passed."""

    path: str
    parts: int
    queries: int
    rules: int
    milliseconds: float

    def __str__(self) -> str:
        """One line for people."""
        return (
            f"The last edit, in {self.path}: {self.parts} parts read, {self.queries} queries computed, "
            f"rules run over {self.rules} parts, {self.milliseconds:.1f} ms"
        )


class Costs:
    """Counts from an edit until its file's findings are known; edits that come meanwhile are counted with it."""

    def __init__(self) -> None:
        self.last: Cost | None = None
        self._path: str | None = None
        self._parts = 0
        self._since = 0.0

    def begin(self, path: str, db: Database) -> None:
        """The text of a file is about to change."""
        if self._path != path:
            db.reset_counters()
            self._path, self._parts, self._since = path, 0, time.perf_counter()

    def read(self, parts: int) -> None:
        """So many parts of it were read."""
        self._parts += parts

    def end(self, path: str, db: Database) -> None:
        """The findings of a file are known."""
        if path == self._path:
            passed = (time.perf_counter() - self._since) * 1000
            counters = db.counters
            self.last = Cost(path, self._parts, sum(counters.values()), counters.get(_RULES, 0), passed)
            self._path = None
