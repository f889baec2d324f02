from __future__ import annotations

import pytest

from .loading import Loaded

PYTHON = 'FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD ["uvicorn", "app.main:app"]\n'
APP = "from fastapi import FastAPI\napp = FastAPI()\n"


def deployment(name: str, image: str, extra: str = "", container: str = "") -> str:
    return (
        f"kind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n"
        f"    metadata: {{labels: {{app: {name}}}}}\n"
        f"    spec:\n      containers:\n        - name: {name}\n          image: {image}\n{container}---\n"
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\n"
        f"spec: {{selector: {{app: {name}}}, ports: [{{port: 80, targetPort: 8080}}]}}\n{extra}"
    )


def test_compose_service_with_its_image() -> None:
    loaded = Loaded(
        {
            "compose.yaml": "services:\n  orders:\n    build: ./orders\n    ports: ['8001:8000']\n"
            "    hostname: o.local\n",
            "orders/Dockerfile": PYTHON + "EXPOSE 8000\n",
            "orders/app/main.py": APP,
        }
    )
    found = loaded.one()
    assert (found.id, found.root, found.language, found.kind) == ("orders", "orders", "python", "http")
    assert found.entries == ("app.main:app",)
    assert found.source_roots == ("orders",)
    assert found.hosts == ("orders", "o.local")
    assert found.ports == (8000,)
    assert found.published == ((8001, 8000),)
    assert found.manifests == ("compose.yaml",)


def test_infrastructure_by_image_and_by_what_an_image_is_built_on() -> None:
    loaded = Loaded(
        {
            "compose.yaml": (
                "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_DB: shop}\n"
                "  store:\n    build: ./mysql\n  bus:\n    image: bitnami/kafka:3\n  tool:\n    image: busybox\n"
            ),
            "mysql/Dockerfile": "FROM mysql:8\nCOPY init.sql /docker-entrypoint-initdb.d/\n",
        }
    )
    assert {name: found.kind for name, found in loaded.infra().items()} == {
        "db": "postgres",
        "store": "mysql",
        "bus": "kafka",
    }
    assert loaded.services() == {}
    assert loaded.infra()["db"].ports == (5432,)
    assert [entry.value for entry in loaded.infra()["db"].deployments[0].env] == ["shop"]


def test_an_application_on_a_bare_system_is_a_service() -> None:
    loaded = Loaded(
        {
            "compose.yaml": "services:\n  pay:\n    build: ./pay\n",
            "pay/Dockerfile": "FROM node:20 AS build\nCOPY . .\nFROM alpine:3\nCOPY --from=build /x /y\n"
            'CMD ["node", "x.js"]\n',
            "pay/package.json": "{}",
        }
    )
    assert (loaded.one().language, loaded.one().kind) == ("javascript", "worker")


def test_copies_of_manifests_are_one_service_with_several_deployments() -> None:
    loaded = Loaded(
        {
            "compose.yaml": "services:\n  orders:\n    build: ./src/orders\n",
            "src/orders/Dockerfile": PYTHON,
            "src/orders/app/main.py": APP,
            "k8s/orders.yaml": deployment("orders", "registry/shop/orders:1"),
            "release/all.yaml": deployment("orders", "registry/shop/orders:2"),
            "extras/tls/orders.yaml": deployment("orders", "registry/shop/orders:3"),
            "extras/tls/other.yaml": deployment("checker", "registry/shop/checker:3"),
        }
    )
    found = loaded.one()
    assert found.id == "orders"
    assert [(item.name, item.is_production) for item in found.deployments] == [
        ("compose.yaml", True),
        ("k8s", True),
        ("release", True),
        ("extras/tls", False),
    ]


def test_manifests_for_tests_count_when_there_are_no_others() -> None:
    loaded = Loaded({"examples/compose.yaml": "services:\n  a:\n    build: ./a\n", "examples/a/x.py": ""})
    assert loaded.one().root == "examples/a"


def test_kubernetes_alone_finds_the_folder_of_an_image_by_its_name() -> None:
    loaded = Loaded(
        {
            "k8s/orders.yaml": deployment("orders-api", "registry/shop-orders:1"),
            "services/orders/Dockerfile": PYTHON,
            "services/orders/app/main.py": APP,
        }
    )
    found = loaded.one()
    assert (found.id, found.root) == ("orders-api", "services/orders")
    assert set(found.ports) == {8080, 80}


def test_skaffold_names_the_folder_of_an_image() -> None:
    loaded = Loaded(
        {
            "skaffold.yaml": "apiVersion: skaffold/v4\nbuild: {artifacts: [{image: front, context: src/ui}]}\n",
            "k8s/x.yaml": deployment("front", "front"),
            "src/ui/package.json": "{}",
        }
    )
    assert (loaded.one().root, loaded.one().language, loaded.one().kind) == ("src/ui", "javascript", "frontend")


