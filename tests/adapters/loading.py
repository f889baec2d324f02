"""A workspace held in memory, with all adapters in force, and the facts of its files."""

from __future__ import annotations

from collections.abc import Mapping

from shearpin.adapterkit.facts import facts_of
from shearpin.adapters import adapter_set
from shearpin.facts.fact import Fact
from shearpin.facts.site import Site
from shearpin.query import Database, keys
from shearpin.syntax.ir import ModuleSummary
from shearpin.syntax.placement import absolute
from shearpin.syntax.python import summarise
from shearpin.workspace.inputs import Inputs


class Loaded:
    """Files by path, as a database."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.sources = {path: text.encode() for path, text in files.items()}
        self.summaries: dict[str, ModuleSummary] = {path: summarise(source) for path, source in self.sources.items()}
        self.db = Database()
        inputs = Inputs()
        for path, summary in self.summaries.items():
            inputs.add_file(path, is_python=True)
            inputs.set_summary(path, summary)
        known = adapter_set()
        inputs.set(keys.models(), known.models)
        inputs.set(keys.adapters(), known)
        self.db.update(inputs.flush())

    def facts(self, path: str) -> list[Fact]:
        """All facts of one file, in order of position."""
        found: list[Fact] = []
        for part in self.summaries[path].parts:
            found.extend(facts_of(self.db, path, part.id))
        return sorted(found, key=lambda fact: (self.line(fact.site), fact.site.start, type(fact).__name__))

    def line(self, site: Site) -> int:
        """The line of a site, from 1."""
        start = absolute(self.summaries[site.path], site.part, site.start)
        return self.sources[site.path][:start].count(b"\n") + 1
