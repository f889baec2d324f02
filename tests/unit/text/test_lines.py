from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shearpin.text.lines import LineIndex

ENCODINGS = ("utf-8", "utf-16", "utf-32")
WORDS = st.text(st.sampled_from("ab é€𐐀\u2028\f\n\r\t"), max_size=30)


def units(text: str, encoding: str) -> int:
    if encoding == "utf-8":
        return len(text.encode())
    return len(text.encode("utf-16-le")) // 2 if encoding == "utf-16" else len(text)


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        (b"", [0]),
        (b"a", [0]),
        (b"a\n", [0, 2]),
        (b"a\r\nb\rc\nd", [0, 3, 5, 7]),
        (b"\n\n", [0, 1, 2]),
        (b"\r\r\n\n", [0, 1, 3, 4]),
        ("a\u2028b\x0cc\x85d".encode(), [0]),
    ],
)
def test_lines_end_at_the_three_terminators_of_the_protocol(text: bytes, starts: list[int]) -> None:
    index = LineIndex(text)
    assert [index.start(line) for line in range(index.count)] == starts


@pytest.mark.parametrize(
    ("encoding", "character"),
    [("utf-8", 10), ("utf-16", 5), ("utf-32", 4)],
)
def test_characters_are_counted_in_the_units_of_the_client(encoding: str, character: int) -> None:
    text = "x\né€𐐀!z\n".encode()
    index = LineIndex(text)
    offset = text.index(b"z")
    assert index.position(offset, encoding) == (1, character)
    assert index.offset(1, character, encoding) == offset


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_positions_are_clamped_to_their_line_and_to_the_text(encoding: str) -> None:
    index = LineIndex("é\r\nab".encode())
    assert index.offset(0, 99, encoding) == 2
    assert index.offset(1, 99, encoding) == 6
    assert index.offset(7, 0, encoding) == 6
    assert index.offset(-1, 3, encoding) == 0
    assert index.offset(1, -3, encoding) == 4
    assert index.position(-5, encoding) == (0, 0)
    assert index.position(99, encoding) == (1, 2)


def test_an_offset_between_carriage_return_and_newline_is_the_end_of_the_line() -> None:
    assert LineIndex(b"ab\r\nc").position(3) == (0, 2)


def test_half_a_character_means_its_start() -> None:
    index = LineIndex("a𐐀b".encode())
    assert index.offset(0, 2, "utf-16") == 1
    assert index.offset(0, 2, "utf-8") == 1
    assert [index.position(offset) for offset in range(7)] == [(0, 0), (0, 1), (0, 1), (0, 1), (0, 1), (0, 3), (0, 4)]


def test_bytes_that_are_not_utf_8_count_one_each() -> None:
    index = LineIndex(b"\xff\xed\xa0\x80z")
    assert index.position(4) == (0, 4)
    assert index.offset(0, 4) == 4


@given(WORDS, st.sampled_from(ENCODINGS))
@example("\r\n", "utf-16")
def test_every_character_finds_its_way_back(text: str, encoding: str) -> None:
    source = text.encode()
    index = LineIndex(source)
    line_texts = re.split("\r\n|\r|\n", text)
    assert index.count == len(line_texts)
    for number, line in enumerate(line_texts):
        for column in range(len(line) + 1):
            character = units(line[:column], encoding)
            offset = index.offset(number, character, encoding)
            assert source[index.start(number) : offset].decode() == line[:column]
            assert index.position(offset, encoding) == (number, character)


@given(st.binary(max_size=40), st.integers(-5, 60), st.integers(-5, 60), st.sampled_from(ENCODINGS))
def test_no_bytes_and_no_position_raise(source: bytes, first: int, second: int, encoding: str) -> None:
    index = LineIndex(source)
    line, character = index.position(first, encoding)
    assert 0 <= line < index.count
    assert character >= 0
    assert 0 <= index.offset(first, second, encoding) <= len(source)
    again = index.offset(line, character, encoding)
    assert index.position(again, encoding) == (line, character)
