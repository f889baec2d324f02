"""OpenAPI and Swagger descriptions, YAML or JSON: the operations that a service offers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.manifest import Contract, ManifestFacts, Operation, Problem
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence, read_yaml

_FORMAT = re.compile(rb"^[ \t{]*[\"']?(?:openapi|swagger)[\"']?[ \t]*:[ \t]*[\"']?[23]\.", re.MULTILINE)
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
#: bytes from the start within which the format is named, where it is named first
_HEAD = 4096


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    file = read_yaml(source)
    contracts = tuple(
        contract
        for document in file.documents
        if isinstance(document, YamlMapping) and (contract := _contract(path, document)) is not None
    )
    problems = tuple(Problem(Site(path, "", found.start, found.end), found.message) for found in file.problems)
    return ManifestFacts("openapi", path, contracts=contracts, problems=problems)


def _contract(path: str, document: YamlMapping) -> Contract | None:
    paths = document.get("paths")
    if not isinstance(paths, YamlMapping):
        return None
    info = document.get("info")
    title = _text(info.get("title")) if isinstance(info, YamlMapping) else ""
    operations = tuple(_operations(path, paths))
    return Contract(path, title, _base(document), operations, Site(path, "", document.start, document.end))


def _operations(path: str, paths: YamlMapping) -> Iterator[Operation]:
    for name, item in paths.entries:
        if not name.value.startswith("/") or not isinstance(item, YamlMapping):
            continue
        outer = _text(item.get("x-openapi-router-controller")) or _text(item.get("x-swagger-router-controller"))
        for method, operation in item.entries:
            if method.value.lower() not in _METHODS or not isinstance(operation, YamlMapping):
                continue
            site = Site(path, "", method.start, method.end)
            yield Operation(method.value.upper(), name.value, _handler(operation, outer), site)


def _handler(operation: YamlMapping, outer: str) -> str:
    name = _text(operation.get("operationId"))
    owner = (
        _text(operation.get("x-openapi-router-controller"))
        or _text(operation.get("x-swagger-router-controller"))
        or outer
    )
    return f"{owner}.{name}" if owner and name else name


def _base(document: YamlMapping) -> str:
    """`basePath` of Swagger, the path of the first server of OpenAPI."""
    base = _text(document.get("basePath"))
    servers = document.get("servers")
    if not base and isinstance(servers, YamlSequence) and servers.items:
        first = servers.items[0]
        url = _text(first.get("url")) if isinstance(first, YamlMapping) else ""
        base = re.sub(r"^\w*:?//[^/]*", "", url)
    return "" if "{" in base else base.rstrip("/")


def _text(node: YamlNode | None) -> str:
    return node.value if isinstance(node, YamlScalar) and not node.is_null else ""


def _matches(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name.endswith((".yml", ".yaml")) or (
        name.endswith(".json") and any(word in name for word in ("openapi", "swagger", "api-spec", "api_spec"))
    )


READER = Reader("openapi", _matches, _read, lambda _path, source: bool(_FORMAT.search(source[:_HEAD])), rank=1)
