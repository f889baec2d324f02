"""Envoy's static configuration, YAML or JSON: routes of virtual hosts to the addresses of clusters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.manifest import GatewayRoute, ManifestFacts, Problem
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence, read_yaml

_STATIC = re.compile(rb"[\"']?static_resources[\"']?[ \t]*:")
_SECONDS = re.compile(r"(\d{1,7}(?:\.\d{1,9})?)s$")
_MAX_DEPTH = 24


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    file = read_yaml(source)
    routes = tuple(route for document in file.documents for route in _Reading(path, document).routes())
    problems = tuple(Problem(Site(path, "", found.start, found.end), found.message) for found in file.problems)
    return ManifestFacts("envoy", path, routes=routes, problems=problems)


class _Reading:
    def __init__(self, path: str, document: YamlNode) -> None:
        self._path = path
        static = _walk(document, "static_resources")
        self._listeners = _walk(static, "listeners")
        self._addresses = {
            _text(cluster.get("name")): address
            for cluster in _mappings(_walk(static, "clusters"))
            if (address := _address(cluster))
        }
        self._seen: set[int] = set()

    def routes(self) -> Iterator[GatewayRoute]:
        """Yield the routes in order."""
        for hosts in self._virtual_hosts(self._listeners, 0):
            for host in _mappings(hosts):
                for route in _mappings(host.get("routes")):
                    yield from self._route(route)

    def _virtual_hosts(self, node: YamlNode | None, depth: int) -> Iterator[YamlNode]:
        """Filters nest routes at several depths; what is shared by aliases is read once."""
        if depth > _MAX_DEPTH or id(node) in self._seen:
            return
        self._seen.add(id(node))
        if isinstance(node, YamlSequence):
            for item in node.items:
                yield from self._virtual_hosts(item, depth + 1)
        elif isinstance(node, YamlMapping):
            for key, value in node.entries:
                if key.value == "virtual_hosts":
                    yield value
                else:
                    yield from self._virtual_hosts(value, depth + 1)

    def _route(self, route: YamlMapping) -> Iterator[GatewayRoute]:
        match, action = route.get("match"), route.get("route")
        path = next((node for key in _PATHS if isinstance(node := _walk(match, key), YamlScalar)), None)
        if path is None or not isinstance(action, YamlMapping):
            return
        weighted = [_text(item.get("name")) for item in _mappings(_walk(action, "weighted_clusters", "clusters"))]
        new = _text(action.get("prefix_rewrite"))
        is_open = action.get("regex_rewrite") is not None
        retry = action.get("retry_policy")
        retries = _text(_walk(retry, "num_retries")) or "1"
        attempts = int(retries) + 1 if retry is not None and retries.isdecimal() and len(retries) < 4 else None
        for cluster in dict.fromkeys(filter(None, (_text(action.get("cluster")), *weighted))):
            target = self._addresses.get(cluster)
            if target is not None:
                yield GatewayRoute(
                    gateway="envoy",
                    prefix=path.value,
                    target=f"http://{target}",
                    rewritten="/{}" if is_open else new or path.value,
                    methods=_methods(match),
                    site=Site(self._path, "", path.start, path.end),
                    timeout=_seconds(action.get("timeout")),
                    attempts=attempts,
                )


_PATHS = ("prefix", "path", "path_separated_prefix")


def _methods(match: YamlNode | None) -> tuple[str, ...]:
    for header in _mappings(_walk(match, "headers")):
        if _text(header.get("name")) == ":method":
            exact = _text(header.get("exact_match")) or _text(_walk(header, "string_match", "exact"))
            return (exact.upper(),) if exact else ()
    return ()


def _address(cluster: YamlMapping) -> str:
    found = [*_mappings(cluster.get("hosts"))]
    for group in _mappings(_walk(cluster, "load_assignment", "endpoints")):
        ends = (_walk(item, "endpoint", "address") for item in _mappings(group.get("lb_endpoints")))
        found += [item for item in ends if isinstance(item, YamlMapping)]
    for item in found:
        host = _text(_walk(item, "socket_address", "address"))
        port = _text(_walk(item, "socket_address", "port_value"))
        if host:
            return f"{host}:{port}" if port else host
    return ""


def _seconds(node: YamlNode | None) -> float | None:
    match = _SECONDS.match(_text(node))
    # Zero stands for no limit.
    return (float(match.group(1)) or None) if match else None


def _walk(node: YamlNode | None, *keys: str) -> YamlNode | None:
    for key in keys:
        node = node.get(key) if isinstance(node, YamlMapping) else None
    return node


def _text(node: YamlNode | None) -> str:
    return node.value if isinstance(node, YamlScalar) and not node.is_null else ""


def _mappings(node: YamlNode | None) -> Iterator[YamlMapping]:
    if isinstance(node, YamlSequence):
        yield from (item for item in node.items if isinstance(item, YamlMapping))


READER = Reader(
    "envoy",
    lambda path: path.endswith((".yml", ".yaml")) or (path.endswith(".json") and "envoy" in path.rpartition("/")[2]),
    _read,
    lambda _path, source: bool(_STATIC.search(source)) and b"apiVersion:" not in source,
    rank=1,
)
