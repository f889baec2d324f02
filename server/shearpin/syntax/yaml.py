"""YAML to frozen nodes with byte spans. Scalars stay raw text: YAML 1.1 reads `on`, `yes` and `22:22` as values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import msgspec
import yaml
from yaml import CSafeLoader

#: what a manifest never reaches: separators of nodes, documents in one file, and mistakes that are worth telling
_MAX_NODES = 400_000
_MAX_DOCUMENTS = 5000
_MAX_PROBLEMS = 20
_BOM = b"\xef\xbb\xbf"
_DOCUMENT = re.compile(rb"^---(?=[ \t\r\n]|$)", re.MULTILINE)


class YamlScalar(msgspec.Struct, frozen=True, gc=False):
    """A scalar as written, quotes and escapes resolved; `style` is "plain", "single", "double", "literal", "folded"."""

    value: str
    start: int
    end: int
    style: str = "plain"

    @property
    def is_null(self) -> bool:
        """True for `~`, `null` and nothing at all."""
        return self.style == "plain" and self.value in {"", "~", "null", "Null", "NULL"}


class YamlSequence(msgspec.Struct, frozen=True):
    """A list, block or flow style."""

    items: tuple[YamlNode, ...]
    start: int
    end: int


class YamlMapping(msgspec.Struct, frozen=True):
    """A mapping with scalar keys in order. Merged keys (`<<`) follow the own ones; of equal keys the last wins."""

    entries: tuple[tuple[YamlScalar, YamlNode], ...]
    start: int
    end: int

    def get(self, key: str) -> YamlNode | None:
        """Return the value of a key, or None."""
        for name, value in self.entries:
            if name.value == key:
                return value
        return None


YamlNode: TypeAlias = YamlScalar | YamlSequence | YamlMapping


class YamlProblem(msgspec.Struct, frozen=True, gc=False):
    """Where reading stopped and why."""

    message: str
    start: int
    end: int


class YamlFile(msgspec.Struct, frozen=True):
    """The documents that could be read, and what is wrong with the others."""

    documents: tuple[YamlNode, ...]
    problems: tuple[YamlProblem, ...] = ()


def read_yaml(source: bytes, base: int = 0) -> YamlFile:
    """Read all documents of a file; spans are byte offsets of `source`, plus `base`. Never raises.

    When one document is broken, the others of the file are still read.
    """
    if sum(map(source.count, (b",", b"\n", b":"))) > _MAX_NODES:
        return YamlFile((), (YamlProblem("too large to be read", base, base),))
    documents, problem = _compose(source, base)
    starts = sorted({0, *(match.start() for match in _DOCUMENT.finditer(source))})
    if problem is None or len(starts) == 1 or len(starts) > _MAX_DOCUMENTS:
        return YamlFile(tuple(documents), () if problem is None else (problem,))
    readable: list[YamlNode] = []
    problems: list[YamlProblem] = []
    for start, end in zip(starts, [*starts[1:], len(source)], strict=True):
        found, problem = _compose(source[start:end], base + start)
        readable += found
        if problem is not None:
            problems.append(problem)
        if len(problems) >= _MAX_PROBLEMS:
            break
    return YamlFile(tuple(readable), tuple(problems))


def _compose(source: bytes, base: int) -> tuple[list[YamlNode], YamlProblem | None]:
    start = len(_BOM) if source.startswith(_BOM) else 0
    # A byte that is no UTF-8 becomes one character of one byte, so that all offsets stay right.
    text = re.sub("[\ud800-\udfff]", "?", source[start:].decode("utf-8", "surrogateescape"))
    converter = _Converter(text, base + start)
    documents: list[YamlNode] = []
    try:
        for node in yaml.compose_all(text, Loader=CSafeLoader):
            if len(documents) >= _MAX_DOCUMENTS:
                return documents, YamlProblem(f"more than {_MAX_DOCUMENTS} documents", base + start, base + start)
            converted = converter.convert(node)
            if converted is not None:
                documents.append(converted)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = converter.offset(mark.index) if mark is not None else base + start
        return documents, YamlProblem(error.problem or error.context or "not YAML", place, place)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return documents, YamlProblem(str(error).splitlines()[0], base + start, base + start)
    return documents, None


class _Converter:
    """Turns the nodes of one text into ours; aliases share one object, an alias inside its own anchor is null."""

    def __init__(self, text: str, base: int) -> None:
        self._base = base
        self._offsets = None if text.isascii() else _byte_offsets(text)
        self._done: dict[int, YamlNode] = {}
        self._keep: list[yaml.Node] = []
        self._open: set[int] = set()

    def offset(self, index: int) -> int:
        """Byte offset of a code point."""
        if self._offsets is None:
            return self._base + index
        return self._base + self._offsets[min(index, len(self._offsets) - 1)]

    def convert(self, node: yaml.Node | None) -> YamlNode | None:
        if node is None:
            return None
        found = self._done.get(id(node))
        if found is not None:
            return found
        start, end = self.offset(node.start_mark.index), self.offset(node.end_mark.index)
        if id(node) in self._open:
            return YamlScalar("", start, start)
        self._open.add(id(node))
        result = self._build(node, start, end)
        self._open.discard(id(node))
        self._done[id(node)] = result
        self._keep.append(node)  # an id is only unique while its object lives
        return result

    def _build(self, node: yaml.Node, start: int, end: int) -> YamlNode:
        if isinstance(node, yaml.SequenceNode):
            items = tuple(item for item in map(self.convert, node.value) if item is not None)
            return YamlSequence(items, start, _clamp(node, end, items))
        if isinstance(node, yaml.MappingNode):
            entries = tuple(self._entries(node))
            own = [value for key, value in entries if key.start >= start]
            return YamlMapping(_last_wins(entries), start, _clamp(node, end, own))
        style = node.style if isinstance(node, yaml.ScalarNode) else None
        return YamlScalar(str(node.value), start, end, _STYLES.get(style or "", "plain"))

    def _entries(self, node: yaml.MappingNode) -> Iterator[tuple[YamlScalar, YamlNode]]:
        merged: list[tuple[YamlScalar, YamlNode]] = []
        own: set[str] = set()
        for key_node, value_node in node.value:
            key, value = self.convert(key_node), self.convert(value_node)
            if not isinstance(key, YamlScalar) or value is None:
                continue
            if key.value == "<<" and key.style == "plain":
                sources = value.items if isinstance(value, YamlSequence) else (value,)
                merged += [entry for source in sources if isinstance(source, YamlMapping) for entry in source.entries]
                continue
            own.add(key.value)
            yield key, value
        for key, value in merged:
            if key.value not in own:
                own.add(key.value)
                yield key, value


_STYLES = {"'": "single", '"': "double", "|": "literal", ">": "folded"}


def _clamp(node: yaml.CollectionNode, end: int, children: Sequence[YamlNode]) -> int:
    # The end mark of a block collection stands at the next token, often lines below.
    return end if node.flow_style or not children else min(end, max(child.end for child in children))


def _last_wins(entries: tuple[tuple[YamlScalar, YamlNode], ...]) -> tuple[tuple[YamlScalar, YamlNode], ...]:
    last = {key.value: (key, value) for key, value in entries}
    return entries if len(last) == len(entries) else tuple(last.values())


def _byte_offsets(text: str) -> list[int]:
    offsets = [0]
    total = 0
    for character in text:
        total += 1 if character < "\x80" else 2 if character < "\u0800" else 3 if character < "\U00010000" else 4
        offsets.append(total)
    return offsets
