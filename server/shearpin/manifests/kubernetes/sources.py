"""Named sets of variables: ConfigMap and Secret."""

from __future__ import annotations

import base64
import binascii

from shearpin.facts.manifest import EnvEntry, EnvSource
from shearpin.manifests.kubernetes.objects import Reading, walk
from shearpin.syntax.yaml import YamlMapping, YamlScalar


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


def _decoded(text: str) -> str | None:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
