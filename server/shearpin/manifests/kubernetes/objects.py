"""What the readers of single objects share: text of scalars, places, lists of documents."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shearpin.facts.site import Site
from shearpin.manifests import Files
from shearpin.manifests.kubernetes.chart import Chart
from shearpin.syntax.helm import Masked
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence


class Places:
    """Files laid end to end, so that a node's offset tells the file that it was written in."""

    def __init__(self) -> None:
        self._bases: list[int] = []
        self._paths: list[str] = []
        self.size = 0

    def add(self, path: str, content: bytes) -> int:
        """Append a file; return the offset at which it begins."""
        base = self.size
        self._bases.append(base)
        self._paths.append(path)
        self.size += len(content) + 1
        return base

    def site(self, start: int, end: int) -> Site:
        """Return the place of a stretch of one file."""
        index = bisect_right(self._bases, start) - 1
        base = self._bases[index]
        return Site(self._paths[index], "", start - base, max(end, start) - base)


@dataclass(frozen=True, slots=True)
class Reading:
    """Objects being read: those of the file at `path`, or of all the files in `places`."""

    path: str
    deployment: str
    masked: Masked
    chart: Chart | None
    files: Files
    places: Places | None = field(default=None)

    def text(self, node: YamlNode | None) -> str | None:
        """Return the text of a scalar, None for another node, null, or a template that is not known."""
        if not isinstance(node, YamlScalar) or node.is_null:
            return None
        if not self.masked.actions:
            return node.value
        return self.masked.text(node.value, self.chart.lookup if self.chart else lambda _name: None)

    def object_name(self, node: YamlNode | None) -> str | None:
        """Return the name of an object; the chart's stands for the one part of it that is computed."""
        text = self.text(node)
        if text or self.chart is None or not isinstance(node, YamlScalar):
            return text
        return self.masked.with_unknown(node.value, self.chart.lookup("Chart.Fullname") or "")

    def site(self, node: YamlNode) -> Site:
        """Return the place of a node."""
        if self.places is not None:
            return self.places.site(node.start, node.end)
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


def texts(node: YamlNode | None) -> Iterator[YamlScalar]:
    """Yield the scalars of a value that may be one scalar or a list of them."""
    if isinstance(node, YamlScalar) and not node.is_null:
        yield node
    elif isinstance(node, YamlSequence):
        yield from (item for item in node.items if isinstance(item, YamlScalar) and not item.is_null)


def number(text: str | None) -> int | None:
    """Return the value of plain digits, None for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None
