"""Kubernetes manifests: plain files, kustomize bases and generators, Helm templates with simple look-ups.

Nothing is rendered: a Helm template is read with `{{...}}` masked, a kustomize overlay by its own resources only.
"""

from __future__ import annotations

import re

from shearpin.facts.manifest import EnvSource, ManifestFacts, Problem, ServiceSelector, Workload
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader, folder_of
from shearpin.manifests.kubernetes.chart import Chart, load_chart
from shearpin.manifests.kubernetes.objects import Reading, documents_of
from shearpin.manifests.kubernetes.sources import generated, source_of
from shearpin.manifests.kubernetes.workload import selector_of, workload_of
from shearpin.syntax.helm import Masked, mask
from shearpin.syntax.yaml import read_yaml

_KIND = re.compile(rb"^[ \t-]*[\"']?kind[\"']?[ \t]*:", re.MULTILINE)


def _matches(path: str) -> bool:
    return path.endswith((".yml", ".yaml"))


def _accepts(path: str, source: bytes) -> bool:
    return bool(_KIND.search(source)) or path.rpartition("/")[2].startswith("kustomization.")


def _read(path: str, source: bytes, files: Files) -> ManifestFacts:
    chart: Chart | None = load_chart(path, files) if b"{{" in source else None
    masked = mask(source) if b"{{" in source else Masked(source, ())
    file = read_yaml(masked.source)
    deployment = chart.folder if chart else folder_of(path)
    reading = Reading(path, deployment or path, masked, chart, files)
    workloads: list[Workload] = []
    selectors: list[ServiceSelector] = []
    sources: list[EnvSource] = []
    for document in documents_of(file.documents):
        workload = workload_of(reading, document)
        selector = selector_of(reading, document)
        source_ = source_of(reading, document)
        workloads += [workload] if workload else []
        selectors += [selector] if selector else []
        sources += [source_] if source_ else []
        sources += generated(reading, document)
    problems = tuple(Problem(Site(path, "", found.start, found.end), found.message) for found in file.problems)
    kind = "helm" if chart else "kubernetes"
    if not (workloads or selectors or sources):
        return ManifestFacts("", path, reads=files.asked)
    return ManifestFacts(
        kind, path, tuple(workloads), tuple(selectors), tuple(sources), reads=files.asked, problems=problems
    )


READER = Reader("kubernetes", _matches, _read, _accepts, rank=4)
