"""Procfiles: one process type per line."""

from __future__ import annotations

import re

from shearpin.facts.manifest import ManifestFacts, Workload
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader, folder_of, join
from shearpin.syntax.command import expand_command

_NAME = re.compile(r"(^|/)Procfile(\.[A-Za-z0-9_-]+)?$")
_LINE = re.compile(rb"^([A-Za-z0-9_-]+):[ \t]*(\S[^\r\n]*)", re.MULTILINE)


def _matches(path: str) -> bool:
    return bool(_NAME.search(path))


def _read(path: str, source: bytes, files: Files) -> ManifestFacts:
    folder = folder_of(path)
    workloads: list[Workload] = []
    for match in _LINE.finditer(source):
        name, text = match.group(1).decode(), match.group(2).decode("utf-8", "replace")
        if name != "release":
            command = expand_command(("sh", "-c", text), lambda script: files.read(join(folder, script)))
            site = Site(path, "", match.start(1), match.end(2))
            workloads.append(Workload("procfile", name, site, path, build=folder, command=command or None))
    return ManifestFacts("procfile", path, tuple(workloads), reads=files.asked)


READER = Reader("procfile", _matches, _read)
