"""`shearpin effects` as a command."""

from __future__ import annotations

import pytest

from shearpin.cli.app import run

CODE = """\
import requests


class Client:
    def load(self):
        return requests.get("https://prices.example.com/v1", timeout=3)


class Other:
    def load(self):
        return None

    def send(self):
        return requests.post("https://prices.example.com/v2", timeout=3)
"""


@pytest.fixture
def effects(tmp_path, monkeypatch, capsys):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "client.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "README.md").write_text("x", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def asked(function):
        status = run(["effects", "--no-cache", "--jobs", "1", function])
        return status, *capsys.readouterr()

    return asked


@pytest.mark.parametrize(
    ("name", "line"),
    [("Client.load", "1. http GET /v1"), ("send", "1. http POST /v2"), ("Other.load", "no effect on anything outside")],
)
def test_functions_by_name(effects, name, line):
    status, text, _ = effects(f"app/client.py:{name}")
    assert status == 0
    assert line in text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("app/client.py:load", 'several functions called "load": Client.load, Other.load'),
        ("app/client.py:lode", "there are Client.load, Other.load, Other.send"),
        ("app/client.py:Client.lod", 'did you mean "Client.load"'),
        ("app/client.py", "is no FILE:FUNCTION"),
        ("app:load", "is no Python file"),
        ("README.md:load", "is no Python file"),
        ("nowhere.py:load", "no such file"),
    ],
)
def test_what_it_refuses(effects, name, message):
    status, _, error = effects(name)
    assert status == 2
    assert message in error
