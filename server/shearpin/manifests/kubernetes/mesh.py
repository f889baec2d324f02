"""What a service mesh does with requests: Istio, Linkerd and routes of the Gateway API that are for services."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.manifest import MeshMatch, MeshPolicy, MeshRetry, MeshRoute, MeshTimeout
from shearpin.manifests.kubernetes.objects import Reading, mappings, number, texts, walk
from shearpin.syntax.yaml import YamlMapping, YamlNode

_DURATION = re.compile(r"(\d{1,7}(?:\.\d{1,6})?)(ms|us|ns|h|m|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_ISTIO_PLAIN = {"uri", "method", "name", "gateways", "ignoreUriCase", "authority", "scheme", "port"}
_GATEWAY_FORMS = {"Exact": "exact", "RegularExpression": "regex"}
#: what Linkerd tries again when it is told to and not how often
_LINKERD_RETRIES = 1


def policies_of(reading: Reading, document: YamlMapping) -> tuple[MeshPolicy, ...]:
    """Return what an object tells a mesh."""
    kind = reading.text(document.get("kind")) or ""
    group, slash, _ = (reading.text(document.get("apiVersion")) or "").partition("/")
    reader = _READERS.get((group if slash else "", kind))
    return tuple(reader(reading, document)) if reader is not None else ()


def seconds(text: str | None) -> float | None:
    """Return the length of "1m30s", "300ms"; None for anything else, and for zero, which stands for no limit."""
    parts = _DURATION.findall(text or "")
    if not parts or "".join(amount + unit for amount, unit in parts) != text:
        return None
    return sum(float(amount) * _UNITS[unit] for amount, unit in parts) or None


# ---------------------------------------------------------------------- Istio


def _virtual_service(reading: Reading, document: YamlMapping) -> Iterator[MeshPolicy]:
    gateways = [reading.text(scalar) for scalar in texts(walk(document, "spec", "gateways"))]
    if gateways and "mesh" not in gateways:
        return
    rules = list(mappings(walk(document, "spec", "http")))
    routes = tuple(
        MeshRoute(
            tuple(_istio_match(reading, match) for match in mappings(rule.get("match"))),
            _timeout(reading, rule.get("timeout")),
            _istio_retry(reading, rule.get("retries")),
        )
        for rule in rules
    )
    yield from _policy(reading, document, "VirtualService", _hosts(reading, walk(document, "spec", "hosts")), routes)


def _istio_match(reading: Reading, match: YamlMapping) -> MeshMatch:
    form, path = _form(reading, match.get("uri"))
    _, method = _form(reading, match.get("method"))
    conditional = any(key.value not in _ISTIO_PLAIN for key, _ in match.entries)
    return MeshMatch(form, path, (method.upper(),) if method else (), conditional)


def _form(reading: Reading, node: YamlNode | None) -> tuple[str, str]:
    for form in ("exact", "prefix", "regex"):
        text = reading.text(walk(node, form))
        if text:
            return form, text
    return "", ""


def _istio_retry(reading: Reading, node: YamlNode | None) -> MeshRetry | None:
    """`attempts` counts the retries: the first attempt is none."""
    count = number(reading.text(walk(node, "attempts")))
    if node is None or count is None:
        return None
    on = tuple(part.strip() for part in (reading.text(walk(node, "retryOn")) or "").split(",") if part.strip())
    return MeshRetry(count + 1, seconds(reading.text(walk(node, "perTryTimeout"))), on, reading.site(node))


def _destination_rule(reading: Reading, document: YamlMapping) -> Iterator[MeshPolicy]:
    host = _hosts(reading, walk(document, "spec", "host"))
    detection = walk(document, "spec", "trafficPolicy", "outlierDetection")
    yield from _policy(reading, document, "DestinationRule", host, (), detection)


# -------------------------------------------------------------------- Linkerd


def _service_profile(reading: Reading, document: YamlMapping) -> Iterator[MeshPolicy]:
    routes: list[MeshRoute] = []
    for route in mappings(walk(document, "spec", "routes")):
        condition = route.get("condition")
        path, method = reading.text(walk(condition, "pathRegex")), reading.text(walk(condition, "method"))
        others = isinstance(condition, YamlMapping) and any(
            key.value not in {"pathRegex", "method"} for key, _ in condition.entries
        )
        match = MeshMatch("regex" if path else "", path or "", (method.upper(),) if method else (), others)
        again = route.get("isRetryable")
        # A budget, no number, limits how often: it is a share of all requests.
        retry = MeshRetry(None, None, (), reading.site(again)) if again and reading.text(again) == "true" else None
        routes.append(MeshRoute((match,), _timeout(reading, route.get("timeout")), retry))
    name = _hosts(reading, walk(document, "metadata", "name"))
    yield from _policy(reading, document, "ServiceProfile", name, tuple(routes))


def _linkerd_service(reading: Reading, document: YamlMapping) -> Iterator[MeshPolicy]:
    """Annotations of a Service are for all requests to it."""
    notes = walk(document, "metadata", "annotations")
    route = _annotated(reading, notes)
    accrual = walk(notes, "balancer.linkerd.io/failure-accrual")
    if route is not None or accrual is not None:
        hosts = _hosts(reading, walk(document, "metadata", "name"))
        yield from _policy(reading, document, "Linkerd", hosts, (route,) if route else (), accrual)


def _annotated(reading: Reading, notes: YamlNode | None) -> MeshRoute | None:
    timeout = _timeout(reading, walk(notes, "timeout.linkerd.io/request"))
    again = walk(notes, "retry.linkerd.io/http") or walk(notes, "retry.linkerd.io/grpc")
    if timeout is None and again is None:
        return None
    retry = None
    if again is not None:
        limit = number(reading.text(walk(notes, "retry.linkerd.io/limit")))
        on = tuple(part.strip() for part in (reading.text(again) or "").split(",") if part.strip())
        each = seconds(reading.text(walk(notes, "retry.linkerd.io/timeout")))
        retry = MeshRetry((_LINKERD_RETRIES if limit is None else limit) + 1, each, on, reading.site(again))
    return MeshRoute((), timeout, retry)


# ---------------------------------------------------------------- Gateway API


def _http_route(reading: Reading, document: YamlMapping) -> Iterator[MeshPolicy]:
    parents = [item for item in mappings(walk(document, "spec", "parentRefs")) if _is_service(reading, item)]
    hosts = tuple(text for item in parents if (text := reading.text(item.get("name"))))
    noted = _annotated(reading, walk(document, "metadata", "annotations"))
    routes: list[MeshRoute] = []
    for rule in mappings(walk(document, "spec", "rules")):
        timeout = _timeout(reading, walk(rule, "timeouts", "request"))
        retry = _gateway_retry(reading, rule)
        routes.append(
            MeshRoute(
                tuple(_gateway_match(reading, match) for match in mappings(rule.get("matches"))),
                timeout or (noted.timeout if noted else None),
                retry or (noted.retry if noted else None),
            )
        )
    if parents:
        yield from _policy(reading, document, reading.text(document.get("kind")) or "", hosts, tuple(routes))


def _is_service(reading: Reading, parent: YamlMapping) -> bool:
    return reading.text(parent.get("kind")) == "Service"


def _gateway_match(reading: Reading, match: YamlMapping) -> MeshMatch:
    form = {"Exact": "exact", "RegularExpression": "regex"}.get(
        reading.text(walk(match, "path", "type")) or "", "prefix"
    )
    path = reading.text(walk(match, "path", "value")) or ""
    method = reading.text(match.get("method")) or ""
    conditional = any(key.value not in {"path", "method"} for key, _ in match.entries)
    return MeshMatch(form if path else "", path, (method.upper(),) if method else (), conditional)


def _gateway_retry(reading: Reading, rule: YamlMapping) -> MeshRetry | None:
    node = rule.get("retry")
    count = number(reading.text(walk(node, "attempts")))
    if node is None or count is None:
        return None
    each = seconds(reading.text(walk(rule, "timeouts", "backendRequest")))
    codes = tuple(text for scalar in texts(walk(node, "codes")) if (text := reading.text(scalar)))
    return MeshRetry(count + 1, each, codes, reading.site(node))


# --------------------------------------------------------------------- shared


def _policy(
    reading: Reading,
    document: YamlMapping,
    origin: str,
    hosts: tuple[str, ...],
    routes: tuple[MeshRoute, ...],
    breaker: YamlNode | None = None,
) -> Iterator[MeshPolicy]:
    says_something = breaker is not None or any(route.timeout or route.retry for route in routes)
    name = walk(document, "metadata", "name")
    if hosts and says_something and name is not None:
        place = reading.site(breaker) if breaker is not None else None
        yield MeshPolicy(origin, hosts, routes, place, reading.site(name), reading.deployment)


def _hosts(reading: Reading, node: YamlNode | None) -> tuple[str, ...]:
    return tuple(text.lower() for scalar in texts(node) if (text := reading.text(scalar)) and text != "*")


def _timeout(reading: Reading, node: YamlNode | None) -> MeshTimeout | None:
    length = seconds(reading.text(node))
    return None if length is None or node is None else MeshTimeout(length, reading.site(node))


_READERS = {
    ("networking.istio.io", "VirtualService"): _virtual_service,
    ("networking.istio.io", "DestinationRule"): _destination_rule,
    ("linkerd.io", "ServiceProfile"): _service_profile,
    ("", "Service"): _linkerd_service,
    ("gateway.networking.k8s.io", "HTTPRoute"): _http_route,
    ("gateway.networking.k8s.io", "GRPCRoute"): _http_route,
    ("policy.linkerd.io", "HTTPRoute"): _http_route,
}
