"""Where requests to public host names go: Ingress, Gateway API, Istio, Traefik and OpenShift routes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.manifest import HostRoute
from shearpin.manifests.kubernetes.objects import Reading, mappings, number, texts, walk
from shearpin.syntax.router_rule import alternatives
from shearpin.syntax.yaml import YamlMapping

_REWRITE = "nginx.ingress.kubernetes.io/rewrite-target"
#: what a match of Istio may say beside the path without making it depend on anything else
_BY_PATH = {"uri", "name", "gateways", "ignoreUriCase"}
_LITERAL = re.compile(r"[\w./~%-]*")
_GROUP = re.compile(r"/?\$[12]$")


def routes_of(reading: Reading, document: YamlMapping) -> tuple[HostRoute, ...]:
    """Return the routes that an object declares."""
    kind = reading.text(document.get("kind")) or ""
    group = (reading.text(document.get("apiVersion")) or "").partition("/")[0]
    if kind == "Ingress":
        return tuple(_ingress(reading, document))
    if kind in {"HTTPRoute", "GRPCRoute"} and group == "gateway.networking.k8s.io":
        return tuple(_gateway_api(reading, document, kind))
    if kind == "VirtualService" and group == "networking.istio.io":
        return tuple(_virtual_service(reading, document))
    if kind == "Route" and group == "route.openshift.io":
        return tuple(_openshift(reading, document))
    if kind == "IngressRoute" and group in {"traefik.io", "traefik.containo.us"}:
        return tuple(_traefik(reading, document))
    return ()


def _traefik(reading: Reading, document: YamlMapping) -> Iterator[HostRoute]:
    for rule in mappings(walk(document, "spec", "routes")):
        services = list(mappings(rule.get("services")))
        name = services[0].get("name") if len(services) == 1 else None
        target = reading.text(name)
        if not target or name is None:
            continue
        for fitting in alternatives(reading.text(rule.get("match")) or ""):
            path = fitting.path or "/"
            if fitting.host and not fitting.is_conditional:
                yield HostRoute(
                    host=fitting.host,
                    path=path,
                    target=target,
                    port=number(reading.text(services[0].get("port"))),
                    # Middlewares are objects of their own.
                    rewritten=path if rule.get("middlewares") is None else None,
                    is_exact=fitting.is_exact,
                    origin="IngressRoute",
                    site=reading.site(name),
                )


def _ingress(reading: Reading, document: YamlMapping) -> Iterator[HostRoute]:
    rewrite = reading.text(walk(document, "metadata", "annotations", _REWRITE))
    for rule in mappings(walk(document, "spec", "rules")):
        host = reading.text(rule.get("host"))
        for item in mappings(walk(rule, "http", "paths")):
            backend = item.get("backend")
            name = walk(backend, "service", "name") or walk(backend, "serviceName")
            target = reading.text(name)
            if not host or not target or name is None:
                continue
            written = reading.text(item.get("path")) or "/"
            prefix, is_plain = _literal(written)
            yield HostRoute(
                host=host,
                path=prefix,
                target=target,
                port=number(reading.text(walk(backend, "service", "port", "number")))
                or number(reading.text(walk(backend, "servicePort"))),
                rewritten=_rewritten(prefix, rewrite) if is_plain or rewrite else None,
                is_exact=reading.text(item.get("pathType")) == "Exact",
                origin="Ingress",
                site=reading.site(name),
            )


def _literal(path: str) -> tuple[str, bool]:
    """The part of a path before a regular expression, and whether that is all of it."""
    match = _LITERAL.match(path)
    found = match.group() if match else ""
    return (found.rstrip("/") if found != path else found) or "/", found == path


def _rewritten(prefix: str, rewrite: str | None) -> str | None:
    if rewrite is None:
        return prefix
    if _GROUP.search(rewrite):  # /api(/|$)(.*) with /$2
        return _GROUP.sub("", rewrite) or "/"
    # All requests get the same path; only for the prefix itself is it known what is asked for.
    return None


def _gateway_api(reading: Reading, document: YamlMapping, kind: str) -> Iterator[HostRoute]:
    hosts = [text for scalar in texts(walk(document, "spec", "hostnames")) if (text := reading.text(scalar))]
    for rule in mappings(walk(document, "spec", "rules")):
        filters = {reading.text(item.get("type")): item for item in mappings(rule.get("filters"))}
        rewrite = walk(filters.get("URLRewrite"), "urlRewrite", "path")
        replaced = reading.text(walk(rewrite, "replacePrefixMatch"))
        for backend in list(mappings(rule.get("backendRefs")))[:1]:
            name = backend.get("name")
            target = reading.text(name)
            if not target or name is None or "RequestRedirect" in filters:
                continue
            for path, form in _paths(reading, rule):
                for host in hosts:
                    yield HostRoute(
                        host=host,
                        path=path,
                        target=target,
                        port=number(reading.text(backend.get("port"))),
                        rewritten=path if rewrite is None else replaced,
                        is_exact=form == "Exact",
                        origin=kind,
                        site=reading.site(name),
                    )


def _paths(reading: Reading, rule: YamlMapping) -> Iterator[tuple[str, str]]:
    found = list(mappings(rule.get("matches")))
    for match in found:
        form = reading.text(walk(match, "path", "type")) or "PathPrefix"
        path = reading.text(walk(match, "path", "value")) or "/"
        if form in {"PathPrefix", "Exact"} and match.get("headers") is None and match.get("queryParams") is None:
            yield path, form
    if not found:
        yield "/", "PathPrefix"


def _virtual_service(reading: Reading, document: YamlMapping) -> Iterator[HostRoute]:
    """Requests that come in through a gateway; those inside the mesh have the same hosts as without it."""
    gateways = [reading.text(scalar) for scalar in texts(walk(document, "spec", "gateways"))]
    if not any(name and name != "mesh" for name in gateways):
        return
    hosts = [text for scalar in texts(walk(document, "spec", "hosts")) if (text := reading.text(scalar))]
    for rule in mappings(walk(document, "spec", "http")):
        destinations = list(mappings(rule.get("route")))
        name = walk(destinations[0], "destination", "host") if len(destinations) == 1 else None
        target = reading.text(name)
        rewrite = reading.text(walk(rule, "rewrite", "uri"))
        if not target or name is None:
            continue
        for path, is_exact in _uris(reading, rule):
            for host in hosts:
                if host == "*":
                    continue
                port = number(reading.text(walk(destinations[0], "destination", "port", "number")))
                site = reading.site(name)
                yield HostRoute(host, path, target, port, rewrite or path, is_exact, "VirtualService", site)


def _uris(reading: Reading, rule: YamlMapping) -> Iterator[tuple[str, bool]]:
    found = list(mappings(rule.get("match")))
    for match in found:
        others = [
            key.value for key, _ in match.entries if key.value not in {"uri", "name", "gateways", "ignoreUriCase"}
        ]
        if others:
            continue
        exact, prefix = (reading.text(walk(match, "uri", form)) for form in ("exact", "prefix"))
        if exact or prefix or match.get("uri") is None:
            yield exact or prefix or "/", bool(exact)
    if not found:
        yield "/", False


def _openshift(reading: Reading, document: YamlMapping) -> Iterator[HostRoute]:
    host, name = reading.text(walk(document, "spec", "host")), walk(document, "spec", "to", "name")
    target = reading.text(name)
    if host and target and name is not None:
        path = reading.text(walk(document, "spec", "path")) or "/"
        rewrite = reading.text(walk(document, "metadata", "annotations", "haproxy.router.openshift.io/rewrite-target"))
        site = reading.site(name)
        yield HostRoute(host, path, target, None, rewrite or path, is_exact=False, origin="Route", site=site)
