"""Patterns as people mistype them."""

from __future__ import annotations

import pytest

from shearpin.workspace.ignoring import patterns


@pytest.mark.parametrize("odd", ["[z-a]", "a[b--c]", "[[a]", "[", "\\", "!", "[!]", "**[", "a/**/b[--a]"])
def test_pattern_that_makes_no_sense_leaves_the_others_in_force(odd):
    found = patterns([odd, "build/"])
    assert found is not None
    assert found("build/x.py") is True
    assert not found("src/app.py")
