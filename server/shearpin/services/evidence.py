"""All that the manifests of the workspace say, in one place and indexed. A plain function of the inputs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from shearpin.facts.manifest import (
    EnvSource,
    GatewayRoute,
    ImageBuild,
    ManifestFacts,
    PythonProject,
    ServiceSelector,
    Workload,
)
from shearpin.manifests import folder_of
from shearpin.query import Database, keys
from shearpin.services.images import image_name
from shearpin.services.naming import is_inside, is_production, is_secondary, normalised, parents


@dataclass(slots=True)
class Evidence:
    """Facts of all manifests. `contexts` says where an image is built: image name -> (folder, Dockerfile or None).

    `components` are the names that a catalogue gives to what stands in a folder, `scripts` what start scripts run.
    """

    workloads: list[tuple[ManifestFacts, Workload]] = field(default_factory=list)
    selectors: list[ServiceSelector] = field(default_factory=list)
    sources: list[EnvSource] = field(default_factory=list)
    images: dict[str, ImageBuild] = field(default_factory=dict)
    routes: dict[str, tuple[GatewayRoute, ...]] = field(default_factory=dict)
    projects: list[PythonProject] = field(default_factory=list)
    contexts: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    folders: dict[str, list[str]] = field(default_factory=dict)
    components: dict[str, list[str]] = field(default_factory=dict)
    scripts: list[Workload] = field(default_factory=list)

    def folder_named(self, name: str) -> str | None:
        """Return the folder with that name around a manifest, the one nearest to the root, or None."""
        found = self.folders.get(normalised(name))
        return found[0] if found else None

    def env_source(self, kind: str, name: str, deployment: str, path: str) -> EnvSource | None:
        """Return the ConfigMap or Secret of that name that is nearest to a manifest."""
        found = [source for source in self.sources if source.kind == kind and source.name == name]
        if not found:
            return None

        def distance(source: EnvSource) -> tuple[bool, int, str]:
            return source.deployment != deployment, -_common(source.site.path, path), source.site.path

        return min(found, key=distance)


def deployed_manifests(db: Database) -> list[ManifestFacts]:
    """Return what all manifests say but those that another one puts together and changes, by path.

    What only a variant for development, tests or examples puts together may be deployed by itself as well.
    """
    paths = db.get(keys.manifest_paths())
    read = (db.get(keys.manifest(path)) for path in (paths if isinstance(paths, tuple) else ()))
    found = [facts for facts in read if isinstance(facts, ManifestFacts)]
    covered: set[str] = set()
    for facts in found:
        if facts.covers and is_production(folder_of(facts.path)) and not is_secondary(facts.path):
            covered.update(facts.covers)
    # Files that a variant puts together are patches of it where nothing else uses them.
    covered.update(path for facts in found for path in facts.covers if is_inside(path, folder_of(facts.path)))
    # What an image or a container starts is part of it.
    started = {path for facts in found if facts.kind in {"dockerfile", "compose", "procfile"} for path in facts.reads}
    covered.update(facts.path for facts in found if facts.kind in {"supervisor", "script"} and facts.path in started)
    return [facts for facts in found if facts.path not in covered]


def collect(db: Database) -> Evidence:
    """Read all manifests."""
    evidence = Evidence()
    paths = db.get(keys.manifest_paths())
    for facts in deployed_manifests(db):
        _add(evidence, facts)
    _index_folders(evidence, paths if isinstance(paths, tuple) else ())
    return evidence


def _add(evidence: Evidence, facts: ManifestFacts) -> None:
    if facts.kind == "script":
        evidence.scripts += facts.workloads
    else:
        evidence.workloads += [(facts, workload) for workload in facts.workloads]
    evidence.selectors += facts.selectors
    evidence.sources += facts.sources
    evidence.projects += facts.projects
    for image in facts.images:
        evidence.images[image.path] = image
    if facts.routes:
        evidence.routes[facts.path] = facts.routes
    if facts.components:
        names = [component.name for component in facts.components]
        evidence.components.setdefault(folder_of(facts.path), []).extend(names)
    for build in facts.builds:
        if not is_secondary(facts.path):
            evidence.contexts.setdefault(image_name(build.image), (build.context, build.dockerfile))
    for workload in facts.workloads:
        if workload.image and workload.build is not None:
            evidence.contexts.setdefault(image_name(workload.image), (workload.build, workload.dockerfile))


def _index_folders(evidence: Evidence, paths: Iterable[str]) -> None:
    with_image = {folder_of(path) for path in evidence.images}
    folders = {folder for path in paths for folder in parents(path) if folder and not is_secondary(folder + "/x")}
    for folder in sorted(folders, key=lambda found: (found not in with_image, found.count("/"), found)):
        evidence.folders.setdefault(normalised(folder.rpartition("/")[2]), []).append(folder)


def _common(first: str, second: str) -> int:
    count = 0
    for left, right in zip(first.split("/"), second.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count
