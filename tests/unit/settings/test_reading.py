"""Settings: what is read, and how errors are told."""

from __future__ import annotations

import pytest

from shearpin.settings import DEFAULTS, PerPath, ServiceOverride, SettingsError, Timeouts, Zone, load, parse


def problems(text: str, path: str = "shearpin.toml") -> list[str]:
    with pytest.raises(SettingsError) as caught:
        parse(path, text.encode())
    return [str(problem) for problem in caught.value.problems]


def test_no_file_means_the_defaults():
    assert load(lambda _: None) == DEFAULTS


def test_a_pyproject_of_others_means_the_defaults():
    assert load({"pyproject.toml": b"[tool.black]\nline-length = 1\n"}.get) == DEFAULTS


def test_the_own_file_wins_over_pyproject():
    files = {"shearpin.toml": b"fail-on = 'error'", "pyproject.toml": b"[tool.shearpin]\nfail-on = 'never'"}
    assert load(files.get).fail_on == "error"


def test_everything_that_can_be_set():
    found = parse(
        "pyproject.toml",
        b"""
[tool.shearpin]
select = ["all"]
ignore = ["client-per-request"]
exclude = ["legacy/"]
include-tests = true
min-confidence = "possible"
fail-on = "never"
severity = { "unbounded-retry" = "information" }

[[tool.shearpin.per-path]]
paths = ["scripts/"]
ignore = ["call-without-timeout"]
severity.unbounded-retry = "error"

[tool.shearpin.timeouts]
read = 5

[tool.shearpin.zones]
critical = ["payments", "src/ledger/"]

[tool.shearpin.services.orders]
root = "./services/orders/"
hosts = ["Orders.internal"]
ports = [8000]

[tool.shearpin.services."stripe"]
external = true
""",
    )
    assert found is not None
    assert found.ignore == ("client-per-request",)
    assert found.exclude == ("legacy/",)
    assert (found.include_tests, found.min_confidence, found.fail_on) == (True, "possible", "never")
    assert found.severity == (("unbounded-retry", "information"),)
    assert found.per_path == (
        PerPath(("scripts/",), ignore=("call-without-timeout",), severity=(("unbounded-retry", "error"),)),
    )
    assert found.timeouts == Timeouts(3.05, 5.0)
    assert found.zones == (Zone("critical", ("payments", "src/ledger/")),)
    assert found.services == (
        ServiceOverride("orders", "services/orders", ("orders.internal",), (8000,), line=22),
        ServiceOverride("stripe", external=True, line=27),
    )
    assert {(mention.name, mention.line) for mention in found.mentions} == {
        ("all", 3),
        ("client-per-request", 4),
        ("unbounded-retry", 9),
        ("call-without-timeout", 13),
        ("unbounded-retry", 14),
    }


def test_all_errors_are_told_with_their_lines():
    text = """
[project]
description = \"\"\"
[tool.shearpin]
selct = 1
\"\"\"

[tool.shearpin]
selct = ["x"]
ignore = [
  "a",  # ] is no end
  3,
]
fail-on = "eror"

[[tool.shearpin.per-path]]
paths = ["a"]
[[tool.shearpin.per-path]]
ignore = ["a"]

[tool.shearpin.timeouts]
read = -1
connect = true

[tool.shearpin.zones]
crtical = []
"""
    assert problems(text, "pyproject.toml") == [
        'pyproject.toml:9: unknown setting "selct"; did you mean "select"?',
        "pyproject.toml:10: ignore must be a list of strings, not a list with other things in it",
        'pyproject.toml:14: fail-on must be one of information, warning, error, never; did you mean "error"?',
        'pyproject.toml:18: per-path needs "paths"',
        "pyproject.toml:22: timeouts.read must be a positive number of seconds, not -1",
        "pyproject.toml:23: timeouts.connect must be a positive number of seconds, not True",
        'pyproject.toml:26: unknown setting "crtical" in zones; did you mean "critical"?',
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = [", "shearpin.toml:1: is not valid TOML: invalid value"),
        ("\nignore = ['a'\nb = 1", "shearpin.toml:3: is not valid TOML: unclosed array"),
        ("ignore = 1", "shearpin.toml:1: ignore must be a list of strings, not a number"),
        ("per-path = {}", 'shearpin.toml:1: per-path must be a list of tables: write "[[tool.shearpin.per-path]]"'),
        ("services = 1", "shearpin.toml:1: services must be a table with one table per service"),
        ("services.a = 1", "shearpin.toml:1: services.a must be a table, not a number"),
        ("services.a.root = 1", "shearpin.toml:1: root must be a string, not a number"),
        ("include-tests = 'yes'", "shearpin.toml:1: include-tests must be true or false, not a string"),
        ("severity.x = 'bad'", "shearpin.toml:1: severity of x must be one of information, warning, error, not 'bad'"),
    ],
)
def test_one_error(text: str, message: str):
    assert problems(text) == [message]


def test_a_file_that_is_not_utf8():
    with pytest.raises(SettingsError, match=r"shearpin\.toml:2: is not UTF-8"):
        parse("shearpin.toml", b"ignore = []\n# \xff")
