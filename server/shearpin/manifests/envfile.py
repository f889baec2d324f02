"""`.env` files and their samples as named sources of variables."""

from __future__ import annotations

import re

from shearpin.facts.manifest import EnvEntry, EnvSource, ManifestFacts
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader, folder_of
from shearpin.syntax.envfile import read_envfile
from shearpin.syntax.interpolation import interpolate

_NAME = re.compile(r"(^|/)(\.env(\.[^/]+)?|[^/]+\.env)$")


def _matches(path: str) -> bool:
    return bool(_NAME.search(path))


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    values: dict[str, str] = {}
    entries: list[EnvEntry] = []
    for line in read_envfile(source):
        value = line.value if line.literal or line.value is None else interpolate(line.value, values.get).value
        if value is not None:
            values[line.name] = value
        entries.append(EnvEntry(line.name, value, Site(path, "", line.start, line.end)))
    name = path.rpartition("/")[2]
    found = EnvSource("envfile", name, tuple(entries), Site(path, "", 0, 0), folder_of(path) or path)
    return ManifestFacts("envfile", path, sources=(found,))


READER = Reader("envfile", _matches, _read)
