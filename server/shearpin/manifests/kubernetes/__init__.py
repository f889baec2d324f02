"""Kubernetes manifests: plain files, kustomizations, Helm templates with simple look-ups.

A Helm template is not rendered: it is read with `{{...}}` masked. A kustomization is put together as kustomize does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from shearpin.facts.manifest import (
    EnvSource,
    HostRoute,
    ManifestFacts,
    MeshPolicy,
    Problem,
    ServiceSelector,
    Workload,
)
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader, folder_of
from shearpin.manifests.kubernetes.chart import Chart, load_chart
from shearpin.manifests.kubernetes.kustomize import FILE_NAMES, Object, Rendering, is_kustomization
from shearpin.manifests.kubernetes.mesh import policies_of
from shearpin.manifests.kubernetes.objects import Reading, documents_of
from shearpin.manifests.kubernetes.routes import routes_of
from shearpin.manifests.kubernetes.sources import source_of
from shearpin.manifests.kubernetes.workload import selector_of, workload_of
from shearpin.syntax.helm import Masked, mask
from shearpin.syntax.yaml import YamlMapping, read_yaml

_KIND = re.compile(rb"^[ \t-]*[\"']?kind[\"']?[ \t]*:", re.MULTILINE)


def _matches(path: str) -> bool:
    return path.endswith((".yml", ".yaml")) or path.rpartition("/")[2] in FILE_NAMES


def _accepts(path: str, source: bytes) -> bool:
    return bool(_KIND.search(source)) or path.rpartition("/")[2] in FILE_NAMES


def _read(path: str, source: bytes, files: Files) -> ManifestFacts:
    if path.rpartition("/")[2] in FILE_NAMES:
        return _read_kustomization(path, source, files)
    chart: Chart | None = load_chart(path, files) if b"{{" in source else None
    masked = mask(source) if b"{{" in source else Masked(source, ())
    file = read_yaml(masked.source)
    deployment = chart.folder if chart else folder_of(path)
    reading = Reading(path, deployment or path, masked, chart, files)
    problems = tuple(Problem(Site(path, "", found.start, found.end), found.message) for found in file.problems)
    objects = [Object(body, []) for body in documents_of(file.documents)]
    return _facts(reading, "helm" if chart else "kubernetes", objects, problems)


def _read_kustomization(path: str, source: bytes, files: Files) -> ManifestFacts:
    documents = read_yaml(source)
    problems = tuple(Problem(Site(path, "", found.start, found.end), found.message) for found in documents.problems)
    if not any(isinstance(found, YamlMapping) and is_kustomization(found) for found in documents.documents):
        reading = Reading(path, folder_of(path) or path, Masked(source, ()), None, files)
        objects = [Object(body, []) for body in documents_of(documents.documents)]
        return _facts(reading, "kubernetes", objects, problems)
    rendering = Rendering(files)
    objects = rendering.render(path, source)
    if rendering.is_component:
        # It changes what others put together; by itself nothing of it is deployed but what it generates.
        objects = [found for found in objects if found.kind in {"ConfigMap", "Secret"}]
    reading = Reading(path, folder_of(path) or path, Masked(b"", ()), None, files, rendering.places)
    facts = _facts(reading, "kubernetes", objects, (*problems, *rendering.problems))
    is_whole = not (rendering.is_component or rendering.problems)
    covers = tuple(sorted(found for found in rendering.covers if found != path)) if is_whole else ()
    if covers and not facts.kind:
        return ManifestFacts("kubernetes", path, reads=files.asked, problems=facts.problems, covers=covers)
    return msgspec.structs.replace(facts, covers=covers)


def _facts(reading: Reading, kind: str, objects: Iterable[Object], problems: tuple[Problem, ...]) -> ManifestFacts:
    workloads: list[Workload] = []
    selectors: list[ServiceSelector] = []
    sources: list[EnvSource] = []
    hosts: list[HostRoute] = []
    mesh: list[MeshPolicy] = []
    for item in objects:
        workload = workload_of(reading, item.body)
        selector = selector_of(reading, item.body)
        source = source_of(reading, item.body)
        workloads += [workload] if workload else []
        # A service that a layer renames is called by its new name; the first one is the name that others know it by.
        names = item.names[1:] if selector else []
        selectors += [selector] if selector else []
        selectors += [msgspec.structs.replace(selector, name=name) for name in names if selector]
        sources += [source] if source else []
        hosts += routes_of(reading, item.body)
        mesh += policies_of(reading, item.body)
    if not (workloads or selectors or sources or hosts or mesh or problems):
        return ManifestFacts("", reading.path, reads=reading.files.asked)
    return ManifestFacts(
        kind,
        reading.path,
        tuple(workloads),
        tuple(selectors),
        tuple(sources),
        reads=reading.files.asked,
        problems=problems,
        hosts=tuple(hosts),
        mesh=tuple(mesh),
    )


READER = Reader("kubernetes", _matches, _read, _accepts, rank=4)
