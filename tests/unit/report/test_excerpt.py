from __future__ import annotations

from shearpin.report.excerpt import excerpt
from shearpin.report.styled import Tone, plain_text


def shown(desk, text, nth=0):
    where = desk.places.range_of(desk.site("a.py", text, nth))
    return plain_text(excerpt(desk.places, "a.py", where, Tone.ERROR))


def test_carets_stand_below_the_range_between_context(desk):
    desk.write("a.py", "def f():\n    call(1)\n    return 2\n")
    assert shown(desk, "call(1)") == (
        "   |\n"
        " 1 | def f():\n"
        " 2 |     call(1)\n"
        "   |     ^^^^^^^\n"
        " 3 |     return 2\n"
    )  # fmt: skip


def test_tabs_and_wide_signs_do_not_shift_carets(desk):
    desk.write("a.py", '\tx = "漢字"; call()\n')
    marked, carets = shown(desk, "call()").splitlines()[1:3]
    assert marked == ' 1 |     x = "漢字"; call()'
    # two wide signs take two columns more than they have characters
    assert carets.index("^") == marked.index("call()") + 2


def test_a_range_over_lines_is_marked_to_the_end_of_its_first(desk):
    desk.write("a.py", "call(\n    1,\n)\n")
    assert "   | ^^^^^\n" in shown(desk, "call(\n    1,\n)")


def test_a_very_long_line_is_cut_around_the_range(desk):
    desk.write("a.py", "x = [" + "1, " * 200 + "call(), " + "2, " * 200 + "]\n")
    marked, carets = shown(desk, "call()").splitlines()[1:3]
    assert len(marked) < 150
    assert marked[carets.index("^") : carets.rindex("^") + 1] == "call()"


def test_line_numbers_of_any_width_keep_the_gutter_straight(desk):
    desk.write("a.py", "x = 1\n" * 998 + "call()\n" + "y = 2\n")
    assert {text.index("|") for text in shown(desk, "call()").splitlines()} == {5}


def test_control_signs_are_not_sent_to_the_terminal(desk):
    desk.write("a.py", "x = '\x1b[31m'; call()\n")
    assert "\x1b" not in shown(desk, "call()")
