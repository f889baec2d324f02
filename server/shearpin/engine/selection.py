"""Which rules speak where, and how loud: the settings applied to rules and paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from shearpin.rulekit.rule import Rule
from shearpin.rulekit.verdict import Confidence, Severity
from shearpin.settings import PerPath, Problem, Settings, near_match
from shearpin.settings.model import ALL

WITHOUT_REASON = "suppression-without-reason"
UNUSED = "unused-suppression"
#: the pack of the two findings about suppression comments
SUPPRESSION_PACK = "suppressions"
_CONFIDENCES = (Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE)
#: says whether a path matches patterns as in .gitignore
Matcher = Callable[[str], bool]


class Selection:
    """The settings as seen by one set of installed rules."""

    def __init__(
        self, settings: Settings, rules: Iterable[Rule], matcher: Callable[[tuple[str, ...]], Matcher]
    ) -> None:
        self._settings = settings
        self._rules = {rule.name: rule for rule in rules}
        self._packs = {name: rule.pack for name, rule in self._rules.items()}
        self._packs |= {WITHOUT_REASON: SUPPRESSION_PACK, UNUSED: SUPPRESSION_PACK}
        self._per_path = tuple((matcher(item.paths), item) for item in settings.per_path)
        critical = tuple(name for zone in settings.zones if zone.name == "critical" for name in zone.members)
        self._critical_services = frozenset(critical)
        self._critical_paths = matcher(critical)
        self._shown = _CONFIDENCES[: _CONFIDENCES.index(Confidence(settings.min_confidence)) + 1]

    def active(self) -> tuple[Rule, ...]:
        """Rules that may speak somewhere, by name."""
        selects = [self._settings.select, *(item.select for item in self._settings.per_path)]
        chosen = {name for name in self._rules if any(self._names(name, names) for names in selects)}
        everywhere = {name for name in chosen if self._names(name, self._settings.ignore)}
        back = {name for name in everywhere if any(self._names(name, item.select) for item in self._settings.per_path)}
        return tuple(self._rules[name] for name in sorted(chosen - (everywhere - back)))

    def speaks(self, rule: str, path: str) -> bool:
        """Whether a rule speaks in a file; the last table whose paths match decides."""
        answer = self._names(rule, self._settings.select) and not self._names(rule, self._settings.ignore)
        for item in self._matching(path):
            answer = (answer or self._names(rule, item.select)) and not self._names(rule, item.ignore)
        return answer

    def severity(self, rule: str, path: str, default: Severity) -> Severity:
        """Severity that the settings give, else the default."""
        tables = [self._settings.severity, *(item.severity for item in self._matching(path))]
        for table in tables:
            for name, severity in table:
                if self._names(rule, (name,)):
                    default = Severity(severity)
        return default

    def is_critical(self, path: str, services: tuple[str, ...]) -> bool:
        """Whether the settings put a file, or a service that runs it, into the critical zone."""
        return not self._critical_services.isdisjoint(services) or self._critical_paths(path)

    def shows(self, confidence: Confidence) -> bool:
        """Whether findings of that confidence are shown."""
        return confidence in self._shown

    def rule(self, name: str) -> Rule | None:
        """An installed rule."""
        return self._rules.get(name)

    def near(self, name: str) -> str:
        """` (did you mean ...)` for a name that is no rule."""
        return near_match(name, self._known())

    def problems(self) -> tuple[Problem, ...]:
        """Names in the settings file that are neither rules nor packs."""
        known = {*self._known(), ALL}
        return tuple(
            Problem(mention.path, mention.line, f'there is no rule "{mention.name}"{self.near(mention.name)}')
            for mention in sorted(self._settings.mentions, key=lambda mention: mention.line)
            if mention.name not in known
        )

    def _known(self) -> tuple[str, ...]:
        return tuple(sorted({*self._packs, *self._packs.values()} - {""}))

    def _names(self, rule: str, names: tuple[str, ...]) -> bool:
        return rule in names or ALL in names or self._packs.get(rule, "") in names

    def _matching(self, path: str) -> Iterable[PerPath]:
        return (item for matches, item in self._per_path if matches(path))
