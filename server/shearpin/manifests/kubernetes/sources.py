"""Named sets of variables: ConfigMap, Secret, and the generators of kustomize."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from shearpin.facts.manifest import EnvEntry, EnvSource
from shearpin.facts.site import Site
from shearpin.manifests import folder_of, join
from shearpin.manifests.kubernetes.objects import Reading, mappings, walk
from shearpin.syntax.envfile import read_envfile
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence


def source_of(reading: Reading, document: YamlMapping) -> EnvSource | None:
    """Return the ConfigMap or Secret that an object declares, or None."""
    kind = {"ConfigMap": "configmap", "Secret": "secret"}.get(reading.text(document.get("kind")) or "")
    name_node = walk(document, "metadata", "name")
    name = reading.text(name_node)
    if kind is None or not name or name_node is None:
        return None
    entries: dict[str, EnvEntry] = {}
    for section in ("data", "stringData"):
        node = document.get(section)
        for key, value in node.entries if isinstance(node, YamlMapping) else ():
            text = reading.text(value)
            if isinstance(value, YamlScalar) and value.is_null:
                text = ""
            if kind == "secret" and section == "data" and text is not None:
                text = _decoded(text)
            entries[key.value] = EnvEntry(key.value, text, reading.site(value))
    return EnvSource(kind, name, tuple(entries.values()), reading.site(name_node), reading.deployment)


def generated(reading: Reading, document: YamlMapping) -> Iterator[EnvSource]:
    """Yield what `configMapGenerator` and `secretGenerator` of a kustomization make."""
    for key, kind in (("configMapGenerator", "configmap"), ("secretGenerator", "secret")):
        for item in mappings(document.get(key)):
            name_node = item.get("name")
            name = reading.text(name_node)
            if name and name_node is not None:
                entries = (*_from_files(reading, item), *_literals(reading, item.get("literals")))
                yield EnvSource(kind, name, entries, reading.site(name_node), reading.deployment)


def _literals(reading: Reading, node: YamlNode | None) -> Iterator[EnvEntry]:
    for item in node.items if isinstance(node, YamlSequence) else ():
        name, equals, value = (reading.text(item) or "").partition("=")
        if equals:
            yield EnvEntry(name, value, reading.site(item))


def _from_files(reading: Reading, item: YamlMapping) -> Iterator[EnvEntry]:
    envs = item.get("envs")
    names = [*(envs.items if isinstance(envs, YamlSequence) else ()), *([item.get("env")] if item.get("env") else [])]
    for node in names:
        text = reading.text(node)
        path = join(folder_of(reading.path), text) if text else ""
        content = reading.files.read(path)
        for line in read_envfile(content) if content is not None else ():
            yield EnvEntry(line.name, line.value, Site(path, "", line.start, line.end))


def _decoded(text: str) -> str | None:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
