"""An edit costs what it changed, and what was kept equals what a fresh look finds."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shearpin.syntax import ir
from shearpin.syntax.placement import absolute
from shearpin.syntax.python import Summariser, summarise
from shearpin.syntax.source import decode_source, parsing_text
from shearpin.syntax.walk import walk

SOURCE = '''import os
from a import b


@app.get("/items/{id}")
async def read(id: int, *, db=Depends(get_db)) -> dict:
    """Doc: it's a "thing"."""
    async with httpx.AsyncClient(timeout=3) as client:
        for n in range(3):
            try:
                r = await client.get(f"{URL}/x/{id}?a={n!r:>3}", headers={"k": "v", **h})
            except (TimeoutError, OSError) as error:
                raise Bad(error) from error
            else:
                return {k: v for k, v in r.json().items() if k not in SKIP}
    return None


URL = os.environ.get("URL", "http://x") + """
def not_code():
"""


class Repo(Base[T], metaclass=Meta):
    table = "t"

    def __init__(self, session):  # shearpin: ignore
        self.session = session

    @staticmethod
    def of(*args, **kwargs):
        match args:
            case [first, *_]:
                return first
            case _:
                return lambda x, /, y=1: x or y

    limit: int = 10

    class Config:
        def m(self): yield 1

    async def all(self):
        return [x async for x in self.session.q(limit=self.limit)]


if __name__ == "__main__":
    run(app, workers=2)
'''


def edited(old: str, new: str) -> bytes:
    assert old in SOURCE
    return SOURCE.replace(old, new, 1).encode()


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("return None", "return 1", {"read"}),
        ("self.session = session", "self.session = wrap(session)", {"Repo.__init__"}),
        ("return first", "return first.\n", {"Repo.of"}),
        ('table = "t"', 'table = "u"', {"Repo"}),
        ("from a import b", "from a import b, c", {"~imports"}),
        ("workers=2", "workers=3", {"~if"}),
        ("import os\n", "import os\n\n\n", {"~imports"}),
        ("\n\n\nURL", "\n\n\n\n# moved\n\nURL", set()),
        ("\n\n    @staticmethod", "\n    @staticmethod", {"Repo"}),
        ("class Repo", "def new(): pass\n\n\nclass Repo", {"new"}),
    ],
)
def test_an_edit_reads_only_what_it_changes(old: str, new: str, changed: set[str]) -> None:
    summariser = Summariser()
    before = summariser.update(SOURCE.encode()).summary
    result = summariser.update(edited(old, new))
    assert result.extracted == len(changed)
    known = {part.id: part for part in before.parts}
    assert {part.id for part in result.summary.parts if part != known.get(part.id)} <= changed
    assert result.summary == summarise(edited(old, new))


def test_an_unchanged_part_stays_the_same_object() -> None:
    summariser = Summariser()
    before = summariser.update(SOURCE.encode()).summary
    after = summariser.update(b"# moved\n" + edited("return None", "return 1")).summary
    kept = [old is new for old, new in zip(before.parts, after.parts, strict=True)]
    assert kept.count(False) == 1


def test_a_class_does_not_see_its_methods_grow() -> None:
    longer = edited("self.session = session", "self.session = session\n        self.more = 1\n        self.b = 2")
    old, new = summarise(SOURCE.encode()), summarise(longer)
    by_id = {part.id: (part, place.digest) for part, place in zip(new.parts, new.placements, strict=True)}
    for part, place in zip(old.parts, old.placements, strict=True):
        if part.id != "Repo.__init__":
            assert by_id[part.id] == (part, place.digest)


FRAGMENTS = st.sampled_from(
    [
        '"""', "'''", '"', "'", "(", ")", "[", "{", "}", "\n", "\n    ", "\ndef g(x):\n    return x\n", "\nclass ",
        "\n@a.b\n", "#", "\\", "\0", 'f"{', ":", "\r", "=", "async ", "lambda ", "if x:\n", "x.", ";", "\t", "é", "@",
        "    def m(self): return 1\n", "else:\n", "\nimport q\n", ",", "*", "yield ", "# shearpin: x",
    ]
)  # fmt: skip
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 60), FRAGMENTS), min_size=1, max_size=5)


@given(EDITS)
@settings(max_examples=150, deadline=None)
def test_any_edits_give_what_a_fresh_look_gives(edits: list[tuple[float, int, str]]) -> None:
    summariser = Summariser()
    versions = [SOURCE.encode()]
    summariser.update(versions[0])
    for where, removed, added in edits:
        at = int(where * len(versions[-1]))
        versions.append(versions[-1][:at] + added.encode() + versions[-1][at + removed :])
        fresh = summarise(versions[-1])
        assert summariser.update(versions[-1]).summary == fresh
        assert_sound(versions[-1], fresh)
    for old, new in pairwise(versions):
        assert summarise(new, (old, summarise(old))) == summarise(new)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_bytes_raise(source: bytes) -> None:
    assert_sound(source, summarise(source))


@given(st.lists(st.sampled_from(re.findall(r"\w+|\s+|[^\w\s]", SOURCE)), max_size=60).map("".join))
@settings(max_examples=200, deadline=None)
def test_no_soup_of_tokens_raises(source: str) -> None:
    assert_sound(source.encode(), summarise(source.encode()))


def assert_sound(source: bytes, summary: ir.ModuleSummary) -> None:
    """Ids are unique, parts are in order, spans lie in their part, names stand where they say, all can be packed."""
    text = parsing_text(decode_source(source)[0])
    assert len({part.id for part in summary.parts}) == len(summary.parts)
    assert [place.id for place in summary.placements] == [part.id for part in summary.parts]
    starts = [place.start for place in summary.placements]
    assert starts == sorted(starts)
    for part, place in zip(summary.parts, summary.placements, strict=True):
        assert 0 <= place.start < place.end <= len(text)
        assert_spans(text, summary, part, place)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(summary), type=ir.ModuleSummary) == summary
    if any(part.has_error for part in summary.parts):
        assert summary.has_error


def assert_spans(text: bytes, summary: ir.ModuleSummary, part: ir.Part, place: ir.Placement) -> None:
    def text_at(span: int) -> bytes:
        start, end = span >> 24, (span >> 24) + (span & 0xFFFFFF)
        first, last = absolute(summary, part.id, start), absolute(summary, part.id, end)
        assert place.start <= first <= last <= place.end
        return text[first:last]

    checks: dict[type, Callable[[ir.Name | ir.Attribute], bool]] = {
        ir.Name: lambda node: text_at(node.span) == node.id.encode(),
        ir.Attribute: lambda node: text_at(node.name_span) == node.attr.encode(),
    }
    for node in walk(part):
        if isinstance(span := getattr(node, "span", None), int):
            text_at(span)
        check = checks.get(type(node))
        assert check is None or check(node)
