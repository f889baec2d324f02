"""Traefik's dynamic configuration in files, YAML or TOML: routers, services and what middlewares make of paths."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping

from shearpin.facts.manifest import GatewayRoute, HostRoute, ManifestFacts, Problem
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader
from shearpin.syntax.path_rewrites import Rewrite, rewritten
from shearpin.syntax.router_rule import alternatives
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence, read_yaml

_YAML = re.compile(rb"\brouters[ \t]*:")
_RULE = re.compile(rb"\brule[ \t]*:")
_TOML = re.compile(rb"^[ \t]*\[+http\.routers", re.MULTILINE)

_MAX_CHAINED = 32


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    problems: tuple[Problem, ...] = ()
    if path.endswith(".toml"):
        try:
            document: YamlNode = _nodes(tomllib.loads(source.decode("utf-8", "replace")), source)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            return ManifestFacts("traefik", path, problems=(Problem(Site(path, "", 0, 0), str(error)),))
        documents: tuple[YamlNode, ...] = (document,)
    else:
        file = read_yaml(source)
        documents = file.documents
        problems = tuple(Problem(Site(path, "", found.start, found.end), found.message) for found in file.problems)
    routes = tuple(route for document in documents for route in _routes(path, _walk(document, "http")))
    if not routes and not problems:
        return ManifestFacts("", path)
    hosts = tuple(dict.fromkeys(found for _, found in routes if found is not None))
    return ManifestFacts("traefik", path, routes=tuple(route for route, _ in routes), hosts=hosts, problems=problems)


def _routes(path: str, http: YamlNode | None) -> Iterator[tuple[GatewayRoute, HostRoute | None]]:
    middlewares = _walk(http, "middlewares")
    for _, router in _entries(_walk(http, "routers")):
        rule, name = _walk(router, "rule"), _text(_walk(router, "service")).partition("@")[0]
        target = _target(_walk(http, "services", name))
        if not isinstance(rule, YamlScalar) or not target:
            continue
        steps = tuple(_steps(middlewares, _texts(_walk(router, "middlewares")), set()))
        site = Site(path, "", rule.start, rule.end)
        base = re.sub(r"^\w+://[^/]*", "", target).rstrip("/")
        for fitting in alternatives(rule.value):
            prefix = fitting.path or "/"
            new = rewritten(prefix, steps)
            route = GatewayRoute("traefik", prefix, target, base + (new or "/{}"), fitting.methods, site)
            host = None
            if fitting.host and not fitting.is_conditional:
                name, _, port = re.sub(r"^\w+://", "", target).partition("/")[0].partition(":")
                number = int(port) if port.isdecimal() and len(port) < 6 else None
                seen = None if new is None else base + new
                host = HostRoute(fitting.host, prefix, name, number, seen, fitting.is_exact, "Traefik", site)
            yield route, host


def _target(service: YamlNode | None) -> str:
    servers = _walk(service, "loadBalancer", "servers")
    for server in servers.items if isinstance(servers, YamlSequence) else ():
        return _text(_walk(server, "url"))
    return ""


def _steps(middlewares: YamlNode | None, names: Iterable[str], seen: set[str]) -> Iterator[Rewrite]:
    """What middlewares do, in order; one that stands in its own chain is taken once."""
    for name in names:
        found = _walk(middlewares, name.partition("@")[0])
        if found is None or len(seen) > _MAX_CHAINED:
            yield Rewrite("unknown")
        elif name not in seen:
            seen.add(name)
            for kind, options in _entries(found):
                yield from _of_kind(middlewares, kind.lower(), options, seen)


def _of_kind(middlewares: YamlNode | None, kind: str, options: YamlNode, seen: set[str]) -> Iterator[Rewrite]:
    match kind:
        case "stripprefix":
            yield Rewrite("strip", tuple(_texts(_walk(options, "prefixes"))))
        case "addprefix":
            yield Rewrite("add", (_text(_walk(options, "prefix")),))
        case "chain":
            yield from _steps(middlewares, _texts(_walk(options, "middlewares")), seen)
        case "replacepath" | "replacepathregex" | "stripprefixregex" | "plugin":
            yield Rewrite("unknown")
        case _:
            return


def _nodes(value: object, source: bytes) -> YamlNode:
    """A TOML document as nodes; each text stands where it is first written."""
    if isinstance(value, Mapping):
        entries = tuple((YamlScalar(str(key), 0, 0), _nodes(item, source)) for key, item in value.items())
        return YamlMapping(entries, 0, 0)
    if isinstance(value, list):
        return YamlSequence(tuple(_nodes(item, source) for item in value), 0, 0)
    text = str(value)
    at = max(source.find(text.encode()), 0) if "(" in text else 0
    return YamlScalar(text, at, at + len(text.encode()) if at else 0, "double")


def _walk(node: YamlNode | None, *keys: str) -> YamlNode | None:
    for key in keys:
        node = node.get(key) if isinstance(node, YamlMapping) else None
    return node


def _entries(node: YamlNode | None) -> Iterator[tuple[str, YamlNode]]:
    if isinstance(node, YamlMapping):
        yield from ((key.value, value) for key, value in node.entries)


def _texts(node: YamlNode | None) -> Iterator[str]:
    if isinstance(node, YamlSequence):
        yield from (item.value for item in node.items if isinstance(item, YamlScalar))


def _text(node: YamlNode | None) -> str:
    return node.value if isinstance(node, YamlScalar) and not node.is_null else ""


def _accepts(path: str, source: bytes) -> bool:
    if path.endswith(".toml"):
        return bool(_TOML.search(source))
    return bool(_YAML.search(source) and _RULE.search(source)) and b"apiVersion:" not in source


READER = Reader("traefik", lambda path: path.endswith((".yml", ".yaml", ".toml")), _read, _accepts, rank=2)
