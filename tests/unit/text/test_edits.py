"""Edits of text: applying, conflicts, and the difference of two texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shearpin.text.edits import ConflictError, Edit, apply, difference, line_end, ordered

TEXTS = st.text(alphabet="aäb\r\n ", max_size=40).map(str.encode)


def test_edits_apply_in_any_order():
    edits = [Edit(4, 5, b"E"), Edit(0, 1, b""), Edit(2, 2, b"-")]
    assert apply(b"abcde", edits) == b"b-cdE"


def test_insertions_at_one_place_keep_their_order():
    assert apply(b"ab", [Edit(1, 1, b"2"), Edit(1, 1, b"1")]) == b"a21b"


def test_equal_edits_are_one():
    assert apply(b"ab", [Edit(1, 1, b"x"), Edit(1, 1, b"x")]) == b"axb"


@pytest.mark.parametrize("second", [Edit(1, 3, b""), Edit(0, 4, b""), Edit(2, 2, b"x")])
def test_overlaps_are_conflicts(second: Edit):
    with pytest.raises(ConflictError):
        ordered([Edit(1, 4, b"y"), second])


def test_touching_edits_are_none():
    assert apply(b"abcd", [Edit(0, 2, b"x"), Edit(2, 4, b"y")]) == b"xy"


def test_the_difference_is_small():
    assert difference(b"a\nfoo(1)\nb\n", b"a\nfoo(1, 2)\nb\n") == (Edit(7, 7, b", 2"),)
    assert difference(b"f()\nf()\n", b"f(1)\nf(1)\n") == (Edit(2, 2, b"1"), Edit(6, 6, b"1"))
    assert difference(b"a\r\nb", b"a\r\nb") == ()


@given(TEXTS, TEXTS)
def test_the_difference_leads_from_one_text_to_the_other(before: bytes, after: bytes):
    edits = difference(before, after)
    assert apply(before, edits) == after
    for edit in edits:
        edit.new.decode()
        before[edit.start : edit.end].decode()


@pytest.mark.parametrize(("text", "end"), [(b"a\r\nb\n", b"\r\n"), (b"a\nb\r\n", b"\n"), (b"a", b"\n"), (b"", b"\n")])
def test_line_end(text: bytes, end: bytes):
    assert line_end(text) == end
