from __future__ import annotations

import pytest

from shearpin.facts.site import Site


def test_columns_count_code_points_and_utf16_units(desk):
    desk.write("a.py", 'x = 1\ny = "é𝄞"; call()\n')
    where = desk.places.range_of(desk.site("a.py", "call()"))
    assert (where.start.line, where.start.column, where.start.utf16) == (1, 10, 11)
    assert where.end.utf16 == 17


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_counts(desk, end):
    desk.write("a.py", f"one{end}two{end}three")
    assert desk.places.line_of(desk.site("a.py", "three")) == 3
    assert desk.places.text_of_line("a.py", 1) == "two"


def test_a_site_beyond_the_end_or_in_a_lost_file_is_no_error(desk):
    desk.write("a.py", "one\n")
    assert desk.places.line_of(Site("a.py", "", 900, 901)) == 2
    assert desk.places.address(Site("gone.py", "", 9, 10)) == "gone.py:1"
    assert desk.places.text_of_line("gone.py", 3) is None


def test_bytes_that_are_no_utf8_are_shown_as_replacement(desk):
    desk.files["a.py"] = b"x = '\xff'; call()\n"
    assert desk.places.range_of(desk.site("a.py", "call()")).start.column == 9
