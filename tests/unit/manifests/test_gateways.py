from __future__ import annotations

from shearpin.facts.manifest import ManifestFacts

from .reading import at, read_in, read_text


def routes(facts: ManifestFacts) -> list[tuple[str, str, str]]:
    return [(route.prefix, route.target, route.rewritten) for route in facts.routes]


def test_kong_routes_inside_services() -> None:
    text = """\
_format_version: "3.0"
services:
  - name: users
    url: http://users:8000/api/v1
    routes:
      - paths: [/users, ~/x/\\d+]
        methods: [GET]
  - name: docs
    host: docs
    port: 8000
    routes:
      - paths: [/docs]
        strip_path: false
"""
    facts = read_text("kong.yml", text)
    assert facts.kind == "kong"
    assert routes(facts) == [
        ("/users", "http://users:8000/api/v1", "/api/v1"),
        ("/docs", "http://docs:8000", "/docs"),
    ]
    assert facts.routes[0].methods == ("GET",)
    assert at({"kong.yml": text}, facts.routes[1].site) == "/docs"


def test_kong_routes_apart_from_services() -> None:
    text = (
        "_format_version: '3.0'\nservices: [{name: a, url: 'http://a:80'}]\n"
        "routes: [{service: {name: a}, paths: [/a]}, {service: a, paths: [/b]}]\n"
    )
    assert routes(read_text("kong.yml", text)) == [("/a", "http://a:80", "/"), ("/b", "http://a:80", "/")]


def test_nginx_locations() -> None:
    text = """\
upstream orders { server orders:8000; server orders-2:8000; }
server {
    listen 80;  # proxy_pass http://nowhere;
    set $pay http://payments:5000;
    location / { root /usr/share/nginx/html; }
    location /orders/ {
        if ($request_method = OPTIONS) { return 204; }
        proxy_pass http://orders/v1/;
    }
    location ^~ /pay { proxy_pass $pay; }
    location ~ ^/re/\\d+ { proxy_pass http://re:1; }
    location = /env { proxy_pass http://${HOST}:8080; }
}
"""
    facts = read_text("web/default.conf.template", text)
    assert facts.kind == "nginx"
    assert routes(facts) == [
        ("/orders/", "http://orders:8000/v1/", "/v1/"),
        ("/pay", "http://payments:5000", "/pay"),
        ("/env", "http://${HOST}:8080", "/env"),
    ]
    assert at({"web/default.conf.template": text}, facts.routes[0].site) == "http://orders/v1/"


def test_configuration_that_forwards_nothing_is_none() -> None:
    assert read_text("nginx.conf", "server { listen 80; root /x; }\n").kind == ""
    assert read_text("logging.conf", "[loggers]\nkeys=root\n").kind == ""


def test_procfile() -> None:
    files = {
        "api/Procfile": "release: python manage.py migrate\nweb: ./start.sh\nworker: celery -A shop worker\n",
        "api/start.sh": "exec gunicorn shop.wsgi\n",
    }
    facts = read_in(files, "api/Procfile")
    assert [(item.name, item.command, item.build) for item in facts.workloads] == [
        ("web", ("gunicorn", "shop.wsgi"), "api"),
        ("worker", ("celery", "-A", "shop", "worker"), "api"),
    ]


def test_skaffold_says_what_an_image_is_built_from() -> None:
    text = (
        "apiVersion: skaffold/v4beta1\nkind: Config\nbuild:\n  artifacts:\n    - image: orders\n"
        "      context: src/orders\n"
        "    - image: ledger\n      jib: {project: src/ledger}\n    - image: far\n      context: ../../far\n"
    )
    facts = read_text("deploy/skaffold.yaml", text)
    assert [(build.image, build.context) for build in facts.builds] == [
        ("orders", "deploy/src/orders"),
        ("ledger", "deploy/src/ledger"),
    ]


def test_env_file() -> None:
    (source,) = read_text("api/.env", "HOST=db\nURL=http://$HOST\nBARE\n").sources
    assert (source.kind, source.name) == ("envfile", ".env")
    assert {entry.name: entry.value for entry in source.entries} == {"HOST": "db", "URL": "http://db", "BARE": None}


def test_kong_limits_and_tries() -> None:
    text = (
        "_format_version: '3.0'\n"
        "services: [{name: a, url: 'http://a:80', read_timeout: 2500, retries: 2, routes: [{paths: [/a]}]}]\n"
    )
    (route,) = read_text("kong.yml", text).routes
    assert (route.timeout, route.attempts) == (2.5, 3)


