from __future__ import annotations

import pytest

from shearpin.services.commands import Start, starts
from shearpin.syntax.command import expand_command
from shearpin.syntax.shell import split_commands


def run(text: str, **variables: str) -> list[tuple[str, str]]:
    """Entry and kind of each process that a shell line starts."""
    command = expand_command(("sh", "-c", text), lambda _path: None)
    return [(start.entry, start.kind) for start in starts(command, variables)]


@pytest.mark.parametrize(
    ("text", "entry", "kind"),
    [
        ("uvicorn app.main:app --host 0.0.0.0 --port 8000 --reload", "app.main:app", "http"),
        ("uvicorn --host 0.0.0.0 app.main:create_app --factory", "app.main:create_app", "http"),
        ("uvicorn --reload app.main:app", "app.main:app", "http"),
        ("gunicorn -w 4 -k uvicorn.workers.UvicornWorker app.main:app", "app.main:app", "http"),
        ("gunicorn -b 0.0.0.0:8000 'shop:create_app()'", "shop:create_app", "http"),
        ("gunicorn --bind localhost:8000 shop.wsgi", "shop.wsgi", "http"),
        ("hypercorn app:app -b [::]:80", "app:app", "http"),
        ("daphne -p 80 shop.asgi:application", "shop.asgi:application", "http"),
        ("granian --interface asgi app:app", "app:app", "http"),
        ("uwsgi --http :80 --wsgi-file shop/main.py --callable app", "shop.main:app", "http"),
        ("uwsgi -w shop:app", "shop:app", "http"),
        ("flask --app shop run", "shop", "http"),
        ("python -m flask run --port 80", "", "http"),
        ("fastapi run app/main.py --port 80", "app/main.py", "http"),
        ("python manage.py runserver 0.0.0.0:8000", "manage.py", "http"),
        ("celery -A shop.tasks worker -l info", "celery:shop.tasks", "worker"),
        ("celery --app=shop.tasks beat", "celery-beat:shop.tasks", "worker"),
        ("celery -A shop flower", "celery-flower:shop", "http"),
        ("celery -A shop worker --beat", "celery:shop", "worker"),
        ("python -m celery -A shop worker", "celery:shop", "worker"),
        ("nameko run --config config.yml orders.service --backdoor 3000", "orders.service", "rpc"),
        ("faststream run shop.main:app --workers 2", "shop.main:app", "worker"),
        ("arq shop.worker.WorkerSettings", "shop.worker:WorkerSettings", "worker"),
        ("dramatiq shop.tasks --processes 2", "shop.tasks", "worker"),
        ("taskiq worker shop.broker:broker", "shop.broker:broker", "worker"),
        ("rq worker high", "", "worker"),
        ("locust -f load/users.py --headless", "load/users.py", "loadgen"),
        ("python -u worker.py --queue x", "worker.py", ""),
        ("python3.12 -m shop.worker", "shop.worker", ""),
        ("./consumer.py", "consumer.py", ""),
        ("opentelemetry-instrument --traces_exporter otlp uvicorn a:b", "a:b", "http"),
        ("ddtrace-run gunicorn a:b", "a:b", "http"),
        ("newrelic-admin run-program gunicorn a:b", "a:b", "http"),
        ("poetry run uvicorn a:b", "a:b", "http"),
        ("uv run --frozen --no-dev uvicorn a:b", "a:b", "http"),
        ("uv run --package shop -- python -m shop", "shop", ""),
        ("pipenv run python main.py", "main.py", ""),
        ("watchmedo auto-restart --directory=. --pattern=*.py -- celery -A a worker", "celery:a", "worker"),
        ("env A=1 B=2 uvicorn a:b", "a:b", "http"),
        ("A=1 exec uvicorn a:b", "a:b", "http"),
        ("./wait-for-it.sh db:5432 -t 30 -- uvicorn a:b", "a:b", "http"),
        ("tini -- uvicorn a:b", "a:b", "http"),
        ("coverage run -m uvicorn a:b", "a:b", "http"),
    ],
)
def test_one_process(text: str, entry: str, kind: str) -> None:
    assert run(text) == [(entry, kind)]


def test_servers_hide_what_runs_before_them() -> None:
    assert run("alembic upgrade head && python seed.py && uvicorn a:b") == [("a:b", "http")]


def test_several_processes() -> None:
    assert run("celery -A a worker & uvicorn b:app") == [("celery:a", "worker"), ("b:app", "http")]


def test_nothing_known() -> None:
    assert run("python -c 'print(1)'") == []
    assert starts(None) == ()
    assert starts(("orders-worker", "--fast")) == (Start("orders-worker", script="orders-worker"),)


def test_flask_reads_its_variable() -> None:
    assert run("flask run", FLASK_APP="shop/main.py") == [("shop.main", "http")]


def test_import_root_and_port() -> None:
    (start,) = starts(("uvicorn", "main:app", "--app-dir", "src", "--port", "9000"))
    assert (start.folder, start.port) == ("src", 9000)
    (start,) = starts(("gunicorn", "--chdir=api", "-b", "0.0.0.0:${PORT:-8080}", "main:app"))
    assert (start.folder, start.port) == ("api", 8080)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b", (("a", "b"),)),
        ("a && b || c; d & e | f\ng", (("a",), ("b",), ("c",), ("d",), ("e",), ("f",), ("g",))),
        ("a 'b c' \"d $E\" f\\ g", (("a", "b c", "d $E", "f g"),)),
        ("a > /dev/null 2>&1 <x b", (("a", "b"),)),
        ("a # b\nc", (("a",), ("c",))),
        ("a $(b c) ${D:-e f}", (("a", "$(b c)", "${D:-e f}"),)),
        ("a \\\n  b", (("a", "b"),)),
        ("a 'unclosed", (("a", "unclosed"),)),
        ("", ()),
    ],
)
def test_shell_text(text: str, expected: tuple[tuple[str, ...], ...]) -> None:
    assert split_commands(text) == expected


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ('locust --host="http://${SHOP}" --headless -u 10', (("LOCUST_HOST", "http://${SHOP}"),)),
        ("locust -f load.py -H http://shop", (("LOCUST_HOST", "http://shop"),)),
        ("locust --headless", ()),
        ("nameko run --broker amqp://rabbit service", (("AMQP_URI", "amqp://rabbit"),)),
        ("uvicorn --host 0.0.0.0 app:app", ()),
    ],
)
def test_options_that_stand_for_variables(text: str, options: tuple[tuple[str, str], ...]):
    command = expand_command(("sh", "-c", text), lambda _path: None)
    assert [start.options for start in starts(command)] == [options]
