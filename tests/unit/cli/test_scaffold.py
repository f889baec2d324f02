from __future__ import annotations

import ast

import pytest

from shearpin.adapterkit.adapter import Adapter
from shearpin.cli import app
from shearpin.cli.exits import ExitStatus
from shearpin.rulekit.rule import Rule

HEADINGS = ("## What it does", "## Why it matters", "## Example", "## How safe is the fix", "## References")


@pytest.fixture
def package(tmp_path):
    (tmp_path / "__init__.py").write_text("")
    return tmp_path


def test_a_new_rule_has_its_headings_and_is_a_rule(package, capsys):
    assert app.run(["new", "rule", "retries/unbounded-retry", "--into", str(package)]) == ExitStatus.CLEAN
    module = package / "retries" / "unbounded_retry.py"
    page = ast.get_docstring(ast.parse(module.read_text())) or ""
    for heading in HEADINGS:
        assert heading in page
    assert "# expect: unbounded-retry" in page
    names: dict[str, object] = {"__name__": "demo.retries.unbounded_retry"}
    exec(compile(module.read_text(), module, "exec"), names)
    rule = names["RULE"]
    assert isinstance(rule, Rule)
    assert (rule.name, rule.pack, rule.practice, len(rule.checks)) == ("unbounded-retry", "retries", "retries", 1)
    assert (package / "retries" / "__init__.py").exists()
    assert "shearpin explain unbounded-retry" in capsys.readouterr().out


def test_a_new_adapter_has_its_page_and_is_an_adapter(package):
    assert app.run(["new", "adapter", "confluent-kafka", "--into", str(package)]) == ExitStatus.CLEAN
    module = package / "confluent_kafka.py"
    names: dict[str, object] = {"__name__": "demo.confluent_kafka"}
    exec(compile(module.read_text(), module, "exec"), names)
    adapter = names["ADAPTER"]
    assert isinstance(adapter, Adapter)
    assert adapter.name == "confluent-kafka"
    assert list(adapter.call_handlers) == ["confluent_kafka.get"]


@pytest.mark.parametrize("arguments", [["rule", "retries/a-b"], ["adapter", "httpx"]])
def test_nothing_is_overwritten(package, capsys, arguments):
    command = ["new", *arguments, "--into", str(package)]
    assert app.run(command) == ExitStatus.CLEAN
    written = next(path for path in package.rglob("*.py") if path.name in {"a_b.py", "httpx.py"})
    written.write_text("mine")
    assert app.run(command) == ExitStatus.USAGE
    assert written.read_text() == "mine"
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    "identity", ["unbounded-retry", "retries/", "/a", "re tries/a", "retries/A", "a/b/c", "../x/y"]
)
def test_a_malformed_name_is_refused(package, identity):
    assert app.run(["new", "rule", identity, "--into", str(package)]) == ExitStatus.USAGE
    assert [path.name for path in package.iterdir()] == ["__init__.py"]


@pytest.mark.parametrize("name", ["1x", "a.b", "class", "a/b"])
def test_a_malformed_library_is_refused(package, name):
    assert app.run(["new", "adapter", name, "--into", str(package)]) == ExitStatus.USAGE


def test_a_folder_that_is_no_package_is_refused(tmp_path, capsys):
    assert app.run(["new", "adapter", "httpx", "--into", str(tmp_path / "gone")]) == ExitStatus.USAGE
    assert "no Python package there" in capsys.readouterr().err
    assert not (tmp_path / "gone").exists()
