from __future__ import annotations

import pytest

from shearpin.report.practices import practice_bars
from shearpin.report.styled import plain_text
from shearpin.session import Counts


def bar(counts):
    return plain_text(practice_bars({"retries": counts})).splitlines()[1].split("  ")[2]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(4, 4, 0, 0), "█" * 20),
        (Counts(4, 0, 4, 0), "░" * 20),
        (Counts(4, 0, 0, 4), "▒" * 20),
        (Counts(4, 2, 1, 1), "█" * 10 + "▒" * 5 + "░" * 5),
        # what hurts is never rounded away, and what is unknown never looks good
        (Counts(1000, 999, 1, 0), "█" * 19 + "░"),
        (Counts(1000, 0, 1, 999), "▒" * 19 + "░"),
        (Counts(1000, 999, 0, 1), "█" * 19 + "▒"),
    ],
)
def test_bars(counts, expected):
    assert bar(counts) == expected


def test_practices_that_nobody_examined_have_no_bar():
    assert list(practice_bars({"retries": Counts(0, 0, 0, 0)})) == []


def test_a_percentage_never_rounds_up_to_all():
    assert "99 %" in plain_text(practice_bars({"retries": Counts(1000, 999, 1, 0)}))
