from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import (
    Position,
    Range,
    TextDocumentContentChangePartial,
    TextDocumentContentChangeWholeDocument,
    TextDocumentItem,
)

from shearpin.lsp.documents import RejectedError, changed, opened

ENCODINGS = ("utf-8", "utf-16", "utf-32")
SIZES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
ALPHABET = "aé😋\r\n\f\u2028"


def document(text, version=1):
    return opened(TextDocumentItem("file:///w/a.py", "python", version, text), Path("/w/a.py"))


def partial(start, end, text):
    return TextDocumentContentChangePartial(Range(Position(*start), Position(*end)), text)


def units(text, encoding):
    return len(text.encode(encoding if encoding == "utf-8" else f"{encoding}-le")) // SIZES[encoding]


def position(text, index, encoding):
    """Line and character of an index, counted naively."""
    lines = text[:index].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return len(lines) - 1, units(lines[-1], encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(st.text(ALPHABET, max_size=20), st.text(ALPHABET, max_size=6), st.data())
def test_text_equals_the_client_s_after_an_edit(encoding, text, new, data):
    cuts = [cut for cut in range(len(text) + 1) if text[cut - 1 : cut + 1] != "\r\n" or cut == 0]
    first, last = sorted((data.draw(st.sampled_from(cuts)), data.draw(st.sampled_from(cuts))))
    change = partial(position(text, first, encoding), position(text, last, encoding), new)
    after = changed(document(text), 2, [change], encoding)
    assert after.text.decode() == text[:first] + new + text[last:]


def test_changes_apply_each_on_the_result_of_the_one_before():
    after = changed(
        document("a\nb\n"),
        2,
        [partial((0, 0), (1, 0), ""), partial((0, 1), (0, 1), "!"), partial((1, 0), (1, 0), "c")],
        "utf-16",
    )
    assert (after.text, after.version) == (b"b!\nc", 2)


def test_form_feed_ends_no_line():
    after = changed(document("a\fb\nc\n"), 2, [partial((1, 0), (1, 1), "Z")], "utf-16")
    assert after.text == b"a\fb\nZ\n"


@pytest.mark.parametrize(
    ("encoding", "change"),
    [
        ("utf-8", partial((0, 2), (0, 4), "")),
        ("utf-16", partial((0, 1), (0, 2), "")),
        ("utf-32", partial((0, 2), (0, 1), "")),
    ],
)
def test_change_inside_a_character_or_reversed_is_rejected_whole(encoding, change):
    with pytest.raises(RejectedError):
        changed(document("😋x"), 2, [partial((0, 0), (0, 0), "y"), change], encoding)


def test_older_whole_text_is_rejected_and_older_increment_leaves_the_file_out_of_sync():
    now = document("a", version=3)
    with pytest.raises(RejectedError):
        changed(now, 2, [TextDocumentContentChangeWholeDocument("b")], "utf-16")
    lost = changed(now, 2, [partial((0, 0), (0, 0), "b")], "utf-16")
    assert (lost.in_sync, lost.text) == (False, b"a")
    still = changed(lost, 4, [partial((0, 0), (0, 0), "b")], "utf-16")
    assert not still.in_sync
    healed = changed(still, 5, [TextDocumentContentChangeWholeDocument("c"), partial((0, 1), (0, 1), "d")], "utf-16")
    assert (healed.in_sync, healed.text) == (True, b"cd")


def test_version_that_never_grows_is_a_client_that_does_not_count():
    now = changed(document("a", version=3), 3, [TextDocumentContentChangeWholeDocument("b")], "utf-16")
    now = changed(now, 3, [partial((0, 1), (0, 1), "c")], "utf-16")
    assert (now.in_sync, now.text) == (True, b"bc")


def test_digest_stands_for_the_text_alone():
    once = document("a", version=1)
    other = changed(once, 2, [TextDocumentContentChangeWholeDocument("b")], "utf-16")
    back = changed(other, 3, [TextDocumentContentChangeWholeDocument("a")], "utf-16")
    assert once.digest == back.digest != other.digest


def test_large_text_is_not_followed_at_each_keystroke():
    assert document("x" * 1_000_000).is_live
    assert not document("x" * 1_000_001).is_live
