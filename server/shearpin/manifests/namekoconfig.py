"""nameko's settings file: what a service reads from `nameko.config`, with `${NAME:default}` from the environment.

A mapping of a single text (`DB_URIS` of one database) stands for that text; entries of others are called "KEY/ENTRY".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.manifest import EnvEntry, EnvSource, ManifestFacts
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader, folder_of
from shearpin.syntax.yaml import YamlMapping, YamlScalar, read_yaml

_KEY = re.compile(rb"^[\"']?(?:AMQP_URI|WEB_SERVER_ADDRESS|DB_URIS|rpc_exchange)[\"']?[ \t]*:", re.MULTILINE)


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    entries = tuple(
        entry
        for document in read_yaml(source).documents
        if isinstance(document, YamlMapping)
        for entry in _entries(path, document)
    )
    name = path.rpartition("/")[2]
    found = EnvSource("settings", name, entries, Site(path, "", 0, 0), folder_of(path) or path)
    return ManifestFacts("nameko", path, sources=(found,))


def _entries(path: str, document: YamlMapping) -> Iterator[EnvEntry]:
    for key, node in document.entries:
        if isinstance(node, YamlScalar):
            yield _entry(path, key.value, node)
        elif isinstance(node, YamlMapping):
            texts = [(name, item) for name, item in node.entries if isinstance(item, YamlScalar)]
            if len(texts) == 1:
                yield _entry(path, key.value, texts[0][1])
            for name, item in texts:
                yield _entry(path, f"{key.value}/{name.value}", item)


def _entry(path: str, name: str, node: YamlScalar) -> EnvEntry:
    return EnvEntry(name, None if node.is_null else node.value, Site(path, "", node.start, node.end))


READER = Reader(
    "nameko",
    lambda path: path.endswith((".yml", ".yaml")),
    _read,
    lambda _path, source: bool(_KEY.search(source)),
    rank=6,
)