def test_a_second_version_with_the_labels_of_a_service_is_that_service() -> None:
    canary = deployment("orders-next", "registry/orders-next:1").replace("app: orders-next", "app: orders")
    loaded = Loaded({"k8s/a.yaml": deployment("orders", "registry/orders:1"), "canary/b.yaml": canary})
    assert list(loaded.services()) == ["orders"]


def test_one_image_with_two_commands_is_two_services_with_one_root() -> None:
    loaded = Loaded(
        {
            "compose.yaml": (
                "services:\n  api:\n    build: .\n    command: uvicorn app.main:app --port 80\n"
                "  worker:\n    build: .\n    command: celery -A app.tasks worker\n"
            ),
            "Dockerfile": "FROM python\nWORKDIR /app\nCOPY . .\nEXPOSE 80\n",
            "app/main.py": APP,
            "app/tasks.py": "",
        }
    )
    services = loaded.services()
    assert {name: (found.root, found.kind, found.entries) for name, found in services.items()} == {
        "api": ("", "http", ("app.main:app",)),
        "worker": ("", "worker", ("celery:app.tasks",)),
    }
    assert services["worker"].ports == ()


def test_services_of_the_same_name_in_different_projects_stay_apart() -> None:
    loaded = Loaded(
        {
            "one/compose.yaml": "services:\n  api:\n    build: .\n",
            "one/main.py": APP,
            "two/compose.yaml": "services:\n  api:\n    build: .\n",
            "two/main.py": APP,
        }
    )
    assert {found.id: found.root for found in loaded.services().values()} == {"api": "one", "two-api": "two"}


def test_override_and_development_files_are_not_production() -> None:
    loaded = Loaded(
        {
            "docker-compose.yml": "services:\n  a:\n    build: ./a\n",
            "docker-compose.override.yml": "services:\n  a:\n    environment: {X: '1'}\n",
            "docker-compose.dev.yml": "services:\n  a:\n    environment: {X: '2'}\n",
            "a/x.py": "",
        }
    )
    assert [(item.name, item.is_production) for item in loaded.one().deployments] == [
        ("docker-compose.yml", True),
        ("docker-compose.dev.yml", False),
        ("docker-compose.override.yml", False),
    ]


def test_gateways_and_web_servers() -> None:
    loaded = Loaded(
        {
            "compose.yaml": (
                "services:\n  edge:\n    image: kong:3\n    volumes: ['./conf/kong.yml:/kong.yml']\n"
                "  web:\n    build: ./web\n  files:\n    image: nginx\n  site:\n    build: ./site\n"
            ),
            "conf/kong.yml": "_format_version: '3.0'\nservices: [{url: 'http://a:1', routes: [{paths: [/a]}]}]\n",
            "web/Dockerfile": "FROM nginx\nCOPY default.conf /etc/nginx/conf.d/\n",
            "web/default.conf": "server { location /a { proxy_pass http://a:1; } }\n",
            "site/Dockerfile": "FROM node AS b\nCOPY . .\nFROM nginx\nCOPY --from=b /dist /usr/share/nginx/html\n",
            "site/package.json": "{}",
        }
    )
    assert {name: (found.kind, found.root) for name, found in loaded.services().items()} == {
        "edge": ("gateway", "conf"),
        "web": ("gateway", "web"),
        "site": ("frontend", "site"),
    }
    assert loaded.infra()["files"].kind == "web-server"


def test_dockerfile_alone_and_procfile_alone() -> None:
    loaded = Loaded(
        {
            "pay/Dockerfile": PYTHON,
            "pay/app/main.py": APP,
            "docker/Dockerfile": "FROM traefik:2\n",
            "shop/Procfile": "web: gunicorn shop:app\nworker: celery -A shop.tasks worker\n",
            "shop/shop.py": APP,
        }
    )
    assert {name: (found.root, found.entries) for name, found in loaded.services().items()} == {
        "pay": ("pay", ("app.main:app",)),
        "shop": ("shop", ("shop:app",)),
        "shop-worker": ("shop", ("celery:shop.tasks",)),
    }


def test_project_script_as_command() -> None:
    loaded = Loaded(
        {
            "compose.yaml": "services:\n  w:\n    build: ./w\n    command: orders-worker --fast\n",
            "w/pyproject.toml": "[project]\nname = 'w'\nscripts = {orders-worker = 'orders.worker:main'}\n",
            "w/src/orders/worker.py": "",
        }
    )
    assert loaded.one().entries == ("orders.worker:main",)
    assert loaded.one().source_roots[0] == "w/src"


