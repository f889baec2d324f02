"""ConfigMaps and Secrets that a kustomization generates, as objects like any other."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from shearpin.manifests import Files, join
from shearpin.manifests.kubernetes.objects import Places, mappings, texts
from shearpin.syntax.envfile import read_envfile
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar

GENERATORS = (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret"))
#: bytes of a file that may be the value of a variable; a longer one is a document
_MAX_VALUE = 4096


def generated(document: YamlMapping, folder: str, files: Files, places: Places) -> Iterator[tuple[YamlMapping, str]]:
    """Yield each generated object and its behaviour: "create", "merge" or "replace"."""
    for key, kind in GENERATORS:
        for item in mappings(document.get(key)):
            name = item.get("name")
            if not isinstance(name, YamlScalar) or name.is_null:
                continue
            entries = {key.value: (key, value) for key, value in _entries(item, folder, files, places)}
            data = YamlMapping(tuple(entries.values()), item.start, item.end)
            body = _mapping(item, kind=_word(kind, name), metadata=_mapping(item, name=name), stringData=data)
            behaviour = item.get("behavior")
            yield body, behaviour.value if isinstance(behaviour, YamlScalar) else "create"


def _entries(item: YamlMapping, folder: str, files: Files, places: Places) -> Iterator[tuple[YamlScalar, YamlNode]]:
    for scalar in (*texts(item.get("envs")), *texts(item.get("env"))):
        path = join(folder, scalar.value)
        content = files.read(path)
        if content is None:
            continue
        base = places.add(path, content)
        for line in read_envfile(content):
            if line.value is not None:
                start, end = base + line.start, base + line.end
                yield YamlScalar(line.name, start, end), YamlScalar(line.value, start, end, "double")
    for scalar in texts(item.get("files")):
        name, _, given = scalar.value.rpartition("=")
        path = join(folder, given)
        content = files.read(path)
        if content is not None and len(content) <= _MAX_VALUE:
            value = YamlScalar(content.decode("utf-8", "replace"), scalar.start, scalar.end, "double")
            yield YamlScalar(name or posixpath.basename(path), scalar.start, scalar.end), value
    for scalar in texts(item.get("literals")):
        name, equals, value = scalar.value.partition("=")
        if equals:
            # Quotes around the value are taken away, as in an env file.
            plain = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
            yield (
                YamlScalar(name, scalar.start, scalar.end),
                YamlScalar(plain, scalar.start, scalar.end, "double"),
            )


def _word(text: str, at: YamlScalar) -> YamlScalar:
    return YamlScalar(text, at.start, at.end)


def _mapping(around: YamlMapping, **values: YamlNode) -> YamlMapping:
    entries = tuple((YamlScalar(key, value.start, value.end), value) for key, value in values.items())
    return YamlMapping(entries, around.start, around.end)
