"""Names and versions that requirements, project and lock files declare."""

from __future__ import annotations

import pytest

from shearpin.workspace.dependencies import declared


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("httpx==0.27.0", ("httpx", "0.27.0")),
        ("httpx == 0.27.0  # pinned", ("httpx", "0.27.0")),
        ("httpx===1.0", ("httpx", "1.0")),
        ("Fast_API.x[all]==0.1 ; python_version > '3'", ("fast-api-x", "0.1")),
        ("httpx==0.27.0 --hash=sha256:00", ("httpx", "0.27.0")),
        ("httpx>=0.27,<1", ("httpx", "")),
        ("httpx==0.*", ("httpx", "")),
        ("httpx @ https://example.org/httpx.whl", ("httpx", "")),
        ("httpx", ("httpx", "")),
    ],
)
def test_a_requirement(line: str, found: tuple[str, str]):
    assert declared("requirements.txt", line.encode()) == (found,)


@pytest.mark.parametrize("line", ["", "# httpx", "-r base.txt", "-e .", "./local", "git+https://example.org/x"])
def test_no_requirement(line: str):
    assert declared("requirements.txt", line.encode()) == ()


def test_a_project_file():
    text = b"""
[project]
dependencies = ["httpx>=1", "redis==5.0"]
optional-dependencies.x = ["pika==1.3.2"]
[dependency-groups]
test = ["pytest", {include-group = "x"}]
[tool.poetry.dependencies]
python = "^3.11"
celery = "5.4.0"
requests = "^2"
tenacity = {version = "==8.2.3", extras = ["x"]}
"""
    assert dict(declared("pyproject.toml", text)) == {
        "httpx": "",
        "redis": "5.0",
        "pika": "1.3.2",
        "pytest": "",
        "celery": "5.4.0",
        "requests": "",
        "tenacity": "8.2.3",
    }


def test_a_lock_file():
    text = b'[[package]]\nname = "httpx"\nversion = "0.28.1"\n[[package]]\nname = "x"\n'
    assert declared("a/uv.lock", text) == (("httpx", "0.28.1"), ("x", ""))


def test_a_pipfile():
    text = b'[packages]\nhttpx = "==0.28.1"\nredis = "*"\n'
    assert declared("Pipfile", text) == (("httpx", "0.28.1"), ("redis", ""))


@pytest.mark.parametrize("source", [b"\xff\xfe", b"[project", b"project = 1", b"[project]\ndependencies = 3"])
def test_broken_files_declare_nothing(source: bytes):
    assert declared("pyproject.toml", source) == ()
