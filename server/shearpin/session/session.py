"""One open workspace: composes files, settings and rules, and answers what editors and terminals ask."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from pathlib import Path

from shearpin.adapters import adapter_set
from shearpin.engine.finding import Finding
from shearpin.engine.selection import Selection
from shearpin.engine.verdicts import RULES, STRICT
from shearpin.facts.site import Site
from shearpin.graph.build import service_graph
from shearpin.graph.model import ServiceGraph
from shearpin.meaning.scopes import part_ids
from shearpin.query import Database, keys
from shearpin.query.kernel import Key
from shearpin.rulekit.edits import FileEdit
from shearpin.rulekit.rule import Rule, discover
from shearpin.rulekit.verdict import FixPlan, Grade, Verdict
from shearpin.session.cursor import verdicts_at
from shearpin.session.examining import examine_all, link_all
from shearpin.session.findings import Findings
from shearpin.session.fixing import Fixing
from shearpin.session.index import VerdictIndex
from shearpin.session.limits import Limits, Share, limits_in, shares_of
from shearpin.session.model import Attempt, FixOutcome, Report
from shearpin.session.navigation import Navigation
from shearpin.session.outline import Outline
from shearpin.session.score import Score, score
from shearpin.settings import FILES, Settings, SettingsError, load
from shearpin.syntax.ir import ModuleSummary
from shearpin.text.lines import LineIndex
from shearpin.workspace.cache import Cache, cache_path
from shearpin.workspace.discovery import Kind
from shearpin.workspace.files import DiskFiles, FileSystem
from shearpin.workspace.ignoring import matcher
from shearpin.workspace.summaries import Summaries
from shearpin.workspace.trace import TracedFiles
from shearpin.workspace.workspace import Change, Progress, Workspace


class Session:
    """One open workspace. To be used by one thread at a time; a method may raise `query.Cancelled`."""

    def __init__(
        self,
        files: FileSystem,
        *,
        root: Path = Path(),
        settings: Settings | None = None,
        rules: tuple[Rule, ...] | None = None,
        summaries: Summaries | None = None,
        strict: bool = False,
        once: bool = False,
    ) -> None:
        """Nothing is read yet: `open` does that. `settings` None: the workspace's own, and changes of them count.

        `strict` raises what a broken rule raises instead of silencing it. `once`: for a single look, in less time and
        memory; a change makes such a session forget all it knows.
        """
        self.root = root
        self.db = Database(is_once=once)
        self._rules = discover() if rules is None else rules
        self._summaries = Summaries(Cache(None), 1) if summaries is None else summaries
        traced = TracedFiles(files) if once else None
        #: what was seen of the files, for a single look
        self.trace = None if traced is None else traced.trace
        self._workspace = Workspace(traced or files, self.db, self._summaries)
        self._given_settings = settings
        self._strict = strict
        self.settings = self._loaded_settings() if settings is None else settings
        self.selection = Selection(self.settings, self._rules, matcher)
        self._check_names()
        self._index = VerdictIndex(self.db)
        self._findings = Findings(self.db, self._workspace, self._index)
        self._fixing = Fixing(self, self._workspace)

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        settings: Settings | None = None,
        progress: Callable[[int, int, str], None] | None = None,
        jobs: int | None = None,
        use_cache: bool = True,
        once: bool = False,
    ) -> Session:
        """Open a folder and read all of it.

        Raises:
            SettingsError: the settings cannot be used.
        """
        cache = Cache(cache_path(root.absolute()) if use_cache else None)
        session = cls.prepared(root, settings=settings, summaries=Summaries(cache, jobs), once=once)
        session.read_all(progress)
        return session

    @classmethod
    def prepared(
        cls, root: Path, *, settings: Settings | None = None, summaries: Summaries | None = None, once: bool = False
    ) -> Session:
        """A session on a folder of which nothing is read yet. `summaries` None: with the cache, by several processes.

        Raises:
            SettingsError: the settings cannot be used.
        """
        root = root.absolute()
        summaries = summaries or Summaries(Cache(cache_path(root)), None)
        return cls(DiskFiles(root), root=root, settings=settings, summaries=summaries, once=once)

    def read_all(self, progress: Progress | None = None) -> Change:
        """Read everything that matters."""
        self._set_inputs()
        change = self._workspace.load(self.settings.exclude, progress)
        self._note(change)
        return change

    def reading(self, first: Iterable[str], progress: Progress | None = None) -> Iterator[None]:
        """Read everything bit by bit, the services around the files `first` before all others.

        What is asked between two bits is answered from what is read; nothing counts as absent elsewhere until the end.
        """
        self._set_inputs()
        self.db.update({keys.is_partial(): True})
        return self._reading(tuple(first), progress)

    def _reading(self, first: tuple[str, ...], progress: Progress | None) -> Iterator[None]:
        for path in first:
            self._note(self._workspace.load_near(self.settings.exclude, path))
            yield
        change = yield from self._workspace.loading(self.settings.exclude, progress)
        self.db.update({keys.is_partial(): None})
        self._note(change)

    @property
    def is_partial(self) -> bool:
        """Only some files are read yet."""
        return self.db.get(keys.is_partial()) is True

    # -------------------------------------------------------------- changes

    def set_overlay(self, path: str, text: bytes | None) -> Change:
        """Put the unsaved buffer of a file over what is on disk, or take it away (None)."""
        return self._changed(self._workspace.set_overlay(path, text), (path,))

    def refresh(self, paths: Iterable[str]) -> Change:
        """Files or folders were changed, created or deleted on disk."""
        asked = tuple(paths)
        return self._changed(self._workspace.refresh(asked), asked)

    def close(self) -> None:
        """Release what is open on disk."""
        self._summaries.close()

    # ------------------------------------------------------------ questions

    @property
    def cache(self) -> Cache:
        """What is kept on disk."""
        return self._summaries.cache

    @property
    def has_failures(self) -> bool:
        """A rule failed somewhere and was silent."""
        return any(run.failures for run in self._index.runs().values())

    @property
    def pending(self) -> int:
        """How many files are still to be examined before findings are complete."""
        return self._index.pending

    def findings(self, path: str) -> tuple[Finding, ...]:
        """Findings of one file, by position."""
        self._index.bring_up_to_date(path)
        return self._findings.of(path, self.selection, include_tests=self.settings.include_tests).findings

    def local_findings(self, path: str) -> tuple[Finding, ...]:
        """Findings of one file as far as its own code and what was examined so far tell; quick after `open`."""
        self._index.examine(path)
        return self._findings.of(path, self.selection, include_tests=self.settings.include_tests).findings

    def report(self, paths: Iterable[str] | None = None) -> Report:
        """Everything about the workspace; `paths` (files and folders) restrict what is shown, not what is analysed."""
        self._index.bring_up_to_date()
        return self._findings.report(paths, self.selection, include_tests=self.settings.include_tests)

    def score(self) -> Score:
        """How far practices hold in the whole workspace."""
        self._index.bring_up_to_date()
        verdicts = {path: run.verdicts for path, run in self._index.runs().items()}
        return score(self.db, verdicts, self.selection, include_tests=self.settings.include_tests)

    def graph(self) -> ServiceGraph:
        """The service graph."""
        return service_graph(self.db)

    def examine_all(self, progress: Progress | None = None) -> None:
        """Run all rules over all files, by several processes where this is a session for a single look."""
        paths = self.python_files()
        tell = progress or (lambda _done, _total, _what: None)
        if self.db.is_once:
            examine_all(self.db, paths, self._summaries.jobs, tell)
            self._index.bring_up_to_date()
            return
        for number, path in enumerate(paths, 1):
            tell(number, len(paths), f"examining {path}")
            self._index.examine(path)

    def link_all(self, progress: Progress | None = None) -> None:
        """Find all edges of the graph, by several processes where this is a session for a single look."""
        if self.db.is_once:
            tell = progress or (lambda _done, _total, _what: None)
            link_all(self.db, self.python_files(), self._summaries.jobs, tell)

    def verdicts(self, path: str) -> tuple[tuple[Rule, Verdict], ...]:
        """All verdicts on the code of one file, in order of the code, where its rules speak."""
        self._index.examine(path)
        return self._named(path)

    def verdicts_at(self, path: str, offset: int) -> tuple[tuple[Rule, Verdict], ...]:
        """Verdicts on the call under a byte offset."""
        summary = self._workspace.summary(path)
        if summary is None:
            return ()
        return verdicts_at(summary, path, offset, self.verdicts(path), self.locate)

    @property
    def navigation(self) -> Navigation:
        """Ways between calls and routes, variables and their values, messages and consumers."""
        return Navigation(self.db, self.locate, self._parts_at)

    @property
    def outline(self) -> Outline:
        """What files offer to and use of the rest of the system."""
        return Outline(self.db)

    def limits(self, path: str, offset: int | None = None) -> tuple[Limits, ...]:
        """How long the remote calls of a file wait and how often they are made, or those of the parts around a byte."""
        if not path.endswith(".py"):
            return ()
        return limits_in(self.db, path, part_ids(self.db, path) if offset is None else self._parts_at(path, offset))

    def shares(self, call: Site) -> tuple[Share, ...]:
        """How long the request around a call lasts at worst, and the service behind the call."""
        return shares_of(self.db, call)

    def edits(self, finding: Finding, plan: FixPlan) -> tuple[FileEdit, ...]:
        """Text edits of a fix, tried on the file: it parses and the finding is gone. Empty when it does not apply."""
        return self._fixing.edits(finding, plan)

    def fix_all(self, grade: Grade, rules: frozenset[str] | None = None) -> FixOutcome:
        """Fix everything up to a grade, each fix verified in full; templates are never applied in bulk."""
        return self._fixing.fix_all(grade, rules)

    def attempt(self, texts: Mapping[str, bytes], refused: Container[tuple[str, str]]) -> Attempt | None:
        """One step of fixing everything that is safe: files that earlier steps changed have these texts meanwhile."""
        return self._fixing.attempt(texts, refused)

    # ---------------------------------------------------------------- texts

    def source(self, path: str) -> bytes | None:
        """The text that offsets refer to, from the editor or the disk."""
        return self._workspace.source(path)

    def summary(self, path: str) -> ModuleSummary | None:
        """The summary of a Python file."""
        return self._workspace.summary(path)

    def lines(self, path: str) -> LineIndex:
        """Lines of a file; those of an empty text when it is gone."""
        return LineIndex(self.source(path) or b"")

    def locate(self, site: Site) -> tuple[int, int]:
        """Absolute byte range of a site; (0, 0) when its part is gone."""
        return self._findings.locate(site)

    def python_files(self) -> tuple[str, ...]:
        """Paths of all Python files."""
        return self._workspace.files_of(Kind.PYTHON)

    def manifest_files(self) -> tuple[str, ...]:
        """Paths of all files that are manifests."""
        return tuple(sorted(self._workspace.inputs.manifests))

    # ------------------------------------------------------------- internal

    def _parts_at(self, path: str, offset: int) -> tuple[str, ...]:
        """Parts of a file around a byte, smallest first."""
        summary = self._workspace.summary(path)
        placed = () if summary is None else summary.placements
        around = [place for place in placed if place.start <= offset <= place.end]
        return tuple(place.id for place in sorted(around, key=lambda place: place.end - place.start))

    def _named(self, path: str) -> tuple[tuple[Rule, Verdict], ...]:
        run = self._index.run_of(path)
        rules = {rule.name: rule for rule in self._rules}
        return tuple((rules[name], verdict) for name, verdict in run.verdicts if self.selection.speaks(name, path))

    def _changed(self, change: Change, asked: tuple[str, ...]) -> Change:
        if self._given_settings is None and any(path in FILES for path in asked):
            change = _joined(change, self._reload_settings())
        self._findings.forget((*change.files, *asked))
        self._note(change)
        return change

    def _note(self, change: Change) -> None:
        self._index.add(path for path in change.files if path.endswith(".py"))

    def _reload_settings(self) -> Change:
        """Settings that are broken at the moment leave the last good ones in force."""
        try:
            settings = self._loaded_settings()
        except SettingsError:
            return Change()
        selection = Selection(settings, self._rules, matcher)
        if settings == self.settings or selection.problems():
            return Change()
        self.settings = settings
        self.selection = selection
        self._findings.forget_all()
        self._set_inputs()
        return self._workspace.set_exclude(settings.exclude)

    def _loaded_settings(self) -> Settings:
        return load(self._workspace.files.read_if_any)

    def _check_names(self) -> None:
        problems = self.selection.problems()
        if problems and self._given_settings is None:
            raise SettingsError(problems)

    def _set_inputs(self) -> None:
        adapters = adapter_set()
        inputs: dict[Key, object] = {
            keys.setting(name): getattr(self.settings, name)
            for name in Settings.__struct_fields__
            if name != "mentions"
        }
        inputs[RULES] = self.selection.active()
        inputs[STRICT] = self._strict
        inputs[keys.adapters()] = adapters
        inputs[keys.models()] = adapters.models
        self.db.update(inputs)


def _joined(first: Change, second: Change) -> Change:
    return Change(
        tuple(sorted({*first.files, *second.files})),
        first.parts_summarised + second.parts_summarised,
        first.keys_changed + second.keys_changed,
    )
