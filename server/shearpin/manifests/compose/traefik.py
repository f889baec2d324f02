"""Labels by which a compose service tells Traefik which requests it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from shearpin.facts.manifest import GatewayRoute, HostRoute, Workload
from shearpin.facts.site import Site
from shearpin.manifests.compose.project import Layer, Project, texts
from shearpin.syntax.path_rewrites import Rewrite, rewritten
from shearpin.syntax.router_rule import alternatives
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar

_LABEL = re.compile(r"traefik\.http\.(routers|services|middlewares)\.([^.]+)\.(.+)$", re.IGNORECASE)
_MAX_CHAINED = 32
_PORT = ("services", "loadbalancer.server.port")


class _Label(msgspec.Struct, frozen=True):
    value: str
    site: Site


def traefik_routes(
    project: Project, workloads: tuple[Workload, ...]
) -> Iterator[tuple[GatewayRoute, HostRoute | None]]:
    """Yield the routes of all services; what one of them says about a middleware holds for the others."""
    labels = {name: dict(_labels(project, layers)) for name, layers in project.services.items()}
    middlewares: dict[str, dict[str, str]] = {}
    for found in labels.values():
        for (section, name, option), label in found.items():
            if section == "middlewares":
                middlewares.setdefault(name.lower(), {})[option] = label.value
    for workload in workloads:
        own = labels.get(workload.name, {})
        if own.get(("", "", "enable"), _Label("true", workload.site)).value.lower() != "false":
            yield from _of_service(workload, own, middlewares)


def _of_service(
    workload: Workload, labels: dict[tuple[str, str, str], _Label], middlewares: dict[str, dict[str, str]]
) -> Iterator[tuple[GatewayRoute, HostRoute | None]]:
    ports = {name: label for (kind, name, option), label in labels.items() if (kind, option) == _PORT}
    for (section, router, option), rule in labels.items():
        if section != "routers" or option != "rule":
            continue
        chosen = labels.get(("routers", router, "service"))
        port = _port(workload, ports, chosen.value if chosen else "")
        if chosen is not None and "@" in chosen.value:
            continue
        used = labels.get(("routers", router, "middlewares"))
        names = [name.strip() for name in used.value.split(",")] if used is not None else []
        steps = tuple(_steps(middlewares, names, set()))
        target = workload.name if port is None else f"{workload.name}:{port}"
        for fitting in alternatives(rule.value):
            prefix = fitting.path or "/"
            new = rewritten(prefix, steps)
            route = GatewayRoute("traefik", prefix, f"http://{target}", new or "/{}", fitting.methods, rule.site)
            host = None
            if fitting.host and not fitting.is_conditional:
                host = HostRoute(fitting.host, prefix, workload.name, port, new, fitting.is_exact, "Traefik", rule.site)
            yield route, host


def _port(workload: Workload, ports: dict[str, _Label], service: str) -> int | None:
    told = ports.get(service) if service else next(iter(ports.values()), None)
    if told is not None:
        return int(told.value) if told.value.isdecimal() and len(told.value) < 6 else None
    return workload.ports[0].container if len(workload.ports) == 1 else None


def _steps(middlewares: dict[str, dict[str, str]], names: Iterable[str], seen: set[str]) -> Iterator[Rewrite]:
    """What middlewares do, in order; one that stands in its own chain is taken once."""
    for name in names:
        found = middlewares.get(name.partition("@")[0].lower())
        if found is None or len(seen) > _MAX_CHAINED:
            yield Rewrite("unknown")
        elif name not in seen:
            seen.add(name)
            for option, value in found.items():
                yield from _of_option(middlewares, option, value, seen)


def _of_option(middlewares: dict[str, dict[str, str]], option: str, value: str, seen: set[str]) -> Iterator[Rewrite]:
    parts = tuple(part.strip() for part in value.split(",") if part.strip())
    if option == "stripprefix.prefixes":
        yield Rewrite("strip", parts)
    elif option == "addprefix.prefix":
        yield Rewrite("add", parts)
    elif option == "chain.middlewares":
        yield from _steps(middlewares, parts, seen)
    elif option.startswith(("replacepath", "stripprefixregex", "plugin")):
        yield Rewrite("unknown")


def _labels(project: Project, layers: list[Layer]) -> Iterator[tuple[tuple[str, str, str], _Label]]:
    for layer in layers:
        deploy = layer.body.get("deploy")
        for node in (layer.body.get("labels"), deploy.get("labels") if isinstance(deploy, YamlMapping) else None):
            for key, value, site in _pairs(project, layer, node):
                match = _LABEL.match(key)
                if match is not None:
                    section, name, option = match.groups()
                    yield (section.lower(), name, option.lower()), _Label(value, site)
                elif key.lower() == "traefik.enable":
                    yield ("", "", "enable"), _Label(value, site)


def _pairs(project: Project, layer: Layer, node: YamlNode | None) -> Iterator[tuple[str, str, Site]]:
    if isinstance(node, YamlMapping):
        for key, value in node.entries:
            if isinstance(value, YamlScalar):
                text = project.resolve(value.value).value or ""
                yield key.value, text, Site(layer.path, "", value.start, value.end)
        return
    for item in texts(node):
        key, _, value = item.value.partition("=")
        yield key.strip(), project.resolve(value).value or "", Site(layer.path, "", item.start, item.end)
