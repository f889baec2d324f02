from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shearpin.facts.manifest import ImageBuild
from shearpin.syntax.dockerfile import read_dockerfile

from .reading import at, read_in, read_text


def image(text: str, others: dict[str, str] | None = None) -> ImageBuild:
    (found,) = read_in({"svc/Dockerfile": text, **(others or {})}, "svc/Dockerfile").images
    return found


def test_final_stage_with_exec_form() -> None:
    found = image(
        "FROM python:3.12-slim\nWORKDIR /app\nCOPY requirements.txt .\nCOPY ./app ./app\nENV PYTHONPATH=/app:/libs\n"
        'EXPOSE 8000/tcp 9000\nCMD ["uvicorn", "app.main:app", "--port", "8000"]\n'
    )
    assert found.base_image == "python:3.12-slim"
    assert found.workdir == "/app"
    assert found.copies == (("requirements.txt", "/app/requirements.txt"), ("app", "/app/app"))
    assert found.command == ("uvicorn", "app.main:app", "--port", "8000")
    assert found.ports == (8000, 9000)
    assert found.python_path == ("/app", "/libs")


def test_shell_form_is_split_and_looked_through() -> None:
    found = image("FROM python\nCMD alembic upgrade head && exec gunicorn -b :$PORT 'shop:create_app()'\n")
    assert found.command == ("alembic", "upgrade", "head", ";", "gunicorn", "-b", ":$PORT", "shop:create_app()")


def test_stages_inherit_and_copies_are_followed_back() -> None:
    found = image(
        "ARG TAG=3.12\nFROM python:${TAG} AS base\nWORKDIR /srv\nENV A=1\n"
        "FROM base AS builder\nCOPY src/ /build/src/\n"
        "FROM base\nCOPY --from=builder /build /srv\nCOPY --from=nginx:1 /etc/x /y\n"
    )
    assert found.base_image == "python:3.12"
    assert found.workdir == "/srv"
    assert [(entry.name, entry.value) for entry in found.env] == [("A", "1")]
    assert found.copies == (("src", "/srv/src"),)
    assert found.bases == ("python:3.12",)


def test_toolchain_images_are_named_after_the_final_one() -> None:
    assert image("FROM golang:1.22 AS b\nFROM alpine:3\n").bases == ("alpine:3", "golang:1.22")


def test_entrypoint_and_command_are_joined() -> None:
    found = image('FROM python\nENTRYPOINT ["opentelemetry-instrument"]\nCMD ["python", "main.py"]\n')
    assert found.command == ("opentelemetry-instrument", "python", "main.py")
    assert found.entrypoint == ("opentelemetry-instrument",)


def test_an_entrypoint_drops_the_inherited_command() -> None:
    assert image('FROM a AS x\nCMD ["old"]\nFROM x\nENTRYPOINT ["new"]\n').command == ("new",)


def test_start_script_is_read_from_the_context() -> None:
    script = (
        "#!/bin/sh\nset -e\n# wait\nuntil nc -z db 5432; do sleep 1; done\nalembic upgrade head\n"
        "exec nameko run orders.service\n"
    )
    found = image('FROM python\nWORKDIR /srv\nCOPY run.sh /srv/run.sh\nCMD ["./run.sh"]\n', {"svc/run.sh": script})
    assert found.command == ("nameko", "run", "orders.service")


def test_script_that_executes_its_arguments() -> None:
    found = image(
        'FROM python\nCOPY docker/entry.sh /entry.sh\nENTRYPOINT ["/entry.sh"]\n'
        'CMD ["celery", "-A", "tasks", "worker"]\n',
        {"svc/docker/entry.sh": 'python manage.py migrate\nexec "$@"\n'},
    )
    assert found.command == ("python", "manage.py", "migrate", ";", "celery", "-A", "tasks", "worker")


def test_unknown_script_stays_and_was_asked_for() -> None:
    facts = read_text("svc/Dockerfile", 'FROM python\nCMD ["./start.sh"]\n')
    assert facts.images[0].command == ("./start.sh",)
    assert "svc/start.sh" in facts.reads


def test_uwsgi_names_its_module_in_an_ini_file() -> None:
    ini = "[uwsgi]\nwsgi-file = shop.py\ncallable = app\n"
    found = image('FROM python\nWORKDIR /app\nCOPY u.ini /app/\nCMD ["uwsgi", "--ini", "u.ini"]\n', {"svc/u.ini": ini})
    assert found.command == ("uwsgi", "--ini", "u.ini", "--wsgi-file", "shop.py", "--callable", "app")


def test_env_forms_and_their_places() -> None:
    files = {"Dockerfile": 'FROM x\nENV OLD one two\nENV A="x y" \\\n    # why\n    B=$A/z\n'}
    (found,) = read_in(files, "Dockerfile").images
    assert {entry.name: entry.value for entry in found.env} == {"OLD": "one two", "A": "x y", "B": "x y/z"}
    assert [at(files, entry.site) for entry in found.env] == ["one two", '"x y"', "$A/z"]


def test_continuations_comments_and_heredocs() -> None:
    source = b"FROM a\nRUN one \\\n  # comment\n\n  two\nRUN <<EOF\nCMD not this\nEOF\nCMD last\n"
    assert [(item.keyword, item.text) for item in read_dockerfile(source)] == [
        ("FROM", "a"),
        ("RUN", "one two"),
        ("RUN", "<<EOF"),
        ("CMD", "last"),
    ]


def test_escape_directive() -> None:
    source = b"# escape=`\nFROM a\nRUN one `\n  two\n"
    assert [item.text for item in read_dockerfile(source)] == ["a", "one two"]


def test_a_file_without_stages_is_none() -> None:
    assert read_text("Dockerfile", "# nothing\n").kind == ""


@given(st.binary(max_size=200))
def test_instructions_never_raise(source: bytes) -> None:
    for item in read_dockerfile(source):
        assert 0 <= item.start <= item.end <= len(source)
