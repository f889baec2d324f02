from __future__ import annotations

import pytest

from shearpin.text.lines import LineIndex


def test_only_the_three_line_ends_of_the_protocol_end_a_line():
    index = LineIndex("a\fb\x85c\u2028d\r\ne\rf\n".encode())
    texts = [index.text[index.start(line) : index.end(line)].decode() for line in range(index.count)]
    assert texts == ["a\fb\x85c\u2028d", "e", "f", ""]


@pytest.mark.parametrize(("offset", "line"), [(-1, 0), (0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (99, 2)])
def test_offsets_beyond_the_text_belong_to_its_ends(offset, line):
    assert LineIndex(b"a\nb\nc").line_at(offset) == line


def test_empty_text_has_one_line():
    index = LineIndex(b"")
    assert (index.count, index.start(0), index.end(0), index.start(5), index.end(5)) == (1, 0, 0, 0, 0)


def test_crlf_at_the_start_of_the_text():
    index = LineIndex(b"\r\n\n")
    assert [(index.start(line), index.end(line)) for line in range(index.count)] == [(0, 0), (2, 2), (3, 3)]
