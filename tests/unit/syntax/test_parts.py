from __future__ import annotations

import pytest
from unit.syntax.outline import outline, part, show

from shearpin.syntax.placement import absolute, locate
from shearpin.syntax.python import summarise

MODULE = '''"""Docs."""
from __future__ import annotations
import os, a.b  # comment
# comment
from x import y as z

app = FastAPI()
LIMIT: int = 3
app.state.x = 1
a, b = 1, 2
app.include_router(orders.router)
app.include_router(users.router)
LIMIT += 1
if TYPE_CHECKING:
    import t
    def hidden(): ...
try:
    import fast
except ImportError as error:
    fast = None

@app.get("/")
async def read(q: str = "") -> str:
    return q

class Client(base.Http[T], Mixin()):
    timeout = 3

    @property
    def url(self): return self._url

    @url.setter
    def url(self, value): self._url = value

    class Meta:
        def inner(self): pass

    retries = 5

with open("f") as handle: pass
'''


def test_a_module_is_cut_into_named_parts() -> None:
    assert outline(MODULE) == [
        "~imports imports",
        "app statement",
        "LIMIT statement",
        "~assign:app.state.x statement",
        "~assign statement",
        "~expr:app.include_router statement",
        "~expr:app.include_router#2 statement",
        "~augassign:LIMIT statement",
        "~if statement",
        "~try statement",
        "read function",
        "Client class",
        "Client.url method",
        "Client.url#2 method",
        "~with statement",
    ]


@pytest.mark.parametrize(
    ("name", "binds"),
    [
        ("~imports", ("a", "annotations", "os", "z")),
        ("app", ("app",)),
        ("~assign", ("a", "b")),
        ("~assign:app.state.x", ()),
        ("~if", ("hidden", "t")),
        ("~try", ("error", "fast")),
        ("~with", ("handle",)),
        ("read", ("read",)),
        ("Client", ("Client",)),
        ("Client.url", ()),
    ],
)
def test_parts_tell_what_they_bind(name: str, binds: tuple[str, ...]) -> None:
    assert part(MODULE, name).binds == binds


def test_a_function_that_assigns_a_global_binds_it() -> None:
    assert part("def f():\n    global x, y\n    x = y\n", "f").binds == ("f", "x")


def test_walrus_binds_at_module_level() -> None:
    assert part("print(x := 1)\n", "~expr:print").binds == ("x",)


def test_parts_tell_what_they_mention() -> None:
    read = part("@app.get('/')\ndef read(q: Query = d) -> R:\n    self.x.y = call(k=1)\n", "read")
    assert read.mentions == ("Query", "R", "app", "call", "d", "get", "k", "self", "x", "y")
    assert read.attribute_writes == ("y",)


def test_keys_of_patterns_are_mentioned() -> None:
    assert part("match m:\n    case {k.KEY: 1}: pass\n", "~match").mentions == ("KEY", "k", "m")


@pytest.mark.parametrize(
    "statement",
    ["x.a = 1", "x.a += 1", "x.a: int = 1", "(b, *x.a) = c", "for x.a in b: pass", "with b as x.a: pass"],
)
def test_every_way_to_write_an_attribute_counts(statement: str) -> None:
    assert part(f"def f():\n    {statement}\n", "f").attribute_writes == ("a",)


def test_reading_an_attribute_is_no_write() -> None:
    assert part("def f():\n    x.a[0] = y.b\n", "f").attribute_writes == ()


def test_classes_tell_their_bases_by_last_segment() -> None:
    assert part(MODULE, "Client").base_names == ("Http", "Mixin")
    assert part("if x:\n    class A(m.B): pass\n", "~if").base_names == ("B",)


def test_a_class_part_holds_all_but_its_methods() -> None:
    (body,) = part(MODULE, "Client").body
    assert show(body) == (
        "ClassDef(Client, [Subscript(base.Http, T), Call(Mixin, [], [])], [], [], [Assign([timeout], 3), "
        "ClassDef(Meta, [], [], [], [FunctionDef(inner, [Parameter(self, normal)], [], [Flow(pass)])]), "
        "Assign([retries], 5)])"
    )
    assert part(MODULE, "Client.url").owner == "Client"


def test_methods_of_a_repeated_class_belong_to_it() -> None:
    twice = "class A:\n    def f(self): pass\nclass A:\n    def f(self): pass\n"
    assert outline(twice) == ["A class", "A.f method", "A#2 class", "A#2.f method"]
    assert part(twice, "A#2.f").owner == "A#2"


def test_offsets_of_every_kind_of_part_map_to_the_file_and_back() -> None:
    source = MODULE.encode()
    summary = summarise(source)
    retries = source.index(b"retries")
    placed = locate(summary, retries)
    assert placed is not None
    assert placed[0] == "Client"
    assert absolute(summary, *placed) == retries
    for word in (b"os", b"LIMIT += 1", b"hidden", b"timeout", b"_url = value", b"inner", b"handle"):
        place = locate(summary, source.index(word))
        assert place is not None
        assert absolute(summary, *place) == source.index(word)
    assert locate(summary, 0) is None


def test_comments_for_us_are_kept() -> None:
    source = 'x = 1  # shearpin: ignore[a]\n"""# shearpin: no"""\ny = 2 # other\r\n# expect: b\n'
    kept = summarise(source.encode()).comments
    assert [(comment.line, comment.start, comment.text, comment.trailing) for comment in kept] == [
        (0, 7, "# shearpin: ignore[a]", True),
        (3, source.index("# expect"), "# expect: b", False),
    ]


@pytest.mark.parametrize(
    ("source", "exported"),
    [
        ("x = 1", None),
        ("__all__ = ['a', \"b\"]", ("a", "b")),
        ("__all__ = ('a',)\n__all__ += ['b']\n__all__.extend(['c'])\n__all__.append('d')", ("a", "b", "c", "d")),
        ("__all__ = ['a'] + m.__all__", None),
        ("__all__ = ['a']\n__all__ += m.__all__", None),
        ("__all__: list[str] = []", ()),
    ],
)
def test_exported_names_are_read_when_literal(source: str, exported: tuple[str, ...] | None) -> None:
    assert summarise(source.encode()).exported == exported


@pytest.mark.parametrize(
    ("source", "encoding", "value"),
    [
        ("x = 'é'".encode(), "utf-8", "é"),
        (b"\xef\xbb\xbfx = 'a'", "utf-8", "a"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'", "latin-1", "é"),
        (b"#!/bin/python\n# vim: set fileencoding=cp1251 :\nx = '\xc4'", "cp1251", "Д"),
        (b"x = '\xe9'", "latin-1", "é"),
        (b"# coding: no-such-thing\nx = 'a'", "utf-8", "a"),
        (b"# coding: hex\nx = 'a'", "utf-8", "a"),
        (b"x = '\xed\xa0\x80'", "utf-8", "\ufffd"),
    ],
)
def test_encodings(source: bytes, encoding: str, value: str) -> None:
    summary = summarise(source)
    assert summary.encoding == encoding
    assert show(summary.parts[-1].body) == f"[Assign([x], {value!r})]"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_matter(end: str) -> None:
    source = MODULE.replace("\n", end)
    assert outline(source) == outline(MODULE)
    assert show(part(source, "read").body) == show(part(MODULE, "read").body)
