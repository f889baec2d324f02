"""The environment of a service in one deployment, strongest source first: manifest, named sources, image, `.env`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from shearpin.facts.manifest import EnvEntry, EnvReference, EnvSource, Workload
from shearpin.facts.service import Deployment
from shearpin.services.commands import Start
from shearpin.services.evidence import Evidence
from shearpin.services.merging import Group
from shearpin.services.naming import is_inside, is_production
from shearpin.services.units import Unit
from shearpin.syntax.interpolation import interpolate

_PLACEHOLDER = re.compile(r"\$\{\s*([^}:\s]+)\s*:?([^}]*)\}")
_KUBERNETES = re.compile(r"\$\(([A-Za-z_]\w*)\)")


def deployments(evidence: Evidence, group: Group) -> tuple[Deployment, ...]:
    """Return how each deployment runs the service, production first, one per name."""
    found: dict[str, Deployment] = {}
    for unit in group.units:
        if unit.workload is not None and unit.workload.is_partial:
            continue
        deployment = _deployment(evidence, unit, group.folder)
        found.setdefault(deployment.name, deployment)
    real = [unit for unit in group.units if unit.workload is not None and not unit.workload.is_partial]
    if real:  # a Dockerfile says how the image is built, not where it runs
        names = {unit.workload.deployment for unit in real if unit.workload is not None}
        found = {name: deployment for name, deployment in found.items() if name in names}
    return tuple(sorted(found.values(), key=lambda deployment: not deployment.is_production))


def _deployment(evidence: Evidence, unit: Unit, folder: str | None) -> Deployment:
    workload = unit.workload
    name = workload.deployment if workload else unit.manifest
    command = workload.command if workload and workload.command else unit.image.command if unit.image else None
    return Deployment(
        name=name,
        site=unit.site,
        env=tuple(_environment(evidence, unit, folder).values()),
        # Copies in folders for tests and extras are alternatives, as their names would say.
        is_production=is_production(name) and not unit.is_secondary,
        command=command,
        replicas=workload.replicas if workload else None,
    )


def _environment(evidence: Evidence, unit: Unit, folder: str | None) -> dict[str, EnvEntry]:
    entries: dict[str, EnvEntry] = {}
    for source in _dotenv(evidence, folder):
        entries.update((entry.name, entry) for entry in source.entries)
    if unit.image is not None:
        entries.update((entry.name, entry) for entry in unit.image.env)
    if unit.workload is not None:
        entries.update(_of_workload(evidence, unit, unit.workload))
    for start in unit.starts:
        for name, entry in _settings(evidence, start, folder, entries):
            entries.setdefault(name, entry)
        entries.update(_of_command(start, unit, entries))
    return entries


def _of_workload(evidence: Evidence, unit: Unit, workload: Workload) -> dict[str, EnvEntry]:
    entries: dict[str, EnvEntry] = {}
    references = workload.env_from
    for reference in references:
        if not reference.name:
            entries.update(_all_of(evidence, unit, reference))
    entries.update((entry.name, entry) for entry in workload.env)
    for reference in references:
        if reference.name:
            entries[reference.name] = _one_of(evidence, unit, reference)
    return entries


def _settings(
    evidence: Evidence, start: Start, folder: str | None, known: dict[str, EnvEntry]
) -> Iterator[tuple[str, EnvEntry]]:
    """What the program reads from the settings file that its command names, which stands in the service's folder."""
    name = start.settings.rpartition("/")[2]
    found = [source for source in evidence.sources if source.kind == "settings" and source.name == name]
    inside = [source for source in found if name and folder is not None and is_inside(source.site.path, folder)]
    if not inside:
        return
    variables = {other: entry.value for other, entry in known.items()}
    for entry in min(inside, key=lambda source: source.site.path.count("/")).entries:
        yield entry.name, msgspec.structs.replace(entry, value=_with_defaults(entry.value, variables))


def _with_defaults(value: str | None, variables: dict[str, str | None]) -> str | None:
    """The text with each `${NAME:default}` replaced; None when a variable without default is not known."""
    if value is None or "${" not in value:
        return value
    for name, default in _PLACEHOLDER.findall(value):
        if variables.get(name) is None and not default:
            return None
    return _PLACEHOLDER.sub(lambda found: variables.get(found[1]) or found[2].strip("\"'"), value)


def _of_command(start: Start, unit: Unit, known: dict[str, EnvEntry]) -> Iterator[tuple[str, EnvEntry]]:
    """Options that stand for variables, with the variables of the container put in as a shell or Kubernetes does."""
    for name, written in start.options:
        text = _KUBERNETES.sub(r"${\1}", written)
        found = interpolate(text, lambda other: entry.value if (entry := known.get(other)) is not None else None)
        yield name, EnvEntry(name, None if found.missing else found.value, unit.site)


def _dotenv(evidence: Evidence, folder: str | None) -> Iterator[EnvSource]:
    path = f"{folder}/.env" if folder else ".env"
    if folder is not None:
        yield from (source for source in evidence.sources if source.kind == "envfile" and source.site.path == path)


def _all_of(evidence: Evidence, unit: Unit, reference: EnvReference) -> Iterator[tuple[str, EnvEntry]]:
    source = _source(evidence, unit, reference)
    for entry in source.entries if source else ():
        name = reference.prefix + entry.name
        yield name, msgspec.structs.replace(entry, name=name)


def _one_of(evidence: Evidence, unit: Unit, reference: EnvReference) -> EnvEntry:
    source = _source(evidence, unit, reference)
    found = next((entry for entry in source.entries if entry.name == reference.key), None) if source else None
    if found is None:
        return EnvEntry(reference.name, None, reference.site)
    return msgspec.structs.replace(found, name=reference.name)


def _source(evidence: Evidence, unit: Unit, reference: EnvReference) -> EnvSource | None:
    deployment = unit.workload.deployment if unit.workload else ""
    return evidence.env_source(reference.kind, reference.source, deployment, unit.manifest)
