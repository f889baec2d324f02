"""Definitions of the same service, or of the same infrastructure, put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from shearpin.services.naming import is_inside, normalised
from shearpin.services.units import Unit


@dataclass(slots=True)
class Group:
    """All definitions of one service, the strongest first."""

    units: list[Unit] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name in the strongest definition."""
        return self.units[0].name

    @property
    def folder(self) -> str | None:
        """The folder in the strongest definition that knows one."""
        return next((unit.roots.folder for unit in self.units if unit.roots.folder is not None), None)

    @property
    def is_infra(self) -> bool:
        """True when the strongest definition is infrastructure."""
        return self.units[0].role == "infra"


def merge(units: Iterable[Unit]) -> list[Group]:
    """Group definitions. Copies for tests and examples refine what exists; they count only when nothing else does."""
    waiting = list(units)
    all_secondary = all(unit.is_secondary for unit in waiting)
    groups: list[Group] = []
    for unit in waiting:
        found = _group_of(unit, groups)
        if found is not None:
            found.units.append(unit)
        elif (not unit.is_secondary or all_secondary) and _may_begin(unit):
            groups.append(Group([unit]))
    return groups


def _may_begin(unit: Unit) -> bool:
    if unit.workload is not None and unit.workload.is_partial:
        return False
    if unit.role != "infra":
        return True
    is_task = unit.workload is not None and unit.workload.kind in {"job", "cronjob"}
    return unit.infra != "utility" and not is_task


def _group_of(unit: Unit, groups: list[Group]) -> Group | None:
    name = normalised(unit.name)
    named = [group for group in groups if any(normalised(other.name) == name for other in group.units)]
    if unit.tier != _PROCFILE:
        for group in named:
            if _same_place(unit.roots.folder, group.folder):
                return group
    if unit.role == "infra":
        return None
    strangers = [group for group in groups if not group.is_infra and not _shares_deployment(unit, group)]
    if unit.image_key:
        same_image = [group for group in strangers if any(other.image_key == unit.image_key for other in group.units)]
        if len(same_image) == 1 and _same_starts(unit, same_image[0]):
            return same_image[0]
    labels = {
        normalised(value) for key, value in (unit.workload.labels if unit.workload else ()) if key in _NAME_LABELS
    }
    labelled = [group for group in strangers if normalised(group.name) in labels and _same_starts(unit, group)]
    if len(labelled) == 1 and _same_place(unit.roots.folder, labelled[0].folder):
        return labelled[0]  # a second version of the service, such as a canary
    if unit.roots.folder is None:
        return None
    beside = [group for group in groups if not group.is_infra and group.folder == unit.roots.folder]
    matching = [group for group in beside if group in strangers and _same_starts(unit, group)]
    return matching[0] if len(matching) == 1 else None


_PROCFILE = 3
_NAME_LABELS = {"app", "service", "app.kubernetes.io/name", "name"}


def _same_place(first: str | None, second: str | None) -> bool:
    if first is None or second is None or first == second:
        return True
    # One of them may name a sub-folder, but everything lies in the root and that says nothing.
    return bool(first and second) and (is_inside(first, second) or is_inside(second, first))


def _shares_deployment(unit: Unit, group: Group) -> bool:
    if unit.workload is None:
        return False
    mine = unit.workload.deployment
    return any(other.workload is not None and other.workload.deployment == mine for other in group.units)


def _same_starts(unit: Unit, group: Group) -> bool:
    mine = {start.entry or start.script for start in unit.starts}
    theirs = {start.entry or start.script for other in group.units for start in other.starts}
    return not mine or not theirs or bool(mine & theirs)
