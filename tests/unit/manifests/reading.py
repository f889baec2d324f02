"""Helpers of the tests on manifests: read one file of a small made-up workspace, show places as text."""

from __future__ import annotations

from shearpin.facts.manifest import ManifestFacts, Workload
from shearpin.facts.site import Site
from shearpin.manifests import read


def read_in(files: dict[str, str], path: str) -> ManifestFacts:
    """Read `path` of a workspace that holds these files."""
    contents = {name: text.encode() for name, text in files.items()}
    return read(path, contents[path], contents.get)


def read_text(path: str, text: str) -> ManifestFacts:
    """Read a file that stands alone."""
    return read_in({path: text}, path)


def workload(facts: ManifestFacts, name: str) -> Workload:
    """The only workload of that name."""
    (found,) = [item for item in facts.workloads if item.name == name]
    return found


def values(found: Workload) -> dict[str, str | None]:
    """The variables of a workload."""
    return {entry.name: entry.value for entry in found.env}


def at(files: dict[str, str], site: Site) -> str:
    """The text that a site covers."""
    return files[site.path].encode()[site.start : site.end].decode()
