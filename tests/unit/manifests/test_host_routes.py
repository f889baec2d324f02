"""Public host names: which objects say where requests for them go."""

from __future__ import annotations

from shearpin.facts.manifest import ManifestFacts

from .reading import at, read_text

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  rules:
    - host: shop.example.com
      http:
        paths:
          - {path: /orders, pathType: Prefix, backend: {service: {name: orders, port: {number: 8000}}}}
          - {path: /health, pathType: Exact, backend: {service: {name: status, port: {name: web}}}}
          - {backend: {serviceName: old, servicePort: 80}}
    - http: {paths: [{path: /, backend: {service: {name: anybody}}}]}
"""


def drawn(facts: ManifestFacts) -> list[tuple[str, str, str, str | None, bool]]:
    return [(item.host, item.path, f"{item.target}:{item.port}", item.rewritten, item.is_exact) for item in facts.hosts]


def test_an_ingress() -> None:
    facts = read_text("k8s/ingress.yaml", INGRESS)
    assert facts.kind == "kubernetes"
    assert drawn(facts) == [
        ("shop.example.com", "/orders", "orders:8000", "/orders", False),
        ("shop.example.com", "/health", "status:None", "/health", True),
        ("shop.example.com", "/", "old:80", "/", False),
    ]
    assert at({"k8s/ingress.yaml": INGRESS}, facts.hosts[0].site) == "orders"


def test_an_ingress_that_rewrites() -> None:
    def rewritten(path: str, target: str) -> str | None:
        text = INGRESS.replace(
            "{name: shop}", f"{{annotations: {{nginx.ingress.kubernetes.io/rewrite-target: {target}}}}}"
        )
        return read_text("i.yaml", text.replace("/orders, ", f'"{path}", ')).hosts[0].rewritten

    assert rewritten("/orders(/|$)(.*)", "/$2") == "/"
    assert rewritten("/orders/(.*)", "/v1/$1") == "/v1"
    assert rewritten("/orders", "/always") is None


def test_a_path_that_is_a_pattern_says_only_where_requests_go() -> None:
    facts = read_text("i.yaml", INGRESS.replace("path: /orders,", "path: '/orders/[0-9]+',"))
    assert drawn(facts)[0] == ("shop.example.com", "/orders", "orders:8000", None, False)


def test_a_route_of_the_gateway_api() -> None:
    facts = read_text(
        "route.yaml",
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a}\nspec:\n"
        "  parentRefs: [{name: edge}]\n  hostnames: [a.example.com, '*.b.example.com']\n  rules:\n"
        "    - matches: [{path: {type: PathPrefix, value: /api}}, {path: {type: RegularExpression, value: '/x.*'}}]\n"
        "      filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /v1}}}]\n"
        "      backendRefs: [{name: api, port: 80}]\n"
        "    - filters: [{type: RequestRedirect}]\n      backendRefs: [{name: no}]\n",
    )
    assert drawn(facts) == [
        ("a.example.com", "/api", "api:80", "/v1", False),
        ("*.b.example.com", "/api", "api:80", "/v1", False),
    ]


def test_a_virtual_service_behind_a_gateway() -> None:
    facts = read_text(
        "vs.yaml",
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec:\n"
        "  hosts: [a.example.com]\n  gateways: [edge]\n  http:\n"
        "    - match: [{uri: {prefix: /api/}}, {uri: {exact: /x}, headers: {b: {exact: c}}}]\n"
        "      rewrite: {uri: /}\n      route: [{destination: {host: api, port: {number: 80}}}]\n"
        "    - route: [{destination: {host: web}}]\n"
        "    - match: [{uri: {prefix: /split}}]\n      route: [{destination: {host: a}}, {destination: {host: b}}]\n",
    )
    assert drawn(facts) == [
        ("a.example.com", "/api/", "api:80", "/", False),
        ("a.example.com", "/", "web:None", "/", False),
    ]


def test_a_route_of_openshift() -> None:
    facts = read_text(
        "r.yaml",
        "apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: a}\n"
        "spec: {host: a.example.com, path: /a, to: {kind: Service, name: api}}\n",
    )
    assert drawn(facts) == [("a.example.com", "/a", "api:None", "/a", False)]


def test_a_route_of_traefik() -> None:
    facts = read_text(
        "r.yaml",
        "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: a}\nspec:\n  routes:\n"
        "    - {match: 'Host(`a.example.com`) && PathPrefix(`/a`)', services: [{name: api, port: 80}]}\n"
        "    - {match: 'Host(`a.example.com`) && Path(`/b`)', services: [{name: b}], middlewares: [{name: m}]}\n"
        "    - {match: 'PathPrefix(`/c`)', services: [{name: c}]}\n",
    )
    assert drawn(facts) == [
        ("a.example.com", "/a", "api:80", "/a", False),
        ("a.example.com", "/b", "b:None", None, True),
    ]