COMPOSE_LABELS = """\
services:
  edge:
    image: traefik:v3
    labels:
      traefik.http.middlewares.api.stripPrefix.prefixes: /api
  orders:
    image: orders
    expose: ["8000"]
    labels:
      - traefik.http.routers.orders.rule=Host(`${DOMAIN:-shop.example.com}`) && PathPrefix(`/api/orders`)
      - traefik.http.routers.orders.middlewares=api@docker, auth
      - traefik.http.middlewares.auth.basicauth.users=a:b
  users:
    image: users
    deploy:
      labels:
        traefik.http.routers.users.rule: PathPrefix(`/users`) || Path(`/me`)
        traefik.http.services.users.loadbalancer.server.port: "9000"
  hidden:
    image: hidden
    labels: [traefik.enable=false, "traefik.http.routers.h.rule=PathPrefix(`/h`)"]
  strange:
    image: strange
    ports: ["80:80"]
    labels: ["traefik.http.routers.s.rule=PathPrefix(`/s`)", traefik.http.routers.s.middlewares=elsewhere@file]
"""


def test_traefik_labels_of_compose_services() -> None:
    facts = read_text("compose.yaml", COMPOSE_LABELS)
    assert routes(facts) == [
        ("/api/orders", "http://orders:8000", "/orders"),
        ("/users", "http://users:9000", "/users"),
        ("/me", "http://users:9000", "/me"),
        ("/s", "http://strange:80", "/{}"),
    ]
    assert [(host.host, host.path, host.target, host.rewritten) for host in facts.hosts] == [
        ("shop.example.com", "/api/orders", "orders", "/orders")
    ]
    assert at({"compose.yaml": COMPOSE_LABELS}, facts.routes[0].site).startswith("traefik.http.routers.orders.rule=")
    assert at({"compose.yaml": COMPOSE_LABELS}, facts.routes[1].site) == "PathPrefix(`/users`) || Path(`/me`)"


DYNAMIC = """\
http:
  routers:
    orders: {rule: "PathPrefix(`/orders`)", service: orders, middlewares: [both]}
    lost: {rule: "PathPrefix(`/lost`)", service: api@internal}
  middlewares:
    both: {chain: {middlewares: [cut, add]}}
    cut: {stripPrefix: {prefixes: [/orders]}}
    add: {addPrefix: {prefix: /v1}}
  services:
    orders: {loadBalancer: {servers: [{url: "http://orders:8000/base"}, {url: "http://orders-2:8000"}]}}
"""


def test_traefik_configuration_in_a_file() -> None:
    facts = read_text("traefik/dynamic.yml", DYNAMIC)
    assert facts.kind == "traefik"
    assert routes(facts) == [("/orders", "http://orders:8000/base", "/base/v1/")]
    assert at({"traefik/dynamic.yml": DYNAMIC}, facts.routes[0].site) == '"PathPrefix(`/orders`)"'


def test_traefik_configuration_in_toml() -> None:
    text = (
        '[http.routers.orders]\nrule = "Host(`a.example.com`)"\nservice = "orders"\n'
        '[[http.services.orders.loadBalancer.servers]]\nurl = "http://orders:8000"\n'
    )
    facts = read_text("dynamic.toml", text)
    assert routes(facts) == [("/", "http://orders:8000", "/")]
    assert at({"dynamic.toml": text}, facts.routes[0].site) == "Host(`a.example.com`)"
    assert len(read_text("dynamic.toml", text + "=").problems) == 1


ENVOY = """\
static_resources:
  listeners:
    - filter_chains:
        - filters:
            - typed_config:
                route_config:
                  virtual_hosts:
                    - domains: ["*"]
                      routes:
                        - match: {prefix: /orders}
                          route:
                            cluster: orders
                            prefix_rewrite: /v1
                            timeout: 2.5s
                            retry_policy: {retry_on: 5xx, num_retries: 2}
                        - match: {path: /pay, headers: [{name: ":method", string_match: {exact: post}}]}
                          route: {weighted_clusters: {clusters: [{name: pay}, {name: gone}]}, timeout: 0s}
                        - match: {safe_regex: {regex: ".*"}}
                          route: {cluster: orders}
                        - match: {prefix: /old}
                          redirect: {path_redirect: /new}
  clusters:
    - name: orders
      load_assignment:
        endpoints:
          - lb_endpoints:
              - endpoint: {address: {socket_address: {address: orders, port_value: 8000}}}
    - name: pay
      hosts: [{socket_address: {address: pay, port_value: 50051}}]
"""


def test_envoy_routes_to_the_addresses_of_clusters() -> None:
    facts = read_text("envoy/envoy.yaml", ENVOY)
    assert facts.kind == "envoy"
    assert routes(facts) == [("/orders", "http://orders:8000", "/v1"), ("/pay", "http://pay:50051", "/pay")]
    first, second = facts.routes
    assert (first.timeout, first.attempts, first.methods) == (2.5, 3, ())
    assert (second.timeout, second.attempts, second.methods) == (None, None, ("POST",))
    assert at({"envoy/envoy.yaml": ENVOY}, first.site) == "/orders"
