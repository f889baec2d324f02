"""Blocks that are inserted at once, whatever way a client tells of its edits."""

from __future__ import annotations

import itertools
from pathlib import Path
from random import Random

import pytest
from lsprotocol.types import (
    Position,
    Range,
    TextDocumentContentChangePartial,
    TextDocumentContentChangeWholeDocument,
    TextDocumentItem,
)

from shearpin.lsp.documents import changed, opened
from shearpin.lsp.positions import position_of
from shearpin.text.lines import LineIndex

OLD = """\
import os

import requests


def first(order):
    return requests.get(os.environ["URL"], params=order, timeout=5)
"""
PASTED = """\


def second(payment):
    answer = requests.post("http://payments/charges", json=payment)
    return answer.json()
"""


class Buffer:
    """A document that is edited by text; `whole` sends every change as the whole text."""

    def __init__(self, text, whole=False):
        self.document = opened(TextDocumentItem("file:///a.py", "python", 1, text), Path("/a.py"))
        self.whole = whole
        self.versions = itertools.count(2)

    @property
    def text(self):
        return self.document.text.decode()

    def become(self, new):
        """The whole text, as a formatter or a client without increments sends it."""
        change = TextDocumentContentChangeWholeDocument(new)
        self.document = changed(self.document, next(self.versions), [change], "utf-16")

    def replace(self, *pairs):
        """Replace texts that stand once, all in one change of the client."""
        if self.whole:
            new = self.text
            for old, text in pairs:
                new = new.replace(old, text)
            self.become(new)
            return
        changes = []
        text = self.text
        for old, new in pairs:
            assert text.count(old) == 1
            lines = LineIndex(text.encode())
            start = text.encode().index(old.encode())
            end = start + len(old.encode())
            span = Range(position_of(lines, start, "utf-16"), position_of(lines, end, "utf-16"))
            changes.append(TextDocumentContentChangePartial(span, new))
            text = text.replace(old, new)
        self.document = changed(self.document, next(self.versions), changes, "utf-16")

    def append(self, new):
        if self.whole:
            self.become(self.text + new)
            return
        end = Position(self.text.count("\n"), 0)
        change = TextDocumentContentChangePartial(Range(end, end), new)
        self.document = changed(self.document, next(self.versions), [change], "utf-16")

    def blocks(self):
        return [self.document.text[block.start : block.end].decode() for block in self.document.blocks.live]


@pytest.fixture(params=[False, True], ids=["increments", "whole texts"])
def buffer(request):
    return Buffer(OLD, request.param)


def test_lines_that_are_inserted_at_once_are_a_block(buffer):
    buffer.append(PASTED)
    assert buffer.blocks() == [PASTED.lstrip("\n")]


def test_three_lines_are_the_least(buffer):
    buffer.append("alpha = 1\nbeta = 2\n")
    assert buffer.blocks() == []
    buffer.append("gamma = 1\n\ndelta = 2\nepsilon = 3")
    assert buffer.blocks() == ["gamma = 1\n\ndelta = 2\nepsilon = 3"]


def test_typing_line_by_line_is_none(buffer):
    for line in PASTED.splitlines(keepends=True):
        buffer.append(line)
    assert buffer.blocks() == []


def test_edits_inside_belong_to_it_and_edits_around_move_it(buffer):
    buffer.append(PASTED)
    buffer.replace(("json=payment", "json=payment, timeout=3"))
    buffer.replace(("import os\n", "import os\nimport sys\n"))
    buffer.append("x = 1\n")
    assert buffer.blocks() == [PASTED.lstrip("\n").replace("json=payment", "json=payment, timeout=3")]


def test_undo_takes_it_away_and_redo_brings_it_back(buffer):
    buffer.append(PASTED)
    (number,) = [block.number for block in buffer.document.blocks.live]
    buffer.replace((PASTED, ""))
    assert buffer.blocks() == []
    buffer.append(PASTED)
    assert buffer.blocks() == [PASTED.lstrip("\n")]
    assert [block.number for block in buffer.document.blocks.live] == [number]


def test_own_code_that_was_deleted_and_comes_back_is_none():
    buffer = Buffer(OLD + PASTED)
    buffer.replace((PASTED, ""))
    buffer.append(PASTED)
    assert buffer.blocks() == []


def test_code_that_moves_is_none(buffer):
    buffer.append("x = 1\n" + PASTED)
    buffer = Buffer(buffer.text, buffer.whole)
    buffer.replace((PASTED, ""), ("import os\n", f"import os\n{PASTED}"))
    assert buffer.blocks() == []


