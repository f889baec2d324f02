"""Kong's declarative configuration: services and routes of the gateway."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.manifest import GatewayRoute, ManifestFacts, Problem
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence, read_yaml

_FORMAT = re.compile(rb"^[\"']?_format_version[\"']?[ \t]*:", re.MULTILINE)


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    file = read_yaml(source)
    routes = tuple(
        route
        for document in file.documents
        if isinstance(document, YamlMapping)
        for route in (*_nested(path, document), *_separate(path, document))
    )
    problems = tuple(Problem(Site(path, "", found.start, found.end), found.message) for found in file.problems)
    return ManifestFacts("kong", path, routes=routes, problems=problems)


def _nested(path: str, document: YamlMapping) -> Iterator[GatewayRoute]:
    for service in _mappings(document.get("services")):
        for route in _mappings(service.get("routes")):
            yield from _route(path, service, route)


def _separate(path: str, document: YamlMapping) -> Iterator[GatewayRoute]:
    services = {_text(service.get("name")): service for service in _mappings(document.get("services"))}
    for route in _mappings(document.get("routes")):
        reference = route.get("service")
        name = _text(reference.get("name")) if isinstance(reference, YamlMapping) else _text(reference)
        if name in services:
            yield from _route(path, services[name], route)


def _route(path: str, service: YamlMapping, route: YamlMapping) -> Iterator[GatewayRoute]:
    target = _target(service)
    if not target:
        return
    base = re.sub(r"^\w+://[^/]*", "", target).rstrip("/")
    strips = _text(route.get("strip_path")).lower() not in {"false", "no", "off"}
    methods = tuple(item.value.upper() for item in _scalars(route.get("methods")))
    for item in _scalars(route.get("paths")):
        if item.value.startswith("~"):  # a regular expression: the prefix is not known
            continue
        rewritten = base if strips else base + item.value
        site = Site(path, "", item.start, item.end)
        # Milliseconds, and tries after the first one.
        wait, tries = _text(service.get("read_timeout")), _text(service.get("retries"))
        yield GatewayRoute(
            gateway="kong",
            prefix=item.value,
            target=target,
            rewritten=rewritten or "/",
            methods=methods,
            site=site,
            timeout=int(wait) / 1000 if wait.isdecimal() and len(wait) < 10 else None,
            attempts=int(tries) + 1 if tries.isdecimal() and len(tries) < 4 else None,
        )


def _target(service: YamlMapping) -> str:
    url = _text(service.get("url"))
    host = _text(service.get("host"))
    if url or not host:
        return url
    port = _text(service.get("port"))
    return (
        f"{_text(service.get('protocol')) or 'http'}://{host}{':' + port if port else ''}{_text(service.get('path'))}"
    )


def _text(node: YamlNode | None) -> str:
    return node.value if isinstance(node, YamlScalar) and not node.is_null else ""


def _scalars(node: YamlNode | None) -> Iterator[YamlScalar]:
    if isinstance(node, YamlSequence):
        yield from (item for item in node.items if isinstance(item, YamlScalar))


def _mappings(node: YamlNode | None) -> Iterator[YamlMapping]:
    if isinstance(node, YamlSequence):
        yield from (item for item in node.items if isinstance(item, YamlMapping))


READER = Reader(
    "kong",
    lambda path: path.endswith((".yml", ".yaml")),
    _read,
    lambda _path, source: bool(_FORMAT.search(source)),
    rank=1,
)
