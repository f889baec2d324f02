"""How far practices hold, site by site: by practice, service and zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from shearpin.engine.classify import is_examined
from shearpin.engine.findings import Counts, Named
from shearpin.engine.selection import Selection
from shearpin.facts.site import Site
from shearpin.graph.reach import services_running
from shearpin.query import Database
from shearpin.rulekit.verdict import Outcome
from shearpin.rulekit.zones import zone_of

_BADNESS = {Outcome.OK: 0, Outcome.UNKNOWN: 1, Outcome.VIOLATED: 2}
#: stands for code that belongs to no service
NO_SERVICE = ""


class ScoredSite(msgspec.Struct, frozen=True):
    """What one rule says of one site: the worst of its verdicts. `services` run the code, () for none."""

    practice: str
    rule: str
    site: Site
    outcome: Outcome
    message: str
    services: tuple[str, ...]
    zones: tuple[str, ...]

    @property
    def owners(self) -> tuple[str, ...]:
        """The services under which it is counted."""
        return self.services or (NO_SERVICE,)


class Score(msgspec.Struct, frozen=True):
    """All examined sites, by practice, path and position. A site of several services counts for each of them."""

    sites: tuple[ScoredSite, ...]

    def only(self, practice: str | None = None, service: str | None = None) -> Score:
        """The part about one practice, one service, or both."""
        return Score(
            tuple(
                site
                for site in self.sites
                if (practice is None or site.practice == practice) and (service is None or service in site.owners)
            )
        )

    def total(self) -> Counts:
        """All of it."""
        return _counted(site.outcome for site in self.sites)

    def by_practice(self) -> dict[str, Counts]:
        """Counts by practice."""
        return self._by(lambda site: (site.practice,))

    def by_service(self) -> dict[str, Counts]:
        """Counts by service, `NO_SERVICE` for code of none."""
        return self._by(lambda site: site.owners)

    def by_zone(self) -> dict[str, Counts]:
        """Counts by zone: "critical", "standard", "free"."""
        return self._by(lambda site: site.zones)

    def zone_of(self, service: str) -> str:
        """The strictest zone in which code of a service counts."""
        zones = {
            zone for site in self.sites for owner, zone in zip(site.owners, site.zones, strict=True) if owner == service
        }
        return next((zone for zone in ("critical", "standard", "free") if zone in zones), "standard")

    def _by(self, keys: Callable[[ScoredSite], Iterable[str]]) -> dict[str, Counts]:
        found: dict[str, list[Outcome]] = {}
        for site in self.sites:
            for key in dict.fromkeys(keys(site)):
                found.setdefault(key, []).append(site.outcome)
        return {key: _counted(found[key]) for key in sorted(found)}


def score(db: Database, verdicts: Mapping[str, Iterable[Named]], selection: Selection, *, include_tests: bool) -> Score:
    """The score over the verdicts of files, as far as their code is examined and their rules speak."""
    worst: dict[tuple[str, str, Site], ScoredSite] = {}
    for path, named in verdicts.items():
        if not include_tests and not is_examined(db, path):
            continue
        services = services_running(db, path)
        zones = tuple(zone_of(db, path, (service,)) for service in services) or (zone_of(db, path, ()),)
        for name, verdict in named:
            rule = selection.rule(name)
            if rule is None or not selection.speaks(name, path):
                continue
            site = verdict.examined or verdict.site
            key = rule.practice, name, site
            before = worst.get(key)
            if before is None or _BADNESS[verdict.outcome] > _BADNESS[before.outcome]:
                worst[key] = ScoredSite(rule.practice, name, site, verdict.outcome, verdict.message, services, zones)
    return Score(tuple(sorted(worst.values(), key=lambda site: (site.practice, site.site, site.rule))))


def share(counts: Counts) -> int | None:
    """Percent of examined sites that hold, rounded down; None when nothing was examined."""
    return counts.hold * 100 // counts.examined if counts.examined else None


def _counted(outcomes: Iterable[Outcome]) -> Counts:
    found = list(outcomes)
    return Counts(len(found), found.count(Outcome.OK), found.count(Outcome.VIOLATED), found.count(Outcome.UNKNOWN))
