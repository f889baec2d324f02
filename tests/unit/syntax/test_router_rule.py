from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shearpin.syntax.path_rewrites import Rewrite, rewritten
from shearpin.syntax.router_rule import Alternative, alternatives


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("PathPrefix(`/api`)", [Alternative(path="/api")]),
        ("Host(`A.example.com`) && Path('/x')", [Alternative("a.example.com", "/x", is_exact=True)]),
        ("PathPrefix(`/a`, `/b`)", [Alternative(path="/a"), Alternative(path="/b")]),
        (
            "Host(`a`) && (PathPrefix(`/x`) || PathPrefix(`/y`)) && Method(`get`, `POST`)",
            [Alternative("a", "/x", methods=("GET", "POST")), Alternative("a", "/y", methods=("GET", "POST"))],
        ),
        ("PathPrefix(`/a`) && !PathPrefix(`/a/b`)", [Alternative(path="/a", is_conditional=True)]),
        ("PathPrefix(`/a`) && HeadersRegexp(`x`, `.*`)", [Alternative(path="/a", is_conditional=True)]),
        ("PathPrefix(`/{id:[0-9]+}`)", [Alternative(is_conditional=True)]),
        ("Host(`a`) && Host(`b`)", [Alternative("a", is_conditional=True)]),
        ("PathPrefix(`/a`", []),
        ("PathPrefix(`/a`) PathPrefix(`/b`)", []),
        ("# nothing", []),
        ("", []),
        ("(" * 50 + "Path(`/a`)" + ")" * 50, []),
    ],
)
def test_ways_to_fit_a_rule(rule: str, expected: list[Alternative]) -> None:
    assert list(alternatives(rule)) == expected


def test_a_rule_that_would_multiply_is_cut() -> None:
    either = "(" + " || ".join(f"Host(`h{i}`)" for i in range(10)) + ")"
    rule = " && ".join([either, "PathPrefix(`/a`)", *(["(Method(`GET`) || Method(`PUT`))"] * 20)])
    assert len(alternatives(rule)) <= 64


@given(st.text(alphabet="HostPathPrefix()`/&|!, a'\"{", max_size=60))
def test_any_text_is_read(rule: str) -> None:
    assert isinstance(alternatives(rule), tuple)


@pytest.mark.parametrize(
    ("prefix", "steps", "expected"),
    [
        ("/api", [], "/api"),
        ("/api", [Rewrite("strip", ("/api",))], "/"),
        ("/api/v1", [Rewrite("strip", ("/api", "/api/v1"))], "/"),
        ("/api/v1", [Rewrite("strip", ("/api/",))], "/v1"),
        ("/api", [Rewrite("strip", ("/other",))], "/api"),
        ("/", [Rewrite("strip", ("/api",))], None),
        ("/api", [Rewrite("strip", ("/api",)), Rewrite("add", ("/v1",))], "/v1/"),
        ("/api", [Rewrite("unknown")], None),
    ],
)
def test_what_becomes_of_a_prefix(prefix: str, steps: list[Rewrite], expected: str | None) -> None:
    assert rewritten(prefix, steps) == expected
