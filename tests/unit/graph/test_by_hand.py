"""Files in the folder of a service that people start by hand: what they do is done by no service."""

from __future__ import annotations

import pytest

from ...support import open_session
from .drawing import FASTAPI, edges, endpoints, system

CALL = "import requests\ndef load():\n    requests.get('http://b/x')\n"
GUARDED = CALL + "if __name__ == '__main__':\n    load()\n"
DJANGO = {
    "a/manage.py": "from django.core.management import execute_from_command_line\nexecute_from_command_line()\n",
    "a/shop/__init__.py": "",
    "a/shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
    "a/shop/settings.py": "INSTALLED_APPS = ['shop', 'stock.apps.StockConfig']\n",
    "a/shop/management/__init__.py": "",
    "a/shop/management/commands/__init__.py": "",
    "a/shop/management/commands/fill.py": "import requests\nclass Command:\n    def handle(self):\n"
    "        requests.get('http://b/x')\n",
}


def of_django(command: str, files: dict[str, str] | None = None) -> list[str]:
    compose = f"services:\n  a: {{build: a, command: {command}}}\n  b: {{build: b}}\n"
    images = {f"{name}/Dockerfile": "FROM python\nWORKDIR /srv\nCOPY . .\n" for name in ("a", "b")}
    whole = {"compose.yaml": compose, **images, **DJANGO, "b/main.py": FASTAPI, **(files or {})}
    return edges(open_session(whole, rules=()))


def test_a_management_command_that_no_process_runs() -> None:
    assert of_django("gunicorn shop.wsgi") == []
    assert of_django("sh -c 'python manage.py migrate && gunicorn shop.wsgi'") == []


@pytest.mark.parametrize("command", ["python manage.py fill", "sh -c 'python manage.py fill && gunicorn shop.wsgi'"])
def test_a_management_command_that_a_process_runs(command: str) -> None:
    assert of_django(command) == ["a -> b GET /x"]


def test_a_management_command_that_code_may_run() -> None:
    for code in ("call_command('fill')\n", "call_command(name)\n", "from .management.commands.fill import Command\n"):
        caller = {"a/shop/tasks.py": "from django.core.management import call_command\n" + code}
        assert of_django("gunicorn shop.wsgi", caller) == ["a -> b GET /x"], code
    other = {"a/shop/tasks.py": "from django.core.management import call_command\ncall_command('other')\n"}
    assert of_django("gunicorn shop.wsgi", other) == []
    by_class = {
        "a/shop/management/commands/other.py": "class Command: ...\n",
        "a/shop/tasks.py": "from django.core.management import call_command\n"
        "from shop.management.commands import other\ncall_command(other.Command())\n",
    }
    assert of_django("gunicorn shop.wsgi", by_class) == []


def test_a_management_command_of_a_process_that_is_not_known() -> None:
    assert of_django("./unknown") == ["a -> b GET /x"]


def test_a_script_beside_what_is_loaded_by_name() -> None:
    assert of_django("gunicorn shop.wsgi", {"a/fill_once.py": GUARDED, **_without_command()}) == []


def _without_command() -> dict[str, str]:
    return {"a/shop/management/commands/fill.py": "class Command: ...\n"}


@pytest.mark.parametrize(
    "files",
    [
        {"a/stock.py": GUARDED},  # a name among the applications
        {"a/extra.py": GUARDED, "a/shop/views.py": "import extra\n"},
        {"a/shop/once.py": GUARDED},  # a package may be walked
        {"a/plain.py": CALL},  # without a main block nobody says that it is a script
    ],
)
def test_what_may_be_loaded_by_name_counts(files: dict[str, str]) -> None:
    settings = {"a/shop/wsgi.py": DJANGO["a/shop/wsgi.py"] + "import shop.settings\n"}
    assert of_django("gunicorn shop.wsgi", {**_without_command(), **settings, **files}) == ["a -> b GET /x"]


def test_a_folder_for_scripts() -> None:
    assert edges(system({"a/main.py": FASTAPI, "a/scripts/seed.py": CALL})) == []
    assert edges(system({"a/main.py": FASTAPI, "a/other/seed.py": CALL})) == ["a -> b GET /x"]
    used = {"a/main.py": FASTAPI + "from scripts.seed import load\n", "a/scripts/seed.py": CALL}
    assert edges(system(used)) == ["a -> b GET /x"]
    elsewhere = {"a/main.py": FASTAPI, "a/scripts/seed.py": CALL, "a/plug.py": "import scripts.seed\n"}
    assert edges(system(elsewhere)) == ["a -> b GET /x"]


WEB_AND_WORKER = {
    "compose.yaml": "services:\n  web: {build: a, command: uvicorn main:app}\n"
    "  worker: {build: a, command: dramatiq tasks more}\n  b: {build: b}\n",
    "a/Dockerfile": "FROM python\nWORKDIR /srv\nCOPY . .\n",
    "b/Dockerfile": "FROM python\nWORKDIR /srv\nCOPY . .\nCMD uvicorn main:app\n",
    "a/main.py": FASTAPI + "import web_only\n",
    "a/tasks.py": "",
    "a/more.py": CALL.replace("/x", "/more"),
    "a/web_only.py": CALL,
    "b/main.py": FASTAPI,
}


def test_what_one_process_loads_and_the_other_does_not() -> None:
    assert edges(open_session(WEB_AND_WORKER, rules=())) == ["web -> b GET /x", "worker -> b GET /more"]
    open_ended = {**WEB_AND_WORKER, "a/tasks.py": "from importlib import import_module\nimport_module('x')\n"}
    assert "worker -> b GET /x" in edges(open_session(open_ended, rules=()))


def test_a_scheduler_or_monitor_runs_no_task_and_serves_no_route() -> None:
    files = {
        "compose.yaml": "services:\n  worker: {build: a, command: celery -A main worker}\n"
        "  beat: {build: a, command: celery -A main beat}\n  flower: {build: a, command: celery -A main flower}\n"
        "  b: {build: b}\n",
        "a/Dockerfile": "FROM python\nWORKDIR /srv\nCOPY . .\n",
        "b/Dockerfile": "FROM python\nWORKDIR /srv\nCOPY . .\nCMD uvicorn main:app\n",
        "a/main.py": "from celery import Celery\nfrom fastapi import FastAPI\n"
        + CALL
        + "app = Celery()\nweb = FastAPI()\n@web.get('/x')\ndef x(): ...\n",
        "b/main.py": FASTAPI,
    }
    session = open_session(files, rules=())
    assert edges(session) == ["worker -> b GET /x"]
    assert endpoints(session, "flower") == []