def test_several_languages() -> None:
    loaded = Loaded(
        {
            "compose.yaml": "services:\n"
            + "".join(f"  {name}:\n    build: ./{name}\n" for name in ("j", "g", "p", "x")),
            "j/pom.xml": "<project/>",
            "g/Dockerfile": "FROM golang:1 AS b\nFROM scratch\n",
            "p/composer.json": "{}",
            "x/readme.yaml": "",
        }
    )
    assert {name: found.language for name, found in loaded.services().items()} == {
        "j": "java",
        "g": "go",
        "p": "php",
        "x": "unknown",
    }


BASE_AND_OVERLAYS = {
    "k8s/base/kustomization.yaml": "resources: [orders.yaml]\n",
    "k8s/base/orders.yaml": deployment(
        "orders", "orders", container="          env: [{name: PAYMENTS, value: 'http://localhost'}]\n"
    ),
    "k8s/overlays/dev/kustomization.yaml": "resources: [../../base]\n",
    "orders/Dockerfile": PYTHON,
    "orders/app/main.py": APP,
}
PROD = {
    "k8s/overlays/prod/kustomization.yaml": "namePrefix: p-\nresources: [../../base]\npatches: [{path: env.yaml}]\n",
    "k8s/overlays/prod/env.yaml": "kind: Deployment\nmetadata: {name: orders}\n"
    "spec: {template: {spec: {containers: [{name: orders, env: [{name: PAYMENTS, value: 'http://payments'}]}]}}}\n",
}


def test_overlays_are_the_deployments_of_what_they_put_together() -> None:
    found = Loaded({**BASE_AND_OVERLAYS, **PROD}).one()
    assert [(item.name, item.is_production, [entry.value for entry in item.env]) for item in found.deployments] == [
        ("k8s/overlays/prod", True, ["http://payments"]),
        ("k8s/overlays/dev", False, ["http://localhost"]),
    ]
    assert (found.id, found.root, found.entries) == ("orders", "orders", ("app.main:app",))
    assert "p-orders" in found.hosts


def test_a_base_that_only_a_variant_uses_is_deployed_too() -> None:
    found = Loaded(BASE_AND_OVERLAYS).one()
    assert [(item.name, item.is_production) for item in found.deployments] == [
        ("k8s/base", True),
        ("k8s/overlays/dev", False),
    ]


def test_an_overlay_that_appears_takes_its_base_over() -> None:
    loaded = Loaded(BASE_AND_OVERLAYS)
    assert loaded.one().deployments[0].name == "k8s/base"
    for path, text in PROD.items():
        loaded.edit(path, text)
    assert [item.name for item in loaded.one().deployments] == ["k8s/overlays/prod", "k8s/overlays/dev"]


def project_with_image(folder: str, command: str) -> Loaded:
    return Loaded(
        {
            "compose.yaml": f"services:\n  web:\n    build: {{context: ., dockerfile: {folder}/Dockerfile}}\n",
            f"{folder}/Dockerfile": f"FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD {command}\n",
            f"{folder}/run.sh": "exec gunicorn shop.wsgi:application\n",
            "manage.py": "",
            "shop/__init__.py": "",
            "shop/wsgi.py": "application = None\n",
        }
    )


@pytest.mark.parametrize("command", ["docker/web/run.sh", '["gunicorn", "shop.wsgi:application"]', "./unknown"])
def test_a_folder_that_only_builds_is_not_where_the_code_is(command: str) -> None:
    assert project_with_image("docker/web", command).one().root == ""


def test_a_folder_with_an_image_and_the_code_that_it_starts_is_the_service() -> None:
    loaded = project_with_image("services/web", '["python", "services/web/main.py"]')
    loaded.edit("services/web/main.py", "print()\n")
    assert loaded.one().root == "services/web"


INSTALLS = {
    "images/shop/Dockerfile": "FROM python:3.12\nRUN pip install /tmp/wheels/shop.whl\nCMD python -m shop\n",
    "images/shop/requirements.txt": "tornado\n",
    "images/shop/pin.py": "",
    "pyproject.toml": "[project]\nname = 'shop'\n",
    "shop/__init__.py": "",
    "shop/__main__.py": "print()\n",
}


def test_an_image_that_installs_a_package_of_the_workspace_runs_its_code() -> None:
    service = Loaded(INSTALLS).one()
    assert (service.root, service.entries) == ("", ("shop",))


def test_an_image_whose_package_several_projects_have_is_left_where_it_stands() -> None:
    other = {"old/pyproject.toml": "[project]\nname = 'old'\n", "old/shop/__init__.py": "", "old/shop/__main__.py": ""}
    assert Loaded({**INSTALLS, **other}).one().root == "images/shop"