def test_several_blocks(buffer):
    buffer.append(PASTED)
    buffer.replace(("import requests\n", "import requests\n\nONE = 'a'\nTWO = 'b'\nTHREE = 'c'\n"))
    assert buffer.blocks() == ["ONE = 'a'\nTWO = 'b'\nTHREE = 'c'\n", PASTED.lstrip("\n")]


def test_two_insertions_in_one_change_are_two_blocks(buffer):
    constants = "ONE = 'a'\nTWO = 'b'\nTHREE = 'c'\n"
    marked = Buffer(f"{OLD}# end\n", buffer.whole)
    marked.replace(("import requests\n", f"import requests\n\n{constants}"), ("# end\n", PASTED.lstrip("\n")))
    assert marked.blocks() == [constants, PASTED.lstrip("\n")]


def test_paste_over_a_selection(buffer):
    buffer.replace((OLD[OLD.index("def") :], PASTED.lstrip("\n")))
    assert buffer.blocks() == [PASTED.lstrip("\n")]


def test_paste_into_a_block_makes_it_longer(buffer):
    buffer.append(PASTED)
    more = "    retries = 3\n    while retries:\n        retries -= 1\n"
    buffer.replace(("    return answer.json()", f"{more}    return answer.json()"))
    assert buffer.blocks() == [
        PASTED.lstrip("\n").replace("    return answer.json()", f"{more}    return answer.json()")
    ]


FORMATTED = [
    pytest.param(lambda text: text.replace('"', "'"), id="quotes"),
    pytest.param(lambda text: text.replace("    ", "  "), id="indentation"),
    pytest.param(
        lambda text: text.replace("(", "(\n        ").replace(", ", ",\n        "), id="a line for each argument"
    ),
    pytest.param(lambda text: text.replace("\n", "\r\n"), id="line ends"),
    pytest.param(lambda text: text + "\n" * 5, id="blank lines"),
]


@pytest.mark.parametrize("style", FORMATTED)
def test_formatter_that_replaces_the_whole_document_inserts_nothing(style):
    buffer = Buffer(OLD)
    end = Position(OLD.count("\n"), 0)
    buffer.document = changed(
        buffer.document, 2, [TextDocumentContentChangePartial(Range(Position(0, 0), end), style(OLD))], "utf-16"
    )
    assert buffer.text == style(OLD)
    assert buffer.blocks() == []
    buffer = Buffer(OLD)
    buffer.become(style(OLD))
    assert buffer.blocks() == []


@pytest.mark.parametrize("style", FORMATTED)
def test_block_stays_when_a_formatter_goes_over_it(style):
    buffer = Buffer(OLD)
    buffer.append(PASTED)
    buffer.become(style(buffer.text))
    (block,) = buffer.blocks()
    assert block.strip() == style(PASTED).strip()


def test_whole_document_with_a_new_function_has_one_block():
    buffer = Buffer(OLD)
    buffer.become(OLD.replace('"', "'") + PASTED)
    assert buffer.blocks() == [PASTED.lstrip("\n")]


def test_large_document_that_becomes_another_one_is_looked_at_without_comparing_all_lines():
    long = "".join(f"value_{number} = {number}\n" for number in range(4000))
    buffer = Buffer(f"a = (1, 2, 3)\n{long}b = (1, 2, 3)\n")
    buffer.become(f"a = (1, 2, 4)\n{long}{PASTED}b = (1, 2, 4)\n")
    assert buffer.blocks() == [PASTED.lstrip("\n")]


def test_reviewed_block_is_forgotten(buffer):
    buffer.append(PASTED)
    blocks = buffer.document.blocks
    assert blocks.without(blocks.live[0].number).live == ()


def test_characters_of_several_bytes(buffer):
    buffer.append("# 😋 eins\nwort = 'ü'\nsatz = 'é'\n")
    assert buffer.blocks() == ["# 😋 eins\nwort = 'ü'\nsatz = 'é'\n"]


@pytest.mark.parametrize("seed", range(20))
def test_blocks_lie_in_the_text_whatever_happens(seed):
    random = Random(seed)
    buffer = Buffer(OLD, whole=bool(seed % 2))
    for _ in range(60):
        text = buffer.text
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice([0, 0, 3, 40]))
        new = random.choice(["", "x", "\n", PASTED, "a = 1\nb = 2\nc = 3\n", "ü😋"])
        buffer.become(text[:start] + new + text[end:])
        ends = [(block.start, block.end) for block in buffer.document.blocks.live]
        assert all(0 <= first < last <= len(buffer.document.text) for first, last in ends)
        assert len({block.number for block in buffer.document.blocks.live}) == len(ends)
