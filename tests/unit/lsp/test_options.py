"""Options as clients write them."""

from __future__ import annotations

from collections import namedtuple

import pytest

from shearpin.lsp.options import Mode, Options, Scope, Summary, options_of

ALL = Options(Scope.WORKSPACE, Mode.PULL, True, False, Summary.MESSAGE, frozenset({"a"}))
NESTED = {
    "diagnostics": {"scope": "workspace", "mode": "pull"},
    "inlayHints": {"enabled": True},
    "codeLens": {"enabled": False},
    "acceptance": {"summary": "message"},
    "clientCommands": ["a"],
}
FLAT = {
    "diagnostics.scope": "workspace",
    "diagnostics.mode": "pull",
    "inlayHints.enabled": True,
    "codeLens.enabled": False,
    "acceptance.summary": "message",
    "clientCommands": ["a"],
}


@pytest.mark.parametrize("raw", [NESTED, FLAT, {"shearpin": NESTED}, {"shearpin": FLAT}])
def test_nested_and_flat(raw):
    assert options_of(raw, Options()) == ALL


def test_parameters_without_a_declared_type():
    section = namedtuple("Object", ["diagnostics"])(namedtuple("Object", ["scope"])("workspace"))  # noqa: PYI024
    assert options_of(section, Options()) == Options(Scope.WORKSPACE)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        3,
        {},
        {"diagnostics": None},
        {"diagnostics": 3},
        {"inlayHints": {"enabled": "yes"}},
        {"acceptance": {"summary": 1}},
    ],
)
def test_what_is_wrong_or_absent_keeps_what_was(raw):
    assert options_of(raw, ALL) == ALL
