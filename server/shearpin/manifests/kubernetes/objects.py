"""What the readers of single objects share: text of scalars, places, lists of documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shearpin.facts.site import Site
from shearpin.manifests import Files
from shearpin.manifests.kubernetes.chart import Chart
from shearpin.syntax.helm import Masked
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence


@dataclass(frozen=True, slots=True)
class Reading:
    """One file being read."""

    path: str
    deployment: str
    masked: Masked
    chart: Chart | None
    files: Files

    def text(self, node: YamlNode | None) -> str | None:
        """Return the text of a scalar, None for another node, null, or a template that is not known."""
        if not isinstance(node, YamlScalar) or node.is_null:
            return None
        if not self.masked.actions:
            return node.value
        return self.masked.text(node.value, self.chart.lookup if self.chart else lambda _name: None)

    def site(self, node: YamlNode) -> Site:
        """Return the place of a node."""
        return Site(self.path, "", node.start, node.end)


def documents_of(documents: Iterable[YamlNode]) -> Iterator[YamlMapping]:
    """Yield all objects, those in a `kind: List` one by one."""
    for document in documents:
        if not isinstance(document, YamlMapping):
            continue
        kind, items = document.get("kind"), document.get("items")
        if isinstance(kind, YamlScalar) and kind.value == "List" and isinstance(items, YamlSequence):
            yield from (item for item in items.items if isinstance(item, YamlMapping))
        else:
            yield document


def walk(node: YamlNode | None, *keys: str) -> YamlNode | None:
    """Follow keys of nested mappings."""
    for key in keys:
        node = node.get(key) if isinstance(node, YamlMapping) else None
    return node


def mappings(node: YamlNode | None) -> Iterator[YamlMapping]:
    """Yield the mappings of a list."""
    if isinstance(node, YamlSequence):
        yield from (item for item in node.items if isinstance(item, YamlMapping))
