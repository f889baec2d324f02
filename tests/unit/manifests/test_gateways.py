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
