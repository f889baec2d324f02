"""catalog-info.yaml of Backstage: how components are called, and what people say that they use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.manifest import CatalogComponent, ManifestFacts, Problem
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence, read_yaml

_VERSION = re.compile(rb"^[\"']?apiVersion[\"']?[ \t]*:[ \t]*[\"']?backstage\.io/", re.MULTILINE)


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    file = read_yaml(source)
    found = tuple(
        component
        for document in file.documents
        if isinstance(document, YamlMapping) and (component := _component(path, document)) is not None
    )
    problems = tuple(Problem(Site(path, "", place.start, place.end), place.message) for place in file.problems)
    return ManifestFacts("backstage", path, components=found, problems=problems)


def _component(path: str, document: YamlMapping) -> CatalogComponent | None:
    name = _walk(document, "metadata", "name")
    if _text(document.get("kind")) != "Component" or not isinstance(name, YamlScalar) or not _text(name):
        return None
    spec = document.get("spec")
    return CatalogComponent(
        name=name.value,
        site=Site(path, "", name.start, name.end),
        depends_on=tuple(_references(path, _walk(spec, "dependsOn"), "component")),
        provides=tuple(_references(path, _walk(spec, "providesApis"), "")),
        consumes=tuple(_references(path, _walk(spec, "consumesApis"), "")),
    )


def _references(path: str, node: YamlNode | None, kind: str) -> Iterator[tuple[str, Site]]:
    """Yield the names in `component:default/orders`; `kind` is the one that must be written, "" for any or none."""
    for item in node.items if isinstance(node, YamlSequence) else ():
        given, colon, rest = _text(item).rpartition(":")
        name = rest.rpartition("/")[2]
        if name and (not kind or (colon and given.lower() == kind)):
            yield name, Site(path, "", item.start, item.end)


def _walk(node: YamlNode | None, *keys: str) -> YamlNode | None:
    for key in keys:
        node = node.get(key) if isinstance(node, YamlMapping) else None
    return node


def _text(node: YamlNode | None) -> str:
    return node.value if isinstance(node, YamlScalar) and not node.is_null else ""


READER = Reader(
    "backstage",
    lambda path: path.endswith((".yml", ".yaml")),
    _read,
    lambda _path, source: bool(_VERSION.search(source)),
    rank=1,
)
