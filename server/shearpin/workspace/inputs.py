"""Turns summaries and facts of manifests into inputs of the database, always from the difference to what was there."""

from __future__ import annotations

from shearpin.facts.manifest import ManifestFacts
from shearpin.meaning.renaming import renamed_names
from shearpin.query import keys
from shearpin.query.kernel import Key
from shearpin.syntax.flags import ModuleFlags
from shearpin.syntax.ir import ModuleSummary, Part, Placement
from shearpin.workspace.reverse import ReverseIndex
from shearpin.workspace.tree import Tree


class Inputs:
    """What the database was told. Collect changes, then `flush` them as one update."""

    def __init__(self) -> None:
        self.summaries: dict[str, ModuleSummary] = {}
        self.manifests: dict[str, ManifestFacts] = {}
        self._parts: dict[str, dict[str, Part]] = {}
        self._placements: dict[str, dict[str, Placement]] = {}
        self.tree = Tree()
        self._mentions = ReverseIndex(keys.mentions)
        self._writes = ReverseIndex(keys.attribute_writes)
        self._subclasses = ReverseIndex(keys.subclasses)
        self._renamed = ReverseIndex(keys.renamed)
        self._changes: dict[Key, object] = {}
        self._manifests_touched = False

    def add_file(self, path: str, *, is_python: bool) -> None:
        """A file that matters appeared."""
        self.tree.add(path, is_python=is_python)
        if is_python:
            self._changes[keys.python_file(path)] = True

    def remove_file(self, path: str, *, is_python: bool) -> None:
        """A file that matters disappeared."""
        self.tree.remove(path, is_python=is_python)
        if is_python:
            self._changes[keys.python_file(path)] = None

    def set_summary(self, path: str, summary: ModuleSummary | None) -> None:
        """A Python file has this summary now; None: it is gone."""
        before = self._parts.get(path, {})
        after: dict[str, Part] = {}
        for part in summary.parts if summary is not None else ():
            old = before.get(part.id)
            after[part.id] = old if old is not None and (old is part or old == part) else part
        for part_id in before.keys() | after.keys():
            old, new = before.get(part_id), after.get(part_id)
            if old is not new:
                self._change_part(path, part_id, old, new)
        self._remember(path, summary, after)

    def set_manifest(self, path: str, facts: ManifestFacts | None) -> None:
        """A file reads as this manifest now; None or facts of kind "": it is none."""
        if facts is not None and not facts.kind:
            facts = None
        if (path in self.manifests) != (facts is not None):
            self._manifests_touched = True
        if facts is None:
            self.manifests.pop(path, None)
        else:
            self.manifests[path] = facts
        self._changes[keys.manifest(path)] = facts

    def set_dependencies(self, path: str, declared: tuple[tuple[str, str], ...] | None) -> None:
        """A file declares these distributions; None: it is gone."""
        self._changes[keys.dependency_file(path)] = declared

    def set(self, key: Key, value: object) -> None:
        """Any other input."""
        self._changes[key] = value

    def flush(self) -> dict[Key, object]:
        """All changes since the last flush, for `Database.update`."""
        changes = self._changes
        self.tree.flush(changes)
        for index in (self._mentions, self._writes, self._subclasses, self._renamed):
            index.flush(changes)
        if self._manifests_touched:
            changes[keys.manifest_paths()] = tuple(sorted(self.manifests))
        self._changes = {}
        self._manifests_touched = False
        return changes

    def part(self, path: str, part_id: str) -> Part | None:
        """A part as it is now."""
        return self._parts.get(path, {}).get(part_id)

    def placements(self, path: str) -> dict[str, Placement]:
        """Where the parts of a file stand, by part id."""
        found = self._placements.get(path)
        if found is None:
            summary = self.summaries.get(path)
            found = {item.id: item for item in summary.placements} if summary is not None else {}
            self._placements[path] = found
        return found

    def _change_part(self, path: str, part_id: str, old: Part | None, new: Part | None) -> None:
        place = (path, part_id)
        self._mentions.change(place, old.mentions if old else (), new.mentions if new else ())
        self._writes.change(place, old.attribute_writes if old else (), new.attribute_writes if new else ())
        self._subclasses.change(place, old.base_names if old else (), new.base_names if new else ())
        self._renamed.change(place, renamed_names(old) if old else (), renamed_names(new) if new else ())
        self._changes[keys.part(path, part_id)] = new

    def _remember(self, path: str, summary: ModuleSummary | None, parts: dict[str, Part]) -> None:
        self._placements.pop(path, None)
        if summary is None:
            self.summaries.pop(path, None)
            self._parts.pop(path, None)
            self._changes[keys.part_ids(path)] = None
            self._changes[keys.module_flags(path)] = None
            return
        self.summaries[path] = summary
        self._parts[path] = parts
        self._changes[keys.part_ids(path)] = tuple(parts)
        self._changes[keys.module_flags(path)] = ModuleFlags(summary.has_error, summary.exported)
