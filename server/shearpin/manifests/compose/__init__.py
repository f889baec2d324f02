"""Docker compose files (also swarm stacks): services with their resolved environment, ports, hosts and commands.

Variables come from the `.env` file beside the compose file, never from the environment of the machine.
"""

from __future__ import annotations

import re

from shearpin.facts.manifest import ManifestFacts, Problem
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader
from shearpin.manifests.compose.project import Project, load_project
from shearpin.manifests.compose.service import with_links, workload
from shearpin.manifests.compose.traefik import traefik_routes
from shearpin.syntax.yaml import read_yaml

_NAME = re.compile(r"(^|/)(docker-)?compose([._-][^/]*)?\.ya?ml$|\.compose\.ya?ml$", re.IGNORECASE)
_SERVICES = re.compile(rb"^[\"']?services[\"']?[ \t]*:", re.MULTILINE)
_CONTAINER = re.compile(rb"^[ \t]+[\"']?(image|build)[\"']?[ \t]*:", re.MULTILINE)


def _matches(path: str) -> bool:
    return path.endswith((".yml", ".yaml"))


def _accepts(path: str, source: bytes) -> bool:
    if _NAME.search(path):
        return True
    return bool(_SERVICES.search(source) and _CONTAINER.search(source)) and b"apiVersion:" not in source


def _read(path: str, source: bytes, files: Files) -> ManifestFacts:
    file = read_yaml(source)
    project: Project = load_project(path, file.documents, files)
    if not project.services and not _NAME.search(path):
        return ManifestFacts("", path, reads=files.asked)
    workloads = tuple(workload(project, name) for name in project.services)
    problems = tuple(Problem(Site(path, "", found.start, found.end), found.message) for found in file.problems)
    found = tuple(traefik_routes(project, workloads))
    return ManifestFacts(
        "compose",
        path,
        with_links(project, workloads),
        routes=tuple(route for route, _ in found),
        hosts=tuple(dict.fromkeys(host for _, host in found if host is not None)),
        reads=files.asked,
        problems=problems,
    )


READER = Reader("compose", _matches, _read, _accepts, rank=3)
