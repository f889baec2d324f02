from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shearpin.syntax.envfile import EnvLine, read_envfile


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1", {"A": "1"}),
        ("export A=1\nB = 2 ", {"A": "1", "B": "2"}),
        ("# no\n\nA=1 # yes\n", {"A": "1"}),
        ("A=x#y", {"A": "x#y"}),
        ('A="x # y"', {"A": "x # y"}),
        (r'A="a\nb"', {"A": "a\nb"}),
        (r"A='a\nb $X'", {"A": r"a\nb $X"}),
        ('A="one\ntwo"\nB=3', {"A": "one\ntwo", "B": "3"}),
        ("A=\nB=2", {"A": "", "B": "2"}),
        ("NAME", {"NAME": None}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ('A="unclosed\nB=2', {"A": '"unclosed', "B": "2"}),
        ("URL=http://a:1/?q=2", {"URL": "http://a:1/?q=2"}),
        ("not a line\nA=1", {"A": "1"}),
        ("1A=2", {}),
    ],
)
def test_values(text: str, expected: dict[str, str | None]) -> None:
    assert {line.name: line.value for line in read_envfile(text.encode())} == expected


def test_places_cover_the_value() -> None:
    source = "# ü\nexport HOST = 'db'\nPORT=5432 # x\nBARE\n".encode()
    found = {line.name: source[line.start : line.end] for line in read_envfile(source)}
    assert found == {"HOST": b"'db'", "PORT": b"5432", "BARE": b"BARE"}


def test_single_quotes_are_literal() -> None:
    assert read_envfile(b"A='$B'") == (EnvLine("A", "$B", 2, 6, literal=True),)


@given(st.binary(max_size=200))
def test_never_raises(source: bytes) -> None:
    for line in read_envfile(source):
        assert 0 <= line.start <= line.end <= len(source)
