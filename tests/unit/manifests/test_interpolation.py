from __future__ import annotations

import pytest

from shearpin.syntax.interpolation import Interpolated, interpolate

VARIABLES = {"HOST": "db", "EMPTY": "", "PORT": "5432"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("$HOST", "db"),
        ("${HOST}", "db"),
        ("http://${HOST}:$PORT/x", "http://db:5432/x"),
        ("${HOST-other}", "db"),
        ("${HOST:-other}", "db"),
        ("${NONE-other}", "other"),
        ("${EMPTY-other}", ""),
        ("${EMPTY:-other}", "other"),
        ("${NONE:-http://${HOST}:80}", "http://db:80"),
        ("${NONE:-${ALSO:-deep}}", "deep"),
        ("${NONE:-${ALSO:-}}", ""),
        ("${HOST?must be set}", "db"),
        ("${HOST:+yes}", "yes"),
        ("${EMPTY:+yes}", ""),
        ("${EMPTY+yes}", "yes"),
        ("${NONE+yes}", ""),
        ("$$HOST", "$HOST"),
        ("$${HOST}", "${HOST}"),
        ("cost: 5$", "cost: 5$"),
        ("${unclosed", "${unclosed"),
        ("${}", "${}"),
        ("$HOSTNAME.x", ".x"),
    ],
)
def test_substitutes_like_compose(text: str, expected: str) -> None:
    assert interpolate(text, VARIABLES.get).value == expected


def test_text_of_missing_variables_alone_is_unknown() -> None:
    assert interpolate("${SECRET}", VARIABLES.get) == Interpolated(None, ("SECRET",))
    assert interpolate("${SECRET:?set it}", VARIABLES.get) == Interpolated(None, ("SECRET",))


def test_missing_variables_inside_known_text_are_empty_and_named() -> None:
    assert interpolate("pg://$USER@db", VARIABLES.get) == Interpolated("pg://@db", ("USER",))


def test_deep_nesting_ends() -> None:
    text = "${A:-" * 200 + "x" + "}" * 200
    assert interpolate(text, VARIABLES.get).value is not None
