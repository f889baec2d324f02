"""skaffold.yaml: which folder each image is built from."""

from __future__ import annotations

import re

from shearpin.facts.manifest import ImageSource, ManifestFacts
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader, folder_of, join
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence, read_yaml

_VERSION = re.compile(rb"^apiVersion:[ \t]*[\"']?skaffold/", re.MULTILINE)


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    builds = tuple(
        build
        for document in read_yaml(source).documents
        for artifact in _items(_walk(document, "build", "artifacts"))
        if (build := _build(path, artifact)) is not None
    )
    return ManifestFacts("skaffold", path, builds=builds) if builds else ManifestFacts("", path)


def _build(path: str, artifact: YamlNode) -> ImageSource | None:
    image = _walk(artifact, "image")
    if not isinstance(image, YamlScalar):
        return None
    context = join(folder_of(path), _text(_walk(artifact, "context")) or ".")
    file = _text(_walk(artifact, "docker", "dockerfile"))
    project = _text(_walk(artifact, "jib", "project"))
    if project:
        context = join(context, project.replace(":", "/").strip("/"))
    if context == ".." or context.startswith(("../", "/")):
        return None
    return ImageSource(
        image.value, context, join(context, file) if file else None, Site(path, "", image.start, image.end)
    )


def _walk(node: YamlNode | None, *keys: str) -> YamlNode | None:
    for key in keys:
        node = node.get(key) if isinstance(node, YamlMapping) else None
    return node


def _text(node: YamlNode | None) -> str:
    return node.value if isinstance(node, YamlScalar) and not node.is_null else ""


def _items(node: YamlNode | None) -> tuple[YamlNode, ...]:
    return node.items if isinstance(node, YamlSequence) else ()


READER = Reader(
    "skaffold",
    lambda path: path.endswith((".yml", ".yaml")),
    _read,
    lambda _path, source: bool(_VERSION.search(source)),
    rank=1,
)
