"""What objects tell a service mesh: time limits, tries and breakers, with the place of each."""

from __future__ import annotations

import pytest

from shearpin.facts.manifest import MeshMatch, MeshPolicy
from shearpin.manifests.kubernetes.mesh import seconds

from .reading import at, read_text

ISTIO = "apiVersion: networking.istio.io/v1\n"


def policy(text: str) -> MeshPolicy:
    (found,) = read_text("mesh.yaml", text).mesh
    return found


def test_a_virtual_service() -> None:
    text = (
        ISTIO + "kind: VirtualService\nmetadata: {name: stock}\nspec:\n"
        "  hosts: [Stock, stock.shop.svc.cluster.local]\n  http:\n"
        "    - match:\n        - uri: {prefix: /admin}\n          method: {exact: get}\n"
        "        - headers: {x: {exact: y}}\n"
        "      route: [{destination: {host: stock}}]\n"
        "    - timeout: 2.5s\n      retries: {attempts: 3, perTryTimeout: 500ms, retryOn: '5xx, reset'}\n"
    )
    found = policy(text)
    assert (found.origin, found.hosts) == ("VirtualService", ("stock", "stock.shop.svc.cluster.local"))
    first, second = found.routes
    assert first.matches == (MeshMatch("prefix", "/admin", ("GET",)), MeshMatch(is_conditional=True))
    assert (first.timeout, first.retry) == (None, None)
    assert second.timeout is not None
    assert second.retry is not None
    assert (second.timeout.seconds, at({"mesh.yaml": text}, second.timeout.site)) == (2.5, "2.5s")
    # Three retries are four attempts.
    assert (second.retry.attempts, second.retry.attempt_seconds, second.retry.on) == (4, 0.5, ("5xx", "reset"))
    assert "attempts: 3" in at({"mesh.yaml": text}, second.retry.site)


def test_a_virtual_service_for_what_comes_from_outside_is_no_policy_inside() -> None:
    text = (
        ISTIO
        + "kind: VirtualService\nmetadata: {name: a}\nspec: {hosts: [a], gateways: [edge], http: [{timeout: 1s}]}\n"
    )
    assert read_text("mesh.yaml", text).mesh == ()
    both = text.replace("[edge]", "[edge, mesh]")
    assert policy(both).hosts == ("a",)


def test_a_destination_rule_is_a_breaker_when_it_leaves_hosts_out() -> None:
    text = (
        ISTIO + "kind: DestinationRule\nmetadata: {name: stock}\nspec:\n  host: stock\n"
        "  trafficPolicy:\n    connectionPool: {tcp: {maxConnections: 5}}\n"
        "    outlierDetection: {consecutive5xxErrors: 5}\n"
    )
    found = policy(text)
    assert (found.origin, found.hosts, found.routes) == ("DestinationRule", ("stock",), ())
    assert found.breaker is not None
    assert at({"mesh.yaml": text}, found.breaker) == "{consecutive5xxErrors: 5}"
    pool_alone = text.replace("    outlierDetection: {consecutive5xxErrors: 5}\n", "")
    assert read_text("mesh.yaml", pool_alone).mesh == ()


def test_a_service_profile() -> None:
    found = policy(
        "apiVersion: linkerd.io/v1alpha2\nkind: ServiceProfile\nmetadata: {name: stock.shop.svc.cluster.local}\nspec:\n"
        "  routes:\n    - condition: {method: GET, pathRegex: '/items/[^/]*'}\n      timeout: 300ms\n"
        "      isRetryable: true\n"
        "    - condition: {all: [{method: POST}]}\n      isRetryable: false\n"
        "  retryBudget: {retryRatio: 0.2, minRetriesPerSecond: 10, ttl: 10s}\n"
    )
    first, second = found.routes
    assert found.hosts == ("stock.shop.svc.cluster.local",)
    assert first.matches == (MeshMatch("regex", "/items/[^/]*", ("GET",)),)
    assert first.timeout is not None
    assert first.timeout.seconds == pytest.approx(0.3)
    assert first.retry is not None
    assert first.retry.attempts is None
    assert second.matches == (MeshMatch(is_conditional=True),)
    assert second.retry is None


def test_annotations_of_linkerd() -> None:
    found = policy(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: stock\n  annotations:\n"
        "    timeout.linkerd.io/request: 2s\n    retry.linkerd.io/http: 5xx,gateway-error\n"
        "    retry.linkerd.io/limit: '2'\n    retry.linkerd.io/timeout: 400ms\n"
        "    balancer.linkerd.io/failure-accrual: consecutive\n"
        "spec: {selector: {app: stock}}\n"
    )
    (route,) = found.routes
    assert (found.origin, found.breaker is not None) == ("Linkerd", True)
    assert route.timeout is not None
    assert route.retry is not None
    assert (route.timeout.seconds, route.retry.attempts, route.retry.attempt_seconds) == (2.0, 3, 0.4)
    assert route.retry.on == ("5xx", "gateway-error")


def test_a_route_of_the_gateway_api_for_a_service() -> None:
    text = (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: stock}\nspec:\n"
        "  parentRefs: [{kind: Service, name: stock}]\n  rules:\n"
        "    - matches: [{path: {type: Exact, value: /items}, method: GET}, {path: {value: /old}}]\n"
        "      timeouts: {request: 3s, backendRequest: 1s}\n      retry: {attempts: 2, codes: [503]}\n"
    )
    (route,) = policy(text).routes
    assert route.matches == (MeshMatch("exact", "/items", ("GET",)), MeshMatch("prefix", "/old"))
    assert route.timeout is not None
    assert route.retry is not None
    assert (route.timeout.seconds, route.retry.attempts, route.retry.attempt_seconds, route.retry.on) == (
        3,
        3,
        1,
        ("503",),
    )
    assert read_text("mesh.yaml", text.replace("kind: Service", "kind: Gateway")).mesh == ()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("5s", 5),
        ("300ms", 0.3),
        ("1m30s", 90),
        ("1h", 3600),
        ("0s", None),
        ("5", None),
        ("x5s", None),
        ("", None),
        (None, None),
    ],
)
def test_lengths_of_time(text: str | None, length: float | None) -> None:
    assert seconds(text) == (length if length is None else pytest.approx(length))
