"""The chart around a Helm template: what `.Values` and `.Chart` say."""

from __future__ import annotations

import posixpath

import msgspec

from shearpin.manifests import Files, folder_of, join
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, read_yaml


class Chart(msgspec.Struct, frozen=True):
    """One chart; `values` and `meta` are None when their file is missing or broken."""

    folder: str
    values: YamlNode | None
    meta: YamlNode | None

    def lookup(self, name: str) -> str | None:
        """Return the text of "Values.a.b", "Chart.Name", "Chart.Fullname", None when it is not known.

        Who installs a chart names the release, usually after the chart; all of it has the same name.
        """
        if name in {"Chart.Name", "Chart.Fullname", "Release.Name"}:
            return _text(self.meta, ["name"]) or posixpath.basename(self.folder)
        head, *keys = name.split(".")
        if head == "Values":
            return _text(self.values, keys)
        if head == "Chart" and len(keys) == 1:
            return _text(self.meta, [keys[0][:1].lower() + keys[0][1:]])
        return None


def load_chart(path: str, files: Files) -> Chart | None:
    """Return the chart that a template belongs to, None when the path is no template of a chart."""
    folder = folder_of(path)
    while folder and posixpath.basename(folder) != "templates":
        folder = folder_of(folder)
    if not folder:
        return None
    folder = folder_of(folder)
    return Chart(folder, _document(join(folder, "values.yaml"), files), _document(join(folder, "Chart.yaml"), files))


def _document(path: str, files: Files) -> YamlNode | None:
    content = files.read(path)
    return next(iter(read_yaml(content).documents), None) if content is not None else None


def _text(node: YamlNode | None, keys: list[str]) -> str | None:
    for key in keys:
        node = node.get(key) if isinstance(node, YamlMapping) else None
    return node.value if isinstance(node, YamlScalar) and not node.is_null else None
