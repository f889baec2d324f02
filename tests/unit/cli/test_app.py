from __future__ import annotations

import sys

import click
import pytest

from shearpin.cli import app
from shearpin.cli.exits import ExitStatus, RefusedError


@pytest.fixture
def failing(monkeypatch):
    """`shearpin explain x` ends in the given exception."""

    def install(error: BaseException) -> None:
        def rule_named(_: str) -> None:
            raise error

        monkeypatch.setattr("shearpin.cli.rule_names.rule_named", rule_named)

    return install


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["chek"], 'error: no command "chek"; did you mean "check"?'),
        (["check", "nowhere"], "error: nowhere: no such file or folder"),
        (["graph", "nowhere"], "error: nowhere: no such file or folder"),
        (["graph", "file.py"], "error: file.py: is a file; give the folder that holds the whole system"),
        (["check", "--format", "xml"], "(see shearpin check --help)"),
        (["check", "--fail-on", "worst"], "(see shearpin check --help)"),
        (["explain", "no-such-rule-at-all"], 'error: there is no rule "no-such-rule-at-all"'),
        (["new", "rule", "bad name"], 'error: "bad name" is no PACK/NAME'),
        (["check", "../outside.py", "file.py"], "lies outside the current folder"),
    ],
)
def test_an_error_of_the_user_is_one_line_and_status_2(tmp_path, monkeypatch, capsys, arguments, line):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "file.py").write_text("")
    (tmp_path / "outside.py").write_text("")
    monkeypatch.chdir(inner)
    assert app.run(arguments) == ExitStatus.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert line in err


def test_all_reasons_of_a_refusal_are_shown(failing, capsys):
    failing(RefusedError("one", "two"))
    assert app.run(["explain", "x"]) == ExitStatus.USAGE
    assert capsys.readouterr().err == "error: one\nerror: two\n"


def test_a_bug_is_one_line_and_status_3(failing, capsys):
    failing(ValueError("some\nthing"))
    assert app.run(["explain", "x"]) == ExitStatus.INTERNAL
    err = capsys.readouterr().err
    assert err.startswith("internal error: ValueError some thing. This is a bug of shearpin, please report it")
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--debug", "explain", "x"], ["explain", "x", "--debug"]])
def test_debug_shows_the_traceback(failing, capsys, arguments):
    failing(ValueError("boom"))
    assert app.run(arguments) == ExitStatus.INTERNAL
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_is_no_bug(failing, capsys, error):
    failing(error)
    assert app.run(["explain", "x"]) == ExitStatus.USAGE
    assert capsys.readouterr().err.strip() == "interrupted"


def test_help_lists_every_command_with_a_summary(capsys):
    assert app.run(["--help"]) == ExitStatus.CLEAN
    text = capsys.readouterr().out
    for name in ("check", "explain", "fix", "graph", "new", "rules", "serve"):
        assert f"\n  {name} " in text


def test_no_arguments_show_the_help(capsys):
    assert app.run([]) == ExitStatus.USAGE
    assert "Commands:" in capsys.readouterr().err


def test_serve_says_what_is_missing(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pygls", None)
    for name in list(sys.modules):
        if name.startswith(("shearpin.lsp.", "pygls.")):
            monkeypatch.delitem(sys.modules, name)
    assert app.run(["serve"]) == ExitStatus.USAGE
    assert capsys.readouterr().err.startswith("error: the language server needs pygls, which is not installed")
