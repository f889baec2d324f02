"""Which Dockerfile a workload runs when several stand in one folder, and what an image starts by itself."""

from __future__ import annotations

import pytest

from .loading import Loaded

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
WORKER = "class WorkerSettings:\n    functions = []\n"
WORKER_IMAGE = 'FROM python:3.12\nWORKDIR /app\nCOPY ./app /app/app\nCMD ["arq", "app.worker.WorkerSettings"]\n'
WEB_IMAGE = 'FROM python:3.12\nWORKDIR /app\nCOPY ./app /app/app\nCMD ["uvicorn", "app.main:app"]\n'
SERVING_IMAGE = "FROM tiangolo/uvicorn-gunicorn-fastapi:python3.11\nWORKDIR /app\nCOPY ./app /app/app\n"


def deployment(name: str, image: str) -> str:
    return (
        f"kind: Deployment\nmetadata: {{name: {name}}}\n"
        f"spec: {{template: {{spec: {{containers: [{{name: x, image: {image}}}]}}}}}}\n---\n"
    )


def entries(files: dict[str, str]) -> dict[str, tuple[tuple[str, ...], str]]:
    code = {"users/app/main.py": APP, "users/app/worker.py": WORKER, "users/app/__init__.py": ""}
    services = Loaded({**code, **files}).services()
    return {name: (service.entries, service.kind) for name, service in services.items()}


def test_of_several_dockerfiles_each_image_has_the_one_of_its_name() -> None:
    found = entries(
        {
            "k8s/all.yaml": deployment("users-deployment", "users") + deployment("users-worker", "users-worker"),
            "users/docker/worker.dockerfile": WORKER_IMAGE,
            "users/docker/Dockerfile.users": WEB_IMAGE,
        }
    )
    assert found == {
        "users-deployment": (("app.main:app",), "http"),
        "users-worker": (("app.worker:WorkerSettings",), "worker"),
    }


def test_what_is_started_is_unknown_when_several_dockerfiles_may_be_meant() -> None:
    found = entries(
        {
            "k8s/all.yaml": deployment("users", "users"),
            "users/docker/worker.dockerfile": WORKER_IMAGE,
            "users/docker/backend.dockerfile": WEB_IMAGE,
        }
    )
    assert found == {"users": ((), "worker")}


@pytest.mark.parametrize("other", ["Dockerfile.dev", "Dockerfile.test", "local.dockerfile"])
def test_a_dockerfile_for_development_is_not_the_one(other: str) -> None:
    found = entries(
        {
            "k8s/all.yaml": deployment("users", "users"),
            "users/prod.dockerfile": WEB_IMAGE,
            f"users/{other}": WORKER_IMAGE,
        }
    )
    assert found == {"users": (("app.main:app",), "http")}


def test_a_tiltfile_says_which_dockerfile_builds_an_image() -> None:
    found = entries(
        {
            "Tiltfile": "docker_build('users', 'users', dockerfile='users/docker/backend.dockerfile')\n"
            "docker_build(ref='jobs', context='./users', dockerfile='users/docker/worker.dockerfile')\n",
            "k8s/all.yaml": deployment("users-deployment", "users") + deployment("jobs-deployment", "jobs"),
            "users/docker/worker.dockerfile": WORKER_IMAGE,
            "users/docker/backend.dockerfile": WEB_IMAGE,
        }
    )
    assert found == {
        "users-deployment": (("app.main:app",), "http"),
        "jobs-deployment": (("app.worker:WorkerSettings",), "worker"),
    }


def test_an_image_that_looks_for_its_application() -> None:
    found = Loaded({"orders/Dockerfile": SERVING_IMAGE, "orders/app/main.py": APP, "orders/main.py": APP}).one()
    assert (found.entries, found.kind, found.ports) == (("app.main:app",), "http", (80,))


def test_an_image_that_is_told_its_application() -> None:
    found = Loaded(
        {
            "compose.yaml": "services:\n  orders:\n    build: orders\n"
            "    environment: {MODULE_NAME: app.service, VARIABLE_NAME: api, PORT: '8080'}\n",
            "orders/Dockerfile": SERVING_IMAGE,
            "orders/app/service.py": APP,
        }
    ).one()
    assert (found.entries, found.ports) == (("app.service:api",), (8080,))


def test_an_image_that_looks_for_an_application_which_is_not_there() -> None:
    found = Loaded(
        {
            "compose.yaml": "services:\n  orders:\n    build: orders\n",
            "orders/Dockerfile": SERVING_IMAGE,
            "orders/app/other.py": APP,
        }
    ).one()
    assert found.entries == ()
