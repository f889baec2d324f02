from __future__ import annotations

from .reading import at, read_in, values

CONFIGURATION = """\
[supervisord]
nodaemon=true

[program:api]
command=/srv/venv/bin/gunicorn shop.wsgi
    --bind 0.0.0.0:8000
directory=api
environment=LEVEL="info",HOST='db',SECRET=%(ENV_SECRET)s
numprocs=2

[program:worker]
command = ./start.sh

[eventlistener:x]
command=python listen.py
"""


def test_programs() -> None:
    files = {"deploy/supervisord.conf": CONFIGURATION, "deploy/start.sh": "exec celery -A shop worker\n"}
    facts = read_in(files, "deploy/supervisord.conf")
    api, worker = facts.workloads
    assert (facts.kind, api.name, api.build, api.replicas) == ("supervisor", "api", "deploy/api", 2)
    assert api.command == ("/srv/venv/bin/gunicorn", "shop.wsgi", "--bind", "0.0.0.0:8000")
    assert values(api) == {"LEVEL": "info", "HOST": "db", "SECRET": None}
    assert at(files, api.site) == "program:api"
    assert (worker.name, worker.command) == ("worker", ("celery", "-A", "shop", "worker"))


def test_configuration_without_programs_is_none() -> None:
    assert read_in({"supervisord.conf": "[supervisord]\n"}, "supervisord.conf").kind == ""
